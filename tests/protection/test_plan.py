"""The plan where backups do not fit: room first, then the runs; templates by themselves; two numbers, never one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.protection.world import (
    GIB,
    ago,
    archives,
    backups,
    complete,
    container,
    datastore,
    guest,
    job,
    kept,
    listed,
    log,
    nights,
    node,
    run,
    storage_config,
    world,
)

from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.protection import matrix_of
from nightshift.protection.plan import plan_of

BEFORE = ago(days=2, hours=6)
FULL = datastore(used_bytes=3_990 * GIB, available_bytes=10 * GIB)
"""Web and a template were saved until two days ago, the new container never; all three runs since failed."""


def crowded(**changes: object) -> Snapshot:
    old = [kept(moment) for moment in nights(newest=BEFORE)]
    found = world(
        (listed(backups(*old), backups(*old, number=900)),),
        guests=complete(guest(), container(), guest(900, "debian", template=True)),
        datastores=complete(FULL),
        backup_jobs=complete(job(vmids=(104, 105, 900))),
        backup_runs=complete(
            log(*(run(vmid, ok=False, reason="ENOSPC: No space left on device") for vmid in (104, 105, 900)))
        ),
    )
    return replace(found, **changes)


def storage(name: str, plugin: str = "nfs", *, used: int = 0, total: int = 4000) -> Storage:
    return Storage("pve", name, None, plugin, True, True, ("backup",), used * GIB, total * GIB)


def told(snapshot: Snapshot) -> list[str]:
    return [change.what for change in plan_of(snapshot, matrix_of(snapshot))]


def test_room_comes_first_and_templates_by_themselves() -> None:
    snapshot = crowded()
    room, guests, templates = plan_of(snapshot, matrix_of(snapshot))
    assert room.what == "Make room in the datastore tank first: 10 GiB are left."
    assert room.commands[1] == "proxmox-backup-manager garbage-collection start tank"
    assert (room.where, len(room.mends)) == ("the backup server pbs", 3)
    assert guests.what == "Save 104 and 105 as soon as the datastore tank has room."
    assert guests.why == (
        "1 has an older backup to go back to (from 2 d 6 h ago; 1 verified), 1 has none that is known to be good."
    )
    assert templates.what == "Save template 900 as soon as the datastore tank has room."
    assert templates.why == (
        "It has an older backup to go back to (from 2 d 6 h ago; 1 verified). A template hardly changes: one good "
        "backup of it is enough, and a job need not select it."
    )


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({"datastores": complete(datastore())}, "Save 104 and 105 now."),
        ({"datastores": complete(datastore(used_bytes=3_990 * GIB, available_bytes=10 * GIB, on_s3=True))},
         "Save 104 and 105 now."),
        ({"nodes": complete(node(online=False)), "datastores": complete(datastore())},
         "Save 104 and 105 as soon as node pve1 is back."),
    ],
    ids=["room enough", "a cache is full by design", "the node is away"],
)  # fmt: skip
def test_nothing_has_to_be_made_room_for(changes: dict[str, object], last: str) -> None:
    what = told(crowded(**changes))
    assert last in what
    assert not [item for item in what if item.startswith("Make room")]


def test_what_cannot_wait_goes_where_there_is_room() -> None:
    others = (storage("usb", total=9), storage("nas", total=900), storage("packed", used=870, total=900))
    snapshot = crowded(storages=complete(storage("tank", "pbs", used=3990), *others))
    why = next(change.why for change in plan_of(snapshot, matrix_of(snapshot)) if change.what.startswith("Make room"))
    assert why.endswith("What cannot wait fits into nas (`--storage nas`), which has 900 GiB left.")


def test_a_full_storage_of_pve_is_emptied_there() -> None:
    snapshot = crowded(
        storages=complete(storage("nas", used=890, total=900)),
        storage_configs=complete(storage_config("nas", plugin="nfs", datastore=None)),
        storage_archives=complete(archives(storage="nas", node=None)),
        backup_jobs=complete(job(storage="nas", vmids=(104, 105, 900))),
    )
    first = plan_of(snapshot, matrix_of(snapshot))[0]
    assert first.what == "Make room in the storage nas first: 10 GiB are left."
    assert first.commands == ("pvesm list nas --content backup", "pvesm prune-backups nas --keep-last 3 --dry-run 1")
