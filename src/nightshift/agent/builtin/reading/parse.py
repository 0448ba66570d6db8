"""Takes the text of a question apart: an expression, times, bounds, names, orders, by what a list is grouped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from nightshift.agent.builtin.names.entities import find_mentions
from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.name_forms import camel_words
from nightshift.agent.builtin.names.resource_pools import asks_for_pools, pool_in
from nightshift.agent.builtin.orders.order import Order, deed_in, order_in
from nightshift.agent.builtin.questions.bounds import Bound, find_bound, fits
from nightshift.agent.builtin.questions.queries import is_metric_name, promql_in, selected
from nightshift.agent.builtin.reading.found import Found
from nightshift.agent.builtin.reading.named import without_its_parts, without_its_place
from nightshift.agent.builtin.reading.shell import without_commands
from nightshift.agent.builtin.sentences.forms import without_form
from nightshift.agent.builtin.times.spans import find_time
from nightshift.agent.builtin.times.time_edges import NO_TIMES
from nightshift.agent.builtin.times.two_times import find_two
from nightshift.agent.builtin.words import task_words
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.services import SYSTEMS
from nightshift.agent.builtin.words.tokens import Token, plain, tokens
from nightshift.tools.resolve import EntityIndex

# The times inside an expression are no window of the question.
_RANGES = re.compile(r"\[[^\]]*\]|\{[^}]*\}|\boffset -?\w+")
_EACH = re.compile(
    r"\b(?:per|by|each|every|(?:group|grouped|split|broken down|sorted) by|"
    r"(?:distribut\w+|spread|split|breakdown)\b.{0,40} (?:over|across|among|between))(?: the| our| my)? "
    r"(?:of (?:the |our |my )?)?(?:two |three |four )?"
    r"(?:(?P<node>nodes?|hosts?|servers?|hypervisors?)|(?P<tag>tags?|labels?)|(?P<status>status|state)|"
    r"(?P<pool>(?:resource )?pools?)|"
    r"(?P<type>types?|kinds?))\b"
)
# Of a node, and no guest that is called so: `web interface daemon`, `certificate of the web gui`.
_WEB_INTERFACE = re.compile(r"web[ -]?(?:interface|ui|gui|daemon|certificates?|console|proxy)\b")


def parse(text: str, index: EntityIndex, now: datetime, zone: tzinfo) -> Found:
    """Times and bounds come first, so that no figure of theirs is taken for a name; then names, and what is ordered."""
    lowered = plain(without_form(text))
    expr = promql_in(text)
    lowered = lowered if expr else without_commands(lowered)
    if any(entity.kind == "alert" for entity in index.exact(selected(expr))):
        expr = ""  # an alert that was pasted with its labels
    bound = None if expr else find_bound(lowered)
    if bound and not fits(bound, lexicon().concepts(tokens(lowered))[0]):
        bound = None
    timeless = _timeless(lowered, expr, bound)
    two = None if expr else find_two(timeless, now, zone)
    span, before = (two.later, two.earlier) if two else (find_time(timeless, now, zone), None)
    if expr and span:
        expr = re.sub(rf"\s*{re.escape(span.text)}\s*$", "", expr, flags=re.IGNORECASE)
    places = [(place.start, place.end) for place in (span, before, bound) if place is not None]
    words = tuple(
        token for token in tokens(lowered) if all(token.end <= start or token.start >= end for start, end in places)
    )
    doer = None if expr else _doer(lowered, index)
    pool = "" if expr else pool_in(lowered, index.pools)
    each = _EACH.search(lowered)
    of_pools = not (expr or pool or each) and asks_for_pools(lowered, index.pools)
    mentions = _mentions(text, lowered, words, index, expr=expr, doer=doer, pool=pool)
    ordered = order_in(lowered, words)
    return Found(
        lowered=lowered,
        words=words,
        mentions=without_its_parts(words, mentions) if ordered.action else mentions,
        span=span,
        before=before,
        expr=expr,
        order=Order() if expr and ordered.action == "run" else ordered,  # `run the query count(up)`
        how=deed_in(lowered, words),
        bound=bound,
        lasting=bool(bound) and task_words.is_lasting(lowered),
        each="pool" if of_pools else (each.lastgroup or "") if each else "",
        user=doer.user if doer else "",
        pool=pool,
    )


def _doer(lowered: str, index: EntityIndex) -> task_words.Doer | None:
    """Whose tasks are asked for; nobody's in `what has web been doing on the cluster?`"""
    doer = task_words.doer_in(lowered, index.users)
    strange = doer is not None and doer.user not in index.users and not index.is_tag(doer.user)
    return None if doer and strange and index.exact(doer.user) else doer


def _mentions(
    text: str, lowered: str, words: Sequence[Token], index: EntityIndex, *, expr: str, doer: task_words.Doer | None,
    pool: str,
) -> tuple[Mention, ...]:  # fmt: skip
    """What is named, without what only says where it is, who did it, or in which pool."""
    if expr and not is_metric_name(expr):
        return ()
    mentions = tuple(m for m in find_mentions(words, index, camel_words(text)) if m.entities or not expr)
    if task_words.server_of(lowered) or task_words.means_its_copies(lowered):
        # `leave out PBS`: of the system, and not of a guest that is called so
        mentions = tuple(mention for mention in mentions if mention.text not in SYSTEMS)
    return tuple(
        mention
        for mention in without_its_place(words, mentions)
        if (mention.entities or not _is_of_a_path(lowered, words[mention.first]))
        and not _WEB_INTERFACE.match(lowered, words[mention.first].start)
        and not (doer and doer.start <= words[mention.first].start < doer.end)
        and not (pool and mention.text in pool.lower())
    )


def _timeless(lowered: str, expr: str, bound: Bound | None) -> str:
    """The text without the figures in it that look like times: those of an expression, those of a bound."""
    text = _RANGES.sub(_blank, lowered) if expr else NO_TIMES.sub(_blank, lowered)
    return f"{text[: bound.start]}{' ' * (bound.end - bound.start)}{text[bound.end :]}" if bound else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _is_of_a_path(lowered: str, word: Token) -> bool:
    return lowered[word.start - 1 : word.start] == "/"  # `/mnt/documents`
