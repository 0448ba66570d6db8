"""The command by hand for one thing: a guest, a node, a job, by what is ordered and what of it is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin.orders.aims import ALL
from nightshift.agent.builtin.story import Row, Story
from nightshift.agent.builtin.words.tokens import plain, tokens
from nightshift.agent.builtin.writers import part_recipes
from nightshift.agent.builtin.writers.meant import target_node
from nightshift.agent.builtin.writers.order_notes import is_vm, jobs_meant, row_of, rows_of
from nightshift.agent.builtin.writers.recipes import (
    BACKUP_JOB,
    BACKUPS_OF_DATASTORE,
    DATASTORE,
    DISK,
    GC_SCHEDULE,
    GUEST,
    NODE,
    PBS_JOB,
    POOL,
    PRUNED_TO,
    REPLICATION_JOB,
    RETENTION,
    STORAGE,
    VOLUMES_OF_STORAGE,
    called,
    cores_of,
    has_size,
    is_less,
    is_off,
    is_out,
    job_option,
    kept,
    memory_of,
    restored,
    size_of,
    switch_of,
)
from nightshift.facts.ids import Entity

_OPTIONS = {
    "MEMORY": "--memory {memory}", "CPU": "--cores {cores}", "AUTOSTART": "--onboot {on}", "RUNNING": "--onboot 1",
}  # fmt: skip
_SWITCHED_ON = re.compile(r"\b(?:on|again)\b")
_CORES = frozenset({"core", "cores", "cpus"})


def command_for(story: Story, entity: Entity) -> list[str]:
    """The shell commands for the action on this entity; empty when there is no single right one."""
    verb, name = story.question.action, entity.key.rpartition("/")[2]
    if entity.kind == "job" and verb == "start" and not _SWITCHED_ON.search(story.question.text.lower()):
        verb = "run"  # `start the nightly job now` runs it, `switch it on` puts it back into the schedule
    if entity.kind == "guest":
        return _for_guest(story, entity, verb, name)
    templates = _templates(story, entity)
    if entity.kind == "disk":
        name = f"/dev/disk/by-id/*{name}*" if not name.startswith("/dev") else name
    kind = entity.key.split("/")[-2]
    values = switches(story, kind) | {"name": name, "node": entity.label.rpartition(" on ")[2], "type": kind}
    return templates.get(verb, "").format(**values).splitlines()


def switches(story: Story, kind: str) -> dict[str, object]:
    """What an order turns on or off, in the words of each command; `kind` is that of a job."""
    text = story.question.text.lower()
    off, out = is_off(text) or story.question.action in ("stop", "pause"), is_out(text)
    return {
        "switch": switch_of(kind, off=off),
        "maintained": "disable" if out else "enable",
        "option": job_option(text),
        "mode": "--delete maintenance-mode" if out else "--maintenance-mode type=read-only",
        "on": int(not off),
        "off": int(off),
        "enable": "disable" if off else "enable",
        "keep": kept(text) or "--keep-daily <n> --keep-weekly <n>",
    }


_OF_ALL_OF_A_NODE = ("upgrade", "maintenance", "replace", "renew")
_RUN_BY_JOBS = ("backup", "replication")
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "guest": GUEST, "node": NODE, "datastore": DATASTORE, "storage": STORAGE, "pool": POOL, "disk": DISK,
}  # fmt: skip


def _templates(story: Story, entity: Entity) -> Mapping[str, str]:
    """For the thing itself; what is of a node or a datastore has commands only where they are for it."""
    part, verb = story.question.aim.part, story.question.action
    if entity.kind == "job":
        return _job_templates(entity) if part in ("", "job") or (part in _RUN_BY_JOBS and verb != "delete") else {}
    if entity.kind == "node" and part == "firewall":
        return {verb: f"pvesh set /nodes/{{name}}/firewall/options --enable {switches(story, '')['on']}"}
    if entity.kind == "node" and part and not (verb == "run" and story.question.has("SCRUB")):
        return part_recipes.ALL_ON_NODE if part == ALL else NODE if verb in _OF_ALL_OF_A_NODE else {}
    if entity.kind == "datastore" and verb in ("change", "create") and story.question.has("GC"):
        return {verb: GC_SCHEDULE}
    if entity.kind == "datastore" and verb == "change" and story.question.has("PRUNE"):
        return {verb: RETENTION}
    if entity.kind == "datastore" and verb == "prune" and kept(story.question.text.lower()):
        return {verb: PRUNED_TO}
    if entity.kind == "datastore" and verb == "delete":
        return {verb: BACKUPS_OF_DATASTORE} if part in ("backup", "snapshot") else {}
    if entity.kind == "storage" and part in ("backup", "disk", "media") and verb in ("prune", "delete"):
        return {verb: VOLUMES_OF_STORAGE}
    if entity.kind in ("storage", "pool", "disk") and part and verb != "replace":
        return {}
    return TEMPLATES.get(entity.kind, {})


def _job_templates(job: Entity) -> Mapping[str, str]:
    if any(f"/{kind}/" in job.key for kind in ("sync", "verify", "prune")):
        return PBS_JOB
    return REPLICATION_JOB if job.label.startswith("replication") else BACKUP_JOB


def _for_guest(story: Story, entity: Entity, verb: str, vmid: str) -> list[str]:
    of_vm = is_vm(entity)
    row = row_of(story, entity)
    options = options_of(story, row, is_vm=of_vm)
    aim = story.question.aim
    template = part_recipes.template_of(verb, aim, story.question.text.lower()) if aim.part else GUEST.get(verb, "")
    if verb == "restore":
        template = restored(story.question.text.lower()) or template
    if (
        not template
        or (verb == "change" and not aim.part and not options["option"])
        or (verb == "pause" and not aim.part and not of_vm)
    ):
        return []
    if "{size}" in template and is_less(story.question.text.lower()):
        return []  # no disk can be made smaller
    of_a_store = re.search(r"\bread|\bwrit", story.question.text.lower())  # made read-only, which no guest can be
    if verb == "maintenance" and (of_a_store or is_out(story.question.text.lower())):
        return []
    running = row is not None and row.get("status") == "running"
    known = _known(story, entity, vmid, row, is_vm=of_vm)
    options |= {"disk": aim.slot or part_recipes.first_slot(known) or "<disk>"}
    return template.format(
        tool="qm" if of_vm else "pct",
        vmid=vmid,
        target=target_node(story, row.show("node") if row is not None else ""),
        live=(" --online" if of_vm else " --restart") if running else "",
        **of_guest(options, vmid),
        **part_recipes.values(aim, known),
    ).splitlines()


def of_guest(options: Mapping[str, str], vmid: str) -> dict[str, str]:
    """By replacement: a job's comment may hold braces of its own."""
    return {name: text.replace("{vmid}", vmid) for name, text in options.items()}


