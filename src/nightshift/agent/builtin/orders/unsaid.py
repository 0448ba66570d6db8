"""Changes that are asked for without any deed that is known: `I'd sleep better if web were on pve2`, `101 is to be
converted by tonight`.

What shall be done is not understood, but that something shall be is: an answer about the thing's state would pass over
it. Whoever only wants to know (`it would be nice to hear how web is`) asks for nothing of the kind.
"""

from __future__ import annotations

import re

_NICE = r"(?:lovely|nice|great|wonderful|good|cool|fantastic|sweet|helpful|swell|handy|kind|marvellous)"
_BE_DONE = (
    r"(?:(?:needs?|has|have|had|ought|is|are|'s) to|must|had better|better) (?:now |soon |please )?be (?:\w+ly )?"
    r"(?!(?:seen|said|told|known|called|named|done|expected|used|found|read)\b)"
    r"(?:put|set|shut|cut|run|\w+(?:ed|en))\b"
)
_WISHED = re.compile(
    rf"^\W*(?:(?:it|that)(?: would|'d) be|would be|'twould be)(?: so| very| really)? {_NICE} (?:if|to (?:see|have))\b|"
    r"^\W*(?:i|we)(?: would|'d) (?:(?:sleep|feel|rest|breathe) (?:\w+ )?(?:better|easier|happier)|love it|be "
    r"(?:\w+ )?(?:grateful|happy|happier|glad|obliged|delighted)|appreciate it)(?: \w+)? (?:if|to see|were|with)\b|"
    r"^\W*(?:(?:i|we)(?: so| really)? wish|(?:my )?(?:\w+ )?wish (?:is|for today)|wish (?:i|we|the|it|that))\b|"
    r"^\W*(?:i|we) want .*\b(?:gone|away|off|out|back|dead)\W*$|"
    r"^\W*(?:it is |it's )?(?:high |about )?time (?:to|for .* to be)\b|"
    r"\bi(?:'m| am)? hereby\b|\bpermission (?:is )?granted\b|\byou may as well\b|\baction required\b|\bsee to it\b|"
    r"\bhint,? hint\b|\bi insist\b|\bdesired that\b|\bget on with it\b|\bproceed\W*$|\btake care of it\W*$|"
    r"\bwould not object\b|\bwould you mind (?!(?:look|tell|check|hav|explain|show|giv|read|confirm|"
    r"say|tak|list|help|see|walk|find)\w*ing\b)\w+ing\b|\b(?:should|must|(?:needs?|has|have) to) be gone\b|"
    r"\bspin (?:me )?up\b|\b(?:would|is|will) it (?:be )?(?:asking )?too much (?:trouble )?(?:to|for)\b|"
    r"\bwould(?: not|n't) it (?:make sense|be better) (?:for|to|if)\b|\bput out of its misery\b|"
    r"^\W*(?:please )?(?:(?:pct|qm) (?:exec|set|start|stop|shutdown|reboot|reset|destroy|clone|migrate|template|resize|"
    r"rollback|snapshot|delsnapshot|unlock|restore|suspend|resume)|(?:apt|apt-get) (?:install|remove|purge|upgrade|"
    r"full-upgrade|dist-upgrade|autoremove)|systemctl (?:re)?(?:start|stop|enable|disable|load)|(?:zpool|zfs) (?:scrub|"
    r"destroy|add|attach|replace|create|set|rollback))\b"
)
_DUE = re.compile(rf"(?:\b|(?='s)){_BE_DONE}")
_ASKS = re.compile(
    r"\?\W*$|\b(?:why|what|which|who|whose|whether|how|when|because)\b|\b(?:said|says|claims?|thinks?|told|if)\b"
)
_DENIES = re.compile(r"\b(?:not|never|no)\b|n't\b")
_ASKS_AFTER = re.compile(r"\b(?:what|which|how|when|who|why)\b[^?]*\?")
_TO_KNOW = re.compile(r"\b(?:know|knew|known|tell|told|hear|learn|explain|show|understand|list|report)\b")


def asks_for_a_change(lowered: str) -> bool:
    """Whether something is to be changed, whatever it is."""
    if _TO_KNOW.search(lowered) or _ASKS_AFTER.search(lowered):
        return False
    due = _DUE.search(lowered) and not (_ASKS.search(lowered) or _DENIES.search(lowered))
    return bool(due or _WISHED.search(lowered))
