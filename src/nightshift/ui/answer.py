"""An answer on the page: the verdict, the words, what could not be seen, and the evidence."""

from __future__ import annotations

import streamlit as st

from nightshift.ui.client import ApiDown, ApiError, Json
from nightshift.ui.evidence import show_evidence
from nightshift.ui.text import blocks, escape

_VERDICTS = {
    "healthy": (":green-badge[:material/check_circle: Healthy]", "Nothing is wrong, and everything was seen."),
    "problem": (":red-badge[:material/error: Problem]", "Something is wrong."),
    "unknown": (":orange-badge[:material/help: Not known]", "Not everything could be seen."),
}


def show_answer(answer: Json) -> None:
    """The whole answer. A verdict of `info` (a question about a fact) needs no badge."""
    badge, meaning = _VERDICTS.get(answer["verdict"], ("", ""))
    if badge:
        st.markdown(badge, help=meaning)
    show_text(answer["text"])
    show_gaps(answer["gaps"])
    _show_doubts(answer)
    for evidence in answer["evidence"]:
        show_evidence(evidence)
    st.caption(_provenance(answer))


def show_text(text: str) -> None:
    """An answer's prose and code; see `text.blocks` for what of its Markdown is kept."""
    for block in blocks(text):
        if block.kind == "code":
            st.code(block.text, language=None, wrap_lines=True)
        else:
            st.markdown(block.text)


def show_gaps(gaps: list[Json]) -> None:
    """What could not be seen, where nobody overlooks it: an answer without it would say too much."""
    if not gaps:
        return
    lines = [f"- **{escape(gap['source'])}**, {escape(gap['dataset'])}: {_told(gap)}" for gap in gaps]
    st.warning("**Not everything could be seen**\n\n" + "\n".join(lines), icon=":material/visibility_off:")


def show_failure(error: ApiError, api_url: str) -> None:
    """What went wrong between the page and the API, and what to do about it."""
    if isinstance(error, ApiDown):
        st.error(
            f"**The API is not running.** {escape(error.told)} Start it, then ask again:", icon=":material/cloud_off:"
        )
        st.code("nightshift serve", language=None)
        st.caption(
            f"If it runs elsewhere, set NIGHTSHIFT\\_API\\_URL (now {escape(api_url)}) and start the page again."
        )
        return
    st.error(f"{escape(error.told)} {escape(error.advice)}".strip(), icon=":material/error:")


def _told(gap: Json) -> str:
    return escape(gap["detail"]) + (f" *{escape(gap['fix'])}*" if gap["fix"] else "")


def _show_doubts(answer: Json) -> None:
    unverified = answer["grounding"]["unverified"]
    if unverified:
        listed = ", ".join(f"“{escape(item['text'])}”" for item in unverified)
        st.warning(f"**Not backed by the evidence:** {listed}", icon=":material/rule:")
    because = answer["brain"].get("fell_back_because")
    if because:
        st.info(f"The built-in brain answered: {escape(because)}", icon=":material/psychology:")


def _provenance(answer: Json) -> str:
    brain = answer["brain"]
    name = "built-in brain" if brain["kind"] == "builtin" else f"model {brain['name']}"
    calls = answer["usage"]["tool_calls"]
    looked = f"{calls} look-up" + ("" if calls == 1 else "s")
    seconds = answer["duration_s"]
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    return f"{escape(name)} · {looked} · {took}"
