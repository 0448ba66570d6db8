"""Whether one thing is the cause of another: `is the postgres alarm a consequence of tank being full?`"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.names.name_forms import alert_name
from nightshift.agent.builtin.sentences.forms import is_polar
from nightshift.facts.ids import Entity

_BLAMES_WHAT_FOLLOWS = re.compile(
    r"\b(?:because(?: of)?|due to|caused by|(?:a )?(?:consequence|result|effect|symptom) of|related to|"
    r"connected (?:to|with)|"
    r"linked (?:to|with)|(?:anything|something|nothing) to do with|(?:the )?fault of|down to|comes? from|"
    r"thanks to|results? from|follows? from|brought about by|triggered by)\b"
)
_BLAMES_WHAT_IS_BEFORE = re.compile(
    r"\b(?:to blame|at fault|responsible|the (?:cause|culprit|root cause)|"
    r"(?<!know )(?<!me )(?<!find )(?<!was )the reason|behind(?! on\b)|causing|"
    r"(?:are|is) (?:\w+ )?(?:two|those|these|they|both|it|that) (?:things |two |both )?"
    r"(?:linked|related|connected)|did the first (?:bring|cause|lead)\b.*\bsecond)\b"
)
_LINKED = re.compile(r"\bare (?:the |those |these |they |both )*(?:two )?(?:linked|related|connected)\b")
_ASKS_WHAT = re.compile(
    r"\b(?:what|which|who|whose|whom|why|how|when|where)\b|\b(?:reason|cause|culprit|behind)\W*$|"
    r"^\W*(?:find|show|list|tell)\b"
)


_COMPLAINTS = frozenset({"DOWN", "FAIL", "WRONG", "SLOW", "NOT", "FULL", "STOPPED", "TARGET", "ALERT"})


def relation_in(text: str, lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@relation` where it is asked, by yes or no, if something comes of something else."""
    follows = concepts & _COMPLAINTS and _BLAMES_WHAT_FOLLOWS.search(lowered)
    if not is_polar(text):  # `web down because of tank?`
        asks = text.rstrip().endswith("?") and not _ASKS_WHAT.search(lowered)
        return frozenset({"@relation"}) if asks and (follows or _LINKED.search(lowered)) else frozenset()
    return frozenset({"@relation"}) if follows or _BLAMES_WHAT_IS_BEFORE.search(lowered) else frozenset()


def blamed_in(lowered: str, entities: Sequence[Entity]) -> tuple[tuple[Entity, ...], tuple[Entity, ...], str]:
    """The things that are blamed, those that suffer, and the words of the blame."""
    follows = _BLAMES_WHAT_FOLLOWS.search(lowered)
    before = None if follows else _BLAMES_WHAT_IS_BEFORE.search(lowered)
    at = follows.end() if follows else before.start() if before else len(lowered)
    blame = lowered[at:] if follows else lowered[:at]
    blamed = tuple(entity for entity in entities if is_named_in(blame, entity))
    return blamed, tuple(entity for entity in entities if entity not in blamed), blame


def is_named_in(lowered: str, entity: Entity) -> bool:
    """Whether its bare name stands in a text by itself: `tank` of `datastore tank`, `web` of `web (VM 104)`; `pve10` is
    no `pve1`."""
    label = alert_name(entity.label.lower().split(" (")[0])
    name = label.removeprefix("datastore ").split(" on ")[0]
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", lowered) is not None
