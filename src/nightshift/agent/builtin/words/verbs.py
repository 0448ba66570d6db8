"""The verbs of orders, by the kind of change that they ask for."""

from __future__ import annotations

from collections.abc import Mapping

# Verbs that would change something. Nightshift never does; as a command they get the command to run by hand.
VERBS: Mapping[str, str] = {
    "reboot": "restart reboot bounce power-cycle powercycle relaunch",
    "reset": "reset",
    "stop": "stop shutdown kill halt terminate shut abort cancel",
    "start": "start boot resume wake revive",
    "delete": "delete del destroy remove wipe erase drop format unlink uninstall nuke obliterate bin chuck trash",
    "migrate": "migrate move evacuate evict relocate live-migrate shift vacate transfer",
    "unlock": "unlock",
    "upgrade": "upgrade update patch apply install dist-upgrade full-upgrade",
    "resize": "resize lvextend grow extend expand increase enlarge shrink",
    "prune": "prune clean cleanup purge empty",
    "silence": "silence mute acknowledge ack snooze dismiss suppress quieten hush",
    "create": "create add make deploy",
    "clone": "clone duplicate",
    "rename": "rename",
    "change": (
        "change set edit modify disable enable deactivate activate reactivate configure turn power assign "
        "attach detach mount clear "
        "ssh exclude include disconnect eject raise bump lower double halve reduce reschedule schedule"
    ),
    "repair": "fix repair",
    "replace": "replace swap",
    "renew": "renew rotate reissue regenerate",
    "restore": "restore recover",
    "rollback": "rollback revert",
    "pause": "pause suspend hibernate freeze",
    "maintenance": "drain",
    "snapshot": "snapshot snap",
    "backup": "backup",
    "run": "run execute trigger launch scrub",
    "trim": "trim fstrim",
    "grant": "grant",
    "verify": "verify",
    "sync": "sync",
}
# As often no verbs at all: orders only where one of them leads, and what it is done to follows (`tag all containers`).
_WITH_OBJECT: Mapping[str, str] = {
    "reboot": "hup sighup reload recycle respawn",
    "reset": "fence stonith",
    "change": "limit cap cut slash reserve allocate",
    "tweak": (
        "tag label throttle pin unpin tune adjust tweak balance promote demote cordon uncordon plug unplug bind pass "
        "encrypt decrypt compress allow permit block ban forward open close expose isolate quarantine join rebalance "
        "convert hot-unplug hot-plug unmount flip"
    ),
    "create": "provision spawn bootstrap import",
    "delete": "strip decommission retire ditch scrap zap discard expunge reclaim",
    "repair": "rebuild reinstall reimage resync heal unstick defrag defragment vacuum compact downgrade",
    "run": "retrigger retry rerun requeue unpause un-pause",
}
ACTIONS: Mapping[str, str] = {verb: action for action, verbs in VERBS.items() for verb in verbs.split()}
WITH_OBJECT: Mapping[str, str] = {verb: action for action, verbs in _WITH_OBJECT.items() for verb in verbs.split()}
