"""Privileges: what each is needed for, whether the token has it, and the least command that grants it.

What PVE and PBS protect is read off their API descriptions (the `check` of each endpoint), the contents of the roles
off their administration guides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.sources import Connection, PbsToken, Permissions, PveToken
from nightshift.sources.pages import privileges_on
from nightshift.sweep.doctor_lines import Line, checks_needing, checks_using


@dataclass(frozen=True, slots=True)
class Need:
    """A privilege on a path that reading takes, the datasets that come with it, and what is unseen without it.

    Before version `since_major` there is no such privilege.
    """

    privilege: str
    path: str
    datasets: tuple[str, ...]
    unseen: str
    since_major: int | None = None


@dataclass(frozen=True, slots=True)
class Renounced:
    """A privilege that would show more but can also change things: better to go without it.

    From version `until_major` on there is no such privilege.
    """

    privilege: str
    path: str
    unseen: str
    until_major: int | None = None


@dataclass(frozen=True, slots=True)
class Welcome:
    """A privilege that no auditor's role has, that can only read, and that sharpens checks: worth granting, not needed.

    `grant` gives the commands for user and token.
    """

    privilege: str
    path: str
    datasets: tuple[str, ...]
    shows: str
    grant: Callable[[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class System:
    """What one kind of server protects, and how its administrator grants it."""

    needs: tuple[Need, ...]
    renounced: tuple[Renounced, ...]
    role: str
    grant: Callable[[str, str], tuple[str, ...]]
    welcome: tuple[Welcome, ...] = ()


def _grant_pve(user: str, token_id: str) -> tuple[str, ...]:
    return (
        f"pveum acl modify / --users '{user}' --roles PVEAuditor",
        f"pveum acl modify / --tokens '{token_id}' --roles PVEAuditor",
    )


def _grant_logs(user: str, token_id: str) -> tuple[str, ...]:
    return (
        "pveum role add NightshiftLogs --privs Sys.Syslog",
        f"pveum acl modify /nodes --users '{user}' --roles NightshiftLogs",
        f"pveum acl modify /nodes --tokens '{token_id}' --roles NightshiftLogs",
    )


def _grant_remotes(user: str, token_id: str) -> tuple[str, ...]:
    return (
        f"proxmox-backup-manager acl update /remote RemoteAudit --auth-id '{user}'",
        f"proxmox-backup-manager acl update /remote RemoteAudit --auth-id '{token_id}'",
    )


def _grant_pbs(user: str, token_id: str) -> tuple[str, ...]:
    return (
        f"proxmox-backup-manager acl update / Audit --auth-id '{user}'",
        f"proxmox-backup-manager acl update / Audit --auth-id '{token_id}'",
    )


SYSTEMS: Mapping[str, System] = {
    "pve": System(
        needs=(
            Need(
                "Sys.Audit",
                "/",
                (
                    "clusters",
                    "backup_jobs",
                    "not_backed_up",
                    "job_volumes",
                    "corosync",
                    "ha",
                    "ha_rules",
                    "smart",
                    "zfs_pools",
                    "zfs_status",
                    "thin_pools",
                    "ceph",
                ),
                "the cluster's state and votes, high availability, backup jobs, SMART, ZFS, thin pools and Ceph",
            ),
            Need(
                "Sys.Audit",
                "/nodes",
                (
                    "nodes",
                    "tasks",
                    "guest_tasks",
                    "node_history",
                    "space_history",
                    "services",
                    "clocks",
                    "software",
                    "repositories",
                    "disks",
                ),
                "the figures, services, clocks, packages and disks of the nodes, and the tasks of other users",
            ),
            Need(
                "VM.Audit",
                "/vms",
                ("guests", "guest_configs", "guest_snapshots", "replication"),
                "guests, configuration, snapshots, replication",
            ),
            Need(
                "VM.GuestAgent.Audit",
                "/vms",
                ("guest_filesystems",),
                "guest agents, and the file systems that they see",
                since_major=9,
            ),
            Need("Datastore.Audit", "/storage", ("storages", "storage_configs"), "the storages and how full they are"),
        ),
        renounced=(
            Renounced("Sys.Modify", "/", "pending updates of Debian's packages (those of PVE itself stay visible)"),
            Renounced(
                "Datastore.Allocate", "/storage", "backup archives in PVE storages (jobs, tasks and PBS stay visible)"
            ),
            Renounced("VM.Monitor", "/vms", "file systems inside VMs (node_exporter in the VM shows them)", 9),
        ),
        welcome=(
            Welcome(
                "Sys.Syslog",
                "/nodes",
                ("boot_journals",),
                "why a node restarted by itself, from its journal",
                _grant_logs,
            ),
        ),
        role="PVEAuditor",
        grant=_grant_pve,
    ),
    "pbs": System(
        needs=(
            Need(
                "Datastore.Audit",
                "/datastore",
                ("datastores", "backup_groups", "backup_snapshots", "gc", "pbs_jobs"),
                "datastores, their usage and the backups in them",
            ),
            Need("Sys.Audit", "/system/tasks", ("pbs_tasks",), "the tasks of other users"),
            Need(
                "Sys.Audit",
                "/system/status",
                ("pbs_hosts",),
                "the server itself: root file system, services, updates, pools",
            ),
        ),
        renounced=(Renounced("Sys.Modify", "/system", "the server's certificates"),),
        welcome=(
            Welcome(
                "Remote.Audit",
                "/remote",
                ("pbs_jobs",),
                "of sync jobs with another server, which PBS leaves out of its list without a word",
                _grant_remotes,
            ),
        ),
        role="Audit",
        grant=_grant_pbs,
    ),
}
_READING = ("Audit", "Syslog")
_HARMLESS = frozenset({"Datastore.Read"})


def privilege_lines(
    connection: Connection, permissions: Permissions, checks: Iterable[Check], major: int | None = None
) -> tuple[Line, ...]:
    """What the token may see and what not, from the server's own `/access/permissions`; `major` is its version."""
    system = SYSTEMS[connection.kind]
    known = tuple(checks)
    needs = [need for need in system.needs if need.since_major is None or (major or 0) >= need.since_major]
    missing = [need for need in needs if need.privilege not in privileges_on(permissions, need.path)]
    commands = _commands(connection, system)
    lines = [_missing_line(connection, need, permissions, commands, known) for need in missing]
    if not missing:
        granted = ", ".join(dict.fromkeys(need.privilege for need in needs))
        lines.append(Line(connection.source, "privileges", "ok", f"{granted}: everything that the checks need"))
    writing = _writing(permissions)
    if writing:
        lines.append(
            Line(
                connection.source,
                "privileges",
                "warn",
                f"the token may change things ({_some(writing)}), and Nightshift only reads",
                fix=f"Use a token of its own with the role {system.role} and privilege separation "
                "(docs/authentication.md).",
                variable=connection.token_setting,
            )
        )
    lines += _welcome_lines(connection, system, permissions, known)
    lines += _renounced_lines(connection, system, permissions, major)
    return tuple(lines)