def _known(story: Story, entity: Entity, vmid: str, row: Row | None, *, is_vm: bool) -> part_recipes.Known:
    said = tuple(token.text for token in tokens(plain(story.question.text)))
    jobs, groups = jobs_meant(story), rows_of(story, "backups", "group")
    places = {store.key.rpartition("/")[2] for store in story.question.of_kind("datastore")}
    groups = [group for group in groups if group.get("datastore") in places] or groups
    return part_recipes.Known(vmid, is_vm, row, _disks(story, entity), jobs, groups, said)


def _disks(story: Story, entity: Entity) -> dict[str, str]:
    """`scsi0: local-lvm:vm-104-disk-0,size=64G; unused0: …` of its configuration."""
    rows = [row for item in story.evidence("entity") if "disks" in item.columns for row in story.rows(item)]
    told = next((str(row.get("disks") or "") for row in rows if row.get("key") == entity.key), "")
    pairs = (slot.partition(": ") for slot in told.split("; ") if slot)
    return {slot: disk for slot, _, disk in pairs}


def _without_names(story: Story) -> str:
    """The words of the order without the guests: in `add 4 GB to 104` the number is no size."""
    text = story.question.text.lower()
    for guest in story.question.of_kind("guest"):
        for name in (guest.key.rpartition("/")[2], guest.label.split(" (")[0].lower()):
            text = re.sub(rf"\b{re.escape(name)}\b(?! ?[tgm]i?b?\b)", "", text)
    return text


def _storage_named(story: Story, used: Sequence[str]) -> str:
    """The storage of PVE that was named, or that of the datastore that was: the jobs tell which belong together."""
    place = next(iter(story.question.of_kind("storage", "datastore")), None)
    if place is None:
        return ""
    name = place.key.rpartition("/")[2]
    if place.kind == "storage":
        return name
    return next((storage for storage in used if name in storage), f"<storage of {name}>")


def options_of(story: Story, row: Row | None, *, is_vm: bool = True) -> dict[str, str]:
    """What the templates leave open, from the words of the order and from how the guest is now."""
    text = _without_names(story)
    option = next((text for concept, text in _OPTIONS.items() if story.question.has(concept)), "")
    if _CORES.intersection(story.question.content):
        option = _OPTIONS["CPU"]
    if not option and has_size(text) and not story.question.has("DISK", "STORAGE", "FULL"):
        option = _OPTIONS["MEMORY"]  # `bump web to 8 gigs`
    memory = memory_of(text, row.number("memory_total_bytes") if row else None)
    cores = cores_of(text, row.number("cpus") if row else None)
    own = row.show("vmid") if row else ""
    new = next((vmid for vmid in re.findall(r"\b\d{3,9}\b", story.question.text) if vmid != own), "<new vmid>")
    enter = "qm terminal {vmid}    # or by SSH; then" if is_vm else "pct enter {vmid}    # then"
    jobs = (job for item in story.evidence("inventory") for job in story.rows(item) if "schedule" in item.columns)
    used = [job.show("storage") for job in jobs if job.get("enabled") and job.known("storage")]
    return {
        "option": option.format(memory=memory, cores=cores, on=int(not is_off(text))),
        "size": size_of(text),
        "memory": memory,
        "cores": cores,
        "disk": "<disk>" if is_vm else "rootfs",
        "resize": "disk resize" if is_vm else "resize",
        "called": "name" if is_vm else "hostname",
        "new": new,
        "beside": f"qmrestore <archive> {new} --unique 1" if is_vm else f"pct restore {new} <archive> --unique 1",
        "restore": "qmrestore <archive> {vmid} --force" if is_vm else "pct restore {vmid} <archive> --force",
        "upgrade": f"{enter} update it from inside, as it was installed",
        "storage": _storage_named(story, used) or next(iter(used), "<storage>"),
        "trim": "qm guest cmd {vmid} fstrim" if is_vm else "pct fstrim {vmid}",
        "snapshot": called(story.question.text, "<snapshot>"),
        "snapshot_name": called(story.question.text, "<name>"),
    }
