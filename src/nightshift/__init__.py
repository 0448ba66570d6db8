"""Nightshift: the SRE on the night shift of a homelab or a small fleet.

It reads Prometheus, Grafana alerting, Proxmox VE, Proxmox Backup Server and a folder of runbooks, and says what
is wrong, why, and what to do, with the evidence beside every claim. It never writes to what it watches.
"""

__version__ = "0.1.0"
