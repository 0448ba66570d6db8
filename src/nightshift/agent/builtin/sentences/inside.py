"""What lies or happens inside of a service, which nothing here records: its photos, letters and pages, and who did what
with them. `Who deleted the pictures in immich?`, `the subject of the newest e-mail`, `did Bob use nextcloud today`.

That a service is up, how full its disk is and when it was saved is of the guest, whatever lies in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.tokens import Token

_LETTERS = r"(?:e-?mails?|mails?|letters?|newsletters?|messages?|chats?|voicemails?|sms)"
_WORKS = (
    r"(?:photos?|fotos?|pictures?|pics?|albums?|videos?|films?|movies?|episodes?|songs?|tracks?|playlists?|posts?|"
    r"pages?|articles?|documents?|invoices?|bills?|receipts?|scans?|contracts?|recipes?|books?|audiobooks?|files?|"
    r"folders?|commits?|repos?|repositories|branches|pull requests?|merge requests?|prs|calendars?|appointments?|"
    r"contacts?|recordings?|footage|clips?|faces|downloads?|torrents?|subscribers?|players?|chat rooms?|accounts?|"
    r"passwords?|automations?|todos?|bookmarks?|feeds?)"
)
# `the photo app`, `the films page`, `the mail server`: the service, and not what is in it.
_NO_SERVICE = (
    r"(?! (?:app|apps|server|service|site|website|page|vm|ct|container|box|machine|storage|share|guest|datastore|"
    r"library|host|backups?|snapshots?|volume|disk|dataset|manager|vault|system|database|gateway|archive|queue|things?|stuff)\b)"
)
_THING = rf"\b(?:{_LETTERS}|{_WORKS})\b{_NO_SERVICE}"
_ACT = (
    r"(?:upload|download|delet|remov|look\w* at|watch|view|listen|play|read|wrote|writ|send|sent|receiv|arriv|post|"
    r"publish|edit|chang|shar|lik|comment|open|print|scan|push|merg|add|creat|record|film|shoot|shot|favourit|"
    r"signed|said|say|contain|mention|cook|stream|rename)\w*"
)
_DONE_WITH_IT = re.compile(rf"\b{_ACT}\b.*{_THING}|{_THING}.*\b{_ACT}\b")
_TOLD_OF_IT = re.compile(
    rf"\b(?:subject|title|sender|author|text|wording|recipient|attachment|topic)\b.*{_THING}|"
    rf"\b(?:newest|latest|last|first|oldest|unread|new|recent) (?:\w+ )?{_THING}|"
    rf"\b(?:her|his|my|their) (?:\w+ )?{_LETTERS}{_NO_SERVICE}"
)
_COUNTED = re.compile(
    rf"\b(?:how many|number of|count of|which|what|list|show)\b(?: \w+){{0,3}} {_THING}(?: \w+){{0,3}} "
    r"(?:in|on|inside|from|has|have|holds?|stores?|keeps?|does|did)\b"
)
# `did Bob use nextcloud today`, `has Peter logged into gitea`: of a name that no machine has.
_USES = re.compile(
    rf"\b(?:did|has|does|is|was|have) (?!(?:any|some|every|no)(?:one|body))\w+ "
    rf"(?:\w+ )?(?:us(?:e|ed|ing)|log(?:ged)?|sign(?:ed)?|visit\w*|{_ACT})\b"
)
_OF_THE_SYSTEMS = frozenset(
    {
        "BACKUP", "SNAPSHOT", "RESTORE", "BACK", "PROTECTED", "FULL", "DISK", "STORAGE", "MEMORY", "CPU", "SLOW",
        "FAIL", "DOWN", "NOT", "WRONG", "ALERT", "RULE", "METERED", "METRIC", "DISCOVER", "TARGET", "CERTIFICATE",
        "JOBLIST", "NOTES", "CHANGED", "REPLICATION", "MIGRATION", "RECEIVER", "SIZE", "@how", "NODE", "EATS", "FREE",
    }
)  # fmt: skip
# How much room it takes, and how it comes back, is told by the systems.
_OF_ITS_COPIES = re.compile(
    r"\b(?:cop(?:y|ies)|back|recover\w*|restor\w*|retriev\w*|undelete\w*|saved|space|room|gigs?|[gmt]i?b|big|large|"
    r"percent)\b"
)
_ALSO_AN_ALERT = frozenset({"page", "pages"})
_SENT_BY_A_SYSTEM = re.compile(
    r"\b(?:from|by|did|does) (?:grafana|prometheus|alertmanager|proxmox|pve|pbs|nightshift)\b"
)
_WHAT_RUNS = frozenset({"storage", "datastore", "node", "alert", "job", "disk"})


def is_inside(lowered: str, words: Sequence[Token], mentions: Sequence[Mention]) -> bool:
    """Whether it is asked what lies in a service, or what somebody did with it there."""
    named = [mention for mention in mentions if mention.entities]
    kinds = {entity.kind for mention in named for entity in mention.entities}
    if kinds & _WHAT_RUNS or _SENT_BY_A_SYSTEM.search(lowered):
        return False
    places = frozenset().union(*(mention.positions for mention in named))
    others = [word for at, word in enumerate(words) if at not in places and word.text not in _ALSO_AN_ALERT]
    concepts = lexicon().concepts(others)[0]
    if concepts & _OF_THE_SYSTEMS or _OF_ITS_COPIES.search(lowered):
        return False
    about = _DONE_WITH_IT.search(lowered) or _TOLD_OF_IT.search(lowered)
    if about and (kinds or re.search(_LETTERS, lowered)):
        return True
    somebody = any(not mention.entities for mention in mentions) and _USES.search(lowered)
    return "guest" in kinds and bool(somebody or _COUNTED.search(lowered))
