"""The Grafana of the lab: alert rules evaluated on the real Prometheus, behind the HTTP API."""
