"""What was ordered is not done: how to do it by hand, and where. Only for things that exist."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin import part_recipes
from nightshift.agent.builtin.aims import ALL
from nightshift.agent.builtin.recipes import (
    BACKUP_JOB,
    BACKUPS_OF_DATASTORE,
    DATASTORE,
    DISK,
    GC_SCHEDULE,
    GUEST,
    NODE,
    PBS_JOB,
    POOL,
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
from nightshift.agent.builtin.story import Row, Story, bullet, cite
from nightshift.agent.builtin.words import plain, tokens
from nightshift.agent.builtin.writers.chores import chore
from nightshift.agent.builtin.writers.elsewhere import elsewhere
from nightshift.agent.builtin.writers.meant import is_left_alone, target_node, things_named
from nightshift.agent.builtin.writers.order_notes import is_vm, jobs_meant, note_on, row_of, rows_of
from nightshift.agent.builtin.writers.rejoinders import remedies
from nightshift.agent.builtin.writers.talk import READ_ONLY
from nightshift.facts.ids import Entity

_OPTIONS = {
    "MEMORY": "--memory {memory}", "CPU": "--cores {cores}", "AUTOSTART": "--onboot {on}", "RUNNING": "--onboot 1",
}  # fmt: skip
# Without a thing of its own: for one of the kind that was named.
_ANY = {"VM": ("qm", "guest"), "CT": ("pct", "guest"), "NODE": ("", "node"), "DATASTORE": ("", "datastore")}
_CORES = frozenset({"core", "cores", "cpus"})


def action(story: Story) -> str:
    """Nothing is changed: the command to run by hand, for each thing that was named and exists."""
    mended = remedies(story) if story.question.follows else ""
    if mended and story.question.has("@remedy"):
        return f"{READ_ONLY} {mended}"
    told = by_hand(story)
    if told:
        text = f"{READ_ONLY} {told[0].upper()}{told[1:]}\n\nI can tell you the state of it before and after."
        return f"{text}\n\n{mended}" if mended and _is_needless(told) else text
    if mended:
        return f"{READ_ONLY} {mended}"
    return f"{READ_ONLY} {_elsewhere(story)} I can tell you the state of things before and after."


def _is_needless(told: str) -> bool:
    """Whether the thing is already as the command would make it, so that something else was meant by `switch it on`."""
    return " already" in told


def by_hand(story: Story) -> str:
    """`to do it by hand on node pve1:` and the commands; empty when there is no single right one."""
    if told := chore(story):
        return told
    if is_left_alone(story):
        return ""
    things = things_named(story)
    for kind in ("guest",) if story.question.aim.part else _MORE_SPECIFIC.get(story.question.action, ()):
        things = [entity for entity in things if entity.kind == kind] or things
    if story.question.action == "replace":  # of several pools of one name the one that lacks a disk
        ill = {finding.entity.key for finding in story.findings("health")}
        things = [entity for entity in things if entity.key in ill] or things
    if story.question.action == "unlock" and not things:  # `just unlock it`: what is locked
        locked = {row.get("key") for row in rows_of(story, "inventory", "vmid", "lock")}
        things = [guest for guest in story.index.all_of("guest") if guest.key in locked]
    blocks = dict.fromkeys(tuple(command_for(story, entity)) for entity in things)
    commands = [line for block in blocks for line in block]
    if not commands and not things:
        commands = _for_any(story)
    if not commands:
        return ""
    place = story.question.place
    if place is not None and place < len(commands):
        step = f"step {place % len(commands) + 1} of {len(commands)}"
        return f"{step} by hand{_where(story)}:\n\n```\n{commands[place]}\n```"
    block = "\n".join(commands)
    notes = " ".join(note for entity in things if (note := note_on(story, entity)))
    return "\n\n".join(filter(None, (f"to do it by hand{_where(story)}:\n\n```\n{block}\n```", notes)))


# What is moved is the guest, not the node that it goes to; what is restored is not the place it comes from.
_MORE_SPECIFIC = {
    "migrate": ("guest",), "maintenance": ("guest",), "restore": ("guest",), "backup": ("guest",), "clone": ("guest",),
    "delete": ("guest", "datastore"), "change": ("job", "guest"),
    "repair": ("job", "guest"), "resize": ("guest",),
}  # fmt: skip


def _for_any(story: Story) -> list[str]:
    """Of no thing in particular: for any of its kind."""
    verb = story.question.action
    for concept, (tool, kind) in _ANY.items():
        template = _TEMPLATES[kind].get(verb, "") if story.question.has(concept) else ""
        if not template:
            continue
        if verb == "restore" and kind == "guest":
            template = restored(story.question.text.lower()) or template
        options = _options(story, None, is_vm=tool != "pct")
        if verb != "change" or options["option"]:
            group = {"group": f"{concept.lower()}/<vmid>", "datastore": "<datastore>"}
            one = group | {"tool": tool, "vmid": "<vmid>", "name": f"<{kind}>", "target": "<target node>", "live": ""}
            return template.format(**(_switches(story, kind) | _of_guest(options, "<vmid>") | one)).splitlines()
    return []


def _elsewhere(story: Story) -> str:
    return elsewhere(story) or "This has to be done by hand, in the PVE interface or in a shell of its node."


def _where(story: Story) -> str:
    """The node to log in to, when the inventory told where the guest is; each with its name when there are several."""
    rows = [row for entity in story.question.of_kind("guest") if (row := row_of(story, entity)) is not None]
    nodes = list(dict.fromkeys(row.show("node") for row in rows))
    if len(nodes) == 1:
        return f" on node {nodes[0]}{cite(*(row.evidence for row in rows))}"
    if nodes:
        places = bullet(f"{row.show('name')} is on node {row.show('node')}{cite(row.evidence)}" for row in rows)
        return f", each on its node:\n\n{places}\n\nThat is"
    return ""


def command_for(story: Story, entity: Entity) -> list[str]:
    """The shell commands for the action on this entity; empty when there is no single right one."""
    verb, name = story.question.action, entity.key.rpartition("/")[2]
    if entity.kind == "guest":
        return _for_guest(story, entity, verb, name)
    templates = _templates(story, entity)
    if entity.kind == "disk":
        name = f"/dev/disk/by-id/*{name}*" if not name.startswith("/dev") else name
    kind = entity.key.split("/")[-2]
    values = _switches(story, kind) | {"name": name, "node": entity.label.rpartition(" on ")[2], "type": kind}
    return templates.get(verb, "").format(**values).splitlines()


def _switches(story: Story, kind: str) -> dict[str, object]:
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
_TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "guest": GUEST, "node": NODE, "datastore": DATASTORE, "storage": STORAGE, "pool": POOL, "disk": DISK,
}  # fmt: skip


def _templates(story: Story, entity: Entity) -> Mapping[str, str]:
    """For the thing itself; what is of a node or a datastore has commands only where they are for it."""
    part, verb = story.question.aim.part, story.question.action
    if entity.kind == "job":
        return _job_templates(entity) if part in ("", "job") or (part in _RUN_BY_JOBS and verb != "delete") else {}
    if entity.kind == "node" and part:
        return part_recipes.ALL_ON_NODE if part == ALL else NODE if verb in _OF_ALL_OF_A_NODE else {}
    if entity.kind == "datastore" and verb in ("change", "create") and story.question.has("GC"):
        return {verb: GC_SCHEDULE}
    if entity.kind == "datastore" and (
        (verb == "change" and story.question.has("PRUNE")) or (verb == "prune" and kept(story.question.text.lower()))
    ):
        return {verb: RETENTION}
    if entity.kind == "datastore" and verb == "delete":
        return {verb: BACKUPS_OF_DATASTORE} if part in ("backup", "snapshot") else {}
    if entity.kind == "storage" and part in ("backup", "disk", "media") and verb in ("prune", "delete"):
        return {verb: VOLUMES_OF_STORAGE}
    if entity.kind in ("storage", "pool", "disk") and part and verb != "replace":
        return {}
    return _TEMPLATES.get(entity.kind, {})


def _job_templates(job: Entity) -> Mapping[str, str]:
    if any(f"/{kind}/" in job.key for kind in ("sync", "verify", "prune")):
        return PBS_JOB
    return REPLICATION_JOB if job.label.startswith("replication") else BACKUP_JOB


def _for_guest(story: Story, entity: Entity, verb: str, vmid: str) -> list[str]:
    of_vm = is_vm(entity)
    row = row_of(story, entity)
    options = _options(story, row, is_vm=of_vm)
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
    if verb == "maintenance" and is_out(story.question.text.lower()):
        return []
    running = row is not None and row.get("status") == "running"
    known = _known(story, entity, vmid, row, is_vm=of_vm)
    options |= {"disk": aim.slot or part_recipes.first_slot(known) or "<disk>"}
    if story.question.has("@snapshot_named") and aim.word:
        template = template.replace("<snapshot>", aim.word)
    return template.format(
        tool="qm" if of_vm else "pct",
        vmid=vmid,
        target=target_node(story, row.show("node") if row is not None else ""),
        live=(" --online" if of_vm else " --restart") if running else "",
        **_of_guest(options, vmid),
        **part_recipes.values(aim, known),
    ).splitlines()


def _of_guest(options: Mapping[str, str], vmid: str) -> dict[str, str]:
    """By replacement: a job's comment may hold braces of its own."""
    return {name: text.replace("{vmid}", vmid) for name, text in options.items()}


def _known(story: Story, entity: Entity, vmid: str, row: Row | None, *, is_vm: bool) -> part_recipes.Known:
    said = tuple(token.text for token in tokens(plain(story.question.text)))
    jobs, groups = jobs_meant(story), rows_of(story, "backups", "group")
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
    for place in story.question.of_kind("storage", "datastore"):
        name = place.key.rpartition("/")[2]
        if place.kind == "storage":
            return name
        return next((storage for storage in used if name in storage), f"<storage of {name}>")
    return ""


def _options(story: Story, row: Row | None, *, is_vm: bool = True) -> dict[str, str]:
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
        "trim": f"qm guest cmd {own or '<vmid>'} fstrim" if is_vm else f"pct fstrim {own or '<vmid>'}",
        "snapshot": called(story.question.text, "<snapshot>"),
        "snapshot_name": called(story.question.text, "<name>"),
    }
