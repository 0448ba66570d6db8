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
    r"(?:i|we|he|she|people|(?:some|any)(?:one|body)|whoever|grandpa|grandma|mum|mom|dad|an? \w+ (?:person|admin|man"
    r"|human)|(?:the|my|our|his|her|their) (?:\w+ )?(?:admins?|owners?|person|guys?|team|family|wife|husband|ex|brother"
    r"|sister|father|mother|dad|mum|mom|son|daughter|cousin|nephew|uncle|aunt|boss|friend|colleagues?|predecessor))"
)
_ACTED = (
    r"(?:\w+ly |ever |even |not |never )?(?!(?:lose|lost|get|got|have|see|fail|miss|receive|notice|run|know|wake|keep"
    r"|win|become|am|need|stop|believe|feel|be able|the|a|an|my|be|is|are|was)\b)\w+"
)
_FAR = (
    r"(?:(?:in|by|until|till|before|of|around|during) (?:the year )?(?:202[89]|20[3-9]\d)|(?:years?|summers?|winters?) "
    r"from now|(?:next|coming|this) (?:winter|summer|spring|autumn|decade|generation)|next (?:year|easter|christmas)|in"
    r" (?:\w+|\d+) (?:years?|decades?)(?:'? time)?|(?:when|before) (?:i|we) (?:retire|die|move|turn|get old\w*|(?:am"
    r"|are) (?:old|dead|gone))|by (?:easter|christmas)|some ?day|one day|by the time (?:i|we|my|our)|end of (?:the"
    r"|this) decade|(?:when|before) (?:the|my|our) (?:kids?|children|son|daughter)|(?:next|future|new) versions? of"
    r"|inherits?|not (?:even )?(?:out|released) yet|in (?:june|july|august))"
)
_SAID: Mapping[str, str] = {
    "@motive": rf"(?:why(?: on earth| the \w+)?|for what reason) (?:did|has|have|had|would)(?: not)? (?:{_WHO} {_ACTED}"
    r"|they (?:decide|choose|pick|name|buy|build|want))|(?:how come|what (?:made|possessed|drove|led)|why (?:do|does)) "
    rf"{_WHO} {_ACTED}|what (?:motivated|inspired|tempted|persuaded|convinced|possessed|went through|was the (?:point"
    rf"|philosophy|logic))|what (?:was|were|is|are) {_WHO} thinking|(?:motives?|motivation|reasoning|rationale"
    r"|thinking) (?:behind|for)|whose (?:idea|decision)|who (?:had|came up with) the (?:\w+ )?idea|idea why|why (?:was"
    r"|were|is|are)(?! .*\b(?:backups?|snapshots?|tasks?|copy|alert)\b).*\b(?:named|called|chosen|picked|bought"
    r"|numbered|designed|built|made)|why (?!(?:is|are|was|were|do|does|did|has|have|can|would|will|should)\b)[^,?.]* "
    r"(?:and not|instead of|rather than)|who (?:\w+ )?(?:decided|chose|picked|named|bought|designed|paid|suggested"
    rf"|talked|advised|insisted)|(?:did|does|has) (?!any){_WHO} (?:\w+ )?(?:like|love|hate|enjoy|regret|mean(?! by)"
    r"|intend|trust|need|care|think|feel)|did whoever\b.* (?:know|mean|think)|do you (?:think|believe|suppose) (?:he"
    r"|she)|was it (?:wise|smart|an? (?:mistake|good \w+))|my decisions|out of (?:boredom|spite|curiosity|fear|habit)",
    "@otherwise": r"(?:if|suppose|supposing|imagine) (?:i|we|they|you)(?: had| have)? (?:only )?(?:bought|went (?:with"
    r"|for)|chose|picked|sold|paid|spent|invested)|(?:if (?:i|we|he|she|they) had|had (?:i|we|he|she|they)) (?:\w+ "
    r")?(?:\w+ed|gone|bought|chosen|put|built|made|kept|left)\b(?!.*\b(?:restor|recover|backup))|(?:if|had) (?:i|we"
    r"|they)\b[^?.]*\binstead|had (?:the|my|our|this|a) .* been .*\bwould|if (?:i|money|time|hardware|electricity) were"
    r" (?!to\b)|would\b[^?.]*\bhave (?:been (?:avoided|prevented|cheaper)|served|suited|cost|given|spared)|(?:would"
    r"|could) an? (?!(?:backup|restore|restart|reboot|snapshot|alert|power)\b)[^?.]* have (?!caused)\w+|would (?:i|we"
    r"|it all|things|everything|life|(?:the|my) (?:lab|homelab|house|family)) (?:be|sleep|run|feel) (?:\w+ )?\w+er "
    r"(?:with|if|had|on)|would (?:i|we) save|how (?:fast|quick|quickly|slow|well|much \w+er) would (?!.*\b(?:restor\w*"
    r"|backups?|migrat\w*|rebuild|resilver|scrub))(?:an? |.*\b(?:with|if) )|(?:would|could|if)\b.*\b(?:an?|two|three"
    r"|another) (?:new )?(?:epyc|xeon|threadripper|ryzen|gpu|synology|qnap|nuc)s?",
    "@others_labs": r"homelabbers|other (?:people|homelab\w*|users|admins|sysadmins|households)|how many (?:homelabs"
    r"|labs|households)|\w+ next door|(?:average|typical) (?:\w+ )?(?:homelab\w*|users?|household|lab|admin|setup"
    r"|school|office|company)|which of (?:my|us) (?:\w+ ){0,2}(?:friends|colleagues|neighbou?rs|siblings|brothers"
    r"|sisters)|(?:users|people|folks|everyone) (?:on|in|of) the (?:\w+ )?(?:forums?|internet|reddit|web|world)(?! "
    r"(?:want|ask|say))|(?:most|all) (?:people|homelab\w*|admins|sysadmins|hobbyists|self-?hosters)|(?:how|what) do "
    r"(?:others|companies|firms|professionals|the pros|sysadmins)(?: \w+){0,3} (?:use|run|handle|name|pay|buy|do)|(?:do"
    r"|does) (?:people|everybody|everyone|one) (?:usually|normally|typically)|compared?\b.*\b(?:others|other people"
    r"|everyone(?: else)?|the (?:average|industry)|my friends?)|than (?:his|hers|theirs|my \w+'s|(?:i|we) do)|(?:google"
    r"|amazon|banks?|data ?cent\w+|professionals?|companies|(?:everyone|everybody) else|my (?:friends?|colleagues?"
    r"|neighbou?rs?))\b.*\b(?:as (?:good|many|much|big|old|fast|safe|well)|than (?:me|mine|ours?|us|i|we))",
    "@foretold": r"who(?:'ll| will|(?:'s| is) going to) (?:\w+ )?(?:forget|remember|reboot|restart|use|buy|fix|repair"
    r"|delete|update|upgrade|pay|win|inherit|own|maintain|look after|take (?:care|over (?:the|my|our|this)))|whose "
    r"(?:fault|turn) will|will (?:i|we|he|she|they) (?:ever|finally|get a?round|break|forget|regret having|buy|spend"
    r"|sell|retire)|(?:(?:am|is|are) (?:i|we|he|she|they)|i am|we are) going to (?:ever )?(?:regret|forget|remember"
    r"|love|hate|miss|buy|screw|mess)|when (?:is|will|does) the next (?:\w+ )?(?:firmware|release|version)|(?:odds"
    r"|probability|likelihood|how (?:likely|probable) (?!.*\b(?:loss|lose|lost|full)\b)|what (?:are|is) the chances?)"
    r"|will\b.*\boutlive|will there (?:ever )?be (?:an?|another|any) (?:\w+ )?(?:blackout|outage|crash|failure|incident"
    r"|attack|storm)|alerts?\b.*\b(?:going to|will|gonna) (?:fire|go off|come back|ring|wake)|(?:does|will) (?:the|that"
    r"|this) alert\b.*\b(?:come back|return|fire again)\b.*\b(?:tomorrow|tonight|next)|what(?:'s|s| is| will| does) "
    r"(?:proxmox|pve|pbs|grafana|debian) \d+ (?:going to |gonna )?(?:break|change|bring|cost)|next (?:\w+ )?(?:panic"
    r"|freeze|hang|hiccup|incident|break-?in|flood|breach|scare|mishap)|foretell|predict (?:when|what|if|who)",
    "@of_old": r"(?:old|previous|former|first|last|earlier) (?:owners?|admins?|administrator|sysadmin|life)|when (?:it"
    r"|they|this) (?:was|were) (?:new|young)|before (?:(?:i|we) (?:bought|got|owned|inherited)|me|us)|(?:months|years) "
    r"back|in the (?:early|old) (?:days|flat|house)|(?!.*what if)(?=.*\b(?:why|reason|cause[ds]?|what (?:ended|made))\b"
    r").*\b(?:back then|at the time|(?:in|of) (?:199\d|20[01]\d|202[0-4])|last (?:spring|summer)|\w+ years? ago)",
    "@out_of_reach": r"(?:ignore|forget|disregard) (?:all|everything|anything|your|previous)\b.*\b(?:above|before"
    r"|previous|instructions?|rules?|said|told|prompts?)|(?:text|words?|lines?|messages?) above|debug mode|environment "
    r"variables|guidelines|rules? (?:that )?you (?:follow|have|obey)|(?:were|are) you told|would you never|finish this "
    r"sentence|(?:begin\w*|start\w*) with \W?you are|do you have (?:feelings|a soul)|lonely|is it legal|vote for|"
    r"horoscope|break up with|"
    r"repeat (?:everything|all|the (?:text|words|lines?)|what) (?:\w+ ){0,2}(?:above|before)|pretend\b"
    r".*\byou|(?:your|hidden|secret|internal|system) (?:\w+ )?(?:prompt|instructions?|configuration|rules)|from now "
    r"on,? you|(?:act|behave) (?:as|like) an?|you are now|pick (?:a |the )?locks?|(?:match|game|league|tournament) .*\b"
    r"kicks? off|carpet|boil|should (?:i|we) (?:cook|wear|eat|watch|read|study)|(?:sum|product|root) of \d+|(?:flight"
    r"|hotel|restaurant) (?:to|in)|how tall|who (?:painted|composed|invented|discovered)|should (?:i|we) order(?! a "
    r"replacement)|did (?:i|we) (?:get|receive) an? e?-?mail|(?:brand|distro)s? (?:\w+ ){0,3}trust\w*",
    "@unread": r"(?:what|which|how many|is|are|does|do|did|was|show|list|when|check|give|who|read|has)\b[^?.,;]*\b"
    r"(?:dhcp leases?|nat rules?|firewall rules? (?:on|of|in)|switch ports?|vlan trunk|wi-?fi|ssids?|access points?"
    r"|(?:over|via) (?:wireguard|(?:open)?vpn|tailscale)|alarm system|(?:wireguard|vpn) (?:clients?|peers?|users?)"
    r"|(?:dsl|fibre|fiber|cable) (?:line|modem)|(?:a|aaaa|mx|spf|txt|cname) records?|pull requests?|git commits?|image "
    r"tags?|kubernetes|k3s cluster|pods|thermostat|inverter|fridge|freezer|oven|garage|ac|courier|parcel|circuit"
    r"|torrent|torrents|generator|printer|door|humidity|visitors)(?! (?:controller|server|vm|box|app)\b)|how loud",
}
_FORMS = {mark: re.compile(rf"\b(?:{said})\b") for mark, said in _SAID.items()}
_BY_NAME = rf"\bwhy (?:(?:did|would|has|does) )?{{}} {_ACTED}\b"
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
    kinds = {entity.kind for mention in mentions for entity in mention.entities}
    if _AHEAD.search(lowered) and not _RECKONED.search(lowered) and not kinds & {"storage", "datastore"}:
        yield from ("@foretold", "PROMISE")
    if any(re.search(_BY_NAME.format(re.escape(m.text)), lowered) for m in mentions if not m.entities):
        yield from ("@motive", "BEYOND", "@inside")  # `why did Tom build it`, whom no system knows
