"""Where a name is expected: the words before and after it, by which an unknown word or a bare number is one."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.likeness import is_english
from nightshift.agent.builtin.words.tokens import Token, text_at, word_set
from nightshift.agent.builtin.words.verbs import ACTIONS

# Words before which (or after which) a name is expected.
KIND_BEFORE = {
    "vm": ("guest",), "ct": ("guest",), "container": ("guest",), "guest": ("guest",), "lxc": ("guest",),
    "machine": ("guest",), "node": ("node",), "host": ("node", "target"), "storage": ("storage", "datastore"),
    "datastore": ("datastore",), "alert": ("alert",), "target": ("target",), "server": ("node", "guest"),
    "hypervisor": ("node",), "pool": ("pool", "storage"), "zpool": ("pool",),
    "job": ("job",), "disk": ("disk",), "drive": ("disk",), "serial": ("disk",), "rule": ("alert",),
}  # fmt: skip
KIND_AFTER = frozenset({*KIND_BEFORE, "box", "instance"})
BEFORE_A_NAME = frozenset(
    {"on", "of", "for", "about", "in", "at", "to", "with", "from", "is", "was", "has", "did", "does",
     "are", "were", "restart", "reboot", "stop", "reach", "ping", "access", "open"}
)  # fmt: skip
# Where a word that nobody knows is the name of what is asked about: `octoprint is slow`, `a guest called kodi`.
_BEFORE_A_SUBJECT = frozenset(
    {"whether", "if", "saved", "find", "finds", "found", "see", "sees", "that", "how", "when", "come", "says", "said"}
)
RIVALS = frozenset({"or", "vs", "versus", "than", "and"})
_BEHIND_A_SUBJECT = frozenset({"is", "was", "has", "does", "did", "will", "needs", "hangs", "crashed", "died"})
_OF_ALL = frozenset(
    {"anything", "everything", "all", "there", "it", "the", "my", "our", "any", "something", "everyone"}
)
_ASKS_FIRST = frozenset({"is", "was", "has", "did", "does", "are", "were"})
_BEFORE_THE_VERB = frozenset(
    {"", "how", "what", "why", "where", "when", "which", "and", "but", "if", "so", "node", "vm"}
)
_BEFORE_AN_ID = frozenset(BEFORE_A_NAME - {"with", "to", "at", "in", "from"}) | word_set("status config show how says")
SHORTEST_SUBJECT = 4
_FIGURES = frozenset({"CPU", "MEMORY", "LOAD", "UPTIME", "DISK", "SWAP", "STORAGE"})
_MEASURES = word_set("""
    percent per days hours minutes times gb gib tb tib mb mib gig gigs gigabyte gigabytes terabytes
    """)


def is_vmid(words: Sequence[Token], at: int) -> bool:
    """A bare number is a vmid when it is large enough to be one or a kind word stands before it."""
    before = text_at(words, at - 1)
    if text_at(words, at + 1) in _MEASURES or words[at].is_share:
        return False  # `a 100 GB disk`, `full at 100 %`
    if before in ("hits", "hit", "reaches", "reach", "reached", "above", "over", "below", "under"):
        return False  # `when it hits 100`
    return before in KIND_BEFORE or (int(words[at].text) >= 100 and before not in ("top", "than", "last", "past"))


def kind_expected(words: Sequence[Token], first: int, last: int) -> tuple[str, ...]:
    """The kinds that the word beside a name tells of: those of `vm` in `vm web` and `web vm`; empty for any."""
    before = text_at(words, first - 1)
    after = text_at(words, last + 1)
    return KIND_BEFORE.get(before) or KIND_BEFORE.get(after) or ()


def is_called_so(words: Sequence[Token], at: int, taken: frozenset[int]) -> bool:
    """Whether a word of no vocabulary is a name by what stands around it, and by being no word of any day."""
    before, after = text_at(words, at - 1), text_at(words, at + 1)
    if not words[at].text.isalpha() or len(words[at].text) < SHORTEST_SUBJECT or is_english(words[at].text):
        return False
    if (before in RIVALS and (not after or at - 2 in taken)) or (after in RIVALS and at + 2 in taken):
        return True  # `which is larger, web or zeus?`
    greets = at == 0 and text_at(words, at + 2) in _OF_ALL
    if before in _BEFORE_A_SUBJECT:
        return (
            after in _BEHIND_A_SUBJECT
            or bool(after and lexicon().knows(words[at + 1]))
            or (not after and before in ("saved", "find", "see"))
        )
    return at == 0 and not greets and (after in _BEHIND_A_SUBJECT or bool(after and lexicon().knows(words[at + 1])))


def is_of_a_figure(words: Sequence[Token], at: int) -> bool:
    """`cpu of grafana`: of a thing that is called so, not of the system."""
    return at > 1 and words[at - 1].text == "of" and bool(lexicon().concepts([words[at - 2]])[0] & _FIGURES)


def is_one_more(words: Sequence[Token], at: int, taken: frozenset[int]) -> bool:
    """`104 and 199`: a number that follows a name is one too."""
    return at > 1 and words[at - 1].text in ("and", "or", "&") and at - 2 in taken and int(words[at].text) >= 100


def is_id_of_nobody(words: Sequence[Token], at: int) -> bool:
    """`How is 912?`, `qm status 912`: a number that stands where a guest is named, and counts nothing."""
    before = text_at(words, at - 1)
    after = words[at + 1] if at + 1 < len(words) else None
    counts = after is not None and (after.text.endswith("s") and after.text not in (*_ASKS_FIRST, "status"))
    return (
        int(words[at].text) >= 100
        and is_vmid(words, at)
        and not counts
        and (not before or before in _BEFORE_AN_ID or before in ACTIONS or (at == 1 and before in ("and", "or")))
    )


def is_place_of_a_name(words: Sequence[Token], at: int) -> bool:
    """After `on`, `of`, `about`; after `is` if nothing is before that which is spoken of: `how is zeus`, `how full is
    attic`, `how many backups does apollo have`, and not `things are behaving`."""
    before = text_at(words, at - 1)
    earlier = text_at(words, at - 2)
    if before in _ASKS_FIRST and words[0].text == "how" and (at == 3 or before in ("does", "did", "has")):
        return True
    return before in BEFORE_A_NAME and (before not in _ASKS_FIRST or earlier in _BEFORE_THE_VERB)