def token_ids(connection: Connection) -> tuple[str, str]:
    """User and token id (`nightshift@pve`, `nightshift@pve!read`), without the secret; examples when unknown."""
    if isinstance(connection.auth, PveToken | PbsToken):
        written = connection.auth.token.get_secret_value()
        user, _, rest = written.partition("!")
        cut = min((at for at in (rest.find("="), rest.find(":")) if at >= 0), default=0)
        if cut:
            return user, f"{user}!{rest[:cut]}"
    return "nightshift@pve", "nightshift@pve!read"


def _commands(connection: Connection, system: System) -> tuple[str, ...]:
    return system.grant(*token_ids(connection))


def _missing_line(
    connection: Connection, need: Need, permissions: Permissions, commands: tuple[str, ...], checks: tuple[Check, ...]
) -> Line:
    below = sorted(
        path for path, held in permissions.items() if path.startswith(f"{need.path}/") and need.privilege in held
    )
    text = f"{need.privilege} on {need.path} is missing, so these stay unseen: {need.unseen}"
    if below:
        text = f"{need.privilege} is there on {_some(below)} only, so the rest stays unseen: {need.unseen}"
    return Line(
        connection.source,
        "privileges",
        "warn",
        text,
        fix="Give the role to the user and to the token: a token with privilege separation has what both have.",
        commands=commands,
        checks=checks_needing(need.datasets, checks),
    )


def _welcome_lines(
    connection: Connection, system: System, permissions: Permissions, checks: tuple[Check, ...]
) -> list[Line]:
    lines = []
    for item in system.welcome:
        if item.privilege not in privileges_on(permissions, item.path):
            sharper = ", ".join(checks_using(item.datasets, checks))
            text = f"{item.privilege} on {item.path} is not granted, and not needed; it can only read"
            shows = f"With it, {sharper} could tell {item.shows}."
            commands = item.grant(*token_ids(connection))
            lines.append(Line(connection.source, "privileges", "info", text, fix=shows, commands=commands))
    return lines


def _renounced_lines(connection: Connection, system: System, permissions: Permissions, major: int | None) -> list[Line]:
    existing = [item for item in system.renounced if not (major and item.until_major and major >= item.until_major)]
    absent = [item for item in existing if item.privilege not in privileges_on(permissions, item.path)]
    if not absent:
        return []
    unseen = "; ".join(f"{item.privilege}: {item.unseen}" for item in absent)
    return [
        Line(connection.source, "privileges", "info", f"rightly not granted, for they could change things. {unseen}")
    ]


def _writing(permissions: Permissions) -> list[str]:
    held = {privilege for privileges in permissions.values() for privilege in privileges}
    return sorted(name for name in held if not name.endswith(_READING) and name not in _HARMLESS)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
