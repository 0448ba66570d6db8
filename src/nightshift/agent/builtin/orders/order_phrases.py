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
# Verbs of two words, and what the thing that is ordered about stands between: `shut web down`, `give web more memory`.
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), action)
    for pattern, action in (
        (
            (
                r"(?:do |perform )?(?:the |an? )?(?:upgrade \S+|\d+ to \d+ upgrade) (?:to|of|on) .*\d|"
                r"do .*\b\d+ to \d+ upgrade\b|"
                rf"upgrade\b{_NO_AMOUNT}.*\bto (?:proxmox |pve |version |ve |release )*\d{{1,2}}\b(?! ?[gt])"
            ),
            "release",
        ),
        (
            r"(?:give|grant|hand|add|assign)\b.*\b(?:privileges?|roles?|permissions?|rights|sys\.\w+|pve(?:auditor|admin)|acl)\b",
            "grant",
        ),
        (
            (
                r"(?:e-?mail|mail|text|message|ping|notify|alert|inform|warn) (?:me|us)\b"
                r"(?!.*\b(?:what|which|who|why|how|where)\b)"
            ),
            "notify",
        ),
        (
            (
                r"(?:ceph )?osd (?:in|out|start|stop)\b|osds?[ .-]?\d+ (?:back )?(?:in|out|up)\b(?!.*\?)|"
                r"(?:mark|take|set|put|bring|get|kick|throw|start|restart|stop)\b.*\bosds?\b"
            ),
            "osd",
        ),
        (
            r"(?:send|shoot|fire|do|give)\b.*\b(?:wake[- ]?on[- ]?lan|wol|magic packet)\b|wol\b|wake[- ]on[- ]lan\b",
            "start",
        ),
        (r".*\bresilver\b.*\b(?:new|spare|another)\b", "replace"),
        (r"(?:gc|garbage[- ]collect)\b(?: \S+){1,3}? (?:go|now|please|pls)\W*$", "run"),
        # From a node or from maintenance it comes back without its disks being overwritten.
        (
            (
                r"(?:pull|put|get|bring|fetch)\b.*\bback from\b.*\b(?:backups?|cop(?:y|ies)|dumps?|archives?|vzdump|"
                r"pbs|tapes?|datastore|night|evening|morning|yesterday|today|week|month|\w+day|\d{4}-\d\d-\d\d|"
                r"\d{1,2}:\d\d|ago)\b|put back\b.*\bbackup\b"
            ),
            "restore",
        ),
        (
            (
                r"pull the plug (?:of|on)\b.*\b(?:start|(?:it|back|and|then) on|again)\b|"
                r"do a (?:cold|hard) re(?:set|boot)\b|power[ -]?cycle\b.*\bhard\b|(?:hard|cold)[ -]?(?:boot|reboot)\b"
            ),
            "reset",
        ),
        (r"pull the plug (?:of|on)\b", "stop"),
        (
            (
                r"(?:turn|switch|power)\b.*\b(?:off|out)\b(?: and then| and|, then|,) (?:back )?(?:on|in)\b|"
                r"make\b.* out and in\b"
            ),
            "reboot",
        ),
        (r"(?:freeze|keep|save|record)\b.*\bin a snap(?:shot)?\b", "snapshot"),
        (r"let\b.*\bcollect (?:its |the )?garbage\b|do\b.*\b(?:a |the )?garbage collection\b", "run"),
        (rf"{_SET_OFF}(?:verify|verification) jobs?\b", "verify"),
        (rf"{_SET_OFF}prun(?:e|ing) jobs?\b", "prune"),
        (
            r"replicate\b|(?:do|run|start|trigger|kick|launch|repeat)\b(?: \S+){0,5}? replication\b(?! (?:job )?to\b)",
            "run",
        ),
        (r"(?:run|do|put|get|push|roll out|pull)\b(?! me\b| us\b)(?!.*\b(?:hold|off|list)\b).*\bupdates?\b", "upgrade"),
        (r"(?:release|free|lift|remove|take off|break|clear|drop)\b.*\block\b|take\b.*\block\b.*\boff\b", "unlock"),
        (r"(?:get|bring)\b.*\b(?:running again|to li[fv]e(?: again)?)\W*$", "start"),
        (r"(?:let|make|have)\b.*\baccept writes\b", "maintenance"),
        (r"put\b.*\b(?:back on(?= again|\W*$)|on again|back to work)\b", "start"),
        (
            (
                r"(?:put|bring|get)\b.*\bback (?:on(?! (?:for|please|now|again|line|in)\b)|onto|from \S+ to) \w|"
                r"(?:put|bring|send|move|take)\b.*\bback (?:home|to (?:where|its (?:old|own|former|home)))\b"
            ),
            "migrate",
        ),
        (r"carry\b.*\b(?:over|across) to\b|put\b.*\bonto\b", "migrate"),
        (r"bring\b.*\bto a (?:halt|stop)\b", "stop"),
        (_TO_A_RELEASE, "release"),
        (
            (
                rf"{_SWITCH}.*(?<!for )\bmaint[a-z]{{0,3}}nance\b(?! (?:jobs?|windows?))|{_SWITCH}.*\b(?:in|into|"
                rf"to) service\b|"
                r"make\b.*\bno (?:more|longer) in maintenance\b"
            ),
            "maintenance",
        ),
        (rf"{_TO_DO}snap(?:shot)?\b", "snapshot"),
        (r"(?:clear|reset|zero)\b.*\b(?:errors?|counters?)\b|(?:wipe|set)\b.*\berrors? count\w*", "clear"),
        (
            (
                r"(?:make|get|set|switch|turn|put|take|lift|flip|bring|open)\b.*"
                r"\b(?:writable|writeable|read-?write|read[ -]?only)\b"
            ),
            "maintenance",
        ),
        (
            (
                rf"(?:bring|get|take|lift|move)\b{_NO_AMOUNT}.*\b(?:up to|to (?:pve |proxmox |version |v)) ?"
                r"\d(?:\.\d+)*\b(?! ?[tg])"
            ),
            "upgrade",
        ),
        (r"(?:put|set|place|give)\b.*\b(?:mute|silence)\b", "silence"),
        (r"put\b.*\bto sleep\b", "pause"),
        (r"(?:hard|force[ds]?)[ -]?(?:cycle|reset)\b|(?:give|do)\b.*\breset\b", "reset"),
        (r"(?:throw|chuck|toss)\b.*\b(?:away|out)\b", "delete"),
        (_TO_A_DISK, "resize"),
        (rf"{_TO_DO}(?:backup|vzdump)\b(?! (?:job|trouble|problem|issue|failure|error|alert|warning))", "backup"),
        (r"(?:kick|fire|set) off\b.*\b(?:backup|vzdump)\b(?! job)", "backup"),
        (rf"{_TO_DO}(?:backup )?(?:verify|verification)\b(?! job)", "verify"),
        (rf"{_TO_DO}(?:prune|pruning)\b(?! job)", "prune"),
        (rf"{_TO_DO}sync\b(?! job)", "sync"),
        (rf"{_TO_DO}(?:scrub|gc|garbage collection)\b", "run"),
        (
            # `kick web off pve1` sends it away.
            (
                r"(?:kick|fire|set)(?: off\b|\b(?: \S+){1,4} off\b"
                r"(?=\W*$|[,.;:]| (?:now|please|again|today|tonight)\b))(?!.* job off)"
            ),
            "run",
        ),
        (
            (
                r"(?:let|have)\b.*\b(?:backups?|jobs?)\b.*\b(?:begin|start|run)\b|"
                r"(?:shift|move|push|put)\b.*\b(?:backups?|jobs?)\b.* (?:to|at) (?:\d{1,2}\b(?! ?[tg])|noon|midnight)|"
                r"(?:make|set|mark)\b.*\b(?:in)?active\b"
            ),
            "change",
        ),
        (
            r"(?:make|let|have)\b.*\b(?:start|autostart|boot|come up)\b.*\b(?:boot|automatically|itself|power)\b",
            "change",
        ),
        (r"(?:tell|make|have|get)\b.*\bto (?:restart|reboot)\W*$|(?:make|let)\b.*\b(?:restart|reboot)\W*$", "reboot"),
        (r"(?:throw|shove|put|get|push|bring|kick)\b.*\b(?:onto|over to|across to) ", "migrate"),
        (r"roll\b.*\bcert", "renew"),
        (r"mark\b.*\b(?:as )?(?:drained|in maintenance)\b", "maintenance"),
        (r"(?:bump|raise)\b.*\b(?:to|by) \d", "change"),
        (rf"{_TO_DO}migration\b", "migrate"),
        (rf"{_TO_DO}(?:reboot|restart)\b", "reboot"),
        (rf"{_TO_DO}shutdown\b", "stop"),
        (r"(?:turn|switch|power|shut|bring|take)\b(?! an? | on\b).*\b(?:off|down|offline)\b", "stop"),
        (r"make\b(?: \S+){1,5} off\b", "stop"),
        (r"power[ -]?cycle\b|(?:kick|cycle)\b(?!.*\b(?:out of|off)\b)", "reboot"),
        (r"give\b.*\b(?:kick|nudge|bounce|restart|reboot)\b", "reboot"),
        (
            rf"(?:turn|switch|power|bring|spin|fire|start)\b(?! me | us ).*\b(?:on|up(?! to\b)|online)\b{_NO_NOUN}",
            "start",
        ),
        (r"(?:get|bring)\b.*\bback(?: up| online| to life)?\W*$", "start"),
        (r"get\b(?! the ).*\b(?:running|going|working)(?: again)?\W*$", "start"),
        (r"roll\b.*\bback\b", "rollback"),
        (r"back up\b (?!job|server|status|schedule)\w+|back (?!up)\S+ up\b", "backup"),
        (r"(?:give|add|assign|allocate|hand)\b(?! (?:me|us)\b).*\b(?:memory|ram|v?cores?|v?cpus?)\b", "change"),
        (
            r"(?:take|throw|kick|remove)\b.*\bout of\b|take\b.*\b(?:memory|ram|v?cores?|v?cpus?) (?:away )?from\b",
            "change",
        ),
        (r"(?:get|put|add|include|have|take|bring)\b.*\b(?:in|into|to)\b.*\b(?:backups?|jobs?)\b", "protect"),
        (
            r"(?:get|put|add|include|take|bring)\b.*\b(?:in|into|to|under)\b.*\b(?:replication|ha|availability)\b",
            "change",
        ),
        (rf"(?:make|give|add|assign|hand)\b(?!.*\b(?:another|second|new) (?:disk|drive)).*{_LARGER}", "resize"),
        (r"give\b(?! (?:me|us)\b).* (?:another )?\d+ ?[gmt]i?b\b(?: more)?\W*$", "change"),
        (r"get rid of\b", "delete"),
        (r"free up\b|clear out\b|make (?:some )?room\b", "prune"),
    )
)
