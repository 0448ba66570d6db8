"""Power and mainboards: UPSes by NUT and apcupsd, and what a BMC says by IPMI."""

from __future__ import annotations

from nightshift.checks.rows.row import Row, highest, lowest

_BY = "job, instance"
_POWER = "power"
_BOARD = "mainboards"
_NUT = "nut_exporter"
_APC = "apcupsd_exporter"
_IPMI = "ipmi_exporter"
_SENSORS = ("temperature", "fan_speed", "voltage", "current", "power", "sensor")


def _flag(flag: str, window: str) -> str:
    """A state of NUT that held over the window, the UPS in the label `ups`."""
    status = lowest(f'network_ups_tools_ups_status{{flag="{flag}"}}', window)
    return f"max by ({_BY}, ups) ({status}) == 1"


def _on_battery() -> str:
    return (
        f'(max by ({_BY}, ups) (network_ups_tools_ups_status{{flag="OB"}}) == 1 or '
        f"max by ({_BY}, ups) (apcupsd_battery_time_on_seconds) > 0)"
    )


def _either(nut: str, apc: str) -> str:
    """The same figure of whichever exporter there is."""
    return f"(max by ({_BY}, ups) ({nut}) or max by ({_BY}, ups) ({apc}))"


def _while_on_battery(nut: str, apc: str) -> str:
    return f"{_either(nut, apc)} and on ({_BY}, ups) {_on_battery()}"


def _board_states() -> str:
    return " or ".join(
        f'label_replace(max by ({_BY}, name) ({lowest(f"ipmi_{kind}_state", "2m")}), "sensor", "{words}", "", "")'
        for kind, words in ((kind, kind.replace("_", " ")) for kind in _SENSORS)
    )


