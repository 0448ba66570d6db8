"""All rows, exporter by exporter."""

from __future__ import annotations

from nightshift.checks.rows import delivery, hardware, host, network, probes, prometheus, services, smart, volumes
from nightshift.checks.rows.row import Row

ROWS: tuple[Row, ...] = (
    *host.ROWS,
    *network.ROWS,
    *smart.ROWS,
    *volumes.ROWS,
    *probes.ROWS,
    *services.ROWS,
    *hardware.ROWS,
    *prometheus.ROWS,
    *delivery.ROWS,
)
