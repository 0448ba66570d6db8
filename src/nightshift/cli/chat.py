"""`nightshift chat`: questions and follow-ups, one after the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen
from nightshift.cli.ask import show, tell_event
from nightshift.cli.question import checked

if TYPE_CHECKING:
    import asyncio
    from contextlib import AsyncExitStack

    from nightshift.agent.agent import Agent
    from nightshift.agent.answer import Answer
    from nightshift.settings import Settings

_PROMPT = "you> "
_BYE = frozenset({"exit", "quit", "bye", ":q"})


@click.command(short_help="Ask one question after the other.")
@click.option("--conversation", metavar="ID", help="Go on with an earlier conversation.")
def chat(conversation: str | None) -> None:
    """Talk: every question may refer to the ones before.

    Ctrl-C breaks off an answer; at the prompt it leaves, as Ctrl-D and "exit" do. The conversation is kept after every
    answer, and its id is shown for --conversation.

    \b
    Example:
      nightshift chat
      you> How is nextcloud?
      you> and its memory over the last day?
    """
    import asyncio
    from contextlib import AsyncExitStack

    from nightshift.cli.opening import read_settings_with_sources

    if sys.stdin.isatty():
        import readline  # noqa: F401 - importing it gives the prompt its line editing and history

    settings = read_settings_with_sources()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            agent = runner.run(_open(settings, stack))
            _converse(runner, agent, settings, conversation)
        finally:
            runner.run(stack.aclose())


async def _open(settings: Settings, stack: AsyncExitStack) -> Agent:
    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime

    runtime = await stack.enter_async_context(open_runtime(settings))
    show_warnings(runtime.warnings)
    with screen.progress(quiet=False) as tell:
        tell("waking up")
        return await runtime.warm_up()


def _converse(runner: asyncio.Runner, agent: Agent, settings: Settings, conversation: str | None) -> None:
    """Ask until the operator leaves. A question that fails, or is broken off, leaves the conversation as it was."""
    from nightshift.errors import NightshiftError

    while (question := _next_question()) is not None:
        try:
            answer = runner.run(_answer(agent, question, conversation))
        except KeyboardInterrupt:
            click.echo("Broken off. The conversation goes on; Ctrl-C again at the prompt leaves.", err=True)
        except NightshiftError as error:
            click.echo(f"nightshift: {error}", err=True)
        else:
            conversation = answer.conversation_id
            show(answer, settings, as_json=False)
            screen.line()


async def _answer(agent: Agent, question: str, conversation: str | None) -> Answer:
    with screen.progress(quiet=False) as tell:
        return await agent.ask(question, conversation_id=conversation, on_event=lambda event: tell_event(tell, event))


def _next_question() -> str | None:
    """The next question, or None when the operator leaves."""
    while True:
        try:
            typed = input(_PROMPT if sys.stdin.isatty() else "").strip()
        except EOFError:
            if sys.stdin.isatty():
                screen.line()
            return None
        if typed.lower() in _BYE:
            return None
        if not typed:
            continue
        try:
            return checked(typed)
        except click.UsageError as error:
            click.echo(f"nightshift: {error.message}", err=True)
