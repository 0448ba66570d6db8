"""Marks about what may be lost or touched where no thing is named by its name: the mains, the house, a lock."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_MAINS = r"(?:batter(?:y|ies)|ups|usv|apc|eaton|mains)"
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
            rf"\b(?:minutes?|how long|enough|time|runtime|last|lasts|hold|holds)\b.*\b{_MAINS}\b|"
            rf"\b{_MAINS}\b.*\b(?:minutes?|how long|enough|time|last|lasts|hold|holds|shut ?down)\b|"
            r"\btime\b.*\bbefore (?:it|everything|all|the lights?)\b.*\b(?:goes?|off|out|dark|down)\b|"
            r"\btime to shut (?:stuff|everything|things|it all|them) down\b|"
            r"\bholds?\b.*\b(?:till|until) the (?:power|mains|electricity|current)\b"
        ),
        without=word_set("METRIC RULE ALERT @how RUNBOOK WHY DISCOVER @past @my_odd_noun @foreign_owner"),
        drops=word_set("SAFE STOPPED FAIL @action_verb LOCK PULL"),
    ),
    # `are we safe if the office burns down?`
    Mark(
        ("@site_lost", "BACKUP", "RELY"),
        re.compile(rf"\b{_PLACE}\b.*\b{_RUIN}\b|\b{_RUIN}\b.*\b{_PLACE}\b"),
        needs=word_set("IF SAFE RELY BACKUP PROTECTED ABLE RESTORE"),
        without=word_set("@guest @node ALERT RULE METRIC HEAT WHY LOSE") | NO_ORDER,
        drops=word_set("IF"),
    ),
    # `pve1 dies: which of its guests start elsewhere without me?`
    Mark(
        ("IF", "@comes_back", "@lost_with"),
        re.compile(rf"\b(?:dies?|fails?|down|gone|burns?|lose|losing|crash\w*)\b(?>.*?\b{_STARTS}\b).*\b{_ALONE}\b"),
        all_of=word_set("@node"),
        without=word_set("@guest WHY ALERT RULE") | NO_ORDER,
        drops=word_set("SYNC FAIL REBOOT TASK"),
    ),
    # `will web be brought up on a different host automatically?`
    Mark(
        ("@by_itself", "SAFE"),
        re.compile(rf"\b(?:will|would|does|can|is)\b(?>.*?\b{_STARTS}\b).*\b{_ELSE}\b|\bwould ha \w+\b"),
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
    # `is it a good moment for the updates on pve2?`
    Mark(
        ("@leave", "SAFE"),
        re.compile(r"\b(?:good|right|bad|safe|suitable|best) (?:moment|time)\b"),
        needs=word_set("@node @guest"),
        without=word_set("@past WHY METRIC SNAPSHOT") | NO_ORDER,
        drops=word_set("BACKUP UPDATES TASK RUNNING FINE"),
    ),
)
