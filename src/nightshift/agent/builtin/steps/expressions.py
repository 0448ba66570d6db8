"""What first calls ask Prometheus for where no tool has a word for it."""

from __future__ import annotations

from nightshift.facts.evidence import Window

OSDS_DOWN = "ceph_osd_up == 0"
LINKS_QUERY = "sort_desc(increase(node_network_carrier_changes_total[1d]) > 0.5)"
DATABASE_SIZES = "sort_desc(pg_database_size_bytes)"
METRICS_COUNTED = 'count(count by (__name__) ({__name__!=""}))'
LAST_ANSWERED = "time() - max_over_time((timestamp(up == 1))[1d:1m]) and up == 0"
SHORTEST_S = 60.0
ON_BATTERY, CHARGE, RUNTIME, LOAD, FALLS = "on battery", "charge", "runtime", "load", "falls"


def range_of(window: Window) -> str:
    """`[3600s] @ 1764190800`: the range that a function over time looks at."""
    length_s = max(SHORTEST_S, (window.end - window.start).total_seconds())
    return f"[{length_s:.0f}s] @ {window.end.timestamp():.0f}"


def _marked(expr: str, what: str) -> str:
    return f'label_replace({expr}, "what", "{what}", "", "")'


# Of NUT (`network_ups_tools_…`) and of apcupsd.
UPS_QUERY = " or ".join(
    (
        _marked('network_ups_tools_ups_status{flag="OB"} or (apcupsd_battery_time_on_seconds > bool 0)', ON_BATTERY),
        _marked("network_ups_tools_battery_charge or apcupsd_battery_charge_percent", CHARGE),
        _marked("network_ups_tools_battery_runtime or apcupsd_battery_time_left_seconds", RUNTIME),
        _marked("network_ups_tools_ups_load or apcupsd_ups_load_percent", LOAD),
        _marked("-60 * deriv(network_ups_tools_battery_charge[15m]) > 0.01", FALLS),
    )
)
