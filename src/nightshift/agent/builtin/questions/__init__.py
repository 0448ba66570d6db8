"""A question as it is planned: its intent, and what fills its slots."""
