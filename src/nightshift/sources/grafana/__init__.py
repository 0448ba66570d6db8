"""Grafana alerting."""
