"""What a Prometheus instance is: the host in it, and the node or guest that bears that name."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from nightshift.facts.ids import Entity


def host_of(instance: str) -> str:
    """`web:9100` → `web`, `[fd00::1]:9100` → `fd00::1`, `https://nas.lan/health` → `nas.lan`, lower-cased."""
    rest = instance.strip().lower()
    rest = rest.partition("://")[2] or rest
    rest = rest.partition("/")[0]
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return rest.rpartition(":")[0] if rest.count(":") == 1 else rest


def _is_here(host: str) -> bool:
    """Whether a host is the exporter's own machine: that says nothing about what it watches."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def entity_of_host(names: Mapping[str, Entity], instance: str) -> Entity | None:
    """The node or guest that an instance is, by its whole name or by its first part (`web.lan` → `web`)."""
    host = host_of(instance)
    if _is_here(host):
        return None
    for name in (instance.lower(), host, host.partition(".")[0] if not is_ip(host) else host):
        found = names.get(name)
        if found is not None and found.kind in ("node", "guest") and not name.isdigit():
            return found
    return None


def is_ip(host: str) -> bool:
    """Whether a host is an address, and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
