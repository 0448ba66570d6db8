"""What was ordered is done in an interface, not in a shell for one thing: a silence, a rule, a backup job, a task."""

from __future__ import annotations

import re

from nightshift.agent.builtin.orders.aims import OTHER
from nightshift.agent.builtin.story import Story, cite, joined, one_line
from nightshift.agent.builtin.writers.order_notes import is_vm, jobs_meant
from nightshift.agent.builtin.writers.recipes import is_less

_SETS_OFF = re.compile(r"\b(?:run|start|kick|trigger|launch|fire|begin)\b")
_JOBS = "Backup jobs are changed under Datacenter › Backup, or with `pvesh set /cluster/backup/<id>`."
_SILENCE = "In Grafana, make a silence under Alerting › Silences with the `alertname` as its matcher."
_RUN_JOB = (
    "A backup job is run by hand under Datacenter › Backup › Run now in the PVE interface, or with "
    "`vzdump <vmid> … --storage <storage>` on each node."
)
_STOP_CHORE = (
    "On the backup server: `proxmox-backup-manager task list` shows what runs with its UPID, "
    "`proxmox-backup-manager task stop <UPID>` ends it; or stop it in the task's window in the PBS interface."
)
_STOP_TASK = (
    "A task is stopped with `pvenode task list --source active` and `pvesh delete /nodes/<node>/tasks/<UPID>` on its "
    "node, or in the task's window in the PVE interface."
)
_STOP_SCRUB = (
    "A scrub is stopped on its node with `zpool scrub -s {pool}`, and paused with `zpool scrub -p {pool}`; "
    "`zpool status` shows how far it is."
)
_MACHINE = (
    "A backup server of its own is switched on by its power button, its BMC (IPMI), or over the network, "
    "`etherwake <MAC address>`; when it answers: `reboot` in its shell."
)
GRANT = (
    "Rights are granted by an administrator under Datacenter › Permissions, or on a node with "
    "`pveum acl modify / --roles PVEAuditor --tokens '<user>@<realm>!<token>'`; for a token with privilege separation "
    "the user needs them too. I never change my own."
)
_NO_SHRINKING = (
    "PVE cannot make a disk smaller: attach a new one of the wanted size, copy inside of the guest what is on the old "
    "one, and detach that; a container can be restored from its backup with a smaller root disk."
)
_RULES = "In Grafana, rules are changed, paused and removed under Alerting › Alert rules."


_TO_ANOTHER_STORE = (
    "Backups get into another datastore by a sync job: on the backup server, `proxmox-backup-manager sync-job create "
    "<id> --store {new} --remote-store {old}`, between two servers with `--remote <remote>`; those in {old} stay."
)
# What is in no inventory, or of no one guest, and where it is changed.
_KEPT = {
    r"\b(?:users?|admins?|accounts?)\b": "Users are made under Datacenter › Permissions, or with `pveum user add "
    "<user>@<realm>`, then `pveum acl modify / --users <user>@<realm> --roles <role>`.",
    r"\brunbooks?\b": "Runbooks are files of yours: they are changed with an editor where they are kept.",
    r"\bfirmware\b": "Firmware is updated on its node, with `fwupdmgr update` or the tool of its maker.",
    r"\bprometheus\b.*\brules?\b": "Rules of Prometheus are in its rule files, which it reads when it is reloaded.",
    r"\b(?:an?|another|one more)(?: \w+)?? (?:lxc|ct|container|vm|guest)\b(?! (?:tag|label|backup|snap))": "A container"
    " is made with `pct create <vmid> <storage>:vztmpl/<template> --hostname <name> --cores <number> --memory <MiB>`, "
    "a VM with `qm create <vmid> --name <name> …`; or by Create CT and Create VM in the PVE interface.",
    r"\bsnapshots?\b": "`qm listsnapshot <vmid>` lists, `qm delsnapshot <vmid> <snapshot>` deletes one; of CTs `pct`.",
    r"\b(?:tag|label)s?\b": "Tags are set with `qm set <vmid> --tags '<tag>;<tag>'`, of containers `pct set`.",
}


def kept_elsewhere(story: Story) -> str:
    """Where it is changed what is in no inventory; empty for anything else."""
    return next((told for said, told in _KEPT.items() if re.search(said, story.question.text.lower())), "")


