"""Which metrics people mean: what they call a thing, and what its exporters call it.

`How warm is it` is `…_celsius`, `DNS lookups` are `adguard_queries_total`, `the docker containers` are cAdvisor's
`container_…`: names of metrics follow exporters, words follow people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from rapidfuzz import fuzz

from nightshift.tools.names import normalise

ALIKE_FLOOR = 80.0
SHORTEST_ABBREVIATION = 3
SHORTEST_TYPO = 5
SURE = 100.0
# What people say → parts of the names that exporters give it.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "temperature warm warmth heat hot hottest cold cool thermal degrees": ("temp", "temperature", "celsius"),
    "ram memory": ("memory", "mem"),
    "processor": ("cpu",),
    "disk drive harddisk ssd hdd nvme": ("disk", "smartctl", "nvme"),
    "smart die dying dead health healthy": ("smart", "smartctl", "smartmon"),
    "wear worn endurance": ("percentage", "wear", "wearout"),
    "broken break failed error failure failing fail": ("failed", "error", "smart", "smartctl", "smartmon"),
    "traffic bandwidth nic ethernet network": ("network", "transmit", "receive"),
    "sent outbound upload": ("transmit", "sent"),
    "received inbound download": ("receive", "received"),
    "dns": ("dns", "adguard", "pihole", "coredns", "unbound"),
    "ad ads advert blocker": ("blocked",),
    "query lookup request": ("queries", "query", "requests", "request", "lookups"),
    "docker cadvisor container": ("container", "cadvisor", "docker"),
    "ups battery mains": ("ups", "battery"),
    "juice": ("charge",),
    "big large": ("size", "bytes"),
    "runtime hold last": ("runtime",),
    "space capacity": ("free", "avail", "available", "size"),
    "certificate cert tls ssl": ("cert", "certs", "ssl", "tls"),
    "expire expires expired end ends run": ("expiry", "expires"),
    "response respond answer latency load": ("duration", "latency", "response", "load"),
    "database db postgres postgresql": ("pg", "postgres", "mysql", "database"),
    "mqtt mosquitto": ("mqtt", "broker", "mosquitto"),
    "backup": ("backup", "backed", "snapshot"),
    "stall stalled congestion psi": ("pressure", "stalled"),
    "io": ("io",),
    "pvesr": ("replication",),
    "session connection": ("activity", "connections", "sessions"),
    "volt": ("voltage",),
    "flip toggle": ("changes",),
    "wait waiting queued pending backlog": ("pending", "waiting", "queue"),
    "client": ("clients",),
    "inode": ("files", "inode"),
    "flap flapping flapped link": ("carrier", "link"),
    "gpu graphics": ("gpu", "nvidia", "dcgm", "amdgpu"),
    "power electricity watt consumption energy": ("power", "watt", "watts", "energy", "joules"),
    "uptime boot": ("uptime", "boot"),
    "update patch upgrade": ("upgrades", "updates", "apt"),
    "clock ntp drift": ("timex", "ntp", "clock"),
    "site web page website url probe": ("probe",),
}
# What tells apart, and need not be there: `how big is it`.
_ASIDE = frozenset(
    {"big", "large", "size", "current", "usage", "use", "used", "total", "number", "count", "free", "much"}
)
_UNITS = frozenset({"total", "second", "byte", "ratio", "celsius", "count", "info"})
_LIMITS = frozenset({"max", "limit", "maximum", "threshold"})


@dataclass(frozen=True, slots=True)
class Match:
    """One metric: how many of the words its name or its help has, how many its name alone, and those that it lacks."""

    name: str
    hits: int
    in_name: int
    alike: float
    lacks: tuple[str, ...]
    extra: int = 0
    """Parts of its name that no word stands for: `blocked` in `…_queries_blocked_total` for `queries`."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in the singular, each once."""
    joined = re.sub(r"\bi/o\b", "io", text.lower())
    return tuple(dict.fromkeys(singular(word) for word in normalise(joined).split("-") if word))


def singular(word: str) -> str:
    """`queries` → query, `disks` → disk; `ups` and `status` are none."""
    if len(word) <= SHORTEST_ABBREVIATION or word.endswith(("ss", "us")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


_PARTS: Mapping[str, frozenset[str]] = {
    word: frozenset(map(singular, parts)) for words, parts in _CALLED.items() for word in words.split()
}


def matches(text: str, names: Iterable[str], helps: Mapping[str, str], *, exact: bool = False) -> list[Match]:
    """The metrics whose names or help texts have at least one of the words, the most alike first; `exact` takes no
    typing error."""
    words, floor = words_of(text), SURE if exact else ALIKE_FLOOR
    found = (_match(words, name, helps.get(name, ""), floor) for name in names)
    return sorted((one for one in found if one.hits), key=lambda one: (-one.hits, one.extra, -one.alike, one.name))


def is_a_limit(one: Match) -> bool:
    """`pg_settings_max_connections`: what could be, and not what is."""
    return bool(_LIMITS & set(normalise(one.name).split("-")))


def _match(words: tuple[str, ...], name: str, told: str, floor: float) -> Match:
    # How long a disk has been on is no power.
    parts = tuple(map(singular, normalise(name).replace("power-on", "operating").split("-")))
    said = frozenset(map(singular, normalise(told).split("-")))
    in_name = {word: max(map(partial(_alike, word), parts)) for word in words}
    in_help = {word: floor if len(word) >= SHORTEST_ABBREVIATION and word in said else 0.0 for word in words}
    best = {word: max(in_name[word], in_help[word]) for word in words}
    lacks = tuple(word for word in words if best[word] < floor and word not in _ASIDE)
    named = sum(alike >= floor for alike in in_name.values())
    hits = sum(alike >= floor for alike in best.values())
    extra = sum(part not in _UNITS and all(_alike(word, part) < floor for word in words) for part in parts)
    return Match(name, hits, named, sum(best.values()), lacks, extra)


@lru_cache(maxsize=16_384)  # the names of ten thousand metrics are made of a few hundred parts
def _alike(word: str, part: str) -> float:
    """How much a word is a part of a metric's name; an abbreviation (`temp` for temperature) counts in full."""
    if part in _PARTS.get(word, ()):
        return SURE
    numbered = word[len(part) :].isdigit()  # `adguard1` is one of several, and in a label
    shortened = (len(part) > SHORTEST_ABBREVIATION and word.startswith(part)) or part.startswith(word)
    if len(part) >= SHORTEST_ABBREVIATION and shortened and not numbered:
        return SURE
    if len(word) > SHORTEST_ABBREVIATION and part.endswith(word):
        return SURE  # the pool of `zpool`
    return fuzz.ratio(word, part) if len(word) >= SHORTEST_TYPO else 0.0
