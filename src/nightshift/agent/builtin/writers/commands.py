"""What was ordered is not done: how to do it by hand, and where. Only for things that exist."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite
from nightshift.agent.builtin.writers.talk import READ_ONLY
from nightshift.facts.ids import Entity

_GUEST = {
    "reboot": "{tool} reboot {vmid}",
    "stop": "{tool} shutdown {vmid}",
    "start": "{tool} start {vmid}",
    "delete": "{tool} destroy {vmid}    # destroys the guest and its disks: check the backups first",
    "migrate": "{tool} migrate {vmid} {target}{live}",
    "maintenance": "{tool} migrate {vmid} {target}{live}",
    "unlock": "{tool} unlock {vmid}    # only when no task of this guest is running",
    "resize": "{tool} resize {vmid} <disk> +10G",
    "snapshot": "{tool} snapshot {vmid} <name>",
    "rollback": "{tool} listsnapshot {vmid}\n{tool} rollback {vmid} <snapshot>    # loses all since then",
    "pause": "{tool} suspend {vmid}",
    "backup": "vzdump {vmid} --storage <storage>",
    "run": "vzdump {vmid} --storage <storage>",
    "restore": "{restore}",
    "change": "{tool} set {vmid} {option}",
}
_NODE = {
    "reboot": "reboot    # on {name}, after its guests were migrated or shut down",
    "stop": "shutdown -h now    # on {name}, after its guests were migrated or shut down",
    "upgrade": "apt update && apt full-upgrade    # on {name}",
    "migrate": "ha-manager crm-command node-maintenance enable {name}",
    "maintenance": "ha-manager crm-command node-maintenance enable {name}",
}
_DATASTORE = {
    "prune": "proxmox-backup-manager prune-job list    # then run the one of {name}\n"
    "proxmox-backup-manager garbage-collection start {name}",
    "run": "proxmox-backup-manager garbage-collection start {name}",
    "delete": "proxmox-backup-client snapshot list --repository <user>@<server>:{name}\n"
    "proxmox-backup-client snapshot forget <snapshot> --repository <user>@<server>:{name}",
    "verify": "proxmox-backup-manager verify {name}",
    "maintenance": "proxmox-backup-manager datastore update {name} --maintenance-mode type=read-only",
}
_OPTIONS = {"MEMORY": "--memory <MiB>", "CPU": "--cores <number>", "RUNNING": "--onboot 1"}
_ELSEWHERE = {
    "JOBLIST": "Backup jobs are changed under Datacenter › Backup, or with `pvesh set /cluster/backup/<id>`.",
    "ALERT": "In Grafana, make a silence under Alerting › Silences with the `alertname` as its matcher.",
}
_CORES = frozenset({"core", "cores", "cpus"})
_HIGH_AVAILABILITY = frozenset({"ha", "availability"})
_KINDS = ("guest", "node", "storage", "datastore")


def action(story: Story) -> str:
    """Nothing is changed: the command to run by hand, for each thing that was named and exists."""
    things = [entity for entity in story.question.entities if entity.kind in _KINDS]
    if story.question.action in ("migrate", "maintenance") and any(entity.kind == "guest" for entity in things):
        things = [entity for entity in things if entity.kind == "guest"]
    commands = [line for entity in things for line in command_for(story, entity)]
    if not commands:
        return f"{READ_ONLY} {_elsewhere(story)} I can tell you the state of things before and after."
    block = "\n".join(commands)
    return (
        f"{READ_ONLY} To do it by hand{_where(story)}:\n\n```\n{block}\n```\n\n"
        "I can tell you the state of it before and after."
    )


def _elsewhere(story: Story) -> str:
    told = [text for concept, text in _ELSEWHERE.items() if story.question.has(concept)]
    if story.question.of_kind("alert"):
        told.append(_ELSEWHERE["ALERT"])
    return told[0] if told else "This has to be done by hand, in the PVE interface or in a shell of its node."


def _row_of(story: Story, entity: Entity) -> Row | None:
    """What the inventory told of it."""
    rows = (row for item in story.evidence("inventory") for row in story.rows(item) if "vmid" in item.columns)
    return next((row for row in rows if row.get("key") == entity.key), None)


def _where(story: Story) -> str:
    """The node to log in to, when the inventory told where the guest is; each with its name when there are several."""
    rows = [row for entity in story.question.of_kind("guest") if (row := _row_of(story, entity)) is not None]
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
    template = {"node": _NODE, "datastore": _DATASTORE}.get(entity.kind, {}).get(verb, "")
    return template.format(name=name).splitlines()


def _for_guest(story: Story, entity: Entity, verb: str, vmid: str) -> list[str]:
    is_vm = "(VM " in entity.label or entity.label.startswith("VM ")
    option = next((text for concept, text in _OPTIONS.items() if story.question.has(concept)), "")
    if _CORES.intersection(story.question.content):
        option = _OPTIONS["CPU"]
    template = _GUEST.get(verb, "")
    if _HIGH_AVAILABILITY.intersection(story.question.content):
        return [
            f"ha-manager {'remove' if 'disable' in story.question.content else 'add'} {'vm' if is_vm else 'ct'}:{vmid}"
        ]
    if not template or (verb == "change" and not option) or (verb == "pause" and not is_vm):
        return []
    row = _row_of(story, entity)
    running = row is not None and row.get("status") == "running"
    target = next((node.label for node in story.question.of_kind("node")), "<target node>")
    return template.format(
        tool="qm" if is_vm else "pct",
        vmid=vmid,
        restore=f"qmrestore <archive> {vmid}" if is_vm else f"pct restore {vmid} <archive>",
        target=target,
        live=(" --online" if is_vm else " --restart") if running else "",
        option=option,
    ).splitlines()
