"""Verbs of several words, by the kind of change that they ask for: `shut web down`, `put pve1 back into service`."""

from __future__ import annotations

import re

_LARGER = r"\b(?:bigger|larger|(?:more|\d+ ?[gt]i?b?) (?:of )?(?:disk|space|storage|room)|disk space)\b"
_NO_NOUN = r"(?!.*\b(?:hours?|times?|list|log)\b)"
# A verb that says nothing but that something is to be done, and the noun that says what: `kick off a backup of web`.
_TO_DO = (
    r"(?:(?:kick|fire|set)(?: off)?|take|make|create|do|get|start|run|trigger|launch|initiate|begin|perform|execute)"
    r"(?: off)? (?:again )?(?:a |an |the |another |one more |me a )*"
    r"(?:new |fresh |quick |manual |full |extra |additional |unscheduled |online )*"
)
# What sets something off that is there already: `create a prune job` runs none.
_SET_OFF = (
    r"(?:(?:kick|fire|set) off|do|start|run|trigger|launch|initiate|begin|perform|execute) (?:again )?(?:a |the )?"
)
# What is counted and no release: `upgrade web to 8 cores`, `move the nightly job to 4`.
_NO_AMOUNT = r"(?!.*\b(?:v?cores?|v?cpus?|memory|ram|percent|swap|backups?|jobs?|copies|[gmt]i?b)\b)"
_SWITCH = r"(?:put|set|take|turn|switch|bring|get|enable|disable|end|finish|exit|leave|stop|start|remove|move)\b"
_TO_A_RELEASE = (
    rf"(?:bring|get|take|lift|move|put)\b{_NO_AMOUNT}.*\bto (?:proxmox |pve |version |ve |release )*\d{{1,2}}(?:\.\d+)*"
    r"(?:,? (?:for (?:me|us)|please|now|today|tonight))*\W*$"
)
_TO_A_DISK = (
    r"(?:give|add|hand)\b.*\b(?:rootfs|root (?:disk|fs|file ?system)|disk|drive|volume|mp\d|scsi\d|virtio\d)\b"
    r".*\d+ ?[gmt]i?b?\b|(?:give|add|put)\b.*\d+ ?[gt]i?b?\b.*\bto\b.*\b(?:rootfs|root disk|disk|volume)\b"
)


def _phrase(action: str, pattern: str) -> tuple[re.Pattern[str], str]:
    return re.compile(pattern), action


