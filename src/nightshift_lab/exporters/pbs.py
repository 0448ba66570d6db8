"""What pbs-exporter says of a backup server: how full its datastores are, and how old each guest's newest snapshot is.

Labels and names are those of natrontech's exporter.
"""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.world.backups import BackupRun, night_of, runs_at_servers
from nightshift_lab.world.faults import Flags

JOB = "pbs"
# How many nights back the newest snapshot of a guest may be.
_NIGHTS = 14


def pbs_exporter(figures: Figures, owner: str) -> list[Family]:
    """All families of the backup server that runs in the guest `owner` (`guest/<vmid>`)."""
    world = figures.world
    server = next(server for server in world.servers if f"guest/{server.vmid}" == owner)
    families = {
        "used": Family("pbs_used", "gauge", "The used bytes of the underlying storage."),
        "total": Family("pbs_size", "gauge", "The size of the underlying storage in bytes."),
        "available": Family("pbs_available", "gauge", "The available bytes of the underlying storage."),
    }
    usable: dict[str, Flags] = {}
    for store in server.datastores:
        entity = f"datastore/{server.name}/{store.name}"
        usable[store.name] = figures.when(entity, "error", "", "")
        for quantity, family in families.items():
            values = np.floor(figures.of(entity, f"{quantity}_bytes"))
            family.add(np.where(usable[store.name], values, np.nan), datastore=store.name)
    up = single("pbs_up", "gauge", "Was the last query of Proxmox Backup Server successful.", figures.constant(1))
    return [up, *families.values(), _newest(figures, server.name, usable)]


def _left_groups(figures: Figures, family: Family, server: str, datastore: str, namespace: str, usable: Flags) -> None:
    """Groups that no job fills have a newest snapshot, too."""
    entity = f"datastore/{server}/{datastore}"
    for group in figures.world.condition(entity, f"left:{namespace}", float(figures.times[-1]), ()):
        newest = np.where(usable, figures.constant(float(group.taken_at[-1])), np.nan)
        identity = {"vm_id": group.group.partition("/")[2], "vm_name": group.note}
        family.add(newest, datastore=datastore, namespace=namespace, **identity)


def _newest(figures: Figures, server: str, usable: dict[str, Flags]) -> Family:
    """When each group's newest snapshot was begun, as of each time."""
    family = Family("pbs_snapshot_vm_last_timestamp", "gauge", "The timestamp of the last backup of a VM.")
    if figures.times.size == 0:
        return family
    first, last = (night_of(figures.world, float(figures.times[index])) for index in (0, -1))
    groups: dict[tuple[str, str, str], list[BackupRun]] = {}
    for night in range(first - _NIGHTS, last + 1):
        for run in runs_at_servers(figures.world, night):
            if run.server == server and run.error is None:
                groups.setdefault((run.datastore, run.namespace, run.group), []).append(run)
    for (datastore, namespace, _), runs in groups.items():
        runs.sort(key=lambda run: run.ended_at)
        index = np.searchsorted([run.ended_at for run in runs], figures.times, side="right") - 1
        begun = np.array([np.nan, *(run.started_at for run in runs)])[index + 1]
        family.add(
            np.where(usable[datastore], begun, np.nan),
            datastore=datastore,
            namespace=namespace,
            vm_id=str(runs[0].guest.vmid),
            vm_name=runs[0].guest.name,
        )
    for store in figures.world.server(server).datastores:
        for namespace in store.namespaces:
            _left_groups(figures, family, server, store.name, namespace, usable[store.name])
    return family
