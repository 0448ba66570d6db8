"""Questions about the metrics themselves: which there are, what one means, and what is measured of things that are no
guests: a room, a UPS, a DNS filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nightshift.agent.builtin.calls import Call, Names
from nightshift.agent.builtin.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.queries import is_metric_name
from nightshift.agent.builtin.question import Question
from nightshift.agent.builtin.words import Token, plain, stem, tokens, word_set
from nightshift.facts.ids import Entity

DATABASE_SIZES = "sort_desc(pg_database_size_bytes)"
_METRICS_COUNTED = 'count(count by (__name__) ({__name__!=""}))'
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
        into figure hang must say
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
_RESPONSE = re.compile(
    r"\b(?:takes? to (?:answer|respond|load|open|reply)|(?:response|answer|load|reply|round ?trip) times?|latency|"
    r"how (?:fast|quick(?:ly)?) (?:do(?:es)?|is|are) )\b"
)
_LASTS = re.compile(r"\bhold out\b|\bhow long (?:will|does|can|would) (?:it|they|that) (?:last|run|hold)\b")
_RESPONSE_WORDS = ("probe", "duration")
_KINDS = frozenset({"node", "host", "guest", "vm", "lxc", "ct", "machine", "hypervisor", "box"})
_HOW_MANY = re.compile(r"\b(?:how many|number of|count)\b", re.IGNORECASE)
_OF_PROMQL = re.compile(r"\b(?:promql|expression|can i query|query field|query box|do i query|to query)\b")
_RATES = re.compile(r"\b(?:query|queries|request|requests|lookup|lookups)\b")


def asks_for_meaning(question: Question) -> bool:
    """`What does node_load1 mean?`, as against `what is node_load1 on pve1?`"""
    return bool(_MEANING.search(plain(question.text)))


def find_metrics(names: Names, question: Question) -> tuple[Call, ...]:
    """The metrics by the words of their subject, or of a guest or node alone, those that have series about it."""
    if question.expr and is_metric_name(question.expr) and _HOW_MANY.search(question.text):
        return (Call("promql", {"expr": f"count({question.expr})"}),)
    about = question.of_kind("guest", "node", "target")[:1]
    words = subject_of(question)
    arguments: dict[str, str] = {"entity": names.name_of(about[0])} if about else {}
    if words:
        arguments["text"] = " ".join(words)[:200]
    if arguments:
        return (Call("find_metrics", arguments),)
    return (Call("promql", {"expr": _METRICS_COUNTED}),)


def lookup(_names: Names, question: Question) -> tuple[Call, ...]:
    """What Prometheus says now of something that is in no inventory."""
    if question.has("@database_sizes"):
        return (Call("promql", {"expr": DATABASE_SIZES}),)
    lasts = ("runtime",) if _LASTS.search(plain(question.text)) else ()
    response = _RESPONSE_WORDS if _RESPONSE.search(plain(question.text)) else ()
    words = " ".join([*response, *lasts, *subject_of(question), *_names_in(question)])[:200]
    return (Call("find_metrics", {"text": words, "values": True}),) if len(words) > 1 else ()


def subject_of(question: Question) -> list[str]:
    """The words that say what about: without those of the question, and without the names of things."""
    named = {part for entity in question.entities for part in _parts(entity.label.split(" (")[0])}
    named |= {part for entity in question.entities for part in _parts(entity.key.rpartition("/")[2])}
    named |= _KINDS if named else frozenset()
    said = [token.text for token in _content(question) if not set(_parts(token.text)) <= named]
    return said or [token.text for token in _content(question) if _RATES.search(token.text)]


def _names_in(question: Question) -> list[str]:
    return [part for entity in question.entities for part in _parts(_name_of(entity))]


def _name_of(entity: Entity) -> str:
    return entity.key.rpartition("://")[2] if entity.kind == "target" else entity.label.split(" (")[0]


def _content(question: Question) -> Iterator[Token]:
    text = plain(question.text)
    of_a_time = question.span.text.split() if question.span else ()
    of_promql = _OF_PROMQL.search(text)
    for token in tokens(text):
        timed = token.text in of_a_time
        metered = _RATES.fullmatch(token.text) and not of_promql
        if (stem(token.text) not in _AROUND or metered) and not timed:
            yield token


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[^\w]+", text.lower()) if part]
