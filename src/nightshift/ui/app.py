"""The page itself: a question box, the conversation, and the side panel. Streamlit runs this file."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from nightshift.ui.answer import show_answer, show_failure, show_text
from nightshift.ui.client import Api, ApiError, Json
from nightshift.ui.panel import show_panel
from nightshift.ui.text import escape

MAX_QUESTION_CHARS = 4_000

SUGGESTIONS = (
    "Is anything wrong?",
    "What failed last night?",
    "How full is the backup storage?",
    "What alerts are firing?",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer, or the reason why there is none."""

    question: str
    answer: Json | None = None
    failure: ApiError | None = None


def main() -> None:
    """Draw the page from the session's turns, and take the next question."""
    st.set_page_config(page_title="Nightshift", page_icon="🌙", layout="centered", initial_sidebar_state="expanded")
    turns: list[Turn] = st.session_state.setdefault("turns", [])
    api = Api.from_environment()
    with st.sidebar:
        show_panel()
    _show_head(turns)
    for turn in turns:
        _show_turn(turn, api.url)
    asked = st.chat_input("Ask about your homelab", max_chars=MAX_QUESTION_CHARS, key="question")
    suggested = _suggestion() if not turns and not asked else None
    question = (asked or suggested or "").strip()
    if question:
        turns.append(_ask(api, question, turns))
        st.rerun()


def _show_head(turns: list[Turn]) -> None:
    title, action = st.columns([4, 1], vertical_alignment="bottom")
    title.title("Nightshift", anchor=False)
    if turns and action.button("New", icon=":material/add:", key="new_conversation", width="stretch"):
        turns.clear()
        st.rerun()
    if not turns:
        st.markdown("What is wrong, why, and what to do. It looks, and never touches.")


def _suggestion() -> str | None:
    columns = st.columns(2)
    pressed = [
        text
        for number, text in enumerate(SUGGESTIONS)
        if columns[number % 2].button(text, key=f"suggestion_{number}", width="stretch")
    ]
    return pressed[0] if pressed else None


def _show_turn(turn: Turn, api_url: str) -> None:
    _show_question(turn.question)
    with st.chat_message("assistant", avatar=":material/dark_mode:"):
        if turn.answer is not None:
            show_answer(turn.answer)
        elif turn.failure is not None:
            show_failure(turn.failure, api_url)


def _show_question(question: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(escape(question))


def _ask(api: Api, question: str, turns: list[Turn]) -> Turn:
    """Ask, and show what is being looked at meanwhile."""
    _show_question(question)
    with st.chat_message("assistant", avatar=":material/dark_mode:"), st.status("Looking …", expanded=True) as status:
        written, place = "", st.empty()
        try:
            for event in api.ask(question, _conversation_of(turns)):
                if event.name == "answer":
                    return Turn(question, answer=event.data)
                if event.data["kind"] == "text":
                    written += event.data["detail"]
                    with place.container():
                        show_text(written)
                else:
                    _show_progress(event.data)
        except ApiError as error:
            status.update(label="No answer", state="error")
            return Turn(question, failure=error)
    return Turn(question, failure=ApiError("The answer ended early.", "Ask again."))


_PROGRESS = {
    "tool_started": ":material/search: looking at {name}",
    "fell_back": ":material/psychology: the built-in brain takes over",
    "note": ":material/notes:",
}


def _show_progress(event: Json) -> None:
    template = _PROGRESS.get(event["kind"])
    if template:
        line = template.format(name=escape(event["name"].replace("_", " ")))
        st.markdown(f"{line} :gray[{escape(event['detail'])}]" if event["detail"] else line)


def _conversation_of(turns: list[Turn]) -> str | None:
    """The conversation goes on as long as there was an answer in it."""
    return next((turn.answer["conversation_id"] for turn in reversed(turns) if turn.answer is not None), None)


if __name__ == "__main__":
    main()
