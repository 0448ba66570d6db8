"""Things of daily life that do not work: `the films won't start`, `the label printer does nothing`.

People complain of what they wanted to do, and not of the service behind it: its work is found by the noun. Nothing here
sees a device, so one has no work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORKS: Mapping[str, str] = {
    "media server": r"films?|movies?|episodes?(?! of)|series|cartoons?|tv series",
    "music server": r"music|songs?|playlists?|radio(?: stream)?",
    "photo server": r"photos?|pictures?|pics|(?:photo )?albums?",
    "cloud": r"calendar|contacts|address book",
    "nas": r"files?|folders?|network drive",
    "documents": r"documents?|scans",
    "home automation": r"(?:smart )?lights?|lamps?|thermostat(?: app)?|heating|blinds|shutters|bulbs?",
    "cameras": r"(?:doorbell )?cameras?|doorbell",
    "mail server": r"e-?mails?|mails",
    "ebook server": r"e-?books?|audiobooks?",
    "": r"(?:label )?printers?|scanners?|tills?|cash register|television|tv|tablets?|laptop|phone|clock|screen|"
    r"internet|wi-?fi|wlan|video calls?|speakers?|vacuum|game|app|program|banner|alarm thing",
}
_NOUN = re.compile(rf"\b(?:{'|'.join(_WORKS.values())})\b")
_DOES = (
    r"(?:starts?|plays?|opens?|loads?|works?|updates?|syncs?|shows?|shown|prints?|scans?|finds?|sees?|watch|hear|"
    r"listens?|get|connects?|comes?|turns?|responds?|reacts?|moves?|saves?|reach|there|lets?|behaves?|rings?)"
)
_NOT = r"(?:won'?t|will not|doesn'?t|does not|don'?t|do not|can'?t|can ?not|couldn'?t|refuse[sd]? to|no longer|not)"
_CAN_NOT = re.compile(rf"\b{_NOT} (?:\w+ )?{_DOES}\b")
_FAILS = re.compile(
    rf"{_CAN_NOT.pattern}|\b(?:keeps?|kept) \w+ing\b|\b(?:stop(?:s|ped)|froze|frozen|stuck|silent|black|blank|empty|"
    r"gone|vanished|disappeared|dead|broken?|asleep|slow|spins?|spinning|dropped|odd|weird|"
    r"(?:do|does|did|doing) nothing|forever|try again|hates|buzz\w+)\b"
)
# Data from inside of a service are asked for, and nothing is complained of.
_ASKS_FOR_DATA = re.compile(
    r"\b(?:which|how (?:many|much|big|long|often|warm|old|loud)|who|whose|list|read|show me|were there|"
    r"compared|when (?:did|does|was|is|will))\b"
)
_NEAR = 70


def complained_of(lowered: str) -> Mapping[str, str]:
    """Each thing that is said not to work, in its order, with the work of the service behind it; empty for a device."""
    found: dict[str, str] = {}
    for clause in re.split(r"[.?!;:]|, (?:and|but|so) ", lowered):
        if _ASKS_FOR_DATA.search(clause):
            continue
        for noun in _NOUN.finditer(clause):
            cannot = _CAN_NOT.search(clause[max(0, noun.start() - _NEAR) : noun.start()])
            if cannot or _FAILS.search(clause[noun.end() : noun.end() + _NEAR]):
                found[noun.group()] = next(work for work, nouns in _WORKS.items() if re.fullmatch(nouns, noun.group()))
    return found
