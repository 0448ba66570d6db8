"""Marks about what may be lost or touched where no thing is named by its name: the mains, the house, a lock."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_MAINS = r"(?:batter(?:y|ies)|ups|usv|apc|eaton|mains)"
_LASTS = (
    r"minutes?|how (?:long|fast)|time|runtime|lasts?|holds?|watts?\w*|buffer|longer|drain\w*|dropping|slope|"
    r"gives? (?:up|out)"
)
_PLACE = r"(?:office|house|home|building|flat|apartment|basement|cellar|attic|room|rack|site|cabinet|roof)"
_RUIN = r"(?:burn\w*|fire|flood\w*|water|stolen|theft|thie(?:f|ves)|burgl\w*|lightning|explod\w*|collaps\w*|destroyed)"
_STARTS = r"(?:re-?start\w*|starts?|comes?|brought|boots?|booted|moves?|moved|hops?|jumps?|switch\w*|fails? over|put)"
_ELSE = r"(?:else ?where|somewhere else|(?:an?other|different|other) (?:node|host|server|box|machine|computer)s?)"
_ALONE = rf"(?:{_ELSE}|by (?:it|them)sel(?:f|ves)|automatic\w*|on (?:its|their) own|without me)"
_DOES_TO = (
    r"(?:can't|blocks?|prevents?|stops?|forbids?|can ?not|keeps?|not allowed|affects?|means?|feels?|notices?|do|does)"
)
MARKS: tuple[Mark, ...] = (
    # `minutes left on battery?`, `is there enough battery for a clean shutdown?`, `time for a backup before it all goes
    # dark?`
    Mark(
        ("POWER", "@ups"),
        re.compile(
            rf"\b(?:{_LASTS}|enough)\b.*\b{_MAINS}\b|\b{_MAINS}\b.*(?:\b(?:{_LASTS}|enough|shut ?down|runtime)\b|%)|"
            r"\btime\b.*\bbefore (?:it|everything|all|the lights?)\b.*\b(?:goes?|off|out|dark|down)\b"
        ),
        without=word_set("METRIC RULE ALERT WHY DISCOVER @past @my_odd_noun @foreign_owner @guest") | NO_ORDER,
        drops=word_set("SAFE STOPPED FAIL @action_verb LOCK PULL BEYOND METERED SHARE GUEST FULL"),
    ),
    # `what did the battery bear in the past hour, and for how many minutes does it last?`
    Mark(
        ("POWER", "@ups"),
        re.compile(
            r"\b(?:battery|ups|apc)\b.*\b(?:watts?|minutes?|buffer|longer|drain\w*|slope)\b|"
            r"\b(?:watts?\w*|minutes?|buffer|longer|drain\w*)\b.*\b(?:battery|ups|apc)\b"
        ),
        all_of=word_set("@past"),
        without=word_set("RULE ALERT METRIC DISCOVER WHY @guest") | NO_ORDER,
        drops=word_set("BEYOND METERED SHARE GUEST FULL"),
    ),
    # `The lights are out. How many minutes do the computers have left?`
    Mark(
        ("POWER", "@ups"),
        re.compile(
            r"\b(?:(?:lights?|power|electricity) (?:is|are|went|ha\w+ gone) (?:out|off|gone)|power (?:cut|outage))\b.*"
            r"\b(?:minutes|how long|time)\b.*\b(?:left|lasts?|hold|stay|remain\w*|have)\b"
        ),
        without=word_set("METRIC RULE WHY DISCOVER @past @guest") | NO_ORDER,
        drops=word_set("ALERT NODE FREE FULL GUEST HAPPENED COUNT DURATION BEYOND SEVERAL"),
    ),
    # `are we safe if the office burns down?`
    Mark(
        ("@site_lost", "BACKUP", "RELY"),
        re.compile(rf"\b{_PLACE}\b(?!-).*\b{_RUIN}\b|\b{_RUIN}\b.*\b{_PLACE}\b"),
        needs=word_set("IF SAFE RELY BACKUP PROTECTED ABLE RESTORE"),
        without=word_set("@node ALERT RULE METRIC HEAT WHY LOSE") | NO_ORDER,
        drops=word_set("IF"),
    ),
    # `to what day could I go back with web?`, `if I delete it now, how many hours of docs do I lose?`
    Mark(
        ("@loss", "RESTORE"),
        re.compile(
            r"\b(?:to|until|from|at) (?:which|what) (?:\w+ )?(?:date|day|moment|point|time|hour|state)\b.*"
            r"\b(?:returns?|back|restor\w*|roll\w*|recover\w*)\b|"
            r"\bhow (?:many|much) .*\b(?:gone(?! wrong)|lost|lose)\b|\b(?:do|would|will|could) (?:i|we) lose\b|"
            r"\b(?:ransomware|malware|trojan)\b"
        ),
        all_of=word_set("@guest"),
        without=word_set("@node METRIC RULE SNAPSHOT @action WHY NETIN"),
        drops=word_set("IF SAFE FAIL LIST WHO RUNBOOK ENCRYPTED"),
    ),
    # `pve1 caught fire: would web start elsewhere?`
    Mark(
        ("IF",),
        re.compile(
            r"\b(?:caught|catch(?:es)?|on) fire\b|\b(?:power supply|psu)\b.*\b(?:dies?|fails?|breaks?|burns?)\b"
        ),
        needs=word_set("@node @guest"),
        without=word_set("WHY METRIC @past"),
        drops=word_set("ALERT @covered @of_rule POWER RUNBOOK @action_verb"),
    ),
    # `pbs is off: are the others still saved?`
    Mark(
        ("@depends", "SAFE"),
        re.compile(
            r"\b(?:pbs|backup (?:server|box|machine|vm|host))\b.*\b(?:off|down|gone|lost|dead|dies|fails|away)\b"
        ),
        all_of=word_set("@guest IF"),
        without=word_set("WHY METRIC @node") | NO_ORDER,
        drops=word_set("BACKUP @outage @past RESTORE STOPPED PROPERLY"),
    ),
    # `will web be brought up on a different host automatically?`
    Mark(
        ("@by_itself", "SAFE"),
        re.compile(rf"\b(?:will|would|does|can|is)\b(?>.*?\b{_STARTS}\b).*\b{_ELSE}\b|\bwould ha\b|\bif its node\b"),
        all_of=word_set("@guest"),
        without=word_set("WHY ALERT RULE BACKUP RESTORE COUNT") | NO_ORDER,
        drops=word_set("MIGRATION RUNNING FAIL SYNC AUTOSTART @may_move"),
    ),
    # `which of our things hop over to another server by themselves?`
    Mark(
        ("MANAGED", "LIST", "GUEST"),
        re.compile(
            rf"\b(?:which|what|who)\b(?>.*?\b{_STARTS}\b)(?>.*?\b(?:over|else|other|another|different)\b).*\b{_ALONE}\b"
        ),
        without=word_set("@entity @past WHY ALERT RULE") | NO_ORDER,
        drops=word_set("FAIL TASK IF DOWN MIGRATION SYNC @any_node @comes_back"),
    ),
    # `what does the lock block exactly?`
    Mark(
        ("@lock_means",),
        re.compile(rf"\block(?:ed|s)?\b.*\b{_DOES_TO}\b|\b{_DOES_TO}\b.*\block(?:ed|s)?\b"),
        needs=word_set("LOCK"),
        without=word_set("@action_verb WHO WHY COUNT BACKUP @past SINCE ANYTHING") | NO_ORDER,
        drops=word_set("HAPPENED CHANGED"),
    ),
    # `may I pull the plug of the grey cable?`
    Mark(
        ("@unplugged", "SAFE"),
        re.compile(r"\bunplug\w*\b|\bpull\w* (?:out )?(?:the|a) plug\b|\bplug (?:is )?out\b"),
        without=word_set("@entity WHY ALERT RULE PHYSICAL DISK @who_did TASK RUNNING") | NO_ORDER,
        drops=word_set("FINE PULL"),
    ),
    # `may my daughter switch off the scratch VM?`
    Mark(
        ("@leave", "SAFE"),
        re.compile(r"^\W*(?:may|can|could|should|is)\b.*\b(?:(?:switch|turn|shut|power)\w*\b.*\b(?:off|down)|stop)\b"),
        all_of=word_set("@guest PEOPLE"),
        without=word_set("@past WHY BACKUP") | NO_ORDER,
        drops=word_set("PEOPLE ANYTHING STOPPED"),
    ),
    # `I turn off adguard1 for an hour, do the computers still find names?`
    Mark(
        ("@depends", "SAFE", "IF"),
        re.compile(
            r"^\W*(?:if |when )?(?:i|we) (?:\w+ )?(?:turn|switch|shut|power|take|stop|unplug)\b.*"
            r"\b(?:do|does|can|will|would|is|are|what|who)\b"
        ),
        all_of=word_set("@guest"),
        without=word_set("WHY BACKUP RESTORE @node METRIC RULE") | NO_ORDER,
        drops=word_set("@past @ongoing STOPPED WRONG NODE LIST"),
    ),
)
