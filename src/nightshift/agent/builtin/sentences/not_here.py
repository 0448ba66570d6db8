"""What no system tells, of whatever it is asked: what somebody had in mind, would have with other hardware, or is going
to do, how others fare, what is years ahead or long past, what devices hold that are not read, and chatting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.names.mention import Mention

FIRST_SAID: Mapping[str, str] = {
    "@motive": "I cannot know that: what somebody had in mind is recorded nowhere that I read.",
    "@otherwise": "I cannot tell that: I read what there is, and reckon with nothing that you do not have.",
    "@others_labs": "I cannot tell that: I see your systems, and nobody else's to compare them with.",
    "@foretold": "I cannot know that: I do not predict what people will do, nor what comes by chance or in years.",
    "@of_old": "I cannot know that: it is longer ago than anything that I read goes back, and nobody's notes tell it.",
}
_WHO = (
    r"(?:i|we|they|he|she|people|(?:some|any|every)(?:one|body)|whoever|(?:the|my|our|his|her|their) (?:\w+ "
    r")?(?:admins?|owners?|person|guys?|team|family|wife|husband|brother|sister|father|mother|dad|mum|mom|son|daughter"
    r"|boss|friend|colleagues?|predecessor|vendor|developers?|uncle|flatmate))"
)
_DECIDED = (
    r"(?:(?:decid|choos|chose|pick|nam|call|buy|bought|buil|design|prefer|settl|opt|insist|reject|want|lik|bother"
    r"|hesitat|refus|hat|trust|pa[iy]|ask|think|thought)\w*|give up on|(?:go|went) (?:with|for))"
)
_WHY = r"(?:why(?: on earth| the \w+)?|how come|what (?:made|possessed|drove|led)|for what reason)"
_THEN = (
    r"(?:back then|at the time|(?:in|of|from) (?:199\d|20[01]\d|202[0-4])|last (?:spring|summer|winter)|\w+ years? ago)"
)
_FAR = (
    r"(?:(?:in|by|until|till|before|of|around|during) (?:the year )?(?:202[89]|20[3-9]\d)|(?:years?|summers?|winters?) "
    r"from now|(?:next|coming|this) (?:winter|summer|spring|autumn|decade|generation)|next (?:year|easter|christmas)|in"
    r" (?:\w+|\d+) (?:years?|decades?)(?:'? time)?|(?:when|before) (?:i|we) (?:retire|die|move|turn|get old\w*|(?:am"
    r"|are) (?:old|dead|gone))|by (?:easter|christmas)|some ?day|one day|by the time (?:i|we|my|our)|end of (?:the"
    r"|this) decade|(?:when|before) (?:the|my|our) (?:kids?|children|son|daughter)|(?:next|future|new) versions? of"
    r"|inherits?|not (?:even )?(?:out|released) yet|in (?:june|july|august))"
)
_SOLD = r"(?:bought|(?:gone|went) (?:with|for)|chosen|picked|started (?:with|out)|sold|paid|spent|invested)"
_BETTER = r"(?:avoided|prevented|cheaper|better|happier|calmer|faster|quieter)"
_SAID: Mapping[str, str] = {
    "@motive": rf"{_WHY} (?:(?:did|does|do|has|have|had|would)(?: not)? )?{_WHO} (?:\w+ ){{0,2}}?{_DECIDED}|what "
    r"(?:motivated|inspired|tempted|persuaded|convinced|possessed|went through|was the point of)|what (?:was|were|is"
    rf"|are) {_WHO} thinking|(?:motives?|motivation|reasoning|rationale|thinking) (?:behind|for)|whose (?:idea"
    r"|decision)|(?:remember|idea) why|did whoever\b.* (?:know|mean|think)|why (?:was|were|is|are)(?! .*\b(?:backups?"
    r"|snapshots?|tasks?|copy|alert)\b).*\b(?:named|called|chosen|picked|bought|numbered|designed|built|made)|why "
    r"(?!(?:is|are|was|were|do|does|did|has|have|can|would|will|should)\b)[^,?.]* (?:and not|instead of|rather than)"
    r"|who (?:\w+ )?(?:decided|chose|picked|named|bought|designed|paid|suggested|talked|advised|insisted)|(?:did|do"
    rf"|does) {_WHO} (?:really )?(?:like|love|hate|enjoy|regret|mean(?! by)|intend|trust)|was it (?:wise|smart|stupid"
    r"|an? (?:mistake|good \w+))|out of (?:boredom|spite|curiosity|fear|anger|habit|laziness|necessity)",
    "@otherwise": rf"(?:if|had|suppose|supposing|imagine) (?:i|we|they|you)(?: would| had| have)? (?:only )?{_SOLD}"
    r"|(?:if|had) (?:i|we|they|he|she) (?:had )?(?:never|not) (?:\w+ed|bought|gone|built|chosen)|(?:if|had) (?:i|we"
    r"|they)\b[^?.]*\binstead|if (?:i|we|they|he|she) had (?:only )?(?:\w+ed|put|built|made|kept|left)\b(?!.*\b"
    r"(?:restor|recover|backup))|would have (?:served|suited|cost|given|spared)|would (?:i|we) save|(?:less|more) "
    rf"(?:electricity|noise)|would\b[^?.]*\bhave been {_BETTER}|would (?:i|we|it|things|everything) (?:be|sleep|run"
    rf"|feel) (?:\w+ )?{_BETTER} (?:with|if|had)|would (?:an?|another|more|better|newer|faster|other)\b[^?.]* have "
    r"(?:made|saved|avoided|prevented|helped)|how (?:fast|quick|quickly|slow|well|much \w+er) would (?!.*\b(?:restor\w*"
    r"|backups?|migrat\w*|rebuild|resilver|scrub))(?:an? |.*\b(?:with|if) )|(?:would|could|if)\b.*\b(?:an?|two|three"
    r"|another|some) (?:new )?(?:epyc|xeon|threadripper|ryzen|gpu|synology|qnap|nuc|mac mini|optane)s?",
    "@others_labs": r"homelabbers|other (?:people|homelab\w*|users|admins|sysadmins|hobbyists|households)|\w+ next door"
    r"|(?:average|typical) (?:\w+ )?(?:homelab\w*|users?|household|lab|admin|setup)|which of (?:my|us) (?:\w+ ){0,2}"
    r"(?:friends|colleagues|neighbou?rs|siblings|brothers|sisters)|(?:users|people|folks|everyone) (?:on|in|of) the (?:"
    r"\w+ )?(?:forums?|internet|reddit|web)(?! (?:want|ask|say))|(?:most|all) (?:people|homelab\w*|admins|sysadmins"
    r"|hobbyists|self-?hosters)|(?:how|what) do (?:others|companies|firms|professionals|the pros|sysadmins)(?: \w+)"
    r"{0,3} (?:use|run|handle|name|pay|buy|do)|compared?\b.*\b(?:others|other people|everyone(?: else)?|the (?:average"
    r"|industry|competition)|my friends?)|than (?:his|hers|theirs|my \w+'s)|(?:google|amazon|microsoft|banks?|data "
    r"?cent\w+|professionals?|the pros|most people|companies|enterprises?|(?:everyone|everybody) else|my (?:friends?"
    r"|colleagues?|neighbou?rs?))\b.*\b(?:as (?:good|many|much|big|old|fast|safe|well)|than (?:me|mine|ours?|us|i|we))",
    "@foretold": r"who(?:'ll| will|(?:'s| is) going to) (?:\w+ )?(?:forget|remember|reboot|restart|use|buy|fix|repair"
    r"|delete|update|upgrade|pay|win|inherit|own|maintain|look after|take (?:care|over (?:the|my|our|this)))|whose "
    r"(?:fault|turn|responsibility) will|will (?:i|we|he|she|they) (?:ever|finally|get a?round|break|forget|regret "
    r"having|buy|spend|sell|retire)|(?:(?:am|is|are) (?:i|we|he|she|they)|i am|we are) going to (?:ever )?(?:regret"
    r"|forget|remember|love|hate|miss|buy|screw|mess)|when (?:is|will|does) the next (?:\w+ )?(?:firmware|release"
    r"|version)|(?:odds|probability|likelihood|how (?:likely|probable)|what (?:are|is) the chances?)|will\b.*\boutlive"
    r"|will there (?:ever )?be (?:an?|another|any) (?:\w+ )?(?:blackout|outage|crash|failure|incident|attack|storm)"
    r"|alerts?\b.*\b(?:going to|will|gonna) (?:fire|go off|come back|ring|wake)|(?:does|will) (?:the|that|this) alert\b"
    r".*\b(?:come back|return|fire again)\b.*\b(?:tomorrow|tonight|next)|what(?:'s|s| is| will| does) (?:proxmox|pve"
    r"|pbs|grafana|debian) \d+ (?:going to |gonna )?(?:break|change|bring|cost)|foretell|predict (?:when|what|if|who)",
    "@of_old": r"(?:old|previous|former|first|last|earlier) (?:owners?|admins?|administrator|sysadmin|life)|when (?:it"
    r"|they|this) (?:was|were) (?:new|young)|before (?:(?:i|we) (?:bought|got|owned|inherited)|me|us)|(?:months|years) "
    rf"back|in the (?:early|old) (?:days|flat|house)|(?:why|reason|caused?|what (?:ended|made)|how come)\b.*\b{_THEN}"
    rf"|{_THEN}[^:]*\b(?:why|what (?:was the (?:reason|cause)|caused))",
    "@out_of_reach": r"repeat (?:everything|all|the (?:text|words|lines?)|what) (?:\w+ ){0,2}(?:above|before)|pretend\b"
    r".*\byou|(?:your|hidden|secret|internal|system) (?:\w+ )?(?:prompt|instructions?|configuration|rules)|(?:developer"
    r"|god) mode|from now on,? you|(?:act|behave) (?:as|like) an?|pick (?:a |the )?locks?|(?:match|game|league"
    r"|tournament) .*\bkicks? off|carpet|boil|(?:flight|hotel|restaurant) (?:to|in)|how tall|who (?:painted|composed"
    r"|invented|discovered)|should (?:i|we) order(?! a replacement)|did (?:i|we) (?:get|receive) an? (?:e-?mail|mail"
    r"|letter)|(?:brand|vendor|manufacturer|maker|distro)s? (?:\w+ ){0,3}(?:trust\w*|reliable|best|worst)",
    "@unread": r"(?:what|which|how many|is|are|does|do|did|was|show|list|when|check|give|who|read|has)\b[^?.,;]*\b"
    r"(?:dhcp leases?|nat rules?|firewall rules? (?:on|of|in)|port forward\w*|switch ports?|patch panel|vlan trunk"
    r"|wi-?fi|ssids?|access points?|(?:over|via) (?:wireguard|(?:open)?vpn|tailscale)|alarm system|(?:wireguard|vpn) "
    r"(?:clients?|peers?|users?)|(?:dsl|fibre|fiber|cable) (?:line|modem)|(?:a|aaaa|mx|spf|txt|cname) records?|pull "
    r"requests?|git commits?|image tags?|kubernetes|k3s cluster|pods|terraform|zigbee|thermostat|inverter|fridge"
    r"|generator|printer|door|humidity|page views|visitors)(?! (?:controller|server|vm|container|guest|box|app)\b)|how "
    r"loud",
}
_FORMS = {mark: re.compile(rf"\b(?:{said})\b") for mark, said in _SAID.items()}
_BY_NAME = rf"\bwhy (?:(?:did|would|has|does) )?{{}} (?:\w+ )?{_DECIDED}\b"
NOT_HERE = frozenset(_FORMS)
_TO_COME = r"(?:will|shall|going to|gonna|expect|\w+'ll)"
_AHEAD = re.compile(rf"\b{_TO_COME} .*\b{_FAR}\b|\b{_FAR}\b.*\b{_TO_COME}\b")
_RECKONED = re.compile(
    r"\b(?:full|fills?|space|room|capacity|run out|certificates?|expir\w+|retention|kept|keeps? (?:backups|copies)|"
    r"prun\w+|battery|replaced?|worn|wear\w*|lifetime|schedule\w*|support\w*)\b"
)
_IS_READ = re.compile(
    r"\b(?:alert\w*|metrics?|series|prometheus|grafana|backed up|backups?|restor\w*|snapshots?|runbooks?|dashboards?|"
    r"monitor\w*|scrap\w*|probe\w*|tagged|vms?|steps|instructions|how (?:to|do i)|wrong|going on|cannot)\b"
)


def not_here(lowered: str, mentions: Sequence[Mention]) -> Iterator[str]:
    """The marks of what is asked, each with `PROMISE` where it is to come, and else with `BEYOND` and `@inside`."""
    named = {mention.text for mention in mentions if mention.entities}
    for mark, form in _FORMS.items():
        said = form.search(lowered)
        if said and (mark != "@unread" or not (_IS_READ.search(lowered) or said[0].split()[-1] in named)):
            yield from (mark, "PROMISE") if mark == "@foretold" else (mark, "BEYOND", "@inside")
    if _AHEAD.search(lowered) and not _RECKONED.search(lowered):
        yield from ("@foretold", "PROMISE")
    if any(re.search(_BY_NAME.format(re.escape(m.text)), lowered) for m in mentions if not m.entities):
        yield from ("@motive", "BEYOND", "@inside")  # `why did Tom build it`, whom no system knows
