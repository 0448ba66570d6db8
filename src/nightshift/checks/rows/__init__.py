"""What exporters tell beyond PVE and PBS, as rows of one table: a query, what it means, its limits and its words."""
