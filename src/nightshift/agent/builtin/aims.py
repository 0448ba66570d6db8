"""What an order is about: the thing that it names, or something of that thing, and by how much.

`remove the lock from 113` takes no guest away. A command for the thing itself is given only when nothing stands between
the verb and its name; where something does, it is that which the order is about, known here or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nightshift.agent.builtin.entities import Mention
from nightshift.agent.builtin.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.orders import Order
from nightshift.agent.builtin.words import Token

OTHER = "other"
"""Something of a thing for which no command is known here: `the nginx of web`."""
ALL = "all"
"""Everything that is on a thing: `stop all guests on pve1`."""

_NOUNS: Mapping[str, str] = {
    "lock": "lock locks",
    "snapshot": "snapshot snapshots snap snaps checkpoint checkpoints",
    "backup": "backup backups archive archives dump dumps",
    "media": "cdrom cd-rom cd dvd iso",
    "disk": "disk disks volume volumes drive drives space room storage",
    "job": "job jobs schedule",
    "replication": "replication replications replica",
    "tag": "tag tags label labels",
    "ha": "ha availability failover",
    "memory": "memory ram mem",
    "cpu": "core cores cpu cpus vcpu vcpus processors",
    "autostart": "onboot autostart autoboot",
    "protection": "protection",
    "name": "name hostname",
    "alert": "alert alerts alarm alarms rule rules silence silences",
    "task": "task tasks migration migrations",
}  # fmt: skip
_PART_OF_WORD = {word: part for part, words in _NOUNS.items() for word in words.split()}
_SLOT = re.compile(r"(?:scsi|virtio|sata|ide|mp|unused|efidisk|tpmstate)\d+|rootfs")
# Words that may stand before a name and change nothing of what is meant by it.
_KIND_WORDS = frozenset(
    """
    vm vms ct cts lxc container containers guest guests machine machines instance box node nodes host server servers
    datastore datastores template service vmid id number virtual hypervisor old whole entire running stopped damn
    bloody stupid poor dear please rid
    """.split()  # noqa: SIM905 - words read better as words
)
_OF = frozenset({"of", "on", "in", "from", "inside", "for", "at", "to", "off", "with", "into", "out"})
_OUT_OF = frozenset({"from", "out", "off", "of", "in", "into", "to", "under"})
_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "my", "our", "this", "that", "nightly", "daily", "of"})
_UNITS_AND_MORE = frozenset(
    """
    b k m g t kb mb gb tb kib mib gib tib more of a another extra one two three four
    """.split()  # noqa: SIM905
)
_EVERY = frozenset({"all", "everything", "every", "each", "everybody"})
# Verbs by which a thing is put into a list, or taken out of one; to others what follows the name is a place or a time.
_OF_MEMBERSHIP = frozenset({"delete", "change", "create", "stop", "start", "pause", "protect"})
# Verbs that are themselves what is made: `take a snapshot of web`, `restore the backup of web`.
_SAME: Mapping[str, frozenset[str]] = {
    "snapshot": frozenset({"snapshot"}),
    "backup": frozenset({"backup"}),
    "restore": frozenset({"backup"}),
    "rollback": frozenset({"snapshot"}),
    "unlock": frozenset({"lock"}),
    "migrate": frozenset({"task"}),
}
_TAKEN = re.compile(
    r"\b(?:remove|delete|drop|take|kick|throw|exclude|disable|detach|unlink|eject|disconnect|unplug|clear|get rid|off|"
    r"without|leave|stop|wipe|erase|destroy|cancel|deactivate|unset)\b"
)


@dataclass(frozen=True, slots=True)
class Aim:
    """`part` is empty when the thing itself is meant, `word` what it was called. `slot` is a disk as the configuration
    calls it. `taken` tells that something is taken away and not given."""

    part: str = ""
    slot: str = ""
    taken: bool = False
    word: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Aim:
        """The aim as `to_json` wrote it; an empty one for anything else, since it comes back from a store."""
        if not isinstance(data, Mapping):
            return cls()
        part, slot, word = (str(data.get(name, "")) for name in ("part", "slot", "word"))
        return cls(part, slot, data.get("taken") is True, word)


ITSELF = Aim()


def aim_in(order: Order, words: Sequence[Token], mentions: Sequence[Mention], lowered: str) -> Aim:
    """What the order is about."""
    verb_at = next((at for at, token in enumerate(words) if token.start >= order.start), len(words))
    named = [mention for mention in mentions if mention.entities and mention.first > verb_at]
    part, word = _part(order.action, words, verb_at, named)
    if part in _SAME.get(order.action, ()):
        part = ""
    slot = next((token.text for token in words if _SLOT.fullmatch(token.text)), "")
    return Aim(part, slot, bool(_TAKEN.search(lowered)), word)


def _part(action: str, words: Sequence[Token], verb_at: int, things: Sequence[Mention]) -> tuple[str, str]:
    first, last = (things[0].first, things[0].last) if things else (len(words), len(words))
    named = {at for thing in things for at in thing.positions}
    before = words[verb_at + 1 : first]
    after = [token for at, token in enumerate(words) if at > last and at not in named]
    member = _membership(action, after)
    if member:
        return member
    own = [(part, token.text) for token in before if (part := _named_part(token))]
    if own:
        return own[0]
    nearest = next((token for token in after if token.text[0].isalpha() and token.text not in _UNITS_AND_MORE), None)
    if nearest is not None and (part := _named_part(nearest)):  # `web snapshots`, `traefik 4 GB RAM`
        return part, nearest.text
    if not things:
        return "", ""
    odd = [token.text for token in before if not _says_nothing(token)]
    if any(token.text in _EVERY for token in before) and any(token.text in _OF for token in before):
        return ALL, ""
    if odd and any(token.text in _OF for token in before):
        return OTHER, odd[0]
    return (OTHER, odd[0]) if odd and action == "delete" else ("", "")


def _membership(action: str, after: Sequence[Token]) -> tuple[str, str] | None:
    """`drop wiki from the backup`: the list that it is taken out of, or put into."""
    if action not in _OF_MEMBERSHIP or not after or after[0].text not in _OUT_OF:
        return None
    for token in after:
        part = _named_part(token)
        if part:
            return ("job" if part == "backup" else part), token.text
        if token.text not in _OUT_OF and token.text not in _DETERMINERS and not token.text.isalpha():
            break
    named = next((token.text for token in after if not _says_nothing(token)), "")
    return (OTHER, named) if named and action == "delete" else None


def _named_part(token: Token) -> str:
    return "disk" if _SLOT.fullmatch(token.text) else _PART_OF_WORD.get(token.text, "")


def _says_nothing(token: Token) -> bool:
    text = token.text
    return text in _KIND_WORDS or text in FUNCTION_WORDS or text in _EVERY or not text[0].isalpha()
