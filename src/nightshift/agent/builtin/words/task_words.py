"""What is asked about tasks: who started them, how long they took, the longest, those of one server, those
after a boot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.services import SYSTEMS
from nightshift.agent.builtin.words.tokens import Token

TASK_WORDS: Mapping[str, str] = {
    "ASKS_WHO": (
        "by whom|by who|who move|who migrate|who cancel|who abort|who open|who open it|who start|who had start|"
        "who has start|who have start|who had launched|who had run|who had kicked|who kick|who kicked off|who ran|"
        "who launch|who trigger|whose was it|whose is it|whose|which user|what user|by which account|"
        "under which account|under what account|who was it|who did that|who did it|who do that|user please|plus user|"
        "and user|the user|with user|who issued|who made|who took"
    ),
    "TASK_LAST": (
        "last thing anyone did|last thing somebody did|last thing someone did|last thing done|last action|"
        "most recent action|last operation|most recent operation|most recent task|latest task|last task|newest task|"
        "last thing that was done|most recent job|last thing that happened to"
    ),
    "AFTER_BOOT": (
        "after it came back|once it was up again|was up again|after the reboot|after reboot|after the restart|"
        "since it booted|after it booted|came back up|after it rebooted|after it restarted|is back up|after coming up|"
        "had come back up|has come back up|had returned|running again|post-boot|after booting up|after it was back|"
        "after the boot|after boot|when it came back"
    ),
    "FAIL": (
        "not end cleanly|not end clean|clean finish|unclean|not finish properly|not complete properly|not finish ok|"
        "not end ok|not come to a clean end|end not clean|finish not clean|bad ending|never came to an end|never ended|"
        "never finished|no clean end|not end well|not finish clean|not finish cleanly|ended badly|gone red|go red|"
        "gave up|give up|did not work|not work out|not go through|unsuccessful"
    ),
    "CONSOLE": "console|vnc|vncproxy|novnc|noVNC|web shell|terminal|termproxy|spice",
    "CANCELLED": (
        "cancelled|canceled|aborted by hand|interrupted|broken off|killed by hand|stopped by hand|stopped by a user|"
        "stopped by somebody"
    ),
    "MIGRATION": (
        "moved over|moving a vm|moving a guest|moving a container|moving guests|moving vms|ended up on|wound up on|"
        "land on|"
        "get to be on|got to be on|different host|different node|another host than|another node than|switched hosts|"
        "sit on a different|being migrated|is migrating|being moved|is moving|are moving|relocated|live migrate|"
        "changed node|changed host|switched node|on its way from|shifted across|shifted between|from node to node|"
        "from one node to another|from host to host|from one host to another|qmigrate|vzmigrate"
    ),
    "LAST": "most recently|how many minute ago|how many hour ago|how many day ago|how many week ago",
    "RUNNING": (
        "being moved|is moving|are moving|being migrated|is migrating|on the move|being copied|being verified|queued"
    ),
    "BEYOND": "cron.php|cron|crontab|cronjob|cron job|the one in the guest|in the guest itself",
    "VERIFY": (
        "bit rot|bitrot|integrity check|check for rot|check of integrity|verify job|verification job|data integrity|"
        "consistency check|verifyjob|verify-job|verificationjob|readability"
    ),
    "PRUNE": (
        "thinned out|cleaned out|old snapshot removed|old backup removed|remove old backup|remove old snapshot|"
        "old backups deleted|expire old|get rid of old snapshot|prune job|prunejob|prune-job|cleanup of old|"
        "clean up of old|cleanup of snapshot|cleanup of backup|cleanup of old snapshot|cleanup of old backup|"
        "cleaning up old|cleanup job|clean-up job|retention job|retention run"
    ),
    "REPLICATION": "mirrored over|pvesr|repl",
    "CHANGED": (
        "changes noted|anything noted|started by hand|run by hand|done by hand|started manually|run manually|"
        "triggered manually|done manually"
    ),
    "GC": (
        "garbage collection go over|garbage|garbage run|garbage collector|gc job|garbage job|collected garbage|"
        "garbage collect run|gc task"
    ),
    "BACKUP": "nightly jobs|night job|nightly run|dumps|dumped|dump job",
    "JOBLIST": "dump jobs|dump schedule",
    "TASK": (
        "nightly jobs|night job|nightly run|chore|maintenance job|housekeeping|aptupdate|qmstart|vzstart|qmstop|vzstop|"
        "qmshutdown|vzshutdown|qmreboot|vzreboot|qmcreate|vzcreate|qmdestroy|vzdestroy|startall|stopall|imgcopy|imgdel|"
        "qmconfig|qmclone|vzclone|qmsnapshot|vzsnapshot|qmrollback|vzrollback|package list"
    ),
    "RESTORE": "qmrestore|vzrestore",
}
_LONG = frozenset({"longest", "slowest"})
_SHORT = frozenset({"shortest", "quickest", "fastest"})
_RUNS = frozenset({"run", "runs", "job", "jobs", "backup", "backups", "vzdump"})
WORK = frozenset({"TASK", "BACKUP", "MIGRATION", "RESTORE", "GC", "VERIFY", "PRUNE", "SYNC", "REPLICATION"})
"""What the systems do as tasks, each with a log of its own."""
CHORES = frozenset({"GC", "VERIFY", "PRUNE", "SYNC"})
_LASTING = re.compile(r"\b(?:longer|shorter|took|takes?|taking|lasted|lasts?|ran|run|running)\b")
_WITHOUT = r"(?:not counting|leave out|leaving out|without|except(?: for)?|excluding|exclude|ignor(?:e|ing)|but not|no)"
_PBS = r"(?:pbs|backup server)"
_NOT_PBS = re.compile(rf"\b{_WITHOUT} (?:\S+ ){{0,3}}{_PBS}\b|\b{_PBS}(?: \S+)? (?:left out|excluded|aside)\b")
_OF_PVE = re.compile(r"\b(?:pve|proxmox ve|cluster|hypervisor)(?: \w+)? (?:tasks?|jobs?)\b")
_VZDUMP = re.compile(r"\bvzdumps?\b")  # what a node does; the backup server calls its part of it a backup
_OF_PBS = re.compile(
    rf"\b(?:did|has|have|does|do|will|is|was|lets?) (?:the |my |our )?{_PBS} (?:\w+ )?"
    r"(?:verif\w+|prun\w+|garbage|collect\w*|sync\w*|gc|clean\w*|remov\w+|check\w*)|"
    r"\b(?:pbs|backup server) (?:\w+ )?(?:tasks?|jobs?|chores?)\b|"
    r"\b(?:tasks?|jobs?|chores?) (?:that |which )?(?:the )?(?:pbs|backup server) (?:ran|run|did|has|had|executed)\b|"
    r"\b(?:pbs|backup server) (?:last |just |ever |already |really )?"
    r"(?:ran|runs?|verif\w+|prun\w+|collect\w*|sync\w*|check\w*)\b|"
    r"\b(?:tasks?|jobs?|chores?|housekeeping)\b.{0,30}\b(?:on|of|at) (?:the )?(?:pbs|backup server)\b"
)


def of_words(words: Sequence[Token]) -> Iterator[str]:
    """`the longest`, `the slowest`: of what is told by how long it took."""
    texts = {token.text for token in words}
    if "doing" in texts and texts & {"was", "were"}:
        yield "@was_doing"
    if texts & {"cron.php", "cron", "crontab", "cronjob"}:
        yield "@inside"  # of a guest: what runs by itself in there is seen by no system
    if texts & _LONG or {"most", "time"} <= texts:
        yield "LONGEST"
    if texts & _SHORT:
        yield "SHORTEST"
    if texts & _RUNS:
        yield "@runs"


def combined(concepts: frozenset[str]) -> Iterator[str]:
    """What several words mean of tasks."""
    work = concepts & (WORK | {"DURATION"})
    of_one = "TASK" in concepts and concepts & {"@guest", "@node"}
    if "PEOPLE" in concepts and (of_one or "CONSOLE" in concepts):
        yield "ASKS_WHO"  # `the shutdown task of web and its user`
        concepts |= {"ASKS_WHO"}
    if concepts & {"LONGEST", "SHORTEST"} and work and "UPTIME" not in concepts:
        yield "@longest"
    if {"DURATION", "BACKUP", "@past"} <= concepts and not concepts & {"LAST", "@guest"}:
        yield "@longest"  # `how long did last night's backup take?`
    if {"MEAN", "DURATION"} <= concepts and work:
        yield "@longest"  # `average duration of the backup jobs`
    if (
        "MIGRATION" in concepts
        and "@guest" in concepts
        and "WHY" not in concepts
        and concepts & {"ASKS_WHO", "WHO", "@past", "LAST", "@when"}
    ):
        yield "@moved"
    if "CANCELLED" in concepts and not concepts & {"@action", "@how", "@task_now"}:
        yield "@cancelled"
    if "ASKS_WHO" in concepts and (work or concepts & {"TASK_LAST", "SNAPSHOT"}):
        yield "@task_of"
    if "TASK_LAST" in concepts:
        yield from ("@task_of", "LAST")
    if len(concepts & CHORES) > 1:
        yield "@several_kinds"
    if "@bound" in concepts and "@lasting" in concepts and work:
        yield "@task_bound"


def is_lasting(lowered: str) -> bool:
    """Whether a bound of time is one of how long something took, and not of how old it is."""
    return bool(_LASTING.search(lowered))


_KEPT_BY_PBS = re.compile(
    r"\b(?:from|out of) (?:the |our |my )?pbs\b|\bpbs (?:backups?|stores?|datastores?|cop(?:y|ies)|snapshots?|jobs?)\b"
)


def means_its_copies(lowered: str) -> bool:
    """`a file from a PBS backup`: of what the backup server keeps, and not of a guest that it runs in."""
    return bool(_KEPT_BY_PBS.search(lowered))


def server_of(lowered: str) -> str:
    """`pve` or `pbs`, where only the tasks of one of them are meant."""
    if _NOT_PBS.search(lowered):
        return "pve"
    if _OF_PBS.search(lowered):
        return "pbs"
    return "pve" if _OF_PVE.search(lowered) or _VZDUMP.search(lowered) else ""


@dataclass(frozen=True, slots=True)
class Doer:
    """A user of the systems, as the text names it."""

    user: str
    start: int
    end: int


_DOES = (
    r"(?:did|do|does|doing|been|has|had|have|starts?|started|ran|runs?|kicked|deleted|moved|migrated|touched|changed)"
)
# A name with a realm is an account, whether or not it did anything of late.
_ACCOUNT = re.compile(r"(?<![\w.@-])[a-z][\w.-]*@(?:pam|pve|pbs|ldap|ad)(?![\w.@-])")
_ITS_TASKS = r"(?:last |latest |recent |newest )?(?:tasks?|actions?|doings)\b"
_BEFORE = r"(?:by|user|account|did|does|has|have|had|from)"


def doer_in(lowered: str, users: Iterable[str]) -> Doer | None:
    """The user whose tasks are meant: `anna@pam`, `by anna`, `what has anna done`; a bare name alone is none."""
    of_a_realm = _ACCOUNT.search(lowered)
    if of_a_realm:
        return Doer(of_a_realm[0], *of_a_realm.span())
    for user in sorted(users, key=len, reverse=True):
        name, full = re.escape(user.partition("@")[0].lower()), re.escape(user.lower())
        of_it = (
            "" if name in SYSTEMS else rf"|tasks? of (?P<of>{name})(?=\W*$)|(?P<own>{name})(?=(?:'?s)? {_ITS_TASKS})"
        )
        match = re.search(
            rf"(?<![\w-])(?:{_BEFORE} (?P<after>{name})|(?P<full>{full})|(?P<does>{name})(?= {_DOES}\b){of_it})"
            r"(?![\w-])",
            lowered,
        )
        if match:
            start, end = match.span(match.lastgroup or 0)
            return Doer(user, start, end)
    return _person_in(lowered)


# Who did nothing of late is still asked about: `what has anna been up to on the cluster?`
_IN_THE_SYSTEMS = re.compile(r"\b(?:cluster|proxmox|pve|audit trail)\b")
_DOINGS = r"(?:been )?(?:doing|do|done|up to|made|make|start|started|change|changed|run)\b"
_PERSON = re.compile(
    rf"\b(?:what|which \w+) (?:has|had|did|does|is|was) (?P<asked>[a-z]{{3,}}) {_DOINGS}|"
    r"\bwhat (?P<told>[a-z]{3,}) (?:has|had|was|is) (?:been )?(?:doing|done|up to)\b"
)
# Only people do that, whatever guest is called alike: `did anna mute an alarm?`
_HUSHES = re.compile(r"\b(?:did|has|had|does) (?P<asked>[a-z]{3,}) (?:mute|silence|snooze|acknowledge|hush)[ds]?\b")


_ALIKE = re.compile(r"^\W*(?:(?:and|or|ok|but|only|just|what|how|about|of|user|by) )+(?P<who>[a-z][\w-]{2,})\W*$")


def another_doer(lowered: str, users: Iterable[str]) -> str:
    """`And anna?`, `and by peter?`, after what one user did: who else is meant; empty for nobody."""
    match = _ALIKE.match(lowered)
    if match is None or match["who"] in FUNCTION_WORDS | {"whom"}:
        return ""
    known = next((user for user in users if user.partition("@")[0].lower() == match["who"]), "")
    return known or (match["who"] if re.search(r"\bby\b", lowered) else "")


def _person_in(lowered: str) -> Doer | None:
    match = _HUSHES.search(lowered) or (_PERSON.search(lowered) if _IN_THE_SYSTEMS.search(lowered) else None)
    if match is None or match[match.lastgroup or 0] in FUNCTION_WORDS:
        return None
    return Doer(match[match.lastgroup or 0], *match.span(match.lastgroup or 0))