ROWS: tuple[Row, ...] = (
    Row(
        id="ups.on_battery",
        family=_POWER,
        title="UPSes on their battery",
        exporter=f"{_NUT} or {_APC}",
        metric="network_ups_tools_ups_status",
        value=f"{_flag('OB', '1m')} or max by ({_BY}, ups) ({lowest('apcupsd_battery_time_on_seconds', '1m')}) > 0",
        meaning="1 (of apcupsd: seconds): the UPS has run on its battery for 1 min",
        severity="critical",
        unit="state",
        labels=("ups",),
        headline="UPS {ups} at {about} runs on its battery",
        detail="The mains are gone: when the battery is empty, everything behind it goes off hard.",
        remedy="`upsc {ups}` (or `apcaccess`) on it tells how long it lasts; see the fuses, then shut guests down in "
        "order while there is time.",
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.low_battery",
        family=_POWER,
        title="UPSes that call their battery low",
        exporter=_NUT,
        metric="network_ups_tools_ups_status",
        value=f'max by ({_BY}, ups) (network_ups_tools_ups_status{{flag="LB"}}) == 1',
        meaning="1: the UPS says that its battery is nearly empty",
        severity="critical",
        unit="state",
        labels=("ups",),
        headline="The battery of UPS {ups} at {about} is nearly empty",
        detail="The UPS will switch off within minutes.",
        remedy="Shut down what you can, storage last: `qm shutdown`, `pct shutdown`, then the nodes.",
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.charge",
        family=_POWER,
        title="Charge of a UPS during a power cut",
        exporter=f"{_NUT} or {_APC}",
        metric="network_ups_tools_battery_charge",
        value=f"({_while_on_battery('network_ups_tools_battery_charge', 'apcupsd_battery_charge_percent')}) / 100",
        meaning="the share of its charge that is left, while it runs on its battery",
        worse="below",
        warning="ups_charge_warning",
        critical="ups_charge_critical",
        unit="fraction",
        labels=("ups",),
        headline="UPS {ups} at {about} has {value} of its charge left",
        detail="It runs on its battery, and {value} are left.",
        remedy="Shut guests down in order while there is time; `upsc {ups} battery.runtime` tells how long it lasts.",
        yields_to=("ups.low_battery",),
        same_thing=True,
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.runtime",
        family=_POWER,
        title="Time left of a UPS during a power cut",
        exporter=f"{_NUT} or {_APC}",
        metric="network_ups_tools_battery_runtime",
        value=_while_on_battery("network_ups_tools_battery_runtime", "apcupsd_battery_time_left_seconds"),
        meaning="seconds that the battery still lasts, while the UPS runs on it",
        worse="below",
        warning="ups_runtime_warning_s",
        critical="ups_runtime_critical_s",
        unit="seconds",
        labels=("ups",),
        headline="UPS {ups} at {about} lasts another {value}",
        detail="After that everything behind it goes off hard.",
        remedy="Shut guests down now, storage last: `qm shutdown`, `pct shutdown`, then the nodes.",
        yields_to=("ups.low_battery",),
        same_thing=True,
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.load",
        family=_POWER,
        title="Load of UPSes",
        exporter=f"{_NUT} or {_APC}",
        metric="network_ups_tools_ups_load",
        value=f"max by ({_BY}, ups) (min_over_time(network_ups_tools_ups_load[10m]) or "
        "min_over_time(apcupsd_ups_load_percent[10m])) / 100",
        meaning="the load of a UPS at every moment of the last 10 min, as a share",
        warning="ups_load_warning",
        critical="ups_load_critical",
        unit="fraction",
        labels=("ups",),
        headline="UPS {ups} at {about} is loaded to {value}",
        detail="For 10 min it has carried {value} of what it can: above that it switches off, with the "
        "mains there or not.",
        remedy="Take what need not survive a power cut off it (screens, printers), or get a larger one.",
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.replace_battery",
        family=_POWER,
        title="Batteries that are worn out",
        exporter=_NUT,
        metric="network_ups_tools_ups_status",
        value=_flag("RB", "10m"),
        meaning="1: the UPS asks for a new battery",
        unit="state",
        labels=("ups",),
        headline="UPS {ups} at {about} needs a new battery",
        detail="At the next power cut it may not hold at all.",
        remedy="Order the battery that its maker names; `upscmd {ups} test.battery.start` tests it afterwards.",
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.battery_voltage",
        family=_POWER,
        title="Voltage of batteries",
        exporter=_APC,
        metric="apcupsd_battery_volts",
        value=f"max by ({_BY}, ups) (max_over_time(apcupsd_battery_volts[10m]) / (apcupsd_battery_nominal_volts > 0))",
        meaning="the battery's voltage as a share of its nominal one, the highest of the last 10 min",
        worse="below",
        warning="ups_voltage_warning",
        unit="fraction",
        labels=("ups",),
        headline="The battery of UPS {ups} at {about} is weak ({value} of its voltage)",
        detail="On the mains a healthy battery is above its nominal voltage.",
        remedy="Test it (`apctest`), and replace it when it does not recover.",
        yields_to=("ups.on_battery", "ups.replace_battery"),
        same_thing=True,
        runbook="ups.md#steps",
    ),
    Row(
        id="ups.hot",
        family=_POWER,
        title="Temperature of UPSes",
        exporter=_APC,
        metric="apcupsd_internal_temperature_celsius",
        value=f"max by ({_BY}, ups) (min_over_time(apcupsd_internal_temperature_celsius[5m]))",
        meaning="degrees Celsius at every moment of the last 5 min",
        warning="ups_temperature_warning",
        unit="celsius",
        labels=("ups",),
        headline="UPS {ups} at {about} is hot: {value}",
        detail="Heat ages its battery fast.",
        remedy="Give it air; see that its fan turns and that it is not overloaded.",
        runbook="ups.md#steps",
    ),
    Row(
        id="ipmi.sensor",
        family=_BOARD,
        title="Sensors of mainboards",
        exporter=_IPMI,
        metric="ipmi_temperature_state",
        value=_board_states(),
        meaning="1 warning, 2 critical, 3 beyond recovery, for 2 min",
        warning="ipmi_state_warning",
        critical="ipmi_state_critical",
        unit="state",
        labels=("sensor", "name"),
        headline="{about}: {sensor} {name} is out of bounds",
        detail="The mainboard's own controller says so (state {value}: 1 is a warning, 2 and 3 are critical).",
        remedy="`ipmitool sdr elist` and `ipmitool sel elist | tail` on it show the figure and when it began.",
        runbook="overheating.md#steps",
    ),
    Row(
        id="ipmi.fan_stopped",
        family=_BOARD,
        title="Fans that stand still",
        exporter=_IPMI,
        metric="ipmi_fan_speed_rpm",
        value=f"max by ({_BY}, name) (max_over_time(ipmi_fan_speed_rpm[5m])) == 0 and on ({_BY}, name) "
        f"max by ({_BY}, name) (max_over_time(ipmi_fan_speed_rpm[1d:10m])) > 0",
        meaning="0: a fan that turned within the last day has stood still for 5 min",
        severity="critical",
        unit="state",
        labels=("name",),
        headline="Fan {name} of {about} stands still",
        detail="It turned within the last day.",
        remedy="`ipmitool sdr type Fan` on it; shut it down before it overheats when no other fan takes over.",
        yields_to=("ipmi.sensor",),
        same_thing=True,
        runbook="overheating.md#steps",
    ),
    Row(
        id="ipmi.chassis_fault",
        family=_BOARD,
        title="Faults of a chassis",
        exporter=_IPMI,
        metric="ipmi_chassis_drive_fault_state",
        value=f"abs(max by ({_BY}) (ipmi_chassis_drive_fault_state) - on ({_BY}) "
        f"max by ({_BY}) (ipmi_chassis_cooling_fault_state)) == 1",
        meaning="1: either the drives or the cooling are at fault (the exporter's two ways to ask give "
        "opposite numbers, so "
        "that only the difference tells)",
        severity="critical",
        unit="state",
        headline="The chassis of {about} reports a fault of its drives or its cooling",
        detail="Its controller says so for one of the two.",
        remedy="`ipmitool chassis status` on it says which; then `ipmitool sel elist | tail`.",
        runbook="overheating.md#steps",
    ),
    Row(
        id="ipmi.power_off",
        family=_BOARD,
        title="Machines that are switched off",
        exporter=_IPMI,
        metric="ipmi_chassis_power_state",
        value=f"max by ({_BY}) ({highest('ipmi_chassis_power_state', '2m')}) == 0",
        meaning="0: the machine has been switched off for 2 min",
        unit="state",
        headline="{about} is switched off",
        detail="Its controller answers and says that the machine has no power on.",
        remedy="`ipmitool -H ADDRESS chassis power status`, then `chassis power on` when it should run.",
        yields_to=("node.offline",),
        runbook="overheating.md#steps",
    ),
    Row(
        id="ipmi.collector_failed",
        family=_BOARD,
        title="Sight of mainboards",
        exporter=_IPMI,
        metric="ipmi_up",
        value=f"max by ({_BY}, collector) (max_over_time(ipmi_up[5m])) == 0",
        meaning="0: the exporter could not read one kind of figure for 5 min",
        severity="info",
        unit="state",
        labels=("collector",),
        headline="The controller of {about} cannot be read ({collector})",
        detail="What its sensors say is unknown until it answers.",
        remedy="`ipmitool mc info` on it; controllers hang, and `ipmitool mc reset cold` wakes them.",
        runbook="overheating.md#steps",
    ),
    Row(
        id="ipmi.log_full",
        family=_BOARD,
        title="Event logs of mainboards",
        exporter=_IPMI,
        metric="ipmi_sel_free_space_bytes",
        value=f"max by ({_BY}) (ipmi_sel_free_space_bytes) < 500",
        meaning="bytes that are left in the event log, where fewer than 500",
        severity="info",
        unit="bytes",
        headline="The event log of {about} is nearly full",
        detail="{value} are left: new events are not recorded then.",
        remedy="`ipmitool sel save sel.txt`, then `ipmitool sel clear`.",
        runbook="overheating.md#steps",
    ),
)
