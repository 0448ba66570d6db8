"""Simulated exporters: what the scrape targets of the homelab say, now and in the past, from one description."""
