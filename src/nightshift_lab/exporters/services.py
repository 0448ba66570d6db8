"""What the exporters of services say: a few families each, named as the real exporters name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.exporters.reach import proxy_of
from nightshift_lab.world.curves import Times
from nightshift_lab.world.nouns import GIB, MIB

Exporter = Callable[[Figures, str], list[Family]]


def _process(figures: Figures, owner: str, share: float = 0.4) -> list[Family]:
    """The families that every client library adds. `share` is the process's part of the guest's CPU and memory."""
    return [
        single(
            "process_cpu_seconds_total",
            "counter",
            "Total user and system CPU time spent in seconds.",
            np.floor(figures.of(owner, "cpu_seconds") * share * 100.0) / 100.0,
        ),
        single(
            "process_resident_memory_bytes",
            "gauge",
            "Resident memory size in bytes.",
            np.floor(figures.of(owner, "mem_used_bytes") * share / 4_096.0) * 4_096.0,
        ),
        single(
            "process_start_time_seconds",
            "gauge",
            "Start time of the process since unix epoch in seconds.",
            figures.of(owner, "boot_time_s") + 7.0,
        ),
    ]


def _traffic(figures: Figures, owner: str, bytes_each: float) -> Times:
    """A counter of requests, one for so many bytes sent."""
    return np.floor(figures.of(owner, "netout") / bytes_each)


def _works(figures: Figures, owner: str) -> Times:
    """1 while the service in the guest works, 0 while a fault keeps it from that."""
    return figures.bent(owner, "service_up", figures.constant(1))


def _postgres(figures: Figures, owner: str) -> list[Family]:
    databases = {"nextcloud": (0.55, 9.4), "immich": (0.3, 6.1), "paperless": (0.15, 1.3)}
    commits = Family(
        "pg_stat_database_xact_commit", "counter", "Number of transactions in this database that have been committed"
    )
    sizes = Family("pg_database_size_bytes", "gauge", "Disk space used by the database")
    for name, (share, size_gib) in databases.items():
        commits.add(np.floor(_traffic(figures, owner, 2_000.0) * share), datname=name)
        sizes.add(figures.constant(float(int(size_gib * GIB))), datname=name)
    backends = np.floor(8.0 + 40.0 * figures.of(owner, "cpu_fraction"))
    return [
        single(
            "pg_up",
            "gauge",
            "Whether the last scrape of metrics from PostgreSQL was able to connect to the server",
            _works(figures, owner),
        ),
        single(
            "pg_stat_activity_count",
            "gauge",
            "number of connections in this state",
            backends,
            datname="nextcloud",
            state="active",
        ),
        single(
            "pg_settings_max_connections",
            "gauge",
            "Sets the maximum number of concurrent connections.",
            figures.constant(100),
        ),
        commits,
        sizes,
    ]


def proxy_certificate_not_after(figures: Figures) -> Times:
    """When the certificate that the reverse proxy serves ends: renewed thirty days before that, for ninety days."""
    day = np.floor(figures.times / 86_400.0)
    owner = f"guest/{proxy_of(figures.world.cluster).vmid}"
    return figures.bent(owner, "certificate_not_after", (day - day % 60.0 + 90.0) * 86_400.0)


def _traefik(figures: Figures, owner: str) -> list[Family]:
    requests = Family("traefik_service_requests_total", "counter", "How many HTTP requests processed on a service")
    total = _traffic(figures, owner, 18_000.0)
    for service, share in (("nextcloud@file", 0.5), ("immich@file", 0.3), ("vaultwarden@file", 0.2)):
        requests.add(np.floor(total * share), code="200", method="GET", protocol="http", service=service)
        requests.add(np.floor(total * share * 0.0004), code="502", method="GET", protocol="http", service=service)
    certificate = Family("traefik_tls_certs_not_after", "gauge", "Certificate expiration timestamp")
    certificate.add(proxy_certificate_not_after(figures), cn="*.home.example", sans="*.home.example")
    return [requests, certificate, *_process(figures, owner)]


def _adguard(figures: Figures, owner: str) -> list[Family]:
    queries = _traffic(figures, owner, 220.0)
    return [
        single("adguard_running", "gauge", "Is AdGuard running", _works(figures, owner)),
        single("adguard_protection_enabled", "gauge", "Is DNS filtering enabled", figures.constant(1)),
        single("adguard_queries_total", "counter", "Total number of DNS queries", queries),
        single("adguard_queries_blocked_total", "counter", "Number of DNS queries blocked", np.floor(queries * 0.17)),
        *_process(figures, owner),
    ]


def _mosquitto(figures: Figures, owner: str) -> list[Family]:
    messages = _traffic(figures, owner, 140.0)
    return [
        single("broker_clients_connected", "gauge", "The number of currently connected clients", figures.constant(23)),
        single("broker_messages_received", "counter", "The total number of messages received", messages),
        single("broker_messages_sent", "counter", "The total number of messages sent", np.floor(messages * 2.6)),
        single(
            "broker_uptime",
            "gauge",
            "The total number of seconds since the broker started",
            figures.of(owner, "uptime_s"),
        ),
    ]


def _grafana(figures: Figures, owner: str) -> list[Family]:
    return [
        single(
            "grafana_build_info",
            "gauge",
            "A metric with a constant '1' value labeled by version",
            figures.constant(1),
            version="12.3.0",
            edition="oss",
        ),
        single("grafana_stat_totals_dashboard", "gauge", "total amount of dashboards", figures.constant(27)),
        single(
            "grafana_http_request_duration_seconds_count",
            "counter",
            "Number of HTTP requests",
            _traffic(figures, owner, 9_000.0),
            handler="/api/ds/query",
            method="POST",
            status_code="200",
        ),
        *_process(figures, owner),
    ]


def _home_assistant(figures: Figures, owner: str) -> list[Family]:
    available = Family(
        "homeassistant_entity_available", "gauge", "Entity is available (not in the unavailable or unknown state)"
    )
    for entity in ("sensor.living_room_temperature", "sensor.power_meter", "binary_sensor.front_door"):
        available.add(figures.constant(1), domain=entity.partition(".")[0], entity=entity)
    warm = np.round(20.5 + 1.5 * np.sin(2 * np.pi * (figures.times / 86_400.0 - 0.4)), 1)
    return [
        available,
        single(
            "homeassistant_sensor_temperature_celsius",
            "gauge",
            "Temperature",
            warm,
            domain="sensor",
            entity="sensor.living_room_temperature",
        ),
        single(
            "homeassistant_sensor_unit_mebibytes",
            "gauge",
            "Size of the recorder's database",
            figures.constant(1_240 * MIB / MIB),
            domain="sensor",
            entity="sensor.recorder_size",
        ),
        *_process(figures, owner),
    ]


SERVICES: Mapping[str, Exporter] = {
    "postgres": _postgres,
    "traefik": _traefik,
    "adguard": _adguard,
    "mosquitto": _mosquitto,
    "grafana": _grafana,
    "homeassistant": _home_assistant,
}
