"""What an order is about: the thing that it names, or something of that thing, and by how much.

`remove the lock from 113` takes no guest away. A command for the thing itself is given only when nothing stands between
the verb and its name; where something does, it is that which the order is about, known here or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.orders.order import Order
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.tokens import Token, word_set
from nightshift.agent.builtin.words.verbs import ACTIONS

OTHER = "other"
"""Something of a thing for which no command is known here: `the nginx of web`."""
ALL = "all"
"""Everything that is on a thing: `stop all guests on pve1`."""

PLACE = "place"
"""Where a thing is kept: `remove web from local-lvm`. It may mean the disks or the backups there: no one command."""

_NOUNS: Mapping[str, str] = {
    "lock": "lock locks",
    "snapshot": "snapshot snapshots snap snaps checkpoint checkpoints",
    "backup": "backup backups vzdump archive archives dump dumps copy copies save saves",
    "media": "cdrom cd-rom cd dvd iso isos",
    "encryption": "encryption encrypted encrypt",
    "disk": "disk disks volume volumes drive drives space room storage",
    "job": "job jobs schedule backing",
    "replication": "replication replications replica replicate replicating",
    "tag": "tag tags label labels",
    "ha": "ha availability failover",
    "memory": "memory ram mem",
    "cpu": "core cores cpu cpus vcpu vcpus processors",
    "autostart": "onboot autostart autoboot",
    "protection": "protection",
    "name": "name hostname",
    "firewall": "firewall",
    "dns": "dns nameserver nameservers",
    "swap": "swap",
    "balloon": "balloon ballooning",
    "priority": "priority cpuunits",
    "device": "usb passthrough pci pcie gpu",
    "address": "ip address",
    "port": "port ports",
    "note": "note notes comment description",
    "alert": "alerting alert alerts alarm alarms rule rules silence silences",
    "task": "task tasks migrating migration migrations",
}  # fmt: skip
_PART_OF_WORD = {word: part for part, words in _NOUNS.items() for word in words.split()}
_SLOT = re.compile(r"(?:scsi|virtio|sata|ide|mp|unused|efidisk|tpmstate)\d+|rootfs")
# Words that may stand before a name and change nothing of what is meant by it.
_KIND_WORDS = word_set("""
    vm vms ct cts lxc container containers guest guests machine machines instance box node nodes host server servers
    datastore datastores template service vmid id number virtual hypervisor old whole entire running stopped damn
    bloody stupid poor dear please rid cold hard plug away pending run again
    """)
_PARTICULAR = frozenset({"swap", "balloon", "priority", "device", "address", "port"})  # more than a memory beside it
_OF = frozenset({"of", "on", "in", "from", "inside", "for", "at", "to", "off", "with", "into", "out"})
_OUT_OF = frozenset({"from", "out", "off", "of", "in", "into", "to", "under"})
_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "my", "our", "this", "that", "nightly", "daily", "of"})
_EVERY = frozenset({"all", "everything", "every", "each", "everybody"})
# Verbs by which a thing is put into a list, or taken out of one; to others what follows the name is a place or a time.
_OF_MEMBERSHIP = frozenset({"delete", "change", "create", "stop", "start", "pause", "protect"})
# Verbs that are themselves what is made: `take a snapshot of web`, `restore the backup of web`.
_SAME: Mapping[str, frozenset[str]] = {
    "snapshot": frozenset({"snapshot", "name", "tag", OTHER}),
    "backup": frozenset({"backup"}),
    "release": frozenset({OTHER}),
    "restore": frozenset({"backup"}),
    "rollback": frozenset({"snapshot"}),
    "unlock": frozenset({"lock"}),
    "migrate": frozenset({"task"}),
}
# Work that is begun: its name says nothing of a part (`run a scrub on rpool`).
_RUNS = frozenset({"run", "start", "verify", "prune", "sync"})
_RUN = frozenset({"scrub", "gc", "garbage", "collection", "verify", "verification", "prune", "pruning", "sync"})
_ENDS = frozenset({"make", "free", "save", "get", "see", "avoid", "be", "have", "gain", "reclaim"})
_TAKEN = re.compile(
    r"\b(?:remove|delete|drop|take|kick|throw|exclude|disable|detach|unlink|eject|disconnect|unplug|clear|get rid|off|"
    r"without|leave|stop|wipe|erase|destroy|cancel|deactivate|unset|pause|suspend|block|close|ban)\b|= ?0\b"
)
_STARTING = frozenset({"starting", "booting", "autostarting"})
_RESETS = frozenset({"reboot", "restart", "boot", "cycle", "power"})
_SWITCHES = frozenset({"change", "start", "stop"})
# Verbs that give or keep, whatever else is said: `grow the disk of web without downtime`.
_GIVING = frozenset(
    {"reboot", "resize", "create", "protect", "backup", "snapshot", "restore", "rollback", "migrate", "clone"}
)
# What follows the last name and still belongs to the verb: `turn the autostart of web off`.
_PARTICLES = frozenset({"off", "out", "away"})
# By these words what follows is where the thing is taken from or put into.
_BEFORE_PLACE = frozenset({"from", "out", "off", "in", "into", "on", "onto", "inside", "under"})
_PLACED = frozenset({"delete", "change", "protect", "pause"})
_PLACE_KINDS: Mapping[str, str] = {"job": "job", "datastore": "backup", "node": ""}
# What a thing is called beside its name: `the backup job backup-2`, `remove storage local-lvm`.
_OWN_NOUNS: Mapping[str, frozenset[str]] = {
    "job": frozenset({"job", "jobs"}),
    "storage": frozenset({"storage"}),
    "disk": frozenset({"disk", "drive"}),
    "pool": frozenset({"storage"}),
}
_REASONS = frozenset({"because", "since", "it", "which", "that", "i", "we", "he", "she", "they", "as", "so", "if"})
_TOGETHER_WITH = frozenset({"and", "with", "including", "plus"})
_SENTENCE_END = re.compile(r"[.!?;,] |[.!?;,]$")


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
    end = _SENTENCE_END.search(lowered, words[named[-1].last].end if named else len(lowered))
    ended = end.start() if end else len(lowered)
    part, word = _part(order.action, words, verb_at, named, ended)
    part = "" if order.action == "silence" else part  # whatever it is that the alert is about
    if not part and order.action == "delete" and not named:
        part, word = _meant_by_it(words[:verb_at])
    if not part and verb_at < len(words) and words[verb_at].text in ("replicate", "tag", "label"):
        part = part_of(words[verb_at].text)
    if not part and order.action in _PLACED:
        part = _place(words, verb_at, named)
    if part in _SAME.get(order.action, ()) or (part == OTHER and order.action in _RUNS and word in _RUN):
        part = ""
    is_its_name = ACTIONS.get(word) == order.action or (order.action == "reset" and word in _RESETS)
    if part == OTHER and is_its_name:  # `make a reboot of web`, but not `reset the password of web`
        part = ""
    told = not named and any(_named_part(token) == "encryption" for token in words)
    if order.action in _SWITCHES and (told or part == "encryption"):
        part, word = OTHER, "encryption"  # `pbs-vault should be encrypted again, activate it`
    is_off = order.action == "stop" and any(token.text == "off" for token in words)  # not `cancel the backup`
    if part == "backup" and (is_off or order.action in ("change", "pause")):
        part = "job"  # what is switched off is its place in the job: the backups that there are stay
    slot = next((token.text for token in words if _SLOT.fullmatch(token.text)), "")
    return Aim(part, slot, _is_taken(order, words, named, lowered), word)


def _meant_by_it(before: Sequence[Token]) -> tuple[str, str]:
    """`nextcloud has a lock: remove it`: what was spoken of last, and not the guest. Of what cannot be told from the
    guest (`it has backups, delete it`) there is no one command."""
    told = next(((part, token.text) for token in reversed(before) if (part := _named_part(token))), ("", ""))
    return told if told[0] in ("", "lock", "snapshot", "tag") else (OTHER, told[1])


def _is_taken(order: Order, words: Sequence[Token], named: Sequence[Mention], lowered: str) -> bool:
    """Whether it is taken away, by the words from the verb to the last that says what it is about."""
    if order.action in _GIVING:
        return False
    told = [mention.last for mention in named]
    told += [at for at, token in enumerate(words) if _named_part(token) and token.start >= order.start]
    last = max(told, default=len(words) - 1)
    if last + 1 < len(words) and words[last + 1].text in _PARTICLES:
        last += 1
    return bool(words) and bool(_TAKEN.search(lowered[order.start : words[last].end]))


def _place(words: Sequence[Token], verb_at: int, things: Sequence[Mention]) -> str:
    """What is meant of a thing by where it is taken from: of a job its place in it, of a datastore its backups."""
    places = [thing for thing in things if _is_place(words, verb_at, thing)]
    if not any(entity.kind == "guest" for thing in things if thing not in places for entity in thing.entities):
        return ""
    parts = [_PLACE_KINDS.get(thing.entities[0].kind, PLACE) for thing in places]
    return next(filter(None, parts), "")


def _is_place(words: Sequence[Token], verb_at: int, thing: Mention) -> bool:
    for token in reversed(words[verb_at + 1 : thing.first]):
        if token.text in _BEFORE_PLACE:
            return True
        if not (token.text in _DETERMINERS or token.text in _KIND_WORDS or token.text == "pool" or _named_part(token)):
            return False
    return False


def _part(action: str, words: Sequence[Token], verb_at: int, things: Sequence[Mention], ended: int) -> tuple[str, str]:
    first, last = (things[0].first, things[0].last) if things else (len(words), len(words))
    named = {at for thing in things for at in thing.positions}
    before = words[verb_at + 1 : first]
    after = [token for at, token in enumerate(words) if at > last and at not in named]
    member = _membership(action, [token for token in after if token.start < ended])
    if member:
        return member
    kind = things[0].entities[0].kind if things else ""
    nouns = _OWN_NOUNS.get(kind, frozenset())
    own = [(part, token.text) for token in before if (part := _named_part(token)) and token.text not in nouns]
    if own and (not nouns or any(token.text in _OF for token in before)):
        return next((told for told in own if told[0] in _PARTICULAR), own[0])
    after = [token for token in after if token.text not in nouns]
    nearest = _nearest(after)
    if nearest is not None and (part := _named_part(nearest)):  # `web snapshots`, `traefik 4 GB RAM`
        return part, nearest.text
    if not things:
        return "", ""
    odd = [token.text for token in before if not (_says_nothing(token) or (nouns and _named_part(token)))]
    odd += [token.text for token, of in pairwise(before) if token.text in _ITS and of.text in _OF]
    if any(token.text in _EVERY for token in before) and any(token.text in _OF for token in before):
        return ALL, ""
    if odd and any(token.text in _OF for token in before):
        return OTHER, odd[0]
    if action != "delete":
        return "", ""
    return (OTHER, odd[0]) if odd else _behind([token for token in after if token.start < ended])


# Words that tell little elsewhere, and before `of` what is meant: `delete the data of web` is no order to destroy it.
_ITS = word_set("data network list lists system systems work works rest stuff things use line lines value")
_OF_AMOUNT_OR_AGE = word_set("""
    b k m g t kb mb gb tb kib mib gib tib more of a another extra one two three four
    oldest eldest earliest newest latest last first old stale only whole entire
    """)


def _nearest(after: Sequence[Token]) -> Token | None:
    """The first word behind the name that may tell what of it is meant: `delete web's oldest backup`, and
    `web's before-mods snapshot`."""
    told = [token for token in after if token.text[0].isalpha() and token.text not in _OF_AMOUNT_OR_AGE]
    named = len(told) > 1 and "-" in told[0].text and _named_part(told[1]) == "snapshot"
    return told[1] if named else next(iter(told), None)


def _behind(after: Sequence[Token]) -> tuple[str, str]:
    """What stands behind the name and is meant instead: `wipe web's cache`, but not `delete web and its disks`."""
    together = False
    for token in after:
        if token.text in _REASONS or token.text in _ENDS:
            break
        together = together or token.text in _TOGETHER_WITH
        part = _named_part(token)
        if part == "disk" and together:
            continue
        if part or not (_says_nothing(token) or token.text.endswith("ly") or token.text in ("forever", "good")):
            return part or OTHER, token.text
    return "", ""


def _membership(action: str, after: Sequence[Token]) -> tuple[str, str] | None:
    """`drop wiki from the backup`: the list that it is taken out of, or put into."""
    if action not in _OF_MEMBERSHIP or not after or after[0].text not in _OUT_OF:
        return None
    if after[0].text == "to" and len(after) > 1 and after[1].text in _ENDS:
        return None  # `… to make room` says what for
    if after[0].text == "from" and len(after) > 1 and after[1].text.endswith("ing"):  # `stop web from starting at boot`
        return ("autostart" if after[1].text in _STARTING else OTHER), after[1].text
    for token in after:
        part = _named_part(token)
        if part:
            return ("job" if part == "backup" else part), token.text
        if token.text not in _OUT_OF and token.text not in _DETERMINERS and not token.text.isalpha():
            break
    named = next((token.text for token in after if not _says_nothing(token)), "")
    return (OTHER, named) if named and action == "delete" else None


def part_of(word: str) -> str:
    """Which part of a thing a word is: `lock`, `snapshot`; empty for any other word."""
    return "disk" if _SLOT.fullmatch(word) else _PART_OF_WORD.get(word, "")


def _named_part(token: Token) -> str:
    return part_of(token.text)


def _says_nothing(token: Token) -> bool:
    text = token.text
    return (
        text in _KIND_WORDS or text in FUNCTION_WORDS or text in _EVERY or text == "s" or not text[0].isalpha()
    )  # `Anna's scratch machine`