# Verbs of two words, and what the thing that is ordered about stands between: `shut web down`, `give web more memory`.
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    _phrase(
        "release",
        r"(?:do |perform )?(?:the |an? )?(?:upgrade \S+|\d+ to \d+ upgrade) (?:to|of|on) .*\d|"
        r"do .*\b\d+ to \d+ upgrade\b|"
        rf"upgrade\b{_NO_AMOUNT}.*\bto (?:proxmox |pve |version |ve |release )*\d{{1,2}}\b(?! ?[gt])",
    ),
    _phrase(
        "grant",
        r"(?:give|grant|hand|add|assign)\b.*\b(?:privileges?|roles?|permissions?|rights|sys\.\w+|pve(?:auditor|admin)|acl)\b",
    ),
    _phrase(
        "notify",
        r"(?:e-?mail|mail|text|message|ping|notify|alert|inform|warn) (?:me|us)\b"
        r"(?!.*\b(?:what|which|who|why|how|where)\b)",
    ),
    _phrase(
        "osd",
        r"(?:ceph )?osd (?:in|out|start|stop)\b|osds?[ .-]?\d+ (?:back )?(?:in|out|up)\b(?!.*\?)|"
        r"(?:mark|take|set|put|bring|get|kick|throw|start|restart|stop)\b.*\bosds?\b",
    ),
    _phrase(
        "start",
        r"(?:send|shoot|fire|do|give)\b.*\b(?:wake[- ]?on[- ]?lan|wol|magic packet)\b|wol\b|wake[- ]on[- ]lan\b",
    ),
    _phrase("tweak", r"(?:put|leave|write|attach|stick) (?:an? |the )?(?:note|comment|description)\b"),
    _phrase("replace", r".*\bresilver\b.*\b(?:new|spare|another)\b"),
    _phrase("run", r"(?:gc|garbage[- ]collect)\b(?: \S+){1,3}? (?:go|now|please|pls)\W*$"),
    # From a node or from maintenance it comes back without its disks being overwritten.
    _phrase(
        "restore",
        r"(?:pull|put|get|bring|fetch)\b.*\bback from\b.*\b(?:backups?|cop(?:y|ies)|dumps?|archives?|vzdump|"
        r"pbs|tapes?|datastore|night|evening|morning|yesterday|today|week|month|\w+day|\d{4}-\d\d-\d\d|"
        r"\d{1,2}:\d\d|ago)\b|put back\b.*\bbackup\b",
    ),
    _phrase(
        "reset",
        r"pull the plug (?:of|on)\b.*\b(?:start|(?:it|back|and|then) on|again)\b|"
        r"do a (?:cold|hard) re(?:set|boot)\b|power[ -]?cycle\b.*\bhard\b|(?:hard|cold)[ -]?(?:boot|reboot)\b",
    ),
    _phrase("stop", r"pull the plug (?:of|on)\b"),
    _phrase(
        "reboot",
        r"(?:turn|switch|power)\b.*\b(?:off|out)\b(?: and then| and|, then|,) (?:back )?(?:on|in)\b|"
        r"make\b.* out and in\b",
    ),
    _phrase("snapshot", r"(?:freeze|keep|save|record)\b.*\bin a snap(?:shot)?\b"),
    _phrase("run", r"let\b.*\bcollect (?:its |the )?garbage\b|do\b.*\b(?:a |the )?garbage collection\b"),
    _phrase("verify", rf"{_SET_OFF}(?:verify|verification) jobs?\b"),
    _phrase("prune", rf"{_SET_OFF}prun(?:e|ing) jobs?\b"),
    _phrase(
        "run",
        r"replicate\b|(?:do|run|start|trigger|kick|launch|repeat)\b(?: \S+){0,5}? replication\b(?! (?:job )?to\b)",
    ),
    _phrase(
        "upgrade", r"(?:run|do|put|get|push|roll out|pull)\b(?! me\b| us\b)(?!.*\b(?:hold|off|list)\b).*\bupdates?\b"
    ),
    _phrase("unlock", r"(?:release|free|lift|remove|take off|break|clear|drop)\b.*\block\b|take\b.*\block\b.*\boff\b"),
    _phrase("start", r"(?:get|bring)\b.*\b(?:running again|to li[fv]e(?: again)?)\W*$"),
    _phrase("maintenance", r"(?:let|make|have)\b.*\baccept writes\b"),
    _phrase("start", r"put\b.*\b(?:back on(?= again|\W*$)|on again|back to work)\b"),
    _phrase(
        "migrate",
        r"(?:put|bring|get)\b.*\bback (?:on(?! (?:for|please|now|again|line|in)\b)|onto|from \S+ to) \w|"
        r"(?:put|bring|send|move|take)\b.*\bback (?:home|to (?:where|its (?:old|own|former|home)))\b",
    ),
    _phrase("migrate", r"carry\b.*\b(?:over|across) to\b|put\b.*\bonto\b"),
    _phrase("stop", r"bring\b.*\bto a (?:halt|stop)\b"),
    _phrase("release", _TO_A_RELEASE),
    _phrase(
        "maintenance",
        rf"{_SWITCH}.*(?<!for )\bmaint[a-z]{{0,3}}nance\b(?! (?:jobs?|windows?))|{_SWITCH}.*\b(?:in|into|"
        rf"to) service\b|"
        r"make\b.*\bno (?:more|longer) in maintenance\b",
    ),
    _phrase("snapshot", rf"{_TO_DO}snap(?:shot)?\b"),
    _phrase("clear", r"(?:clear|reset|zero)\b.*\b(?:errors?|counters?)\b|(?:wipe|set)\b.*\berrors? count\w*"),
    _phrase(
        "maintenance",
        r"(?:make|get|set|switch|turn|put|take|lift|flip|bring|open)\b.*"
        r"\b(?:writable|writeable|read-?write|read[ -]?only)\b",
    ),
    _phrase(
        "upgrade",
        rf"(?:bring|get|take|lift|move)\b{_NO_AMOUNT}.*\b(?:up to|to (?:pve |proxmox |version |v)) ?"
        r"\d(?:\.\d+)*\b(?! ?[tg])",
    ),
    _phrase("silence", r"(?:put|set|place|give)\b.*\b(?:mute|silence)\b"),
    _phrase("pause", r"put\b.*\bto sleep\b"),
    _phrase("reset", r"(?:hard|force[ds]?)[ -]?(?:cycle|reset)\b|(?:give|do)\b.*\breset\b"),
    _phrase("delete", r"(?:throw|chuck|toss)\b.*\b(?:away|out)\b"),
    _phrase("resize", _TO_A_DISK),
    _phrase("backup", rf"{_TO_DO}(?:backup|vzdump)\b(?! (?:job|trouble|problem|issue|failure|error|alert|warning))"),
    _phrase("backup", r"(?:kick|fire|set) off\b.*\b(?:backup|vzdump)\b(?! (?:job|server))"),
    _phrase("verify", rf"{_TO_DO}(?:backup )?(?:verify|verification)\b(?! job)"),
    _phrase("prune", rf"{_TO_DO}(?:prune|pruning)\b(?! job)"),
    _phrase("sync", rf"{_TO_DO}sync\b(?! job)"),
    _phrase("run", rf"{_TO_DO}(?:scrub|gc|garbage collection)\b"),
    # `kick web off pve1` sends it away.
    _phrase(
        "run",
        r"(?:kick|fire|set)(?: off\b|\b(?: \S+){1,4} off\b"
        r"(?=\W*$|[,.;:]| (?:now|please|again|today|tonight)\b))(?!.* job off)",
    ),
    _phrase(
        "change",
        r"(?:let|have)\b.*\b(?:backups?|jobs?)\b.*\b(?:begin|start|run)\b|"
        r"(?:shift|move|push|put)\b.*\b(?:backups?|jobs?)\b.* (?:to|at) (?:\d{1,2}\b(?! ?[tg])|noon|midnight)|"
        r"(?:make|set|mark)\b.*\b(?:in)?active\b",
    ),
    _phrase(
        "change", r"(?:make|let|have)\b.*\b(?:start|autostart|boot|come up)\b.*\b(?:boot|automatically|itself|power)\b"
    ),
    _phrase(
        "reboot", r"(?:tell|make|have|get)\b.*\bto (?:restart|reboot)\W*$|(?:make|let)\b.*\b(?:restart|reboot)\W*$"
    ),
    _phrase("migrate", r"(?:throw|shove|put|get|push|bring|kick)\b.*\b(?:onto|over to|across to) "),
    _phrase("renew", r"roll\b.*\bcert"),
    _phrase("maintenance", r"mark\b.*\b(?:as )?(?:drained|in maintenance)\b"),
    _phrase(
        "change",
        r"(?:bump|raise)\b.*\b(?:to|by) \d|(?:drop|cut|take)\b.*\bto \d+ ?(?:[gm]i?b|percent|cores?|v?cpus?)\b",
    ),
    _phrase("migrate", rf"{_TO_DO}migration\b"),
    _phrase("reboot", rf"{_TO_DO}(?:reboot|restart)\b"),
    _phrase("stop", rf"{_TO_DO}shutdown\b"),
    _phrase("stop", r"(?:turn|switch|power|shut|bring|take)\b(?! an? | on\b).*\b(?:off|down|offline)\b"),
    _phrase("stop", r"make\b(?: \S+){1,5} off\b"),
    _phrase("reboot", r"power[ -]?cycle\b|(?:kick|cycle)\b(?!.*\b(?:out of|off)\b)"),
    _phrase("reboot", r"give\b.*\b(?:kick|nudge|bounce|restart|reboot)\b"),
    _phrase(
        "start", rf"(?:turn|switch|power|bring|spin|fire|start)\b(?! me | us ).*\b(?:on|up(?! to\b)|online)\b{_NO_NOUN}"
    ),
    _phrase("start", r"(?:get|bring)\b.*\bback(?: up| online| to life)?\W*$"),
    _phrase("start", r"get\b(?! the ).*\b(?:running|going|working)(?: again)?\W*$"),
    _phrase("rollback", r"roll\b.*\bback\b"),
    _phrase("backup", r"back up\b (?!job|server|status|schedule)\w+|back (?!up)\S+ up\b"),
    _phrase("change", r"(?:give|add|assign|allocate|hand)\b(?! (?:me|us)\b).*\b(?:memory|ram|v?cores?|v?cpus?)\b"),
    _phrase(
        "change", r"(?:take|throw|kick|remove)\b.*\bout of\b|take\b.*\b(?:memory|ram|v?cores?|v?cpus?) (?:away )?from\b"
    ),
    _phrase("protect", r"(?:get|put|add|include|have|take|bring)\b.*\b(?:in|into|to)\b.*\b(?:backups?|jobs?)\b"),
    _phrase(
        "change", r"(?:get|put|add|include|take|bring)\b.*\b(?:in|into|to|under)\b.*\b(?:replication|ha|availability)\b"
    ),
    _phrase("resize", rf"(?:make|give|add|assign|hand)\b(?!.*\b(?:another|second|new) (?:disk|drive)).*{_LARGER}"),
    _phrase("change", r"give\b(?! (?:me|us)\b).* (?:another )?\d+ ?[gmt]i?b\b(?: more)?\W*$"),
    _phrase("delete", r"get rid of\b"),
    _phrase("prune", r"free up\b|clear out\b|make (?:some )?room\b"),
)
