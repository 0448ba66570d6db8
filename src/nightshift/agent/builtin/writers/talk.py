"""Answers that need no look: what I can do, what I will not do, what I did not understand, and asking back."""

from __future__ import annotations

from nightshift.agent.builtin.services import role_of
from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import listed

SOFTWARE_NAMED = 4
READ_ONLY = "I am read-only and change nothing."


def help_text(story: Story) -> str:
    lines = [
        "what is wrong, why, and what to do: `Is anything wrong?`, `Why is … failing?`",
        "guests, nodes, storages: `Which VMs are running?`, `How is node …?`, `How full is …?`",
        "figures over time: `CPU of … over the last 24h`, or any PromQL expression",
        "backups: `When was … last backed up?`, `Which guests have no backup?`",
        "alerts, tasks, runbooks: `What alerts are firing?`, `What failed last night?`, `Is there a runbook for …?`",
    ]
    return (
        "I am Nightshift: I read Prometheus, Grafana, Proxmox VE, Proxmox Backup Server and your runbooks, and I "
        f"change nothing. Ask me about\n{bullet(lines)}\n\nFor example: {joined(suggestions(story))}."
    )


def thanks(_story: Story) -> str:
    return "You are welcome."


def unclear(story: Story) -> str:
    """No guess: say that it was not understood, and three things that can be answered."""
    names = story.question.unknown
    if names and (story.index.gaps or role_of(names[0])):
        return unknown(story)
    return (
        "I did not understand that well enough to answer it, and I do not guess. I read the state of your systems: "
        f"for example {joined(suggestions(story))}."
    )


def suggestions(story: Story) -> list[str]:
    """Three questions that can be answered here. No names: what exists is told with evidence or not at all."""
    found = ["`Is anything wrong?`"]
    kinds = {entry.entity.kind for entry in story.index.entries}
    found += ["`When was <guest> last backed up?`"] if "guest" in kinds else []
    found += ["`How is node <name>?`"] if "node" in kinds else []
    return [*found, "`What alerts are firing?`", "`What failed last night?`"][:3]


def ambiguous(story: Story) -> str:
    """Ask back, with every meaning."""
    mention = story.question.ambiguous[0]
    sources = cite(*story.evidence("inventory"))
    return f"Which one do you mean by “{one_line(mention.text)}”? It fits {listed(mention.entities)}{sources}."


def unknown(story: Story) -> str:
    """A name that fits nothing: the nearest ones, and that the inventory may be incomplete."""
    name = story.question.unknown[0]
    near = story.index.alike(name)
    role = role_of(name)
    text = f"I know nothing called “{one_line(name)}”."
    if role is not None:
        software = joined(role.software, SOFTWARE_NAMED)
        text = f"I see no guest that looks like “{name}”: none is called, tagged or described so, nor as {software}."
    if near:
        text += f" Did you mean {listed(near)}{cite(*story.evidence('inventory'))}?"
    if story.index.gaps:
        causes = joined(list(dict.fromkeys(f"{gap.source}: {one_line(gap.detail)}" for gap in story.index.gaps)), 3)
        seen = cite(*story.evidence("inventory"))
        text += f" It may exist all the same, because the inventory is incomplete ({causes}){seen}."
    if not near:
        text += f" I can answer for example {joined(suggestions(story))}."
    return text


def action(story: Story) -> str:
    """Nothing is changed: the command to run by hand, for a thing that exists."""
    entity = next((e for e in story.question.entities if e.kind in ("guest", "node", "storage", "datastore")), None)
    commands = command_for(story, entity) if entity else []
    if not commands:
        return (
            f"{READ_ONLY} This has to be done by hand, in the graphical interface or a shell of its node. I can "
            "tell you the state of things before and after."
        )
    where = _where(story)
    block = "\n".join(commands)
    return (
        f"{READ_ONLY} To do it by hand{where}:\n\n```\n{block}\n```\n\nI can tell you the state of it before and after."
    )


def _where(story: Story) -> str:
    """The node to log in to, when the inventory told where the guest is."""
    table = story.table("inventory", "vmid", "node")
    wanted = {entity.key for entity in story.question.entities}
    row = next((row for row in (story.rows(table) if table else []) if row.get("key") in wanted), None)
    return f" on node {row.show('node')}{cite(table)}" if row else ""


_GUEST_COMMANDS = {
    "reboot": "{tool} reboot {vmid}",
    "stop": "{tool} shutdown {vmid}",
    "start": "{tool} start {vmid}",
    "delete": "{tool} destroy {vmid}    # destroys the guest and its disks: check the backups first",
    "migrate": "{tool} migrate {vmid} <target node>",
    "unlock": "{tool} unlock {vmid}    # only when no task of this guest is running",
    "resize": "{tool} resize {vmid} <disk> +10G",
    "snapshot": "{tool} snapshot {vmid} <name>",
    "backup": "vzdump {vmid} --storage <storage>",
    "run": "vzdump {vmid} --storage <storage>",
    "restore": "{restore}",
}
_NODE_COMMANDS = {
    "reboot": "reboot    # on {name}, after its guests were migrated or shut down",
    "stop": "shutdown -h now    # on {name}, after its guests were migrated or shut down",
    "upgrade": "apt update && apt full-upgrade    # on {name}",
    "migrate": "ha-manager crm-command node-maintenance enable {name}",
}
_DATASTORE_COMMANDS = {
    "prune": "proxmox-backup-manager prune-job list    # then run the one of {name}\n"
    "proxmox-backup-manager garbage-collection start {name}",
    "run": "proxmox-backup-manager garbage-collection start {name}",
}


def command_for(story: Story, entity: Entity) -> list[str]:
    """The shell command for the action on this entity; empty when there is no single right one."""
    verb = story.question.action
    name = entity.key.rpartition("/")[2]
    if entity.kind == "guest":
        is_vm = "(VM " in entity.label or entity.label.startswith("VM ")
        restore = f"qmrestore <archive> {name}" if is_vm else f"pct restore {name} <archive>"
        template = _GUEST_COMMANDS.get(verb, "")
        tool = "qm" if is_vm else "pct"
        return [template.format(tool=tool, vmid=name, restore=restore)] if template else []
    if entity.kind == "node":
        template = _NODE_COMMANDS.get(verb, "")
        return [template.format(name=name)] if template else []
    if entity.kind == "datastore":
        template = _DATASTORE_COMMANDS.get(verb, "")
        return template.format(name=name).splitlines() if template else []
    return []
