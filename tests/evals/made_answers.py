"""Answers made to be right for a question, from what it asks for, so that each can be spoilt in one thing."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.evals.support import NOW, answer

from nightshift_evals.graders import TruthValue
from nightshift_evals.questions import Question, Truth

PEERS = ("alpha", "beta")
NAMES = {
    "most_memory", "most_cpu", "longest_up", "fullest_datastore", "node_of", "root_label", "most_cores",
    "largest_memory", "largest_disk", "job_schedule", "most_memory_share",
}  # fmt: skip
TIMES = {
    "last_backup", "oldest_backup", "last_gc", "last_prune", "last_verify", "last_replication", "next_backup",
}  # fmt: skip
LISTS = {
    "running", "stopped", "on_node", "running_on_node", "tagged", "snapshots", "firing_alerts", "targets_down",
    "uncovered", "nodes", "ha_guests",
    "root_cause", "blind_sources",
}  # fmt: skip
TEXTS = ("version", "release", "health")
"""The ends of paths into an API that lead to words."""
VALUE = 12.5
BACKED_UP = NOW - timedelta(hours=19)
_ABSTENTIONS = {
    "no_such_thing": "I know nothing called “{about}”.",
    "ask_back": "Which one do you mean?",
    "refuse_action": "I am read-only. By hand: `{how}`",
    "abstain": "I cannot tell that.",
    "out_of_scope": "I do not answer that.",
}


def truth(wanted: Truth) -> TruthValue:
    """A value of the right sort for any truth, the same for all."""
    if wanted.name in TIMES:
        return BACKED_UP
    if wanted.name in ("guests", "datastores"):
        return PEERS
    if wanted.name in LISTS:
        return ("alpha",)
    return "alpha" if is_name(wanted) else VALUE * wanted.scale


def is_name(wanted: Truth) -> bool:
    """Whether what is read is a word."""
    return wanted.name in NAMES or (wanted.name in ("pve", "pbs") and wanted.of.endswith(TEXTS))


def matching(pattern: str) -> str:
    """A text that a regular expression matches: its first alternative, repeated as seldom as it may be."""
    return _made(parser.parse(pattern))


def _made(tree: Any) -> str:
    return "".join(_piece(code, value) for code, value in tree)


def _piece(code: Any, value: Any) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.BRANCH:
        return _made(value[1][0])
    if code is codes.SUBPATTERN:
        return _made(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return _made(value[2]) * value[0]
    if code is codes.IN:
        return _piece(*value[0])
    if code is codes.RANGE:
        return chr(value[0])
    if code is codes.CATEGORY:
        return {codes.CATEGORY_DIGIT: "7", codes.CATEGORY_SPACE: " "}.get(value, "x")
    return "x" if code is codes.ANY else ""


def right_answer(question: Question) -> dict[str, Any]:
    """An answer that holds all that the question asks for."""
    words = [_said(question)] if question.expect else ["Result:"]
    if isinstance(question.first, Truth):
        words.append("alpha before beta.")
    for entry in question.mentions:
        value = truth(entry) if isinstance(entry, Truth) else entry[0]
        words += [*value, ";"] if isinstance(value, tuple) else [str(value), ";"]
    for number, *_ in question.numbers:
        value = truth(number.value) if isinstance(number.value, Truth) else number.value
        words.append(f"{value:.15g} {number.unit} ;")
    words += [f"at {BACKED_UP:%Y-%m-%d %H:%M} UTC ;" for _ in question.times]
    words += [" alpha ;" for _ in (question.listed,) if question.listed]
    # The one that is in the way of nothing that is forbidden.
    words += [f" {matching(question.says[-1])} "] if question.says else []
    cause = "alpha" if isinstance(question.root_cause, Truth) else question.root_cause
    gaps = truth(question.gaps) if isinstance(question.gaps, Truth) else question.gaps
    assert isinstance(gaps, tuple)
    cited = "" if question.expect else " [E1]"
    return answer(
        question=question.ask[0],
        text=f"{matching(question.says[0]) if question.says else ''} {' '.join(words)}{cited}",
        verdict=question.verdict[0] if question.verdict else "info",
        root_causes=[{"entity": cause}] if cause else [],
        evidence=[{"id": "E1", "source": ",".join(one[0] for one in question.sources) or "pve", "rows": []}],
        gaps=[{"source": source} for source in gaps],
    )


def _said(question: Question) -> str:
    how = matching(question.how[0]) if question.how else "qm reboot 104"
    return _ABSTENTIONS[str(question.expect)].format(about=question.about, how=how)


def spoilt(question: Question) -> dict[str, dict[str, Any]]:
    """Every way in which that answer is wrong in one thing, by name."""
    good = right_answer(question)
    bad: dict[str, dict[str, Any]] = {"an echo": good | {"text": question.ask[0]}}
    text = good["text"]
    if question.numbers:
        number = question.numbers[0][0]
        value = truth(number.value) if isinstance(number.value, Truth) else number.value
        assert isinstance(value, float)
        off = value + 3 * (number.tolerance + value * number.relative) + 1
        bad["a wrong number"] = good | {
            "text": text.replace(f"{value:.15g} {number.unit}", f"{off:.15g} {number.unit}")
        }
        if number.unit:
            bad["a number without its unit"] = good | {"text": text.replace(f" {number.unit} ;", " apples ;")}
    if any(isinstance(entry, Truth) for entry in question.mentions) or question.listed:
        bad["a wrong guest"] = good | {"text": text.replace("alpha", "gamma")}
    elif question.mentions and not question.expect and isinstance(question.mentions[0], tuple):
        spoiled = text
        for name in question.mentions[0]:
            spoiled = spoiled.replace(name, "gamma")
        bad["a wrong guest"] = good | {"text": spoiled}
    if question.first:
        bad["the second first"] = good | {"text": text.replace("alpha before beta", "beta before alpha")}
    if question.affirms:
        bad["the contrary"] = good | {"text": f"No, nothing. {text}"}
    if question.times:
        bad["a wrong time"] = good | {"text": text.replace(f"{BACKED_UP:%H:%M}", "03:33")}
    if question.gaps:
        bad["a missing gap"] = good | {"gaps": []}
    if question.root_cause:
        bad["a wrong cause"] = good | {"root_causes": [{"entity": "guest:pve/999"}, *good["root_causes"]]}
        bad["no cause"] = good | {"root_causes": []}
    if question.verdict:
        verdicts = {"healthy", "problem", "unknown", "info"} - set(question.verdict)
        bad["a wrong verdict"] = good | {"verdict": min(verdicts)}
    if question.sources:
        bad["evidence from elsewhere"] = good | {"evidence": [{"id": "E1", "source": "nowhere", "rows": []}]}
    if question.cites:
        bad["no evidence"] = good | {"text": text.replace("[E1]", "")}
    if question.expect:
        bad["an answer"] = good | {"text": "It is running at 40 %."}
        bad["a verdict"] = good | {"verdict": "healthy"}
    bad["an unverified claim"] = good | {"grounding": {"checked": 1, "unverified": [{"text": "x", "kind": "number"}]}}
    return deepcopy(bad)
