"""A simulated homelab to try Nightshift on and to break: PVE, PBS, Prometheus and Grafana told from one world model.

It imports nothing of `nightshift`, nor the other way round: a misreading that both shared would hide.
"""
