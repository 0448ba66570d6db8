"""What a question about a loss asks of it: who comes back, what stops, and whether the rest has room."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.leave import asks_leave_for
from nightshift.agent.builtin.sentences.lost_nodes import loses_some_node
from nightshift.agent.builtin.sentences.suppositions import supposes_a_loss
from nightshift.agent.builtin.words.tokens import word_set

_IN_ORDER = re.compile(r"\bwh\w+ (?:order|sequence)(?: should| must|.* to)\b.*\bbe (?:shut|switched|turned|powered)\b")
_COMES_BACK = re.compile(
    r"\b(?:com(?:e|es|ing)|(?:re)?start\w*|br(?:ing|ought)|rescued?|resurrect\w*|moved?|moves|fail(?:s|ed)?|migrate[ds]?|"
    r"run|runs|boot(?:s|ed)?|returns?|recovers?|hops?|jumps?|switch|puts?|taken?|takes|resumes?|save[ds]?|gets?|picked|"
    r"relaunch\w*|go|goes)\b.*\b(?:else ?where|(?:somewhere|anywhere) else|over|"
    r"(?:in |on |to )?(?:other|another|different|remaining|surviving) (?:two )?"
    r"(?:nodes?|box|boxes|hosts?|machines?|servers?|computers?|places?|ones?)|"
    r"on its own|on their own|by itself|by themselves|automatic(?:ally)?|back up|survivors?|"
    r"without (?:me|us|my|our|any|help|anyone|anybody|touching))\b|"
    r"\bcomes? back\b|\bfail ?over\b|\b(?:ha|high availability)\b"
)
_ROOM = re.compile(
    r"\bn ?[-+] ?1\b|\b(?:enough|sufficient|room|space|capacity|fits?|shoulder|carry|absorb|take over|cope|handle|"
    r"hold|big enough|accommodate|take on|squeeze|have (?:the )?(?:memory|ram)|ram\b.{0,16}\b(?:ok|fine))\b"
)
_LOAD = re.compile(r"\b(?:ram|memory|guests?|load|everything|all|vms?|workloads?|containers?|rest|others?)\b")
_OF_OTHERS = re.compile(r"\b(?:guests|load|everything|all|vms|workloads?|containers|rest|others?|their|both)\b")
# `what goes dark while pve3 reboots`: what stops, and on which occasion.
_STOPS = (
    r"\b(?:(?:goes?|going|turns?|be|is|are|becomes?|gets?|falls?|drops?) (?:\w+ )?(?:dark|down|offline|away|"
    r"unreachable|unavailable|silent|missing|black|out|lost|dead|interrupted|cut off|affected|impacted|hit|"
    r"knocked out)|stops?|dies?|disappears?|vanish(?:es)?|(?:do|would|will) (?:i|we) (?:lose|miss)|"
    r"suffers?|breaks?|unreachable)\b"
)
_OCCASION = (
    r"\b(?:while|when|whenever|if|once|during|in case|as soon as|the moment|because of|due to|without|after i|after we|"
    r"for the time|with \w+ (?:off|down|away|gone|in maintenance|unplugged|offline|rebooting))\b"
)
_ASKS_WHAT = (
    r"(?:^(?:\w+[,:]? )?|[.:;,!] (?:and )?)(?:what|which|who|how many|how much of|anything|"
    r"does anything|will anything|list|name)\b"
)
_GOES_WITH_IT = re.compile(
    rf"{_ASKS_WHAT}.*{_STOPS}.*{_OCCASION}|{_ASKS_WHAT}.*{_OCCASION}.*{_STOPS}|"
    rf"^{_OCCASION}.*\b(?:what|which|who|how many)\b.*{_STOPS}"
)
_MOVES = (
    r"(?:migrat\w+|move|moved|moving|shov\w+|shunt\w*|transferred|relocat\w+|shift(?:ed)?|evacuat\w+|(?:run|live|"
    r"start|work)(?:ning)? (?:on (?:another|a different|any other|the other)|elsewhere|anywhere else|somewhere else))"
)
_MAY_MOVE = re.compile(
    rf"^(?:\w+[,:]? )?(?:can|could|may|should|would|will|is|are|any|what|which)\b.*\b{_MOVES}\b|"
    r"\b(?:tied|bound|pinned|glued|nailed|stuck|chained) to\b|"
    r"\bwhat (?:ties|binds|pins|glues|nails|chains|holds|keeps|locks|fixes|confines|restricts) \S+ (?:to|on|at) |"
    r"\bwhy\b.*\b(?:can ?not|may|may not|must not|not (?:free|allowed|able)|unable|refuse\w*|forbidden)\b.*"
    rf"\b{_MOVES}\b"
)
# `if I shift web to pve2, do its files come along`
_MOVES_TO = re.compile(
    r"\b(?:mov|shift|migrat|transfer|shov|relocat|carry|put)\w*\b.* (?:to|onto|over) \S|\S -+> ?\S|"
    r"^\W*(?:migrat|mov|shift)(?:e|ing) \S+ \S+"
)
_DEPENDS = re.compile(
    r"\b(?:what|who|which|anything|anyone|does anything|list)\b.*\b(?:rel(?:y|ies|ying)|depends?|depending|"
    r"hang(?:s|ing)?|lean(?:s|ing)?) (?:on|off|from|upon)\b|"
    r"\b(?:how many|number of|count)\b.*\b(?:rel(?:y|ies|ying)|depends?|depending|hangs?|lean(?:s|ing)?|needs?) |"
    r"\b(?:go|goes|breaks?|dies?|stops?|fails?|boom|bust|dark)\b.*\bwithout \S+|"
    r"\b(?:affected|hit|hurt|suffer\w*) (?:by|from) (?:the |an? )?\S+ (?:outage|failure|downtime|loss|crash)\b|"
    r"\bhangs? on it\b|\b(?:gone|lost|dies?|(?:go|goes|went) (?:down|away|off)) (?:along |together )?with\b|"
    r"\b(?:anything|anyone|anybody|who|what|something) (?:\w+ )?(?:needs?|requires?)\b"
)
# `postgres down hits who`, `who notices when I restart 101`, `blast radius of redis`: what comes of it for others.
_HITS = re.compile(
    r"\b(?:blast radius|fall-?out|knock-?on|collateral|repercussions?|ripple|dependants?|dependents?|downstream)\b|"
    r"\b(?:who|whom|what|which|any\w*|nobody|some\w*|does|do|can|could|will|would)\b.*\b(?:notic\w+|cr(?:y|ies)|"
    r"whin\w+|complain\w*|yells?|scream\w*|suffers?|affected|impacted|hits?|hurts?|breaks?|degrades?|dies?|feels?|"
    r"cares?|stops?|unhappy|annoyed|angry|bothered|fails?|log ?in|works?|not do|stays? (?:up|alive)|survives?|"
    r"happens?)\b|\b(?:breaks?|hits?|hurts?|kills?|affects?|means)(?: \w+){0,3}\W*$"
)
_IS_OFF = re.compile(
    r"\b(?:off|down|gone|out|away|dead|dies?|croaks?|crash\w*|breaks?|fails?|falls?|re-?starts?|re-?boot\w*|"
    r"re-?starting|stops?|stopping|loses?|losing|upgrad\w+|unavailable|without)\b"
)
_WAS = re.compile(r"\b(?:did|was|were|had|yesterday|last|ago|since|why)\b")
_LOSE = re.compile(
    r"\bis (?:then |also )?lost\b|\b(?:damage|suffers?|notice(?:able)?|miss|unavailable|affected|knocked out|"
    r"taken down|hit)\b|"
    r"\b(?:do|would|will|could) (?:i|we|it|that) (?:then |all )?(?:lose|miss)\b(?!.*\b(?:data|hours|files|changes)\b)"
)
# `can web run on pve2?`: of what may be, and not of what is.
_MAY_RUN_THERE = re.compile(
    r"^\W*(?:\w+[,:]? )?(?:can|could|may|might|would)\b.*\b(?:run|runs|live|start|go|work|fit|sit|be hosted)\b"
    r".*\b(?:on|onto|at|to)\b"
)
# `can VM 144 go?`, `may I throw it away?`: whether a guest is still needed.
_MAY_GO = re.compile(
    r"\b(?:can|may|could|should|might) (?!(?:i|we|you) )(?:\S+ ){1,4}?(?:go|be (?:deleted|removed|"
    r"thrown (?:away|out)|dropped|scrapped|"
    r"retired|wiped|destroyed|decommissioned|binned))\b(?! (?:wrong|down|to|on|up|back|bad|into|over|offline))|"
    r"\b(?:can|may|could|should|dare) (?:i|we) (?:\w+ )?(?:delete|remove|throw (?:away|out)|get rid of|drop|scrap|bin|"
    r"destroy|wipe|retire|decommission|trash|ditch|kill off)\b|\b(?:precious|expendable|dispensable|disposable|"
    r"do without|of (?:any )?value|dear to|cares? about|still needed|"
    r"(?:ok|okay|fine|safe|allowed|possible) (?:for me )?(?:to|that \S+(?: \S+)?) "
    r"(?:delete|remove|destroy|wipe|drop|goes? away|disappears?)|possible \S+ \S+ goes away|needed any ?more|"
    r"anyone (?:need|miss)|anybody (?:need|miss)|safe to (?:delete|remove|destroy|wipe|drop))\b"
)
# `any risk in removing snapshot before-mods of web?`
_REMOVED = re.compile(
    r"\b(?:can|may|could|should|dare|safe|safely|risk\w*|ok|okay|fine|harm\w*|danger\w*|still|lose|lost|happens?)\b.*"
    r"\b(?:delet\w+|remov\w+|drop\w*|bin|wip\w+|throw\w*|discard\w*|get\w* rid|go|gone|needed|needs?|clear\w*|ditch)\b|"
    r"\b(?:delet\w+|remov\w+|drop\w*|without)\b.*\b(?:safe|ok|okay|risk\w*|lose|lost|harm\w*|happens?)\b"
)
# `I take pve3 out on Saturday. And quorum?`
_TAKES_OUT = re.compile(
    r"\b(?:take|taking|pull|pulling|remove|removing|shut|switch|power|bring|unplug|reboot|rebooting|without|"
    r"losing|lose|off|away|out|down|gone|missing)(?: \S+){0,3}\b"
)
# `I'd shift two VMs over to pve2, objections?`
_BRINGS_LOAD = re.compile(
    r"\b(?:move|shift|migrate|put|place|start|spin up|add|create|deploy|run|host|squeeze|take|fit|afford|handle|bear)"
    r"\b.*\b(?:vms?|guests?|containers?|cts?|lxcs?|machines?|load|workloads?|stuff|more)\b"
)
_ELSE_SO = re.compile(
    r"\b(?:anything|anyone|anybody|what|who|which|something) else\b.*\b(?:off|down|stopped|dark|dead|not running|"
    r"running|on|up|locked|paused)\b"
)
_MORE_MEMORY = re.compile(
    r"\d ?[gmt]i?b?\b.*\b(?:grow|more|extra|additional|memory|ram|on top)\b|"
    r"(?:\b(?:more|extra|additional|another|by|plus)|\+) ?[\d.]+ ?[gmt]i?b?\b|"
    r"\b(?:more|double|twice the|extra|bigger) (?:memory|ram)\b"
)
_TAKEN_AWAY = re.compile(r"\b(?:take|remove|cut|free|get)\b.{0,60}\b(?:from|away|back|off)\b|\b(?:less|smaller)\b")
_MAY_HAVE = re.compile(
    r"\b(?:fits?|space|room|afford|spare|enough|handle|cope|possible|able|could|can|would|allow|bear|take|has|have|"
    r"ok|okay|safe|fine)\b"
)
_LOST_SINCE = re.compile(
    r"\b(?:how much|how many (?:hours|minutes)|how old|what)\b.*\b(?:lose|lost|loss|missing|stale)\b|\bdata loss\b"
)
_COPIED = re.compile(r"\b(?:failover|fail over|fails over|replica\w*|replicat\w+|ha)\b")
_MAY_COME_BACK = word_set("SAFE IF DOWN FAIL MANAGED HA_SYSTEM ANYTHING")
OF_A_GUEST = ("@may_go", "@may_move", "@by_itself", "@more_memory", "@lost_since")
_WENT_TOO = re.compile(
    r"\b(?:who|what|which|anything|anyone|anybody|something)\b.*\b(?:else|other|too|also)\b.*"
    r"\b(?:hit|affected|down|gone|went|goes|lost|broken|impacted|suffers?|suffering|taken|dead|offline|hurt)\b|"
    r"\bwhat (?:else )?(?:went|goes|is gone|is down) with (?:it|that|them)\b|\bwho else\b"
)
_DESTROYED = re.compile(r"\b(?:destroyed|gone|burn\w*|wiped|dead|deleted|lost)\b")
_ALL_FIT = re.compile(r"\bn ?[-+] ?1\b|\b(?:fit|carry|shoulder|absorb|take over|cope|on top of)\b")


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@comes_back` asks who starts again elsewhere, `@room` whether the others have memory for all,
    `@lost_place` who saves to a place that is lost; `IF` is there where a loss is supposed in other words."""
    if _IN_ORDER.search(lowered):
        return frozenset()  # a procedure: nothing is lost
    if not concepts & {"@node", "@guest", "@datastore", "@storage"}:
        unnamed = "@entity" not in concepts and not concepts & {"@past", "@action", "@how", "RUNBOOK"}
        return frozenset({"@any_node"}) if unnamed and loses_some_node(lowered) else frozenset()
    found = {"IF"} if _may_suppose(concepts) and supposes_a_loss(lowered) else set()
    if (
        "IF" in concepts | found
        and concepts & {"@datastore", "@storage"}
        and (concepts & {"DOWN", "FAIL", "PROPERLY"} or _DESTROYED.search(lowered))
    ):
        found.add("@lost_place")
    if "@node" in concepts and "QUORUM" in concepts and _TAKES_OUT.search(lowered):
        found.add("IF")
    if not concepts & {"@past", "ALERT", "RULE", "BACKUP"} and _GOES_WITH_IT.search(lowered):
        found.add("IF")
    if "@node" in concepts and not concepts & {"@guest", "@action", "WHY"} and _BRINGS_LOAD.search(lowered):
        found.add("@brings_load")
    if asks_leave_for(lowered, concepts):
        found |= {"@leave", "SAFE"}
    with_it = {"@guest", "STORAGE"} <= concepts and "IF" in concepts | found and not concepts & {"FULL", "MIGRATION"}
    if with_it or (concepts & {"@guest", "@node"} and _DEPENDS.search(lowered)) or _hits_others(lowered, concepts):
        found |= {"@depends", "SAFE", "IF"}
    supposed = "IF" in concepts | found
    if "@node" in concepts and supposed and _LOSE.search(lowered) and not concepts & {"BACKUP", "RESTORE", "@guest"}:
        found.add("@lost_with")
    found |= _of_a_guest(lowered, concepts)
    if _COMES_BACK.search(lowered) and (concepts | found) & _MAY_COME_BACK:
        found |= {"@comes_back", "@lost_with"} if supposed and "@node" in concepts else {"@comes_back"}
    if (
        "@node" in concepts
        and "QUORUM" not in concepts
        and _ROOM.search(lowered)
        and _LOAD.search(lowered)
        and (("MEMORY" in concepts and (supposed or _OF_OTHERS.search(lowered))) or _ALL_FIT.search(lowered))
    ):
        found.add("@room")
    return frozenset(found)


