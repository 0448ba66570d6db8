"""Which guests have a setting that was asked for: a firmware, a system, an address, a VLAN, privileges."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural
from nightshift.facts.evidence import Evidence

LISTED = 25
_NEGATED = re.compile(r"\b(?:not|no|without|lack\w*|except|other than)\b|n['’]t\b")
_VLAN = re.compile(r"\b(?:vlan|tag)(?: id| tag)?[ =#]*(\d{1,4})\b")
_BRIDGE = re.compile(r"\b(vmbr\d+)\b")
_MAC = re.compile(r"\b((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b")
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_SYSTEM = re.compile(
    r"\b(windows|win\d+|linux|debian|ubuntu|alpine|fedora|centos|rocky|alma|arch|opensuse|nixos|gentoo|bsd|freebsd)\b"
)
_FIRMWARE = re.compile(r"\b(?:(?P<uefi>uefi|ovmf|efi)|(?P<bios>seabios|bios|legacy))\b")
Holds = Callable[[Row], bool | None]
Filter = Callable[[str], tuple[str, Holds] | None]


def _of_networks(text: str) -> tuple[str, Holds] | None:
    for pattern, part, noun in ((_VLAN, "tag={}", "VLAN {}"), (_BRIDGE, "bridge={}", "{}"), (_MAC, "{}", "MAC {}")):
        found = pattern.search(text)
        if found:
            whole = re.compile(rf"{re.escape(part.format(found[1]))}(?!\w)")
            return f"in {noun.format(found[1])}", partial(_has_network, whole)
    return None


def _has_network(whole: re.Pattern[str], row: Row) -> bool:
    return bool(whole.search(str(row.get("networks") or "").lower()))


def _of_addresses(text: str) -> tuple[str, Holds] | None:
    found = _IP.search(text)
    if found is None:
        return None
    return f"with the address {found[0]}", lambda row: found[0] in re.split(r"[ ,/]+", str(row.get("ips") or ""))


def _of_systems(text: str) -> tuple[str, Holds] | None:
    found = _SYSTEM.search(text)
    if found is None:
        return None
    if found[1] == "linux":  # of a container its distribution is told
        return "running Linux", lambda row: row.get("type") == "CT" or "linux" in str(row.get("os") or "").lower()
    return f"set up as {found[1].capitalize()}", partial(_is_system, found[1])


def _is_system(word: str, row: Row) -> bool | None:
    """None of a VM that is set up as some Linux: which distribution it is, nothing tells."""
    system = str(row.get("os") or "").lower()
    if word not in ("windows", "bsd", "freebsd") and not word.startswith("win") and system.startswith("linux"):
        return None
    return word in system


def _of_firmware(text: str) -> tuple[str, Holds] | None:
    found = _FIRMWARE.search(text)
    if found is None:
        return None
    if found["uefi"]:
        return "set to UEFI", lambda row: "ovmf" in str(row.get("firmware") or "").lower()
    return "set to SeaBIOS", lambda row: "seabios" in str(row.get("firmware") or "").lower()


def _of_privileges(text: str) -> tuple[str, Holds] | None:
    if "unprivileged" in text:
        return "unprivileged", lambda row: row.get("unprivileged") is True
    return "privileged", lambda row: row.get("unprivileged") is False


SETTINGS: Mapping[str, tuple[str, Filter]] = {
    "FIRMWARE": ("firmware", _of_firmware), "UNPRIVILEGED": ("unprivileged", _of_privileges),
    "OPERATING_SYSTEM": ("os", _of_systems), "INTERFACES": ("networks", _of_networks),
    "ADDRESS": ("ips", _of_addresses),
}  # fmt: skip
"""The column of each setting, and which rows have the value that a text names; without one all are told theirs."""


def having_setting(story: Story, table: Evidence, rows: Sequence[Row]) -> str:
    """`3 of 43 guests are in VLAN 20: …`; what each has, where no value was named."""
    concept = next((concept for concept in SETTINGS if story.question.has(concept)), "")
    if not concept or not rows:
        return ""
    column, wanted = SETTINGS[concept]
    text = story.question.text.lower()
    rows = [row for row in rows if row.get("type") == "CT"] if concept == "UNPRIVILEGED" else list(rows)
    known = [row for row in rows if row.known(column)]
    chosen = wanted(text)
    noun = "container" if concept == "UNPRIVILEGED" else "guest"
    if chosen is None:
        return _listed(f"{len(known)} of {plural(len(rows), noun)} tell theirs{cite(table)}", known, column)
    what, holds = chosen
    known = [row for row in known if holds(row) is not None]
    of_all = plural(len(known), f"{noun} that tells it", f"{noun}s that tell it")
    denied = bool(_NEGATED.search(text))
    found = [row for row in known if holds(row) != denied]
    be = "is" if len(found) == 1 else "are"
    head = f"{len(found) or 'None'} of {of_all} {be if found else 'is'} {'not ' if denied else ''}{what}{cite(table)}"
    return _listed(head, found, column)


def _listed(head: str, rows: Sequence[Row], column: str) -> str:
    """The value of each."""
    return cut_list(head, [f"{_name(row)}: {row.show(column)}" for row in rows], LISTED) if rows else f"{head}."


def cut_list(head: str, lines: Sequence[str], limit: int) -> str:
    """The first lines below their head; a list that is cut says so."""
    more = f"\nand {len(lines) - limit} more, in the evidence" if len(lines) > limit else ""
    return f"{head}:\n{bullet(lines[:limit])}{more}"


def _name(row: Row) -> str:
    return row.show("name") if row.known("name") else row.show("vmid")
