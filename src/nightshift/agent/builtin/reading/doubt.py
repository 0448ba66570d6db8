"""Whether a question was understood well enough: a guess that sounds sure is worse than to say that one does not know.

`Who is watching a film on jellyfin?` has a name and a system in it, and still nothing here could answer it.
"""

from __future__ import annotations

from nightshift.agent.builtin.questions.intents import Intent, Weighed, score
from nightshift.agent.builtin.sentences.shapes import KIND_CONCEPTS
from nightshift.agent.builtin.words.tokens import said_among, word_set

MANY_STRANGE_WORDS = 2
BEYOND_DOUBT = 3.5
SURE = 3.0
CARRIES_A_NAME = 0.7
# What is looked for in these is in words of any kind.
_FREE_WORDS: frozenset[Intent] = frozenset({"runbook", "find_metrics", "promql", "action"})
# Found in several words together.
_SAID_IN_WORDS = word_set("""
    @relation @scope @room @may_move @more_memory @lost_since @any_node @may_go @leave @depends @lost_with
    @others_so @comes_back @quantity @subsystem @attribute @disk_attribute @disk_count @backup_attribute @root_disk
    @of_space @loss @copy_of_one @restorable @where_one @set_up @uptime_of_one
    """)
# Said by the form of the sentence, whatever else is in it.
_TOLD_BY_FORM = word_set("""
    @first @one_cause @links @no_alarm @members @moved_here @guest_age @probe_times @database_sizes @rhythm
    @setting_of_all @overcommit_all @placement @alerting_works @alert_history @covered @ups @busiest_hour @retention
    @blind @at_ease @edited @timeline @runs_compared @two_stores @raw_size @went_with
    """)
# What may become of a thing can be reckoned, and when it is full; whether it will fail cannot.
_LOOK_AHEAD: frozenset[Intent] = frozenset({"safety", "storage", "backup_jobs", "recovery"})
# That somebody should do or buy something does not follow from a list.
_ONLY_FACTS: frozenset[Intent] = frozenset({"rank", "consumers", "list", "describe", "metric", "compare", "changes"})
_OF_ANY_TIME = frozenset({"FINISHED", "HAPPENED", "LIST", "POWER", "IT", "AGAIN"})
# Of what kind things are, and that they are asked for, beside a noun that is not understood.
_SAYS_NO_MORE = KIND_CONCEPTS | {"LIST", "EXISTS", "IT", "WHO", "SEVERAL", "COUNT", "AMOUNT", "DISK", "STORAGE", "LAST"}
_COMPLAINTS = frozenset({"NOT", "DOWN", "FAIL", "SLOW", "WRONG"})


def is_doubtful(weighed: Weighed, concepts: frozenset[str], strange: int) -> bool:
    """Whether to abstain. `strange` is the number of words that mean nothing here and name nothing."""
    if concepts & {"@disk_lost", "@snapshot_go", "@site_lost", "@lock_means", "@unplugged"} or (
        concepts & _TOLD_BY_FORM and "BEYOND" not in concepts
    ):
        return False
    if "@told_secret" in concepts or _asks_for_a_strange_noun(concepts):
        return True
    if _asks_of_something_else(weighed.intent, concepts, strange):
        return True
    if weighed.intent in _FREE_WORDS or (weighed.intent == "alert_rules" and "@of_rule" in concepts):
        return False
    of_space = concepts & {"FULL", "@datastore", "@storage"}
    looks_ahead = weighed.intent in _LOOK_AHEAD and (weighed.intent != "storage" or bool(of_space))
    if "WILL" in concepts and weighed.intent in ("metric", "rank", "compare"):
        return True  # what a figure will be
    if _is_beyond(concepts) or (_foretells(concepts) and not looks_ahead):
        return True
    if "@entity" in concepts or "@ambiguous" in concepts:
        return strange > 0 and _said(weighed.intent, concepts) < CARRIES_A_NAME
    if weighed.intent == "tasks" and _is_only_of_a_time(concepts) and (strange or "POWER" in concepts):
        return True
    if concepts & _COMPLAINTS and "ANYTHING" in concepts:
        return False
    if weighed.intent == "health" and concepts & {"@of_servers", "POWER"}:
        return False  # `the lights in the hallway went out, are the servers ok?`
    if "ADVICE" in concepts and (weighed.intent in _ONLY_FACTS or strange):
        return True
    odd = "@my_odd_noun" in concepts or ("@odd_noun" in concepts and weighed.score < SURE)
    return "@called" not in concepts and (odd or (strange >= MANY_STRANGE_WORDS and weighed.score < BEYOND_DOUBT))


