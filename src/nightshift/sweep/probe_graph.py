"""What is scraped and asked from outside: pages, name servers, exporters, and what all of them hang on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.ids import node_key, target_key
from nightshift.facts.instances import host_of
from nightshift.facts.monitoring import Target, label
from nightshift.facts.snapshot import Snapshot, not_configured

_FILE_SERVERS = ("nfs", "cifs", "glusterfs", "cephfs")
_SERVES_DATA = re.compile(r"postgres|mysql|mariadb|redis|valkey|mongo|ldap", re.IGNORECASE)
_PROXIES = re.compile(r"traefik|caddy|haproxy|nginx|proxy", re.IGNORECASE)
_MANY = 3


@dataclass(frozen=True)
class ProbeGraph:
    """Questions about pages and targets as a whole, each answered from an index that is built once."""

    snapshot: Snapshot

    @cached_property
    def name_servers(self) -> frozenset[str]:
        """Instances that are probed as name servers."""
        return frozenset(target.instance for target in self.snapshot.targets if is_name_server(target.instance))

    @cached_property
    def failing(self) -> frozenset[str]:
        """Instances whose probes fail."""
        return self._instances("probe_failed")

    @cached_property
    def pages_in_error(self) -> frozenset[str]:
        """Instances of pages that are reached and answer that they cannot do their work."""
        return self._instances("pages_in_error")

    def _instances(self, query: str) -> frozenset[str]:
        samples = self.snapshot.metrics.get(query, not_configured())
        return frozenset(label(sample.labels, "instance") or "" for sample in samples)

    @cached_property
    def no_name_answers(self) -> bool:
        """Whether name servers are probed, and not one of them answers."""
        return bool(self.name_servers) and self.name_servers <= self.failing

    @cached_property
    def no_page_answers(self) -> bool:
        """Whether several pages are asked for by name, and not one of them answers."""
        pages = {item.instance for item in self.snapshot.targets if "://" in item.instance and by_name(item.instance)}
        return len(pages) >= _MANY and pages <= self.failing

    @cached_property
    def shares(self) -> frozenset[str]:
        """Keys of the storages that a file server serves."""
        return frozenset(item.entity.key for item in self.snapshot.storages if item.plugin in _FILE_SERVERS)

    @cached_property
    def data_servers(self) -> frozenset[str]:
        """Keys of the machines on which a server of data is watched, and of the nodes that they run on."""
        return self._with_their_nodes(self._watched_as(_SERVES_DATA))

    @cached_property
    def needed_by_pages(self) -> frozenset[str]:
        """Keys of what pages need: shares, and servers of data."""
        return self.shares | self.data_servers

    @cached_property
    def proxies(self) -> frozenset[str]:
        """Keys of the machines that are a reverse proxy by job, name or tags, and of the nodes that they run on."""
        called = (guest for guest in self.snapshot.guests if _PROXIES.search(" ".join((guest.name or "", *guest.tags))))
        return self._with_their_nodes({*self._watched_as(_PROXIES), *(guest.entity.key for guest in called)})

    def _watched_as(self, jobs: re.Pattern[str]) -> set[str]:
        return {item.entity_key for item in self.snapshot.targets if item.entity_key and jobs.search(item.job)}

    def _with_their_nodes(self, machines: set[str]) -> frozenset[str]:
        nodes = (node_key(item.source, item.node) for item in self.snapshot.guests if item.entity.key in machines)
        return frozenset((*machines, *nodes))

    @cached_property
    def silent_origins(self) -> dict[str, list[str]]:
        """Where the metrics of at least three targets come from, by target key, when none of them comes: one address
        that is asked about all of them, or one scrape job. Then it is not each of them that is down."""
        by_origin: dict[str, list[Target]] = {}
        for target in self.snapshot.targets:
            for origin in _origins(target):
                by_origin.setdefault(origin, []).append(target)
        silent: dict[str, list[str]] = {}
        for origin, targets in by_origin.items():
            if len(targets) >= _MANY and all(target.health == "down" for target in targets):
                for item in targets:
                    silent.setdefault(target_key(item.job, item.instance), []).append(origin)
        return silent


def _origins(target: Target) -> Iterable[str]:
    return (f"job {target.job}",) if target.scraped_at is None else (target.scraped_at, f"job {target.job}")


def is_name_server(instance: str) -> bool:
    """Whether an instance, or the key of what is known by one, is a name server's: by its port."""
    return instance.endswith(":53")


def by_name(instance: str) -> bool:
    """Whether what is probed is written as a name, not as an address."""
    host = host_of(instance)
    return any(character.isalpha() for character in host) and ":" not in host
