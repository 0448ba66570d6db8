"""What is asked of one guest or node in many forms: on which node it is, since when it is up, whether it starts by
itself or should run, whether it can be deleted, what is noted about it, how much memory is left on it, whether it waits
for a reboot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nightshift.agent.builtin.words.tokens import said_among, word_set

_ONE = frozenset({"@guest", "@node"})
_OTHER_MATTERS = frozenset({"@action", "@how", "RUNBOOK", "WHY", "METRIC", "RULE", "@promql"})
_OF_NO_ONE = word_set("WHO SEVERAL @two TASK BACKUP ALERT COMPARE SNAPSHOT")
_MACHINE = r"(?:node|host|hypervisor|server|machine|box|computer)"
_ON_WHICH = re.compile(
    rf"\b(?:which|what|whose) (?:\w+ )?{_MACHINE}\b|\b{_MACHINE}\b.*\b(?:holds?|houses?|hosts|carries|has|runs)\b|"
    rf"^(?:current )?{_MACHINE} (?:of|for)\b|[:,-] *(?:current |which |what )?{_MACHINE}\W*$|\bwhereabouts\b|\bwhere\b"
)
_SAYS_WHERE = frozenset(
    {"NODE", "GUEST", "VM", "CT", "LIST", "WHO", "RUNNING", "WHERE", "CARRIES", "IT", "LIES", "WILL", "AGAIN"}
)
_UNBROKEN = re.compile(
    r"\b(?:on|up|running|alive|online|uptime)\b.*\b(?:without (?:a |an |any )?(?:single )?"
    r"(?:break|interruption|pause|restart|reboot|stop|outage)|non-?stop|uninterrupted\w*|in one go|at a stretch)\b|"
    r"\b(?:uninterrupted|unbroken|continuous) (?:uptime|run)\b|\bnon-?stop\b|"
    r"\bhow many (?:days|hours|weeks|months) (?:has|have|is|was|did)\b.*\b(?:on|up|running|alive)\b"
)
_AT_REST = re.compile(
    r"\b(?:is|was|just|only|or)\b.*\b(?:idling|idle|bored|pulling its weight|twiddling|doing nothing)\b"
)
_UPTIME = re.compile(r"\buptime\b")
_PRINTED = re.compile(
    r"\b(?:figure|number|value|column)s?\b.*\buptime\b|\buptime\b.*\b(?:figure|number|value|column)s?\b"
)
_COMES = r"(?:come|comes|coming|start|starts|started|starting|boot|boots|be|get|gets|go|goes|return|returns)"
_ALONE = (
    r"(?:by itself|by themselves|on (?:its|their) own|alone|automatically|without (?:me|us|anybody|anyone|help|"
    r"my help)|(?:together|along|up) with|by its settings|unattended)"
)
_STARTS_ALONE = re.compile(
    rf"\b{_COMES}\b(?: \w+){{0,3}}? {_ALONE}\b|^\W*starts? \S+ .{{0,60}}\b{_ALONE}\b|\b{_ALONE}\b.*\b{_COMES}\b|"
    r"\b(?:after|when|once|if)\b(?>.*?\b(?:node|host|server|reboots?|restarts?|power|outage)\b)"
    rf"(?>.*?\b(?:will|does|would|is)\b).*\b{_COMES}\b(?: \w+){{0,2}} (?:up|back|again|on|start)\b"
)
_BEFORE_OTHERS = re.compile(
    r"\b(?:which|what|who)\b.*\b(?:start|boot|come up)\w*\b.{0,20}\b(?:before|earliest|ahead of)\b"
)
_MEANT = re.compile(
    r"\b(?:should(?! i\b| we\b)|ought|supposed|meant|intended|expected|wanted|(?:by|on|with) (?:intention|purpose|"
    r"intent))\b.{0,50}\b(?:up|on|running|run|off|down|started|stopped|online|shut down|powered)\b|"
    r"\b(?:off|down|stopped|shut down|powered (?:off|down))\b.{0,24}"
    r"\b(?:supposed|meant|intended|wanted|intentional|deliberate|(?:by|on|with) (?:intention|purpose|intent))\b"
)
_DELETED = r"(?:delet|remov|destroy)\w*"
_GUARDED = re.compile(
    rf"\b(?:proxmox|pve|cluster|gui)\b.*\b(?:lets?|allows?|permits?|stops?|prevents?|refuses?|minds?)\b.*\b{_DELETED}|"
    rf"\b{_DELETED}.*\b(?:proxmox|pve|gui) (?:let|allow|permit|stop|prevent|refuse|mind)|"
    rf"\b{_DELETED}.*\b(?:by (?:accident|mistake)|accidentally|just like that|straight away|without further ado|"
    rf"simply so)\b|\bwrong click\b"
)
_NOTED = re.compile(
    r"\b(?:what|anything|something)\b.*\b(?:written|write|wrote|noted|jotted)\b(?: \w+){0,2}? (?:about|down|for|"
    r"in the notes)\b|\b(?:read|show|say)\b.*\b(?:notes?|remarks?|descriptions?)\b"
)
_LEFT = re.compile(r"\b(?:enough|sufficient|free|left|available|spare|unused|headroom|remaining|over)\b")
_TAKEN = re.compile(r"\b(?:occupied|taken|used|in use|full)\b")
_NOT_OF_THE_NODE = frozenset(
    {"GUEST", "VM", "CT", "WHO", "@guest", "@bound", "TOTAL", "ASSIGNED", "OVERCOMMIT", "@time", "SAFE", "@room",
     "@more_memory", "SWAP", "COMPARE", "PEAK", "MEAN", "LOWEST", "TREND", "OVERTIME"}
)  # fmt: skip
_BUILT_IN = re.compile(r"\b(?:installed|built(?:[ -]in)?|fitted|physical|physically|plugged)\b")
_BOOTS = r"(?:reboot|restart)\w*"
_BOOT_DUE = re.compile(
    r"\b(?:needs?|must|have to|has to|had to|requires?|wants?|pending|outstanding|due|waits?|waiting|necessary)\b"
    rf".{{0,40}}\b{_BOOTS}|\b{_BOOTS}\b.{{0,30}}\b(?:pending|outstanding|due|needed|required|necessary|still)\b"
)
_FAILED_SERVICE = re.compile(
    r"\bservices?\b.*\b(?:fail\w*|dead|died|towel|gave up|given up|crash\w*|not running|stopped|down|inactive)\b|"
    r"\b(?:fail\w*|dead|crashed)\b.*\bservices?\b"
)
_LIFE_OF_A_DISK = re.compile(
    r"\b(?:ssd|nvme|disk|drive)s?\b.*\b(?:used up|life|lifetime|worn|wear)\b|\b(?:life|lifetime|wear|"
    r"worn)\b.*\b(?:ssd|nvme)s?\b"
)


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """The concepts of such a question; none where something is to be done, or why is asked."""
    if concepts & _OTHER_MATTERS:
        return frozenset()
    found = (*_of_a_guest(lowered, concepts), *_of_one(lowered, concepts), *_of_nodes(lowered, concepts))
    return frozenset(found)


def _of_a_guest(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    if {"INTENDED", "COUNT"} <= concepts and concepts & {"GUEST", "VM", "CT"} and "@guest" not in concepts:
        yield from ("AUTOSTART", "@autostart_count")  # `how many guests are meant to run?`
    if concepts & {"GUEST", "VM", "CT"} and "BACKUP" not in concepts and _BEFORE_OTHERS.search(lowered):
        yield from ("BOOT_ORDER", "@of_settings")
    if "@guest" not in concepts or concepts & {"BACKUP", "SNAPSHOT", "REPLICATION", "RESTORE"}:
        return
    said = said_among(concepts)
    if said & {"NODE", "GUEST", "WHERE"} and said <= _SAYS_WHERE and _ON_WHICH.search(lowered):
        yield from ("WHERE", "@where_one")
    if "DEVICES" in concepts and not concepts & {"IF", "MIGRATION", "@may_move", "@may_go", "@action_verb"}:
        yield "@set_up"  # `what USB device hangs on it?`
    if _STARTS_ALONE.search(lowered) and not concepts & {"SAFE", "MIGRATION"}:
        yield from ("AUTOSTART", "@settings", "@set_up")
    elif _MEANT.search(lowered) and "IF" not in concepts:
        yield from ("INTENDED", "AUTOSTART", "@settings", "@set_up")
    if _GUARDED.search(lowered) and not concepts & {"IF", "BACK"}:
        yield from ("PROTECTION", "@settings", "@set_up")
    if _NOTED.search(lowered) and not concepts & {"@node", "DISK"}:
        yield from ("NOTES", "@settings", "@attribute")
    if {"LOCK", "RUNNING"} <= concepts:
        yield "@set_up"  # `is it running although it is locked?`


def _of_one(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    one = concepts & _ONE and not concepts & _OF_NO_ONE
    if one and _PRINTED.search(lowered):
        yield from ("LOAD", "@quantity")
    elif one and "@bound" not in concepts and _AT_REST.search(lowered):
        yield from ("SLOW", "@busy_of_one")
    elif (
        one and (_UNBROKEN.search(lowered) or _UPTIME.search(lowered)) and not concepts & {"@bound", "@past", "REBOOT"}
    ):
        yield from ("UPTIME", "@uptime_of_one")


def _of_nodes(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    of_node = "@node" in concepts
    if of_node and "MEMORY" in concepts and not concepts & _NOT_OF_THE_NODE:
        if _BUILT_IN.search(lowered):
            yield from ("MEMORY_SIZE", "@settings", "@attribute")
        elif _LEFT.search(lowered):
            yield from ("FREE", "@quantity", "@of_the_node")
        elif _TAKEN.search(lowered):
            yield from ("@quantity", "@of_the_node")
    other = {"@guest", "GUEST", "IF", "SAFE", "UNIT"}
    if concepts & {"@node", "NODE"} and not concepts & other and _BOOT_DUE.search(lowered):
        yield from ("REBOOT_NEEDED", "@subsystem", "@reboot_due")
    if of_node and "@guest" not in concepts and _FAILED_SERVICE.search(lowered):
        yield from ("UNIT", "@subsystem")
    if (
        concepts & {"@node", "@no_name"}
        and not concepts & {"@storage", "@datastore"}
        and _LIFE_OF_A_DISK.search(lowered)
    ):
        yield from ("WEAR", "PHYSICAL", "@disk_attribute")
