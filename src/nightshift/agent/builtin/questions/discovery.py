"""Questions about the metrics themselves: which there are, what one means, and what is measured of things that are no
guests: a room, a UPS, a DNS filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.tokens import Token, plain, stem, tokens, word_set

# What is said around the subject of such a question: `what is it called in Prometheus?`
_AROUND = frozenset(
    map(
        stem,
        FUNCTION_WORDS
        | word_set("""
        metric series measurement promql measure collect expression query anything something graph chart plot panel
        dashboard grafana prometheus record track scrape expose exporter export search available availability label
        utilisation utilization stats statistics build setting monitor store tsdb history gather related relevant
        concerning regarding cover contain there's hold provide offer everything node pls explain im id i'd i'm respond
        response how's count high left remaining moment present reading readings sum average peak max highest lowest
        maximum minimum saw see
        notice field behind tabs job hang report port away nowadays dates hide deal subject topic carry enter intend
        attach watch detect log draw deliver hard individual separate grep inventory catalogue overview according
        curious wish d ve ll re wife husband boss professor colleague added precise precisely consist define wall socket
        estimate
        """),
    )
)
_MEANING = re.compile(
    r"\b(?:means?|meaning|explain|explanation|stands? for|definition|defined|describe|documentation|help text|"
    r"counted|counting|define|do not (?:get|understand)|what is (?:it|this|that)|"
    r"what (?:exactly )?(?:does|do) .*\b(?:count|measure|show|tell|track|say)|"
    r"what kind of|what type|unit of|units?|gauge or)\b"
)
_KINDS = frozenset({"node", "host", "guest", "vm", "lxc", "ct", "machine", "hypervisor", "box"})
_OF_PROMQL = re.compile(r"\b(?:promql|expression|can i query|query field|query box|do i query|to query)\b")
_RATES = re.compile(r"\b(?:query|queries|request|requests|lookup|lookups)\b")


def asks_for_meaning(question: Question) -> bool:
    """`What does node_load1 mean?`, as against `what is node_load1 on pve1?`"""
    return bool(_MEANING.search(plain(question.text)))


def subject_of(question: Question) -> list[str]:
    """The words that say what about: without those of the question, and without the names of things."""
    named = {part for entity in question.entities for part in parts_of_name(entity.label.split(" (")[0])}
    named |= {part for entity in question.entities for part in parts_of_name(entity.key.rpartition("/")[2])}
    named |= _KINDS if named else frozenset()
    said = [token.text for token in _content(question) if not set(parts_of_name(token.text)) <= named]
    return said or [token.text for token in _content(question) if _RATES.search(token.text)]


def _content(question: Question) -> Iterator[Token]:
    text = plain(question.text)
    of_a_time = question.span.text.split() if question.span else ()
    of_promql = _OF_PROMQL.search(text)
    for token in tokens(text):
        timed = token.text in of_a_time
        metered = _RATES.fullmatch(token.text) and not of_promql
        if (stem(token.text) not in _AROUND or metered) and not timed:
            yield token


def parts_of_name(text: str) -> list[str]:
    """The words that a name is made of: `node_load1`, `web-01`."""
    return [part for part in re.split(r"[^\w]+", text.lower()) if part]
