"""Evidence on the page: rows as a table, series as a chart over time, documents verbatim.

pandas comes with Streamlit, whose tables are its frames: one that is styled sorts by the raw values and shows words.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nightshift.ui.client import Json
from nightshift.ui.text import escape

_MAX_LINES = 12  # a chart with more lines than colours tells nothing
_DAY_S = 86_400


def show_evidence(evidence: Json) -> None:
    """One piece of evidence in an expander, a chart open at once: what was asked, when, and what came."""
    parts = [evidence["title"], evidence["source"], age(evidence["age_s"])]
    label = " · ".join(escape(str(part)) for part in parts if part)
    with st.expander(f":gray-badge[{escape(evidence['id'] or 'E')}] {label}", expanded=evidence["kind"] == "series"):
        match evidence["kind"]:
            case "rows":
                show_rows(evidence)
            case "series":
                show_series(evidence)
            case "document":
                show_document(evidence)
            case _:
                st.caption("Nothing came back.")
        if evidence["total"] > evidence["shown"]:
            st.caption(f"{evidence['shown']:,} of {evidence['total']:,} shown.")
        for gap in evidence["gaps"]:
            st.caption(f":orange[Not seen:] {escape(gap['detail'])}")
        st.caption("Asked for:")
        st.code(evidence["request"], language=None, wrap_lines=True)


def show_rows(evidence: Json) -> None:
    """A table that sorts by the raw values and shows them as the API formatted them."""
    columns, rows, display = evidence["columns"], evidence["rows"], evidence["display"]
    if not rows:
        st.caption("No rows.")
        return
    frame = pd.DataFrame(rows, columns=columns)
    shown = pd.DataFrame(display["rows"], columns=columns)
    numeric = {name for name in columns if pd.api.types.is_numeric_dtype(frame[name])}
    for name in columns:
        if name not in numeric:
            frame[name] = shown[name]
    words = {name: dict(zip(frame[name], shown[name], strict=True)) for name in numeric}
    styled = frame.style.format({name: (lambda cell, known=words[name]: known.get(cell, "–")) for name in numeric})
    titles = dict(zip(columns, display["columns"], strict=True))
    st.dataframe(
        styled,
        hide_index=True,
        width="stretch",
        placeholder="–",
        column_config={name: st.column_config.Column(label=titles[name]) for name in columns},
    )


def show_series(evidence: Json) -> None:
    """A line a series over time, and the exact figures below it."""
    series = evidence["series"]
    names = series_names([item["labels"] for item in series])
    points = [
        {"time": time_s * 1000, "value": value, "series": name}
        for name, item in list(zip(names, series, strict=True))[:_MAX_LINES]
        for time_s, value in item["points"]
        if value is not None
    ]
    if not points:
        st.caption("No samples.")
        return
    unit = next((item["stats"]["unit"] for item in series if item["stats"]), "")
    st.vega_lite_chart(_chart(points, unit), width="stretch")
    if len(series) > _MAX_LINES:
        st.caption(f"The first {_MAX_LINES} of {len(series)} series are drawn.")
    figures = [
        {"series": name, **stats} for name, stats in zip(names, evidence["display"]["stats"], strict=True) if stats
    ]
    if figures:
        st.dataframe(pd.DataFrame(figures).fillna("–"), hide_index=True, width="stretch")


def _chart(points: list[Json], unit: str) -> Json:
    """A Vega-Lite chart: time across, the value in a unit that suits its size, a colour a series."""
    scale, title, number = _axis(unit, max(abs(point["value"]) for point in points))
    values = [{**point, "value": point["value"] / scale} for point in points]
    several = len({point["series"] for point in points}) > 1
    span_s = (max(point["time"] for point in points) - min(point["time"] for point in points)) / 1000
    time_axis = {"tickCount": 6, "grid": False, "format": "%H:%M" if span_s <= _DAY_S else "%d %b %H:%M"}
    legend: Json | None = {"orient": "bottom", "title": None, "columns": 3, "labelLimit": 220} if several else None
    return {
        "data": {"values": values},
        "height": 220,
        "mark": {"type": "line", "strokeWidth": 1.6},
        "encoding": {
            "x": {"field": "time", "type": "temporal", "title": None, "axis": time_axis},
            "y": {"field": "value", "type": "quantitative", "title": title, "axis": {"format": number, "tickCount": 5}},
            "color": {"field": "series", "type": "nominal", "legend": legend},
            "tooltip": [
                {"field": "series", "type": "nominal"},
                {"field": "time", "type": "temporal", "format": "%Y-%m-%d %H:%M"},
                {"field": "value", "type": "quantitative", "format": number, "title": title or "value"},
            ],
        },
    }


def _axis(unit: str, largest: float) -> tuple[float, str | None, str]:
    """What to divide the values by, the axis' title and its number format."""
    if unit == "fraction":
        return 1.0, None, ".2~%" if largest < 0.1 else ".3~%"
    if unit == "bytes":
        power = min(5, max(0, (int(max(largest, 1.0)).bit_length() - 1) // 10))
        return float(1024**power), ("B", "KiB", "MiB", "GiB", "TiB", "PiB")[power], ",.3~g"
    return 1.0, unit or None, "~s" if largest >= 10_000 else ",.4~g"


def series_names(labels: list[dict[str, str]]) -> list[str]:
    """What tells each series from the others: the labels that differ, or all of them when there is one series."""
    different = {
        name for one in labels for name in one if any(other.get(name) != one.get(name) for other in labels)
    } or {name for one in labels for name in one if name != "__name__"}
    return [
        ", ".join(value for name, value in sorted(one.items()) if name in different)
        or one.get("__name__", "")
        or f"series {number}"
        for number, one in enumerate(labels, 1)
    ]


def show_document(evidence: Json) -> None:
    """A quoted text, verbatim: its words are a stranger's, and its commands are to be read, not rendered."""
    document = evidence["document"] or {}
    place = " › ".join(escape(str(part)) for part in (document.get("file"), document.get("heading")) if part)
    line = document.get("line")
    if place:
        st.caption(place + (f", line {line}" if line else ""))
    st.code(document.get("text", ""), language=None, wrap_lines=True)


def age(seconds: float) -> str:
    """How old data are, roughly: `just now`, `40 s old`, `3 min old`."""
    if seconds < 2:
        return "just now"
    return f"{seconds:.0f} s old" if seconds < 120 else f"{seconds / 60:.0f} min old"
