"""What the standard homelab probes from outside: web pages through the proxy, the nodes' own pages, and DNS. Data."""

from __future__ import annotations

from nightshift_lab.world.nouns import Probe

_PROBER = 107
_PAGES = {"cloud": 104, "photos": 113, "vault": 102, "docs": 114, "git": 115, "films": 112, "chat": 128}

PROBES = (
    *(Probe(f"https://{page}.home.example", f"guest/{vmid}", "page", _PROBER) for page, vmid in _PAGES.items()),
    *(Probe(f"https://192.0.2.1{number}:8006", f"node/pve{number}", "own", _PROBER) for number in (1, 2, 3)),
    Probe("https://192.0.2.111:8007", "guest/111", "own", _PROBER),
    Probe("adguard1:53", "guest/100", "dns", _PROBER),
    Probe("adguard2:53", "guest/121", "dns", _PROBER),
)