def _asks_for_a_strange_noun(concepts: frozenset[str]) -> bool:
    """`What is the warranty of the disks in pve1?`: that there are disks, and where, tells nothing of a warranty."""
    only_kinds = "@odd_asked" in concepts and said_among(concepts) <= _SAYS_NO_MORE
    return only_kinds and not concepts & (_SAID_IN_WORDS | {"@stranger"})


def _asks_of_something_else(intent: Intent, concepts: frozenset[str], strange: int) -> bool:
    """`What recipe in mealie has tofu`, `why did Peter leave the company`; not `why is my homelab so gloomy`."""
    if concepts & {"@kept_inside", "@of_the_world"} and intent in ("runbook", "find_metrics"):
        return True
    named = concepts & {"@entity", "@ambiguous", "@relation", "@scope", "@stranger"}
    if "@odd_asked" in concepts and intent in ("rank", "changes") and not concepts & (KIND_CONCEPTS | {"ANYTHING"}):
        return not named  # `which torrent is the fastest?`
    only_why = intent == "explain" and said_among(concepts) <= {"WHY", "IT", "LIST", "PEOPLE", "ANYTHING"}
    of_all = "ANYTHING" in concepts and strange < MANY_STRANGE_WORDS
    return only_why and not named and ("PEOPLE" in concepts or (strange > 0 and not of_all))


def _is_beyond(concepts: frozenset[str]) -> bool:
    """Whether it is about what nothing here records. That people cannot use a service is about the service."""
    supposed = {"IF", "@entity"} <= concepts  # `would I reach my passwords if pve1 burnt down?`
    advised = "ADVICE" in concepts and concepts & {"@stranger", "@odd_noun"}  # `should I get a qnap as a second nas?`
    if (
        advised
        or ("SECRET" in concepts and not supposed)
        or concepts & {"@foreign_owner", "@inside", "@long_ago", "PROMISE"}
    ):
        return True
    if concepts & {"@stopped_by", "@depends", "@may_move"}:
        return False
    complains = bool(concepts & _COMPLAINTS)
    if "BEYOND" in concepts:
        if "@disk_attribute" in concepts and "ADVICE" not in concepts:
            return False  # `I go shopping for a replacement of the dying disk: model and serial?`
        if "@guest" in concepts and concepts & {"RESTORE", "BACKUP", "@loss", "@left_out"}:
            return False  # `would a restore bring the files back too?`
        judges = complains or ("FINE" in concepts and not concepts & {"@unknown", "LIST"})
        return not (judges and concepts & {"@entity", "@ambiguous", "ANYTHING"})
    return (
        "PEOPLE" in concepts
        and not concepts & {"@user", "ASKS_WHO", "ALERT", "CHANGED", "PVE_RELEASE", "@kinds_compared", "@of_space"}
        and not complains
        and "ANYTHING" not in concepts
        and not ("@guest" in concepts and concepts & {"MEMORY", "CPU", "BACKUP"} and not concepts & {"WHO", "ASKS_WHO"})
    )


def _is_only_of_a_time(concepts: frozenset[str]) -> bool:
    """`What did the sauna say at noon?`: that there is a time in it makes it no question about tasks."""
    return not said_among(concepts) - _OF_ANY_TIME


def _foretells(concepts: frozenset[str]) -> bool:
    """`Which disk dies next year?`, `will pve1 crash?`, `when is the next power cut?`"""
    if {"POWER", "NEXT"} <= concepts:
        return True
    if "IF" in concepts:
        return False  # what would come of it can be reckoned
    return bool(concepts & {"LATER", "WILL"} and concepts & {"FAIL", "DOWN", "WRONG"}) or {"LATER", "WILL"} <= concepts


def _said(intent: Intent, concepts: frozenset[str]) -> float:
    """How much of the evidence for an intent is words: a name alone does not tell what is asked about it."""
    return score(intent, (concept for concept in concepts if concept in _SAID_IN_WORDS or concept[0] != "@"))
