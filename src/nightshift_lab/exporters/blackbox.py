"""What blackbox_exporter says of one probe; names as version 0.27 gives them.

A page is asked for by name through the reverse proxy: without DNS or proxy there is no answer at all, without the
service 502, without what the service needs 500. Nodes and backup servers are asked by address for their own page.
"""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.exporters.reach import Reach
from nightshift_lab.exporters.services import proxy_certificate_not_after
from nightshift_lab.world.certificates import node_certificates, server_certificate
from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults import Flags
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import Guest, Probe

JOB = "blackbox"
_TIMEOUT_S = 5.0


def blackbox(figures: Figures, probe: Probe) -> list[Family]:
    """The families of one probe."""
    if probe.kind == "dns":
        works = Reach(figures).runs(_guest(figures, probe))
        return _outcome(figures, probe, works, works, 0.004)
    status = _page_status(figures, probe) if probe.kind == "page" else np.where(_own_page(figures, probe), 200.0, 0.0)
    answered = status > 0
    expiry = proxy_certificate_not_after(figures) if probe.kind == "page" else _own_certificate(figures, probe)
    return [
        *_outcome(figures, probe, status == 200, answered, 0.09),
        single("probe_http_status_code", "gauge", "Response HTTP status code", status),
        single(
            "probe_ssl_earliest_cert_expiry",
            "gauge",
            "Returns last SSL chain expiry in unixtime",
            np.where(answered, expiry, np.nan),
        ),
    ]


def _outcome(figures: Figures, probe: Probe, success: Flags, answered: Flags, usual_s: float) -> list[Family]:
    ripple = 1.0 + 0.3 * np.sin(figures.times / 211.0 + between(0.0, 6.28, probe.instance))
    usual = usual_s * between(0.5, 1.8, probe.instance, "took") * ripple
    took = np.where(answered, usual, figures.constant(_TIMEOUT_S))
    return [
        single("probe_success", "gauge", "Displays whether or not the probe was a success", success.astype(np.float64)),
        single(
            "probe_duration_seconds",
            "gauge",
            "Returns how long the probe took to complete in seconds",
            np.asarray(took.round(9), dtype=np.float64),
        ),
    ]


def _page_status(figures: Figures, probe: Probe) -> Times:
    """HTTP status; 0 when there was no answer."""
    reach, guest = Reach(figures), _guest(figures, probe)
    served, needs = reach.runs(guest), reach.needs(guest)
    status = np.where(~served, 502.0, np.where(~needs, 500.0, 200.0))
    return np.where(reach.proxied(probe.prober), status, 0.0)


def _own_page(figures: Figures, probe: Probe) -> Flags:
    if probe.of.startswith("node/"):
        name = probe.of.partition("/")[2]
        proxy = figures.when(f"service/{name}/pveproxy", "state", "running", "running")
        return (figures.up(probe.of) > 0) & proxy
    return Reach(figures).runs(_guest(figures, probe))


def _own_certificate(figures: Figures, probe: Probe) -> Times:
    """When the certificate of a node or backup server ends, as faults have it at each time."""
    world = figures.world
    untouched, at = world.with_faults(()), world.started_at
    if probe.of.startswith("node/"):
        name = probe.of.partition("/")[2]
        base = node_certificates(untouched, name, world.cluster.node(name).ip, at)[1].not_after
    else:
        name = next(server.name for server in world.servers if f"guest/{server.vmid}" == probe.of)
        base = server_certificate(untouched, name, "", at).not_after
    return np.array(world.conditions(f"certificate/{name}", "not_after", figures.times, base), dtype=np.float64)


def _guest(figures: Figures, probe: Probe) -> Guest:
    return figures.world.cluster.guest(int(probe.of.partition("/")[2]))
