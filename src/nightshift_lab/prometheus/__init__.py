"""The real Prometheus of the lab: its process, its back-filled history, and the proxy in front of it."""
