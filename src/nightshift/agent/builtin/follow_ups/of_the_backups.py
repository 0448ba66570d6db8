"""Questions that go on about backups: `is it complete?`, `how many are kept?`, `which job is it in?`."""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic, of_kind
from nightshift.agent.builtin.words import attributes, families
from nightshift.agent.builtin.words.attributes import KINDS_OF_GUESTS, OF_A_BACKUP

_FILLS = re.compile(
    r"\b(?:who|what|whose) (?:fills?|is filling|takes?|eats?|uses?|lies?|is in|is on)\b|"
    r"\bwhat(?:'s| is) (?:in|on) (?:it|there)\b"
)
_STORED = re.compile(r"\b(?:they|them|those|kept|stored|saved|lie|copies|backups?|goe?s?|land|sent|written)\b")
_OF_BACKUPS = frozenset({
    *OF_A_BACKUP, "IN_PART", "BACKUP_TICK", "EXCLUDED", "RESTORE_TEST", "COUNT", "SIZE", "VERIFY", "NEXT", "OLDEST",
    "DURATION", "BACKUP", "KEEPS", "LOSE",
})  # fmt: skip
_BESIDE_BACKUPS = frozenset({
    "IT", "LIST", "EXISTS", "FULL", "LAST", "AGAIN", "ASSIGNED", "WHO", "STATE", "WHERE", "RUNNING", "IN_USE",
    "PROTECTED", "NOT", "SEVERAL", "PROGNOSIS", "UPTIME", "RESTORE", "SAFE", "IF", "DATASTORE", "VERSION", "LACK",
    "BACK", "STORAGE", "NEWER",
})  # fmt: skip
_WHICH_STORE = re.compile(
    r"\b(?:which|what|the) (?:datastore|storage|backup (?:server|storage))\b|"
    r"^(?:and |so |ok )*(?:what is )?(?:its|the) (?:backup )?(?:target|destination)\b|"
    r"\b(?:target|destination)(?: storage)? of (?:it|that|this)\b|"
    r"\bwhere\b.*\b(?:it|them|they|those)\b.* to\W*$|^(?:and |so |ok )*(?:to )?where(?: to)?\W*$"
)
_SO_MANY = re.compile(
    r"\b(?:how (?:many|much)|total|number|count)\b.*\b(?:kept|keep|stored?|exist|overall|altogether|in (?:total|all)|"
    r"backups?|copies|there are)\b"
)
_HOW_LARGE = re.compile(
    r"\bhow (?:many|much) (?:gigs?|gi?b|gigabytes|mi?b|megabytes|space|room|disk)\b(?!.*\b(?:left|free|remain\w*)\b)|"
    r"\bhow (?:big|large)\b"
)
_DATED = re.compile(r"\b(?:dates?|when|how old|age|from which day)\b")
_WHICH_JOB = re.compile(
    r"\b(?:which|what) (?:backup )?job\b|\bin (?:the|a|any) (?:backup )?job\b|\bby (?:which|what) job\b"
)
_IN_THE_JOB = re.compile(
    r"\b(?:in|of|by|with) (?:it|that|this|them|the job|those)\b|\b(?:target|storage|destination|schedule|guests|vms)\b|"
    r"\bcovers?\b"
)
_WHO_ELSE = re.compile(
    r"\b(?:(?:who|what|which) (?:else|others?)|(?:which|what) other \w+|anyone else|anything else)\b.*"
    r"\b(?:in (?:it|that|this|there|the(?: same)? job|that job)|by (?:it|that job|the(?: same)? job)|it saves?|"
    r"(?:it|the job|that job) (?:covers?|backs? up|contains?))\b"
)
_NEXT_RUN = re.compile(
    r"\bwhen (?:does|will|is|do|would)\b.*\b(?:next|run|runs|start|due|again)\b|\bnext (?:run|time|one|start|date)\b|"
    r"^(?:and )?next\W*$"
)
_NEWEST_OF_EACH = re.compile(r"\b(?:newest|latest|last|most recent|how old|from when|age)\b")
_PATH = re.compile(r"(?:^|\s)/\w+")
_IN_IT = re.compile(
    r"\b(?:in (?:it|that|there)|part of (?:it|that)|saved|covers?|covered|backed up|includ\w+|contain\w*)\b"
)
_COMPLETE = re.compile(
    r"\b(?:complete(?:ly)?|everything|entire(?:ly)?|whole|in full|fully|nothing missing|left out|leaves? out|"
    r"anything missing|missing (?:from|in) (?:it|there|that)|all (?:of it|of the|its|the|disks|drives|volumes|data)|"
    r"(?:every|each) (?:disk|drive|volume)|contains?|contained|included?|includes|exclude[sd]?|skip(?:s|ped)?)\b"
)


def speaks_of_a_path(text: str) -> bool:
    return _PATH.search(text) is not None


def of_a_datastore(question: Question, topic: Topic, text: str) -> Question | None:
    """`Who fills it?` after a datastore: whose backups lie there."""
    stores = of_kind(topic.about, "datastore")
    if not stores or not _FILLS.search(text):
        return None
    concepts = question.concepts | {"BACKUP", "@datastore"}
    return question.about("backups", stores, concepts)


