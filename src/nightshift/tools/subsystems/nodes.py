"""What nodes keep in order one by one: certificates, packages, repositories, services, clocks, ZFS pools."""

from __future__ import annotations

from collections.abc import Iterator

from nightshift.facts.ids import node_key, pool_key
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso

PACKAGES_SHOWN = 12
_WELL = ("running", "exited")


def _certificates(snapshot: Snapshot) -> Iterator[Told]:
    """Those that end first come first."""
    every = [(certificate, row) for row in snapshot.certificates for certificate in row.certificates]
    for certificate, row in sorted(every, key=lambda pair: pair[0].ends_at):
        key = node_key(row.source, row.node)
        left_s = (certificate.ends_at - snapshot.taken_at).total_seconds()
        cells = (row.node, certificate.file, iso(certificate.ends_at), left_s, certificate.subject, certificate.issuer)
        yield Told((key,), (*cells, iso(row.read_at), key))


def _updates(snapshot: Snapshot) -> Iterator[Told]:
    for row in snapshot.software:
        key = node_key(row.source, row.node)
        packages = [update.package for update in row.updates]
        named = ", ".join(packages[:PACKAGES_SHOWN]) + (", …" if len(packages) > PACKAGES_SHOWN else "")
        cells = (
            row.node, len(packages), "all" if row.whole else "those of PVE", named or None, row.running_kernel,
            ", ".join(row.kernels) or None, iso(row.read_at), key,
        )  # fmt: skip
        yield Told((key,), cells)


def _kernels(snapshot: Snapshot) -> Iterator[Told]:
    for row in snapshot.software:
        key = node_key(row.source, row.node)
        cells = (row.node, row.running_kernel, ", ".join(row.kernels) or None, iso(row.read_at), key)
        yield Told((key,), cells)


def _repositories(snapshot: Snapshot) -> Iterator[Told]:
    for row in snapshot.repositories:
        key = node_key(row.source, row.node)
        errors = "; ".join(f"{file}: {error}" for file, error in row.errors)
        standard = ", ".join(row.standard) if row.standard is not None else None
        cells = (row.node, row.subscription, standard, errors or None, "; ".join(row.warnings) or None)
        yield Told((key,), (*cells, iso(row.read_at), key))


def _services(snapshot: Snapshot) -> Iterator[Told]:
    """What does not run comes first."""
    for row in sorted(snapshot.services, key=lambda row: (row.state in _WELL, row.node, row.name)):
        key = node_key(row.source, row.node)
        yield Told((key,), (row.node, row.name, row.state, row.active, row.unit, row.description, key))


def _clocks(snapshot: Snapshot) -> Iterator[Told]:
    for row in snapshot.clocks:
        key = node_key(row.source, row.node)
        cells = (row.node, row.skew_s, row.timezone, iso(row.read_at), key)
        yield Told((key,), cells)


def _pools(snapshot: Snapshot) -> Iterator[Told]:
    """The pools, those that are not well first, with what `zpool status` says of each where that was read."""
    status = {(row.source, row.node, row.name): row for row in snapshot.zfs_status}
    for pool in sorted(snapshot.zfs_pools, key=lambda pool: (pool.health == "ONLINE", pool.node, pool.name)):
        told = status.get((pool.source, pool.node, pool.name))
        devices = told.devices if told else ()
        ill = ", ".join(f"{d.name} {d.state}" for d in devices if d.state != "ONLINE" or d.errors)
        size, used = pool.size_bytes, pool.allocated_bytes
        cells = (
            pool.name, pool.node, told.state if told else pool.health, ill or None, told.errors if told else None,
            told.scan if told else None, iso(told.scanned_at) if told else None, told.scanning if told else None,
            used, size, used / size if used is not None and size else None, pool.fragmentation,
            iso(told.read_at) if told else None,
            pool.entity.key,
        )  # fmt: skip
        yield Told((node_key(pool.source, pool.node), pool_key(pool.source, pool.node, pool.name)), cells)


CERTIFICATES = Subsystem(
    "Certificates", "pve", ("certificates",), "GET /nodes/{node}/certificates/info",
    ("node", "file", "ends_at", "left_s", "subject", "issuer", "read_at", "key"),
    _certificates, ("node.certificate", "probe.certificate", "tls."), ("certificate", "tlscert", "sslcert", "certexp"),
)  # fmt: skip
UPDATES = Subsystem(
    "Updates", "pve", ("software",), "GET /nodes/{node}/apt/versions, /nodes/{node}/apt/update",
    ("node", "updates", "scope", "packages", "running_kernel", "kernels", "read_at", "key"),
    _updates, ("node.updates", "server.updates", "cluster.versions"), ("update", "upgrade"),
)  # fmt: skip
KERNELS = Subsystem(
    "Kernels", "pve", ("software",), "GET /nodes/{node}/apt/versions",
    ("node", "running_kernel", "kernels", "read_at", "key"),
    _kernels, ("node.reboot_needed", "host.reboot_required"), ("rebootrequired", "rebootneeded"),
)  # fmt: skip
REPOSITORIES = Subsystem(
    "Subscriptions and repositories", "pve", ("repositories",),
    "GET /nodes/{node}/subscription, /nodes/{node}/apt/repositories",
    ("node", "subscription", "repositories", "errors", "warnings", "read_at", "key"),
    _repositories, ("node.repositories",), ("subscription", "repositor"),
)  # fmt: skip
SERVICES = Subsystem(
    "Services of the nodes", "pve", ("services",), "GET /nodes/{node}/services",
    ("node", "service", "state", "active", "unit", "description", "key"),
    _services, ("node.service", "server.service", "systemd."), ("systemd", "service"),
)  # fmt: skip
CLOCKS = Subsystem(
    "Clocks", "pve", ("clocks",), "GET /nodes/{node}/time", ("node", "skew_s", "timezone", "read_at", "key"),
    _clocks, ("node.clock", "host.clock"), ("clock", "ntp"),
)  # fmt: skip
POOLS = Subsystem(
    "ZFS pools", "pve", ("zfs_pools", "zfs_status"), "GET /nodes/{node}/disks/zfs",
    ("pool", "node", "state", "devices_not_well", "errors", "scan", "scanned_at", "scanning", "used_bytes",
     "total_bytes", "used_fraction", "fragmented_fraction", "read_at", "key"),
    _pools, ("zfs.", "zpool.", "server.pool"), ("zfs", "zpool"),
)  # fmt: skip
