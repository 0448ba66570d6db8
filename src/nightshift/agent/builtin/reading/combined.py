"""What several words, or a word and what was found in the slots, mean together."""

from __future__ import annotations

from nightshift.agent.builtin.questions.question import QUANTITIES, TASK_KINDS
from nightshift.agent.builtin.sentences.shapes import KIND_CONCEPTS
from nightshift.agent.builtin.words import attributes, compare_words, families, task_words, thing_words, window_words
from nightshift.agent.builtin.words.subsystems import subsystems_in
from nightshift.agent.builtin.words.tokens import said_among

_SAYS_LITTLE = KIND_CONCEPTS | {"LIST", "EXISTS", "IT", "WHO"}
_MANY = KIND_CONCEPTS | {"WHO"}
# Disk and uptime words are as often about state as about figures over time.
_FIGURES = QUANTITIES.keys() - {"DISK", "FILESYSTEM", "UPTIME"}

_OF_A_TASK = frozenset(
    {"TASK", "FAIL", "WHO", "DURATION", "COUNT", "ASKS_WHO", "LOG", "@time", "@past", "@user", "WHY"}
)


def combined(concepts: frozenset[str]) -> frozenset[str]:
    """What several words mean together."""
    found = {*families.combined(concepts), *task_words.combined(concepts), *compare_words.combined(concepts)}
    found |= {*window_words.combined(concepts), *thing_words.combined(concepts)}
    concepts |= found
    if concepts & _FIGURES:
        found.add("@quantity")
    # `last gc run`: when it last ran is kept by the datastore, longer than its task is.
    last_chore = "LAST" in concepts and concepts & task_words.CHORES and not concepts & _OF_A_TASK
    if "RUNNING" in concepts and concepts & TASK_KINDS.keys() and not last_chore:
        found.add("@taskkind_running")
    # `are the backups verified?`, `the biggest backup`: of the newest copies themselves.
    if (
        "BACKUP" in concepts
        and not concepts & {"@guest", "@datastore", "DATASTORE", "FREE", "@bound"}
        and concepts & {"SIZE", "ENCRYPTED", "VERIFY"}
    ):
        found.add("@copies")
    # `my plex box`: a name, of what kind it is, and nothing else.
    said = said_among(concepts)
    if concepts & {"@entity", "@stranger"} and said <= _SAYS_LITTLE and not {"@node", "CT"} <= concepts:
        found.add("@only_name")
    if subsystems_in(concepts | found):
        found.add("@subsystem")
    if "ANYTHING_ON" in concepts and concepts & _FIGURES and "@entity" not in concepts:
        found.add("DISCOVER")  # `is there anything on temperature?`
    if "IF" in concepts and concepts & {"@node", "@guest"}:
        found.add("@what_if")
    # `why was it down this evening?`: of what was, the state of now tells nothing.
    was = "@past" in concepts and "@ongoing" not in concepts
    if was and concepts & {"DOWN", "STOPPED"} and concepts & {"@guest", "@node"}:
        found.add("@outage")
    # `the highest load of pve1`: of one thing over time, not of many against each other.
    eaten = {"EATS", "@node"} <= concepts and bool(found & {"@quantity"})  # `what is eating pve2's memory?`
    if {"MOST", "@entity"} <= concepts and not eaten and found & {"@quantity"} and not concepts & _MANY:
        found.add("@peak")
    # `which vms on pve2 peaked in cpu?`, `memory of all guests on pve2`: of many on a node, not of the node.
    of_many = concepts & {"WHO", "SEVERAL", "@bound", "TOTAL"} and concepts & {"GUEST", "VM", "CT", "ASSIGNED"}
    if eaten or (of_many and "@node" in concepts and (found & {"@quantity"} or concepts & {"CORES", "DISK"})):
        found.add("@many")
    # `things are behaving oddly`: of all there is, in words that no list of complaints has.
    if {"ANYTHING", "@weak_unknown"} <= concepts and not concepts & {*KIND_CONCEPTS, "@entity"}:
        found.add("@vague")
    return frozenset(found) | attributes.combined(concepts)