_NOTIFY = (
    "I send nothing by myself: in Grafana, a rule under Alerting › Alert rules tells when, and a contact point with a "
    "notification policy tells whom."
)
_OF_AN_INTERFACE = {
    "silence": _SILENCE, "grant": GRANT, "notify": _NOTIFY, "leave": "So by me all stays as it is.",
}  # fmt: skip


def elsewhere(story: Story) -> str:
    """What is done in an interface and not in a shell, such as a silence; empty for anything else."""
    aim, things = story.question.aim, story.question.entities
    if story.question.action == "resize" and is_less(story.question.text.lower()):
        return _NO_SHRINKING
    if aim.part == "job" and story.question.action == "run":
        return _RUN_JOB
    if aim.part == "job" and story.evidence("inventory"):
        return _of_jobs(story)
    if story.question.action == "stop" and (aim.part in ("task", "backup") or story.question.has("BACKUP", "TASK")):
        return _STOP_TASK
    if story.question.action in ("stop", "pause") and story.question.has("SCRUB"):
        pools = [pool.key.rpartition("/")[2] for pool in story.question.of_kind("pool")]
        return _STOP_SCRUB.format(pool=pools[0] if pools else "<pool>")
    if story.question.action == "stop" and story.question.has("VERIFY", "GC", "PRUNE", "SYNC"):
        return _STOP_CHORE
    if story.question.action in _OF_AN_INTERFACE:
        return _OF_AN_INTERFACE[story.question.action]
    if aim.part == OTHER and story.question.action == "delete" and things and things[0].kind == "guest":
        tool, vmid = ("qm" if is_vm(things[0]) else "pct"), things[0].key.rpartition("/")[2]
        name = one_line(aim.word)
        return (
            f"If “{name}” is a snapshot of {things[0].label}, `{tool} listsnapshot {vmid}` shows it and "
            f"`{tool} delsnapshot {vmid} {name}` takes it away; anything else of that name has to be removed by hand "
            "where it is."
        )
    of_its_guests = bool(things) and things[0].kind in ("storage", "node") and story.question.has("GUEST", "VM", "CT")
    if aim.part == OTHER and of_its_guests:  # `delete the biggest VM on tank`
        return "Which one is to go I do not decide: name it, and I tell the command."
    if aim.part == OTHER and things and story.question.action != "run":
        return (
            f"“{one_line(aim.word)}” of {things[0].label} is nothing that PVE or PBS keep, so I know no command for "
            "it: it has to be done by hand where it is."
        )
    return _of_what_is_said(story)


def _of_what_is_said(story: Story) -> str:
    things, verb = story.question.entities, story.question.action
    stores = [store.key.rpartition("/")[2] for store in story.question.of_kind("datastore")]
    if verb == "migrate" and len(stores) > 1:
        return _TO_ANOTHER_STORE.format(old=stores[0], new=stores[1])
    if told := kept_elsewhere(story):
        return told
    about_alerts = story.question.of_kind("alert") or story.question.has("ALERT")
    if about_alerts and story.question.action in ("delete", "change", "create", "repair"):
        return _RULES
    if story.question.action in ("start", "reboot") and not things and "backup server" in story.question.text.lower():
        return _MACHINE
    if story.question.has("JOBLIST"):
        return _RUN_JOB if _SETS_OFF.search(story.question.text.lower()) else _JOBS
    return _SILENCE if about_alerts else ""


def _of_jobs(story: Story) -> str:
    """That the guest is in an enabled job already, or in none."""
    jobs, taken = [job for job in jobs_meant(story) if job.get("enabled")], story.question.aim.taken
    for guest in story.question.of_kind("guest"):
        vmid = guest.key.rpartition("/")[2]
        mine = [job for job in jobs if vmid in str(job.get("guests")).replace(",", "").split()]
        names = joined([job.show("comment") if job.known("comment") else job.show("id") for job in mine])
        if mine and not taken:
            return f"{guest.label} is in the backup job {names} already{cite(mine[0].evidence)}."
        if not mine and taken and not story.question.of_kind("job"):
            return f"{guest.label} is in no enabled backup job{cite(*(job.evidence for job in jobs))}."
    return _JOBS
