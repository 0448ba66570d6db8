"""The one place that turns bytes, fractions, durations and times into words, and back.

Binary units throughout (1 GiB = 2**30 bytes), as PVE and PBS show them. Times are aware UTC inside; the viewer's zone
is passed in by whoever shows them.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_DISK_SIZE = re.compile(r"\bsize=(\d+(?:\.\d+)?)([KMGT]?)\b")
_DISK_FACTORS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def format_bytes(size_bytes: float) -> str:
    """`1536` → `1.5 KiB`; three significant digits at most; never 1024 of a unit."""
    if not math.isfinite(size_bytes):
        return "unknown"
    sign = "-" if size_bytes < 0 else ""
    value = abs(float(size_bytes))
    unit = 0
    while unit < len(_BINARY_UNITS) - 1 and (value >= 1024 or float(_three_digits(value)) >= 1024):
        value /= 1024
        unit += 1
    digits = str(round(value)) if unit == 0 else _three_digits(value)
    return f"{sign}{digits} {_BINARY_UNITS[unit]}"


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    text = f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def disk_size_bytes(text: str) -> float:
    """The size of a disk in a guest's configuration: `local-zfs:vm-111-disk-1,size=3700G`; 0 when it does not tell."""
    found = _DISK_SIZE.search(text)
    return float(found[1]) * _DISK_FACTORS[found[2]] if found else 0.0


def format_percent(fraction: float) -> str:
    """`0.9234` → `92.3 %`; whole numbers lose the decimal; a share that is not quite full never reads 100 %."""
    if not math.isfinite(fraction):
        return "unknown"
    percent = fraction * 100
    rounded = round(percent, 1)
    if rounded >= 100 > percent:
        rounded = 99.9
    text = f"{rounded:.1f}".removesuffix(".0")
    return f"{text} %"


def format_duration(seconds: float) -> str:
    """The two largest units: `93784` → `1 d 2 h`; below a second, milliseconds; `unknown` for NaN."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if 0 < seconds < 1:
        return f"{round(seconds * 1000)} ms" if seconds < 0.9995 else "1 s"
    rest = round(seconds)
    parts: list[str] = []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or (name == "s" and not parts):
            parts.append(f"{count} {name}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


def format_number(value: float) -> str:
    """A plain figure: at most four significant digits, no exponent for ordinary sizes."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def format_time(moment: datetime, zone: tzinfo = UTC) -> str:
    """`2026-11-23 02:15 UTC` in the viewer's zone."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or ''}".rstrip()


def format_age(moment: datetime, now: datetime) -> str:
    """`3 h ago`, `in 5 min`, `just now`."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "just now"
    return f"{format_duration(seconds)} ago" if seconds > 0 else f"in {format_duration(-seconds)}"


def from_epoch(epoch_s: float) -> datetime:
    """Seconds since 1970 → aware UTC."""
    return datetime.fromtimestamp(epoch_s, tz=UTC)


def fraction(part: float | None, whole: float | None) -> float | None:
    """`part / whole`, or None when the whole is zero or either is unknown: an empty total is not "0 % used"."""
    if part is None or not whole or not math.isfinite(whole) or not math.isfinite(part):
        return None
    return part / whole


def seconds(delta: timedelta) -> float:
    return delta.total_seconds()


def _moment(value: str, zone: tzinfo) -> str:
    """A time, or the text as it is: a column may be a label that somebody else named, such as `created_at`."""
    try:
        return format_time(datetime.fromisoformat(value), zone)
    except ValueError:
        return value


def format_cell(column: str, value: str | float | bool | None, zone: tzinfo = UTC) -> str:
    """One cell of an Evidence table as people read it; the suffix of its column name tells the unit.

    `_bytes` sizes, `_fraction` shares, `_s` durations, `_at` times (ISO 8601 in the cell, the viewer's zone shown).
    None is `–`: the source did not say.
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _moment(value, zone) if column.endswith("_at") else value
    for suffix, formatted in (("_bytes", format_bytes), ("_fraction", format_percent), ("_s", format_duration)):
        if column.endswith(suffix):
            return formatted(value)
    return format_number(value)


def column_title(column: str) -> str:
    """The heading of a column without its unit, which every cell shows itself: `last_backup_at` → `last backup`."""
    for suffix in ("_bytes", "_fraction", "_at", "_s"):
        if column.endswith(suffix) and column != suffix:
            column = column.removesuffix(suffix)
            break
    return column.replace("_", " ")
