"""Answers about space: storages, backup datastores, file systems, and when they will be full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nightshift.agent.builtin.questions.bounds import Bound, find_amount, limit_of
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.forms import is_polar, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural, sentence
from nightshift.agent.builtin.words.attributes import OF_A_THING
from nightshift.agent.builtin.writers.attributes import attribute_lines
from nightshift.agent.builtin.writers.findings import causes_of, entity_rows, since, with_remedy
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import usage_line
from nightshift.agent.builtin.writers.series import series_paragraph
from nightshift.agent.builtin.writers.storage_asked import SOON_S, place_name, storage_head
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_bytes, format_duration
from nightshift.tools.metrics import HOURS

# `300 GB on tank: enough?`, `300 GB, does that fit on tank?`
_ENOUGH = re.compile(
    r"[?.;:,]\s?(?:enough|room|space)\b|\b(?:enough|fits?|go(?:es)? (?:on|onto|into|in)|swallow|squeeze)\b",
    re.IGNORECASE,
)
# `when does it hit 80 %?`
_LEVEL = re.compile(r"\b(\d{1,2}) ?(?:%|percent\b)", re.IGNORECASE)
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)
DAY_S = 86_400.0
_DECIMAL = {"gb": 1e9 / 2**30, "tb": 1e12 / 2**40}
FULLEST_SHOWN = 8
FOUND = 3


def storage(story: Story) -> str:
    """The datastores when backups are meant, what was named, or everything with the fullest first."""
    question = story.question
    datastores = next((e for e in story.evidence("storage") if e.title.startswith("Backup datastores")), None)
    storages = next((e for e in story.evidence("storage") if e.title.startswith("Storages")), None)
    files = next((e for e in story.evidence("storage") if e.title.startswith("File systems")), None)
    of_guest = [
        series_paragraph(story, e, r.note) for r in story.of("metrics") for e in r.evidence if e.columns != HOURS
    ]
    if story.is_long_over and not of_guest:
        return _as_it_was(story)
    tables: list[Evidence | None]
    if question.of_kind("guest") and not question.has("DATASTORE"):
        # What the guest itself says of its file systems is better than what PVE sees of its root disk.
        tables, of_guest = ([files], []) if files is not None and files.rows else ([], of_guest)
    elif (question.has("DATASTORE", "BACKUP") and not question.of_kind("storage")) or question.of_kind("datastore"):
        tables = [datastores] if datastores is not None else []
        tables += [storages] if not tables or question.of_kind("storage") else []
    elif question.of_kind("storage") or (question.follows and question.has("STORAGE")):
        tables = [storages]
    elif question.has("FILESYSTEM") and not question.has("REACH"):
        tables = [files]
    else:
        tables = [datastores, storages, files] if not question.of_kind("node") else [storages, files]
        if datastores is not None and storages is not None:
            tables[tables.index(storages)] = _without_pbs(storages)
    roots = [row for row in entity_rows(story) if row.known("rootfs_total_bytes") or row.known("disk_total_bytes")]
    of_guest = [*(attribute_lines(row, [OF_A_THING["ROOT_DISK"]]) for row in roots), *of_guest]
    if roots and question.has("ROOT_DISK"):
        tables = []
    parts = [_metadata(story), *of_guest, *(_table(story, item) for item in tables if item is not None)]
    if not any(parts):
        parts = [*story.notes("storage"), "No storage could be read."][:1]
    if question.intent == "storage" and any(parts):
        rows = [row for item in tables if item is not None for row in _here(question, _once(story.rows(item)))]
        parts = [_since_when(story), storage_head(story, rows), *parts, _wrong_with_it(story)]
    shown = [gap for item in tables if item is not None for gap in item.gaps]
    gaps = [*shown, *story.gaps("metrics")] if any(tables) else story.gaps()
    return "\n\n".join(filter(None, (*parts, not_seen(dict.fromkeys(gaps)))))


def _metadata(story: Story) -> str:
    """`And its metadata?`, of a thin pool."""
    table = story.table("storage", "metadata_fraction")
    if "metadata" not in story.question.text.lower():
        return ""
    told = [
        f"the metadata of thin pool {row.show('pool')} on {row.show('node')} is {row.show('metadata_fraction')} full, "
        f"{row.show('metadata_used_bytes')} of {row.show('metadata_bytes')}"
        for row in (story.rows(table) if table else [])
        if row.known("metadata_fraction")
    ]
    return sentence(f"{'; '.join(told)}{cite(table)}") if told else "Metadata is told of no thin pool here."


def _wrong_with_it(story: Story) -> str:
    """What the checks found about what is shown, and what to do."""
    found = causes_of(story.findings("storage"))
    table = story.table("storage", "finding", "remedy")
    lines = [with_remedy(f) for f in found[:FOUND]]
    return f"Wrong with it{cite(table)}:\n{bullet(lines)}" if lines else ""


def _since_when(story: Story) -> str:
    """`Since when is tank full?`, where that is found."""
    found = [f for f in causes_of(story.findings("storage")) if f.check.endswith(".full")]
    if not found or not _SINCE.search(story.question.text):
        return ""
    if found[0].since is None:
        return "Since when it is full I cannot tell: I read how full it is, and the trend of the last days."
    return f"{one_line(found[0].title)}{since(story, found[0])}{cite(story.table('storage', 'finding', 'remedy'))}."


def _as_it_was(story: Story) -> str:
    """Of a time that is over the present tells nothing: it is said to be of now, and only with the trend."""
    rows = [row for item in story.evidence("storage") for row in story.rows(item)]
    trend = [f"{usage_line(row)}{cite(row.evidence)}" for row in rows if row.known("growth_per_day_bytes")]
    told = f" How it is now, and how it grew in the last days:\n{bullet(trend[:FULLEST_SHOWN])}" if trend else ""
    when = story.question.span.text if story.question.span else "then"
    text = f"I cannot tell how full it was {when}: I read how full it is, and the trend of the last days.{told}"
    return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))


def _without_pbs(storages: Evidence) -> Evidence:
    """PVE shows each datastore once more as a storage of its own."""
    if "type" not in storages.columns:
        return storages
    at = storages.columns.index("type")
    rows = tuple(row for row in storages.rows if row[at] != "pbs")
    return replace(storages, rows=rows, total=storages.total - len(storages.rows) + len(rows))


def _table(story: Story, table: Evidence) -> str:
    if table.kind == "none":
        return f"{table.title} could not be read."
    rows = sorted(
        _here(story.question, _once(story.rows(table))), key=lambda row: -(row.number("used_fraction") or 0.0)
    )
    if not rows:
        return ""
    if story.question.bound and not (story.question.has("WILL") and len(rows) == 1):
        return _beyond(story, story.question.bound, table, rows)
    if _wants_the_most_free(story.question):
        rows = sorted(rows, key=lambda row: -(row.number("free_bytes") or 0.0))
    fits = _fits(story.question, table, rows)
    if fits:
        return fits
    if len(rows) == 1:
        return f"{usage_line(rows[0])}{_no_date(story, rows[0])}{cite(table)}."
    shown = rows[:FULLEST_SHOWN]
    more = "\nThe others are less full." if table.total > len(shown) else ""
    head = f"{_summary(story, table, rows)}{cite(table)}:"
    return f"{head}\n{bullet(map(usage_line, shown))}{more}"


def _here(question: Question, rows: Sequence[Row]) -> list[Row]:
    """Of a storage that several nodes have, that of the node that was named as well."""
    stores = question.of_kind("storage", "datastore")
    names, nodes = ({entity.key.split("/")[at] for entity in stores} for at in (-1, 1))
    named = [row for row in rows if row.get("name") in names] or list(rows)
    return [row for row in named if row.get("where") in nodes] or named


def _asks_if_enough(text: str) -> bool:
    found = _ENOUGH.search(text)
    return found is not None and "?" in text[found.end() :]


def _fits(question: Question, table: Evidence, rows: Sequence[Row]) -> str:
    """`Can I put 300 GB on it?`: for each of those that were named, with what is free there."""
    wanted = find_amount(question.text)
    known = [row for row in rows if row.number("free_bytes") is not None]
    if wanted is None or not known or not (is_polar(question.text) or _asks_if_enough(question.text)):
        return ""
    amount, size = wanted[0], wanted[1] * _DECIMAL.get(wanted[0][-2:].lower(), 1.0)
    fitting = [row for row in known if (row.number("free_bytes") or 0.0) >= size]
    best = max(known, key=lambda row: row.number("free_bytes") or 0.0)
    free = f"{best.show('free_bytes')} are free{' at most' if len(known) > 1 else ''}"
    head = f"{yes_or_no(bool(fitting))}that {'fits' if fitting else 'does not fit'}, {free}"
    due = best.number("time_to_full_s")
    if fitting and due is not None and due < SOON_S:  # what fits now is no answer where the room is gone tomorrow
        left = format_bytes((best.number("free_bytes") or 0.0) - size)
        sooner = f"{amount} more leave {left} for that" if amount.lower().endswith("b") else "with that sooner"
        head = f"Now that fits, {free}, but by its trend it is full in {best.show('time_to_full_s')}, and {sooner}"
    return f"{head}{cite(table)}:\n{bullet(map(usage_line, rows[:FULLEST_SHOWN]))}"


def _wants_the_most_free(question: Question) -> bool:
    """`Which is the emptiest?`, `which has the most free space?`"""
    return question.has("LEAST") != question.has("MOST") and question.has("MOST") == question.has("FREE")


def _no_date(story: Story, row: Row) -> str:
    """Why there is no answer to `when will it be full?`; nothing when there is one or nobody asked."""
    if not story.question.has("PROGNOSIS") or row.known("time_to_full_s"):
        return ""
    growth, total = row.number("growth_per_day_bytes"), row.number("total_bytes")
    if growth is None:
        return "; when it will be full cannot be told: its growth is not known, its history is too short or not kept"
    if growth <= 0:
        return "; it is not growing, so there is no date on which it is full"
    if not total:
        return "; when it will be full cannot be told: its size is not known"
    grows, level = f"; at its growth of {row.show('growth_per_day_bytes')} each day", _LEVEL.search(story.question.text)
    left = float(level[1]) / 100 * total - (row.number("used_bytes") or 0.0) if level else 0.0
    if level and left > 0:
        return f"{grows} it is {level[1]} % full in {format_duration(left / growth * DAY_S)}"
    return f"{grows} it is not full within a year"


def _once(rows: Sequence[Row]) -> list[Row]:
    """Each storage once: rows are equal when name, place and figures are."""
    return list(
        {(row.get("name"), row.get("where"), row.get("instance"), row.get("mountpoint")): row for row in rows}.values()
    )


def _summary(story: Story, table: Evidence, rows: Sequence[Row]) -> str:
    """How many there are and the first of them; what they come to together when that was asked."""
    count = plural(max(len(rows), table.total), _noun(table))
    count = count[0].upper() + count[1:]
    if story.question.has("TOTAL"):
        used, total, free = (
            format_bytes(sum(row.number(column) or 0.0 for row in rows))
            for column in ("used_bytes", "total_bytes", "free_bytes")
        )
        return f"{count} with {total} in total, {used} used and {free} free"
    first = rows[0]
    name = first.show("name") if first.known("name") else f"{first.show('instance')} {first.show('mountpoint')}"
    if _wants_the_most_free(story.question):
        return f"{count}, the most free space is in {name}, {first.show('free_bytes')}"
    if story.question.has("PROGNOSIS"):
        return f"{count}, {_first_full(rows)}the fullest is {name}, {first.show('used_fraction')} full"
    share = f"{first.show('used_fraction')} full" if first.known("used_fraction") else "of unknown usage"
    return f"{count}, the fullest is {name}, {share}"


def _first_full(rows: Sequence[Row]) -> str:
    """`Which of them is full first?`: by their growth, where that is known."""
    filling = [row for row in rows if row.known("time_to_full_s")]
    if filling:
        first = min(filling, key=lambda row: row.number("time_to_full_s") or 0.0)
        untold = any(row.number("growth_per_day_bytes") is None for row in rows)
        of_those = " of those whose growth is known" if untold else ""
        return f"the first to be full{of_those} is {place_name(first)}, in {first.show('time_to_full_s')}; "
    if any(row.number("growth_per_day_bytes") is None for row in rows):
        return "when they will be full cannot be told, their growth is not known; "
    return "none is full within a year at its present growth; "


def _noun(table: Evidence) -> str:
    return {"B": "backup datastore", "S": "storage", "F": "file system"}[table.title[0]]


def _beyond(story: Story, bound: Bound, table: Evidence, rows: Sequence[Row]) -> str:
    """Those beyond the bound: of a share, of what is free, of the size, of the time that is left."""
    column = {"fraction": "used_fraction", "seconds": "time_to_full_s"}.get(bound.dimension, "total_bytes")
    what = {"fraction": " full", "seconds": " from full"}.get(bound.dimension, "")
    if bound.dimension == "bytes" and story.question.has("FREE"):
        column, what = "free_bytes", " free"
    found = [row for row in rows if (figure := row.number(column)) is not None and bound.holds(figure)]
    limit = f"{'more' if bound.more else 'less'} than {limit_of(bound)}{what}"
    head = f"{len(found) or 'none'} of {plural(len(rows), _noun(table))} {'is' if len(found) == 1 else 'are'} {limit}"
    text = f"{head[0].upper()}{head[1:]}{cite(table)}"
    return f"{text}:\n{bullet(map(usage_line, found[:FULLEST_SHOWN]))}" if found else f"{text}."