def _hits_others(lowered: str, concepts: frozenset[str]) -> bool:
    """Whether it is asked what others have of a guest that is off; how it went, and why, is another question."""
    if "@guest" not in concepts or not _may_suppose(concepts) or concepts & {"BACKUP", "RESTORE", "FINISHED", "@node"}:
        return False
    return bool(_HITS.search(lowered) and _IS_OFF.search(lowered) and not _WAS.search(lowered))


def _may_suppose(concepts: frozenset[str]) -> bool:
    return not concepts & {"ALERT", "RULE", "@action", "@how", "WHY", "RUNBOOK", "TASK", "CHANGED"}


def _of_a_guest(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@may_move`, `@more_memory`, `@lost_since`: whether it could run elsewhere, or have more memory where it is, and
    what is newer than its copy elsewhere."""
    if "@guest" not in concepts or concepts & {"@action", "CHANGED", "@how"}:
        return frozenset()
    if "WHY" in concepts:
        return frozenset({"@may_move"} if _MAY_MOVE.search(lowered) else ())
    if "SNAPSHOT" in concepts and not concepts & {"BACKUP", "@datastore", "@past"} and _REMOVED.search(lowered):
        return frozenset({"@snapshot_go", "SAFE"})
    if _MAY_GO.search(lowered) and not concepts & {"SNAPSHOT", "BACKUP", "DISK", "LOCK"}:
        return frozenset({"@may_go"})
    if _ELSE_SO.search(lowered) and not concepts & {"WRONG", "IF"}:
        return frozenset({"@others_so"})
    found = {"@lost_since"} if _LOST_SINCE.search(lowered) and _COPIED.search(lowered) else set()
    if (
        _MORE_MEMORY.search(lowered)
        and not _TAKEN_AWAY.search(lowered)
        and _MAY_HAVE.search(lowered)
        and not concepts & {"DISK", "STORAGE"}
    ):
        found.add("@more_memory")
    there = _MOVES_TO.search(lowered) or _MAY_RUN_THERE.search(lowered)
    if _MAY_MOVE.search(lowered) or ("@node" in concepts and there):
        found.add("@may_move")
    return frozenset(found)


def asks_who_comes_back(lowered: str) -> bool:
    return _COMES_BACK.search(lowered) is not None


def asks_what_went_too(lowered: str) -> bool:
    return _WENT_TOO.search(lowered) is not None
