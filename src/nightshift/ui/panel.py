"""The side panel: what is wrong now, grouped by cause, and how the watched systems are."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from nightshift.ui.answer import show_text
from nightshift.ui.client import Api, ApiDown, ApiError, Json
from nightshift.ui.evidence import age
from nightshift.ui.text import escape

MAX_CAUSES = 10
_SEVERITIES = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
_STATES = {"ok": ":green[●]", "degraded": ":orange[●]", "down": ":red[●]", "not_configured": ":gray[○]"}


@st.fragment(run_every=30)
def show_panel() -> None:
    """Renewed every 30 s and on demand, without disturbing an answer that is being read."""
    api = Api.from_environment()
    st.subheader("Right now", anchor=False)
    fresh = st.button("Look again", icon=":material/refresh:", key="look_again", width="stretch")
    try:
        show_findings(api.findings(fresh=fresh))
    except ApiDown:
        st.caption("The API is not running; start it with `nightshift serve`.")
        return
    except ApiError as error:
        st.caption(escape(f"{error.told} {error.advice}"))
    st.subheader("Systems", anchor=False)
    try:
        show_health(api.health())
    except ApiError as error:
        st.caption(escape(f"{error.told} {error.advice}"))


def show_findings(sweep: Json) -> None:
    """The causes, most important first, each with what it explains; never "fine" while something was not seen."""
    findings = {finding["fingerprint"]: finding for finding in sweep["findings"]}
    causes = [findings[fingerprint] for fingerprint in sweep["causes"] if fingerprint in findings]
    serious = [cause for cause in causes if cause["severity"] != "info"]
    if not serious and not sweep["gaps"]:
        st.markdown(":green[:material/check_circle:] Nothing is wrong.")
    elif not serious:
        st.markdown(":orange[:material/visibility_off:] Nothing wrong was seen, but not everything was seen.")
    for cause in causes[:MAX_CAUSES]:
        _show_cause(cause, list(explained_by(cause["fingerprint"], sweep["findings"])))
    if len(causes) > MAX_CAUSES:
        st.caption(f"and {len(causes) - MAX_CAUSES} more; ask “What is wrong?” for all of them.")
    if sweep["gaps"]:
        with st.expander(f":orange[:material/visibility_off:] {_count(len(sweep['gaps']), 'thing')} not seen"):
            for gap in sweep["gaps"]:
                st.markdown(f"**{escape(gap['source'])}**, {escape(gap['dataset'])}: {escape(gap['detail'])}")
    st.caption(f"Swept {age(sweep['age_s']).replace(' old', ' ago')}.")


def explained_by(cause: str, findings: list[Json]) -> Iterator[Json]:
    """What a cause explains, directly or through others; a cycle ends where it began."""
    seen, waiting = {cause}, [cause]
    while waiting:
        current = waiting.pop(0)
        for finding in findings:
            if finding["cause"] == current and finding["fingerprint"] not in seen:
                seen.add(finding["fingerprint"])
                waiting.append(finding["fingerprint"])
                yield finding


def _show_cause(cause: Json, effects: list[Json]) -> None:
    icon = _SEVERITIES.get(cause["severity"], "")
    more = f" :gray-badge[+{len(effects)}]" if effects else ""
    with st.expander(f"{icon} {escape(cause['title'])}{more}"):
        show_text(cause["detail"])
        if cause["remedy"]:
            show_text(f"**Do:** {cause['remedy']}")
        if effects:
            listed = "\n".join(f"- {escape(effect['title'])}" for effect in effects)
            st.markdown(f"**Explains:**\n\n{listed}")
        details = [cause["entity"]["label"], cause["check"], cause["runbook"] or ""]
        st.caption(" · ".join(escape(part) for part in details if part))


def show_health(health: Json) -> None:
    """A line a component, and below it what is the matter with those that are not well."""
    lines: list[str] = []
    for component in health["components"]:
        latency = component["latency_ms"]
        note = (
            "not set up" if component["status"] == "not_configured" else "" if latency is None else f"{latency:.0f} ms"
        )
        lines.append(f"{_STATES.get(component['status'], '')} {escape(component['name'])} :gray[{note}]".rstrip())
        if component["status"] in ("degraded", "down"):
            lines.append(f":small[:gray[{escape(component['detail'])}]]")
    st.markdown("  \n".join(lines))
    brain = health["brain"]
    if brain:
        name = "built-in" if brain.get("kind") == "builtin" else brain.get("name", "")
        st.caption(f"Brain: {escape(name)} · Nightshift {escape(health['version'])}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
