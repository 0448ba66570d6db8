"""First calls about alerts and the rules behind them."""

from __future__ import annotations

import re

from nightshift.agent.builtin.names.name_forms import RULE_NAME, alert_name
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.alert_words import KINDS, kinds_meant, topics_meant
from nightshift.agent.builtin.steps.calls import Call, Names
from nightshift.agent.builtin.words.tokens import word_set

# Words of a question about rules that say nothing of which.
_SAY_NOTHING = word_set("""
    rule rules alert alerts alarm alarms alerting threshold limit limits percent percentage go goes going off on fire
    fires firing ring rings trigger triggers trip trips trigger pending period condition set say tell warn notify
    before after until make makes grafana prometheus value point value mean means severity bother complain complains
    start starts raise raised last long hit wait waits sound sounds called nag somebody someone
    number total count many configured defined exist exists existing installed set up all list show overall altogether
    state plus firing ve d re ll put create created noticed notice caught warn warns warning waits hour hours advance
    lead delay duration account report suppose forget shout work works
    watch watches watching cover covers
    broken busted defective faulty there got have functional actually really getting too critical warning
    """)
NAMED = 2
MOST_TOPICS = 3
_ABOUT = re.compile(r"\b(?:about|on|for|regarding|concerning|with)\b|\w (?:alerts?|alarms?)\b")


def alerts(names: Names, question: Question) -> tuple[Call, ...]:
    """The alerts; of one that is named the rule as well, since one that does not fire is told by its rule alone."""
    named = question.of_kind("alert")
    if named and question.has("EXCEPT"):
        return (Call("alerts"),)  # `what rings apart from the watchdog?`
    if named:
        each = [alert_name(alert.label) for alert in named[:NAMED]]
        return (
            *(Call("alerts", {"match": name}) for name in each),
            *(Call("alert_rules", {"match": name}) for name in each),
        )
    arguments: dict[str, str] = {}
    if question.entities:
        arguments["match"] = names.name_of(question.entities[0])
    elif (topic := _topic(question)) and _ABOUT.search(question.text.lower()) and topic not in KINDS:
        arguments["match"] = topic
    if question.has("PENDING"):
        arguments["state"] = "pending"
    elif question.span is not None or question.has("@alert_history"):
        arguments["state"] = "past"
    things = question.of_kind("guest", "node", "datastore", "storage", "pool")[:1]
    found = (Call("health", {"about": names.name_of(thing)}) for thing in things)  # no alert is no all-clear
    return (Call("alerts", arguments), *found)


def alert_rules(_names: Names, question: Question) -> tuple[Call, ...]:
    """The rules that are meant, and what of them fires now."""
    if question.has("@no_alarm", "@alerting_works"):
        return (Call("alert_rules"), Call("subsystem", {"part": "silences"}), Call("alerts"), Call("health"))
    if question.has("@paused"):
        return (Call("alert_rules"),)
    if question.has("FAIL", "WRONG") and not question.has("@of_rule", "@alert", "SEVERE", "MILD"):
        return (Call("alert_rules", {"health": "error"}),)
    match = _rules_meant(question)
    if not match:
        return (Call("alert_rules"),)
    return (Call("alert_rules", {"match": match}), Call("alerts", {"match": match}))


def _rules_meant(question: Question) -> str:
    """By name; else by what they are about, in the words of the question."""
    named = [alert_name(alert.label) for alert in question.of_kind("alert")]
    names: list[str] = [*named, *RULE_NAME.findall(question.text)]
    if names:
        return names[0]
    if question.has("@covered"):
        return _condition(question)
    if question.has("COUNT") and not _topic(question) and not _ABOUT.search(question.text.lower()):
        return ""
    said = [part for word in question.content for part in word.split("-")]
    words = [word for word in said if word not in _SAY_NOTHING and word.isalpha()]
    topics = [job.label.split()[0] for job in question.of_kind("job")]
    topics += topics_meant(question.concepts)[:MOST_TOPICS]
    return " ".join(dict.fromkeys((*topics, *words)))[:100]


def _condition(question: Question) -> str:
    """What would have to be watched, in the words of rules: `postgres guest down offline` for `if postgres dies`."""
    kinds = kinds_meant(question.concepts)
    topics = [part for part in topics_meant(question.concepts) if part not in KINDS][:MOST_TOPICS]
    if topics:
        return " ".join(topics)
    full = question.has("FULL", "SHARE", "PROGNOSIS", "EATS")
    happens = "full" if full else "down offline" if kinds and "storage" not in kinds else ""
    words = [entity.label.split(" (")[0].split()[-1] for entity in question.of_kind("guest")]
    return " ".join(dict.fromkeys((*words, *kinds, *happens.split())))[:100]


def _topic(question: Question) -> str:
    return next(iter(topics_meant(question.concepts)), "")
