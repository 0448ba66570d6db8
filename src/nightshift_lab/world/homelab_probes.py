"""What the standard homelab probes from outside: web pages through the proxy, the nodes' own pages, and DNS. Data."""

from __future__ import annotations

from nightshift_lab.world.nouns import Probe

_PAGES = {
    "cloud": "nextcloud",
    "photos": "immich",
    "vault": "vaultwarden",
    "docs": "paperless",
    "git": "gitea",
    "films": "jellyfin",
    "chat": "matrix",
}

PROBES = (
    *(Probe(f"https://{page}.home.example", f"guest/{name}", "page", "prometheus") for page, name in _PAGES.items()),
    *(Probe(f"https://192.0.2.1{number}:8006", f"node/pve{number}", "own", "prometheus") for number in (1, 2, 3)),
    Probe("https://192.0.2.111:8007", "guest/pbs", "own", "prometheus"),
    *(Probe(f"{name}:53", f"guest/{name}", "dns", "prometheus") for name in ("adguard1", "adguard2")),
)
