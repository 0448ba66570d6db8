"""`nightshift ask`: one question, one answer with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nightshift.cli import screen
from nightshift.cli.exits import Unusable
from nightshift.cli.question import question_of

if TYPE_CHECKING:
    from nightshift.agent.answer import AgentEvent, Answer
    from nightshift.settings import Settings

TIMEOUT_S = 120.0


@click.command(short_help="Ask a question.")
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
@click.option("--fresh", is_flag=True, help="Look at everything anew instead of using what is at most a minute old.")
@click.option("--conversation", metavar="ID", help="Go on with an earlier conversation: its id is under every answer.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=1), default=TIMEOUT_S, show_default=True,
              metavar="SECONDS", help="Give up after this long.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def ask(
    question: tuple[str, ...], *, as_json: bool, fresh: bool, conversation: str | None, timeout_s: float, quiet: bool
) -> None:
    """Ask a question; - reads it from stdin.

    \b
    Examples:
      nightshift ask "Is anything wrong?"
      nightshift ask "When was nextcloud last backed up?"
      nightshift ask --conversation 01JD... "and its memory?"
      echo "What failed last night?" | nightshift ask --json -
    """
    import asyncio

    from nightshift.cli.opening import read_settings_with_sources

    text = question_of(question)
    settings = read_settings_with_sources()
    answer = asyncio.run(_ask(settings, text, conversation, fresh=fresh, timeout_s=timeout_s, quiet=quiet))
    show(answer, settings, as_json=as_json)


async def _ask(
    settings: Settings, question: str, conversation: str | None, *, fresh: bool, timeout_s: float, quiet: bool
) -> Answer:
    import asyncio

    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        show_warnings(runtime.warnings)
        with screen.progress(quiet=quiet) as tell:
            tell("looking at everything")
            try:
                async with asyncio.timeout(timeout_s):
                    # Both take seconds: the systems are read while the agent's libraries load.
                    agent, _ = await asyncio.gather(runtime.warm_up(), runtime.sweeper.sweep(fresh=fresh))
                    return await agent.ask(
                        question, conversation_id=conversation, on_event=lambda event: tell_event(tell, event)
                    )
            except TimeoutError:
                raise Unusable(f"No answer within {timeout_s:g} s. Give it longer with --timeout.") from None


def tell_event(tell: screen.Tell, event: AgentEvent) -> None:
    """One line of progress for what the agent is doing; the text itself is shown when it has been checked."""
    if event.kind == "tool_started":
        tell(f"looking at {event.name.replace('_', ' ')} {event.detail}".rstrip())
    elif event.kind in ("fell_back", "note"):
        tell(event.detail or event.name)


def show(answer: Answer, settings: Settings, *, as_json: bool) -> None:
    """The answer on stdout: JSON, or the text with its evidence."""
    if as_json:
        import json

        from nightshift.agent.answer import to_json

        screen.line(json.dumps(to_json(answer), ensure_ascii=False, indent=2))
        return
    from nightshift.cli.answer_text import answer_lines

    for text in answer_lines(answer, settings.zone):
        screen.line(text)
