"""What can be broken in the demo, and what is asked about it there."""

from __future__ import annotations

from dataclasses import dataclass

OPENING = "Is anything wrong?"


@dataclass(frozen=True, slots=True)
class Scene:
    """A scenario of the lab, in a line, with the two questions that follow "Is anything wrong?"."""

    name: str
    summary: str
    follow_ups: tuple[str, ...]


SCENES = {
    scene.name: scene
    for scene in (
        Scene(
            "datastore-full",
            "the backup datastore is nearly full and last night's backups failed because of it",
            ("What failed last night?", "Is there a runbook for a full datastore?"),
        ),
        Scene(
            "vm-disk-filling",
            "the disk of a VM will be full in a few days",
            ("How is immich?", "and its memory over the last day?"),
        ),
        Scene("node-offline", "a node of the cluster is offline", ("How is node pve3?", "What alerts are firing?")),
        Scene(
            "container-oom-loop",
            "a container is killed for want of memory, again and again",
            ("Why is unifi failing?", "and its memory over the last day?"),
        ),
        Scene(
            "guest-without-backup",
            "a guest is in no backup job",
            ("When was paperless last backed up?", "How full is the backup storage?"),
        ),
        Scene(
            "target-down",
            "Prometheus cannot scrape one of its targets",
            ("What alerts are firing?", "How is postgres?"),
        ),
        Scene("healthy", "nothing is wrong", ("How full is the backup storage?", "Which VMs are running?")),
    )
}
DEFAULT = "datastore-full"
RANDOM = "random"
USUAL_QUESTIONS = ("What alerts are firing?", "What failed last night?")


def scene_named(value: str) -> Scene | None:
    """A scene of ours by name, or one for `random` and for a scenario file. None for other names: the lab may know."""
    if value in SCENES:
        return SCENES[value]
    if value == RANDOM or value.endswith((".yaml", ".yml")):
        told = "something is wrong in it" if value == RANDOM else f"as {value} has it"
        return Scene(value, told, USUAL_QUESTIONS)
    return None
