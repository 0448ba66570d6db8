"""First calls about what systems do and tell: backups, tasks, alerts, and what the runbooks say to do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nightshift.agent.builtin.names.name_forms import alert_name
from nightshift.agent.builtin.questions.question import ASKING_FOR_A_RUNBOOK, TASK_KINDS, Question
from nightshift.agent.builtin.questions.slots import time_arguments, window_arguments
from nightshift.agent.builtin.sentences.alert_words import TOPICS
from nightshift.agent.builtin.steps.calls import MOST_ENTITIES, Call, Names
from nightshift.agent.builtin.steps.procedures import procedure_meant, section_asked
from nightshift.agent.builtin.steps.things import action
from nightshift.agent.builtin.words.task_words import server_of
from nightshift.agent.builtin.words.tokens import plain

LONG_AGO = "7d"
# Guests are made and deleted seldom.
SELDOM_DONE = "30d"
# Ways of asking for a runbook whose words would be looked for in it: a drill, a walk.
_IDIOMS = re.compile(
    r"\b(?:(?:walk|talk|guide) me through|what(?:'s| is) the (?:drill|procedure|recipe)(?: when| for| if)?)\b",
    re.IGNORECASE,
)
_DEAD_NODE = re.compile(
    r"\b(?:dead|lost|offline|fallen|gone|failed|broken|crashed|missing|unreachable) (?:node|host|box|machine|server)\b"
)
_JOBS = frozenset({"replication", "gc", "verify", "prune", "sync"})
_SCHEDULED = ("gc", "prune", "verify", "sync")
MOST_NOUNS = 3
_SELDOM = frozenset({"gc", "verify", "prune", "sync"})


def backups(names: Names, question: Question) -> tuple[Call, ...]:
    if question.unknown and not question.entities:
        return ()
    if question.has("RUNNING") and not question.has("LAST", "LACK", "PROTECTED", "DURATION"):
        return tasks(names, question)
    guests = question.of_kind("guest")
    if guests:
        return tuple(Call("backups", {"guest": names.name_of(guest)}) for guest in guests[:MOST_ENTITIES])
    datastores = question.of_kind("datastore")
    if question.has("@two_stores"):
        return tuple(Call("backups", {"datastore": store.key.rpartition("/")[2]}) for store in datastores[:2])
    if datastores:
        return (Call("backups", {"datastore": datastores[0].key.rpartition("/")[2]}),)
    if question.ambiguous:
        return ()
    away = _nodes_away(question)
    if question.has("@saved_since", "@excluded") or away:
        return (Call("backups"), *away)
    if question.span:
        return tasks(names, question)
    if question.has("FAIL", "WRONG"):
        failed = {"kind": "backup", "outcome": "failed", **window_arguments(question, "48h")}
        return (Call("backups"), Call("tasks", failed))
    return (Call("backups"),)


def recovery(names: Names, question: Question) -> tuple[Call, ...]:
    """The verdicts on backups, whatever the time that was named: what was saved is what can be restored."""
    if (question.unknown and not question.entities) or question.ambiguous:
        return ()
    guests = question.of_kind("guest")
    if question.has("@site_lost"):
        return (Call("backups"), Call("subsystem", {"part": "sync"}))
    return tuple(Call("backups", {"guest": names.name_of(guest)}) for guest in guests[:MOST_ENTITIES]) or (
        Call("backups"),
        *_nodes_away(question),
    )


def _nodes_away(question: Question) -> tuple[Call, ...]:
    """`What was on the dead node`: which one that is."""
    away = not question.of_kind("node") and _DEAD_NODE.search(plain(question.text))
    return (Call("inventory", {"kind": "nodes"}),) if away else ()


def backup_jobs(names: Names, question: Question) -> tuple[Call, ...]:
    """The backup jobs of PVE; a sync, verify, prune or replication job that is named is none of them."""
    jobs = question.of_kind("job")
    others = [job for job in jobs if not job.label.startswith("backup job")]
    calls = [Call("entity", {"name": names.name_of(job)}) for job in others[:MOST_ENTITIES]]
    calls += [Call("subsystem", {"part": part}) for part in _SCHEDULED if question.has("@ahead")]
    calls += [Call("health")] if question.has("@backups_ahead") else []
    return (*([] if jobs and len(others) == len(jobs) else [Call("inventory", {"kind": "backup_jobs"})]), *calls)


def tasks(names: Names, question: Question) -> tuple[Call, ...]:
    guests = question.of_kind("guest")
    if guests and question.has("@moved_here"):
        guest = names.name_of(guests[0])
        moves = {"kind": "migration", "about": guest, **window_arguments(question, LONG_AGO)}
        return (Call("tasks", moves), Call("entity", {"name": guest}))
    if question.has("@runs_compared") and question.span and question.before:
        whose = {"about": names.name_of(guests[0])} if guests else {"server": "pve"}
        kind = _kind(question) or "backup"
        times = (time_arguments(replace(question, span=span)) for span in (question.span, question.before))
        return tuple(Call("tasks", {**time, "kind": kind, **whose}) for time in times)
    return _tasks(names, question)


def _kind(question: Question) -> str:
    return next((name for concept, name in TASK_KINDS.items() if question.has(concept)), "")


def _tasks(names: Names, question: Question) -> tuple[Call, ...]:
    if question.has("@log") and question.span is not None and "tonight" in question.span.text:
        question = replace(question, span=None)  # a log that is to be shown is there already
    kind = _kind(question)
    about = question.of_kind("guest") if question.has("@moved") else question.of_kind("guest", "node", "datastore")
    arguments = time_arguments(question) | _narrowed(question) | ({"kind": kind} if kind else {})
    arguments = _of_an_outcome(question, arguments, kind) | ({"about": names.name_of(about[0])} if about else {})
    if kind == "backup" and question.of_kind("guest"):
        arguments.pop("server", None)  # of one guest the backup server tells most
    elif kind == "backup" and question.has("DURATION", "@longest") and not question.of_kind("datastore"):
        arguments.setdefault("server", "pve")  # a run of a job, and not the copy of each guest in it
    calls = [Call("tasks", arguments)]
    if question.has("@several_kinds"):
        kinds = [name for concept, name in TASK_KINDS.items() if question.has(concept) and name in _SELDOM]
        scrubs = [Call("subsystem", {"part": "zfs_pools"})] if question.has("SCRUB") else []
        return (*(Call("tasks", {**arguments, "kind": name}) for name in kinds), *scrubs)
    if kind == "backup" and question.of_kind("guest") and not question.has("@log", "@longest"):
        calls.append(Call("backups", {"guest": arguments["about"]}))  # a run of a job is of no single guest
    if question.has("AFTER_BOOT") and question.of_kind("node", "guest"):
        return (*calls, Call("entity", {"name": arguments["about"]}))
    lasting = kind in _JOBS and question.span is None
    of_any_task = not (kind or about or question.user or question.has("@log", "@task_now", "RUNNING", "LAST"))
    if lasting or of_any_task or (arguments.get("outcome") == "failed" and not kind):
        # What broke without a task, such as a node that went away, is a finding.
        calls.append(Call("health", {"about": arguments["about"]} if about else {}))
    return tuple(calls)


_LOOKS_BACK = (
    "LAST", "DURATION", "@moved", "@cancelled", "CONSOLE", "@user", "@task_of", "AFTER_BOOT", "@longest", "@task_bound",
    "@log", "@user_work",
)  # fmt: skip


def _of_an_outcome(question: Question, arguments: dict[str, Any], kind: str) -> dict[str, Any]:
    """With how they ended, where that is asked for, and how far back to look."""
    looks_back, running = question.has(*_LOOKS_BACK), question.has("RUNNING") and question.span is None
    if question.has("FAIL", "WRONG", "@cancelled") or {"@log", "DOWN"} <= question.concepts:
        arguments["outcome"] = "warnings" if of_warnings(question) else "failed"
        arguments |= window_arguments(question, LONG_AGO) if looks_back or kind in _SELDOM else {}
    elif question.has("@made"):
        arguments |= window_arguments(question, SELDOM_DONE)
    elif looks_back or (kind in _SELDOM and not question.has("RUNNING")):
        arguments |= window_arguments(question, LONG_AGO)  # `when did the last prune run?`
    elif running:
        arguments["outcome"] = "running"
    if running and question.has("@task_bound"):
        arguments["outcome"] = "running"
    if question.has("@task_now"):
        arguments = {name: value for name, value in arguments.items() if name not in ("start", "end")}
        arguments["outcome"] = "running"
    return arguments


def of_warnings(question: Question) -> bool:
    """`Any task that ended with warnings?`, and not what failed."""
    return re.search(r"\bwith (?:a )?warnings?\b", question.text.lower()) is not None


def _narrowed(question: Question) -> dict[str, Any]:
    """Whose tasks, of which server, longer than what, in which order."""
    lowered, bound = plain(question.text), question.bound
    server = server_of(lowered)
    # The list is cut: an average, or the shortest, of the longest would be none.
    longest = question.has("@longest") and not question.has("MEAN", "SHORTEST")
    longer = bound.value if bound and question.has("@task_bound") and bound.more else 0.0
    return (
        ({"user": question.user} if question.user else {})
        | ({"server": server} if server else {})
        | ({"longer_than_s": longer} if longer else {})
        | ({"sort_by": "longest"} if longest or longer else {})
    )


def changes(names: Names, question: Question) -> tuple[Call, ...]:
    (task_call, *_) = tasks(names, question)
    arguments = {name: value for name, value in task_call.arguments.items() if name in ("start", "end", "about")}
    about = question.of_kind("guest", "node")
    times = {name: value for name, value in arguments.items() if name != "about"}
    started = Call("restarts", {**({"name": names.name_of(about[0])} if about else {}), **times})
    return (Call("tasks", arguments), Call("alerts"), Call("health"), *((started,) if times else ()))


def runbook(names: Names, question: Question) -> tuple[Call, ...]:
    """The runbooks; the thing itself, since what is found about it has a remedy; where a deed is to be done by hand."""
    about = [Call("entity", {"name": names.name_of(e)}) for e in question.entities[:1] if names.know(e)]
    by_hand = action(names, question) if question.action else ()
    return (*_searched(question), *about, *by_hand)


def by_subject(question: Question) -> tuple[Call, ...]:
    """The runbooks once more, by what the question is about: words that stand in none of them hid that."""
    nouns = dict.fromkeys(noun for concept, noun in TOPICS.items() if question.has(concept))
    if nouns.keys() <= {"node", "guest"}:
        return ()  # every runbook is about those
    return (Call("runbooks", {"query": " ".join(list(nouns)[:MOST_NOUNS])}),)


def _searched(question: Question) -> tuple[Call, ...]:
    words = [word for word in question.content if word not in ASKING_FOR_A_RUNBOOK]
    names = [alert_name(entity.label) for entity in question.entities if entity.kind == "alert"]
    meant = [mention.text for mention in question.ambiguous] or [e.label.split(" (")[0] for e in question.entities]
    # `how do I free space there?`: of what kind the thing is helps to find it.
    kinds = [entity.kind for entity in question.entities if question.follows and words and entity.kind != "alert"]
    # As it was asked: the search understands ways of saying ("won't", "by itself") that no list of words keeps.
    deeds = ["restore"] if question.has("BACK") and question.has("BACKUP") else []
    added = [name for name in (*names, *dict.fromkeys(kinds), *deeds) if name not in question.text]
    asked = [*added, _IDIOMS.sub("", question.text).strip()] if names or words else ()
    told = " ".join(asked) or question.subject or " ".join(meant)
    book = procedure_meant(question) or (question.subject if question.follows else "")
    section = section_asked(question.text) if book.endswith(".md") else ""
    query = f"{book}{section}" if section else " ".join(dict.fromkeys(filter(None, (book, told))))
    return (Call("runbooks", {"query": query[:300]}),) if len(query) > 1 else (Call("health"),)
