"""What nobody can tell from here, by the form of the sentence: what people eat and think, who did what inside of a
service, what lies in there, a password, what comes by chance, and whether something holds out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.sentences.inside import is_inside
from nightshift.agent.builtin.sentences.not_here import not_here
from nightshift.agent.builtin.words.tokens import Token

_OF_THE_WORLD = re.compile(
    r"\b(?:for|to) (?:dinner|supper|lunch|breakfast|dessert|eat|wear|cook|bake)\b|"
    r"\b(?:suggest|think of|come up with) (?:me )?(?:something|a|an|some)\b"
    r"(?! (?:\w+ )?(?:fix|remedy|solution|cure|way|cause|reason|plan|time|window|node|host|place|storage|datastore)\b)|"
    r"\bwhat (?:do|does|did|would|will) (?:my|our|the|his|her|your) \w+ "
    r"(?:think|feel|believe|prefer|want|like|love)\b|"
    r"\bdid i (?:walk|eat|drink|sleep|spend|earn|drive|weigh|burn)\b|"
    r"\bwhy (?:did|does|do|has|have|would) (?:my|our|his|her) (?:wife|husband|brother|sister|son|daughter|mother|"
    r"father|mum|mom|dad|boss|colleagues?|neighbou?rs?|friends?|kids?|grandma|grandpa|landlord|roommate|flatmate)\b"
    r"(?!.*\b(?:no|not|nothing|never|slow\w*|errors?|fail\w*)\b)|"
    r"^\W*(?:(?:please|can you|could you|help me|help us|i want you to) )*(?:to )?(?:write|draft|word|draw|paint|"
    r"design|sketch|translate|recite)\b(?! down)(?!.*\b(?:promql|quer(?:y|ies)|expression)\b)"
)
# Who did what inside of a service, what somebody's letters say, and when what comes by chance comes next.
_WHO_USED = re.compile(
    r"\bwho(?:m|'s| is| was| were| has been| have been| are| had been)?(?: (?:else|just|last|still|currently|all))? "
    r"(?:using|on|in|at|streaming|logged|watch\w*|listen\w*|play\w*|brows\w*|visit\w*|upload\w*|download\w*|read\w*|"
    r"wrote|post\w*) |"
    r"\bwho\b.*\b(?:was|were|is|are) (?:they )?(?:watching|streaming|playing|listening|played|on(?: then)?\b(?= and))|"
    r"\b(?:who|did (?:any|some)(?:one|body)) (?:look(?:ed)?|deleted?|uploaded?|viewed?|add(?:ed)?) .*"
    r"\b(?:photos?|pictures?|pics|images?|files?|films?|movies?)\b|"
    r"\b(?:which|what) (?:user|person|account)s?\b.*\b(?:uses?|used|stores?|has|have|holds?|takes?|uploaded|owns?)\b|"
    r"\b(?:user|names?|people|person|somebody|someone)\b.*\b(?:streamed|watched|played|looked|viewed)\b"
)
# `who is in charge of`, `who is at fault`, `who is on call`: of a duty, not of what somebody does in there.
_OF_DUTY = re.compile(r"\b(?:in charge|at fault|in the wrong|on (?:call|duty|it)|at the (?:helm|wheel))\b")
_BY_CHANCE = re.compile(
    r"\b(?:for sure|for certain|definitely|without fail)\b.*\b(?:will|back|up again|holds?|not fail)\b|"
    r"\b(?:back|up again|repaired|fixed|running again) (?:by|before) "
    r"(?:\d|noon|midnight|morning|tomorrow|tonight|\w+day\b)|"
    r"\b(?:fail|failure|die|death|dying|crash)(?:s|ing)? (?:date|day)\b|"
    r"\b(?:date|day|hour)\b.{0,20}\b(?:when|on which|does|will)\b.{0,40}\b(?:fail|die|break|give up)\b|"
    r"\b(?:power|mains|electricity|lights?) (?:\w+ )?(?:fail|go out|go off|be cut|be gone) (?:next|again)\b|"
    r"\bnext (?:\w+ )?(?:outage|blackout|black-out|power ?cut|failure|crash|\w*storm|earthquake|bug|vulnerability|"
    r"exploit|disaster|accident)\b|"
    r"\bhow long (?:until|till|before|will|does) (?!.{0,80}\b(?:fail ?over|migrat\w+|re?boot|restart|recover\w*)\b)"
    r".{0,120}\b(?:ssds?|disks?|drives?|hdds?|nvmes?|nodes?|servers?)\b.{0,120}"
    r"\b(?:dies?|fails?|breaks?|gives? up)\b|"
    r"\bhow long (?:will|is|does|may|might) (?:the|this) (?:power )?(?:outage|blackout|cut|failure)\b|"
    r"\bwhen (?:will|does|is) (?:the )?(?:power|mains|electricity|grid) (?:\w+ )?(?:be back|come back|return|back)\b"
)
# Of a day that is named how to prepare for it can be asked.
_POWER_AHEAD = re.compile(
    r"\b(?:power ?(?:cut|outage|failure)?|blackout|black-out|electricity|mains(?: power)?|current|lights?)\b[^.?!]*"
    r"\b(?:tomorrow|tomorow|next (?:week|month|year))\b|"
    r"\b(?:tomorrow|next (?:week|month|year))\b[^.?!]*\b(?:power (?:cut|outage|failure)|blackout|electricity|mains|"
    r"current will)\b"
)
_PREPARES = re.compile(
    r"\b(?:which|in what order|to do|do i do|shut|prepar\w+|runtime|ups|how long|battery|steps|runbook|why|if|"
    r"in case)\b"
)
# `will pve1 make it through the winter`, `two weeks of holidays, does it all hold`.
_HOLDS = (
    r"(?:surviv\w+|makes? it|gets? (?:over|through)|got through|lives? through|lasts|last (?:until|till|through|"
    r"the)|holds?(?: out| up)?|still (?:be (?:there|here|around|alive)|exists?|lives?)|keeps? "
    r"(?:running|going|working)|stays? (?:alive|up)|goes wrong)"
)
_SPANS = (
    r"(?:winter|summer|spring|autumn|new year|christmas|easter|(?:two|three|2|3|the|next|coming) weeks?|fortnight|"
    r"holidays?|vacations?|20[3-9]\d|202[89]|next (?:year|decade)|years)"
)
_FORETELLS = re.compile(
    rf"\b{_HOLDS}\b.*\b{_SPANS}\b|\b{_SPANS}\b.*\b{_HOLDS}\b|"
    rf"\b(?:predict\w*|prognosis|prophecy|forecast)\b.*\b{_HOLDS}\b"
)
_RECKONED = re.compile(
    r"\b(?:space|disks?|drives?|storage|room|full|capacity|battery|ups|backups?|certificates?|datastore|pool|fill\w*|"
    r"copies|copy|retention|kept|keep (?:backups|copies)|growth)\b"
)
_CONTENTS = re.compile(
    r"\b(?:photos?|pictures?|pics|album|films?|movies?|songs?|automations?|pull requests?|prs|merge requests?)\b"
)
_OF_CONTENTS = re.compile(
    r"\b(?:complete|still|how many|total|count|number|amount|hold|holds|there|vanished|every single|all (?:the|our|my)|"
    r"open|unclosed|fire|start(?:ed)?|ran|run|triggered|looked?|viewed)\b"
)
_OF_THE_GUEST = re.compile(
    r"\b(?:back(?:ed)? ?up|backups?|saved|copy|copies|restor\w+|slow\w*|down|load\w*|reach\w*|broken|space|disks?|full|"
    r"lose|lost|server|app|die[sd]?|fails?|gone|moves?|travel|along|stutter\w*|work(?:s|ing)?|up|running)\b"
)
_LOGS_OF_OTHERS = re.compile(
    r"\b(?:in|grep|query|search|through|ask) (?:in )?loki\b.*\b\w+|\bloki\b.*\b(?:errors?|logs?|lines)\b"
)
_SECRETS = re.compile(
    r"\b(?:which|what(?: is| are)?(?: the)?|root|admin|show|tell|give)\b.*\b(?:passwords?|pw|pwd|passwd|credentials?|"
    r"logins?)\b|\b(?:root|admin) (?:pw|pwd|pass)\b|\b(?:product|licen[cs]e|windows|activation|"
    r"serial) ?/? ?(?:product )?keys?\b|\b(?:print|reveal|send|give|show|tell|spell|paste|echo|dump)\b.{0,40}"
    r"\b(?:tokens?|secrets?|(?:api|private|ssh) keys?)\b"
)
_ABOUT_SECRETS = re.compile(
    r"\b(?:rotate|renew|change|reset|replace|expire\w*|manager|where|store[ds]?|vault|forgot|forgotten|lost|refused|"
    r"log(?:in|ins)? fail\w*)\b"
)
# `which of your answers still hold with that token cut down?` is about rights, `is the place with our passwords up?`
# about a guest.
_RIGHTS = re.compile(
    r"\btokens?\b.*\b(?:sees?|rights?|privileges?|permissions?|roles?|audit|cut|lacks?|limit\w*|restrict\w*|chang\w*|"
    r"expir\w*|valid|refus\w*|reject\w*|miss\w*|allow\w*|may|works?|sys\.\w+|pve\w+|so:|then:)|"
    r"\b(?:sees?|need|needs|without|fiddl\w*|chang\w*|touch\w*|rely|reduc\w*|with|grant\w*|wrong with|lacks?|limit\w*)"
    r"\b.{0,25}\btokens?\b"
)
_SHOWN = re.compile(r"\b(?:print|show|send|tell (?:me|us)|reveal|value|string|secret|plain|password|what is)\b")
_KEPT = re.compile(
    r"\b(?:machine|box|place|server|computer|thing|host)\b.*\bpasswords\b|\bpasswords\b.*\b(?:up|down|alive|running|"
    r"saved|backed up|lost|gone|safe)\b|\b(?:reach|get (?:at|to|into)|access|lose|save)\b.{0,20}\bpasswords\b"
)
_NAMED_PASSWORDS = re.compile(
    r"\b(?:which|what|show|list|print|give|tell|read)(?: (?:me|us|all|the|my|our|of|are|stored|saved))* passwords\b"
)
_LETTERS = re.compile(
    r"\b(?:read|tell|show|forward|open)\b.*\b(?:latest|last|newest|new|unread|her|his|my)\b.*\be?-?mails?\b|"
    r"\be-?mails?\b.*\b(?:says?|subject|content|text|about|from whom)\b|"
    r"\b(?:subject|contents?|text|read|wr[io]te)\b.*\b(?:e-?mails?|mail that|inbox|letters?)\b|"
    r"\b(?:e-?mails?|mails?) (?:\w+ ){0,4}(?:waiting|unread|not open|did not open|got|arrived for)\b"
)
# What became of the hardware, and whose hand it was: neither the supply nor the cat writes a log.
_BROKE = r"(?:power supply|psu|mainboard|motherboard|electronics|fuse|breaker|cat|dog|cleaner|vacuum|somebody's foot)"
_BY_ITS_HARDWARE = re.compile(
    rf"\b{_BROKE}\b.{{0,40}}\bor\b|\bor\b.{{0,40}}\b{_BROKE}\b|\bwho (?:tripped|stumbled|kicked|spilled|knocked)\b"
)
_DOORS = re.compile(
    r"\bopen(?:ed)?\b.*\b(?:cupboard|cabinet|closet|door|drawer)\b|\b(?:cupboard|cabinet|closet|door)\b.*\bopen(?:ed)?\b|"
    r"\bbeen in the (?:\w+ )?(?:closet|cabinet|cupboard)\b|\bwho (?:tripped|stumbled|kicked|spilled|knocked)\b|"
    r"\b(?:human|person|people|somebody|someone|anybody)\b.*\bdrive(?:way)?\b"
)
# Grafana's rules are read, its dashboards are not.
_DASHBOARDS = re.compile(
    r"\b(?:which|what|list|how many|show)\b(?! (?:to|metrics?|data)\b)(?: \w+){0,3} dashboards\b"
    r"(?!.*\b(?:metrics?|series)\b)"
)
_IN_A_SHOP = re.compile(
    r"\b(?:cheapest|suppliers?|retailers?|amazon|ebay|did (?:i|we) pay|paid for|(?:still )?under warranty|"
    r"warranty (?:left|until|ends?|runs? out|expires?))\b|"
    r"\bhow much (?:is|are|does|would|do) (?:a|an|one|two|\d)\b|"
    r"\bset (?:us|me) back\b|\bspeed of my (?:up|down)?(?:link|line)\b|"
    r"\binternet (?:line|uplink|link|connection)\b|\b(?:up|down)link to the internet\b"
)


def is_no_secret(lowered: str) -> bool:
    """Whether a token or passwords are spoken of, and not what they are."""
    return _speaks_of_rights(lowered) or bool(_KEPT.search(lowered) and not _NAMED_PASSWORDS.search(lowered))


def _speaks_of_rights(lowered: str) -> bool:
    return bool(_RIGHTS.search(lowered)) and not _SHOWN.search(lowered)


def unknowable(text: str, words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    """`BEYOND` with `@inside` for what lies in a service and `@of_the_world` for what people do, `PROMISE` for what is
    to come, `@told_secret`."""
    lowered = text.lower()
    no_secret = is_no_secret(lowered)
    yield from not_here(lowered, mentions)
    if _speaks_of_rights(lowered):
        yield "@rights"
    if is_inside(lowered, words, mentions) and not no_secret:
        yield from ("BEYOND", "@inside", "@kept_inside")
    if _OF_THE_WORLD.search(lowered):
        yield from ("BEYOND", "@of_the_world")
    kinds = {entity.kind for mention in mentions for entity in mention.entities}
    of_a_guest = "guest" in kinds and not kinds & {"node", "storage", "datastore"}
    if of_a_guest and _WHO_USED.search(_OF_DUTY.sub(" ", lowered)):
        yield from ("BEYOND", "@inside")
    contents = _CONTENTS.search(lowered) and _OF_CONTENTS.search(lowered) and not _OF_THE_GUEST.search(lowered)
    if of_a_guest and (contents or _LOGS_OF_OTHERS.search(lowered)):
        yield from ("BEYOND", "@inside")
    if any(form.search(lowered) for form in (_LETTERS, _DOORS, _IN_A_SHOP, _BY_ITS_HARDWARE, _DASHBOARDS)):
        yield from ("BEYOND", "@inside")
    if _SECRETS.search(lowered) and not _ABOUT_SECRETS.search(lowered) and not no_secret:
        yield from ("SECRET", "@told_secret")
    if _BY_CHANCE.search(lowered) or (_POWER_AHEAD.search(lowered) and not _PREPARES.search(lowered)):
        yield "PROMISE"
    if _FORETELLS.search(lowered) and not _RECKONED.search(lowered) and not kinds & {"storage", "datastore", "disk"}:
        yield "PROMISE"
