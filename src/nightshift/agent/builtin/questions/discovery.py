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
        metric metrics series measurement measurements promql measure measured collect collected expression query
        queries anything something call called find graph chart plot panel panels dashboard dashboards grafana
        prometheus record recorded records track tracked scrape scraped scraping expose exposed exposes exporter
        export exported search searching exist exists available availability name names label labels utilisation
        utilization usage stats stat statistics statistic build building setting set getting monitor monitored
        monitoring store stored tsdb history gather gathered related relevant concerning regarding cover covers
        covered contain contains containing got there's hold holds keep keeps
        stores give gives provide provides offer offers everything node exporters
        pls please thing things tell tells explain mean means meaning whats hows im id i'd i'm answer answers
        respond responds response how's count counts counted counting much high now left remaining remain moment
        currently today
        present presently reading readings read value values long take takes taken last past hour hours minute minutes
        day days week total sum together both all per since average mean peak max min highest lowest show
        notice type field exporter behind track tabs anywhere somewhere know knows data numbers figures number times
        time often name named names keep kept under through job jobs panel need needs please go
        into figure hang must say report reports port away
        nowadays these dates date hide hides series put by which
        deal deals dealing subject topic carry carries carrying enter enters intend intended attach attached watch
        detect detects log logs logged draw deliver delivers hard individual single separate each grep inventory
        existing catalogue overview listing according curious wish d ve ll re wife husband boss professor colleague
        summed added exact exactly precise precisely consist consists define defined
        wall socket estimate estimates estimated
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