def in_its_job(question: Question, topic: Topic, text: str) -> Question | None:
    """`When does it run next?`, `who else is in it?` after the job that saves a guest, or after backups of now."""
    guests = of_kind(topic.entities, "guest")
    if topic.intent == "tasks" and "BACKUP" in topic.concepts and "next" in text and _NEXT_RUN.search(text):
        return question.about("backup_jobs", guests, frozenset({"BACKUP", "NEXT", "@when_next"}))
    if topic.intent not in ("backup_jobs", "backups") or not guests or question.unknown:
        return None
    if _WHO_ELSE.search(text):
        concepts = frozenset({"BACKUP", "LIST", "@guest", "@entity"})
        return question.about("backup_jobs", guests, concepts)
    if topic.intent == "backup_jobs" and _NEXT_RUN.search(text):
        concepts = frozenset({"BACKUP", "NEXT", "@guest", "@entity"})
        return question.about("backups", guests, concepts)
    return None


def whole(question: Question, topic: Topic, text: str) -> Question | None:
    """`Is it complete?`, `everything in it?` after a guest's backup: whether a disk is left out."""
    guests = of_kind(topic.entities, "guest")
    about_a_path = _PATH.search(text) and _IN_IT.search(text)
    if topic.intent not in ("backups", "recovery") or not guests or not (about_a_path or _COMPLETE.search(text)):
        return None
    if question.has("FAIL", "WHY", "@past", "RESTORE", "RUNBOOK"):
        return None
    concepts = question.concepts - {"BEYOND", "@inside"} | {"BACKUP", "@guest", "@entity", "@left_out"}
    return question.about("backups", guests, concepts)


def of_jobs(question: Question, topic: Topic, text: str) -> Question | None:
    """`Which guests are in it?` after a job, `which job is in charge of it?` after a guest's backup."""
    guests = of_kind(topic.about, "guest")
    whose = topic.intent in ("backups", "recovery") and guests and _WHICH_JOB.search(text)
    if whose and not question.unknown:
        concepts = question.concepts | {"BACKUP", "@guest", "@entity"}
        return question.about("backups", guests, concepts)
    if topic.intent != "backup_jobs" or not _IN_THE_JOB.search(text) or question.has("WHY", "RUNBOOK"):
        return None
    return question.about("backup_jobs", topic.entities, topic.concepts | question.concepts - {"@no_name"})


def of_all_of_them(question: Question, topic: Topic, text: str) -> Question | None:
    """`Is that on purpose?` after guests without a backup; `and their newest one?` after those that were not saved."""
    if topic.intent not in ("backups", "recovery") or topic.entities or question.unknown or question.has("WHY"):
        return None
    concepts: frozenset[str] | None = None
    if question.has("INTENDED"):
        concepts = frozenset({"BACKUP", "@excluded"})
    elif _NEWEST_OF_EACH.search(text) and "@saved_since" in topic.concepts:
        concepts = topic.concepts - {"COUNT"}
    return replace(question, intent="backups", concepts=concepts, quantity="", follows=True) if concepts else None


def _meant_of_copies(text: str) -> frozenset[str]:
    """What is meant of the copies by words that mean more alone: `how many gigs?`, `how much of these are stored`."""
    found = {"SIZE"} if _HOW_LARGE.search(text) else {"COUNT"} if _SO_MANY.search(text) else set()
    return frozenset(found)


def of_the_ordered_copy(question: Question, topic: Topic, text: str) -> Question | None:
    """`Of what date is it?` after an order about a guest's backup: of that backup."""
    guests = of_kind(topic.entities, "guest")
    if topic.intent != "action" or topic.aim.part != "backup" or not guests or not _DATED.search(text):
        return None
    concepts = question.concepts - {"@no_name"} | topic.concepts & {"OLDEST"} | {"BACKUP", "LAST", "@guest", "@entity"}
    return question.about("backups", guests, concepts)


def of_its_backups(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """`How many are kept?`, `how large is it?`, `is it encrypted?`, `where do they lie?` after a guest's backup."""
    guests = of_kind(topic.entities, "guest")
    if topic.intent not in ("backups", "recovery") or not guests or question.unknown:
        return None
    meant = _meant_of_copies(text)
    if meant:
        said = said - {"METRIC", "DISCOVER", "TOTAL", "AMOUNT"} | meant
        said -= KINDS_OF_GUESTS if "IT" in said else frozenset()
    if said & KINDS_OF_GUESTS:
        return None
    where = ("WHERE" in said and bool(_STORED.search(text))) or bool(_WHICH_STORE.search(text))
    if not (said & _OF_BACKUPS or where) or not said <= _OF_BACKUPS | _BESIDE_BACKUPS:
        return None
    if "KEEPS" in said and "COUNT" not in said:
        return None
    concepts = question.concepts - {"@no_name", "METRIC", "DISCOVER", *KINDS_OF_GUESTS} | meant
    concepts |= {"BACKUP", "@guest", "@entity", *({"WHERE"} if where else ())}
    concepts |= {"VERIFIED"} if "VERIFY" in said else frozenset()
    concepts |= attributes.combined(concepts) | families.combined(concepts)
    intent: Intent = "recovery" if "@loss" in concepts else "backups"
    return question.about(intent, guests, concepts)
