"""What one list of the inventory is about: the newest copies of all guests, their settings, Grafana's data sources.

The subject is in a word of the question; what is asked about it (how many, is it well, since when) the list tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.story import Row


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` is the list of the inventory, `checks` the beginnings of the checks that judge it. `lines` are the columns
    that a line shows behind the first ones, `is_well` tells whether a row is as it should be, None where that is not
    known, and `well` is the word for it; without `is_well` the rows are counted only."""

    kind: str
    noun: str
    nouns: str
    checks: tuple[str, ...]
    named: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    well: str = ""
    is_well: Callable[[Row], bool | None] | None = None


SUBJECTS: Mapping[str, Subject] = {
    "data_sources": Subject(
        "data_sources", "data source of Grafana", "data sources of Grafana", ("grafana.",),
        ("name",), (("type", "{}"), ("healthy", "healthy: {}"), ("message", "{}")),
        well="healthy", is_well=lambda row: bool(row.get("healthy")) if row.known("healthy") else None,
    ),
    "guest_settings": Subject(
        "guest_settings", "guest", "guests", ("guest.agent",), ("name", "vmid"),
        (("node", "on {}"), ("onboot", "starts at boot: {}"), ("agent", "guest agent switched on: {}"),
         ("agent_answers", "it answers: {}")),
    ),
    "guest_devices": Subject(
        "guest_settings", "guest", "guests", ("guest.device",), ("name", "vmid"),
        (("node", "on {}"), ("devices", "{}")),
    ),
    "guest_order": Subject(
        "guest_settings", "guest", "guests", ("guest.order",), ("name", "vmid"),
        (("node", "on {}"), ("startup", "{}"), ("onboot", "starts at boot: {}")),
    ),
    "guest_age": Subject(
        "guest_settings", "guest", "guests", ("guest.age",), ("name", "vmid"),
        (("created_at", "made {}"), ("node", "on {}")),
    ),
    "guest_values": Subject(
        "guest_settings", "guest", "guests", ("guest.value",), ("name", "vmid"), (("node", "on {}"),)
    ),
    "guest_notes": Subject("guest_settings", "guest", "guests", ("guest.note",), ("name", "vmid"), (("notes", "{}"),)),
    "newest_copies": Subject(
        "newest_copies", "group of backups", "groups of backups", ("copies.unverified",),
        ("name", "group"),
        (("datastore", "in {}"), ("taken_at", "newest {}"), ("size_bytes", "{} of disks"),
         ("encrypted", "encrypted: {}"), ("verified", "verified: {}"), ("verified_at", "verified {}"),
         ("copies", "{} backups kept")),
    ),
}  # fmt: skip

# The first concept that is there decides.
_KINDS: tuple[tuple[str, str], ...] = (
    ("@guest_age", "guest_age"),
    ("@setting_of_all", "guest_values"),
    ("DATASOURCE", "data_sources"), ("ENCRYPTED", "newest_copies"), ("@copies", "newest_copies"),
    ("BOOT_ORDER", "guest_order"),
    ("AGENT", "guest_settings"), ("AUTOSTART", "guest_settings"), ("PROTECTION", "guest_settings"),
    ("DEVICES", "guest_devices"), ("NOTES", "guest_notes"),
)  # fmt: skip


def subject_of(question: Question) -> Subject:
    return SUBJECTS[next((kind for concept, kind in _KINDS if question.has(concept)), "guest_settings")]
