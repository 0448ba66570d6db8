"""`nightshift runbooks`: for those who write runbooks, and for those who look for one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen
from nightshift.cli.exits import WARNING, Unusable

if TYPE_CHECKING:
    from nightshift.facts.sweep import Sweep
    from nightshift.knowledge.search import RunbookSearch
    from nightshift.settings import Settings

HOW = click.Choice(["both", "words", "meaning"])


@click.group(short_help="Search, check and write runbooks.")
def runbooks() -> None:
    """Search, check and write runbooks: the Markdown files in RUNBOOK_DIRS, or those that come with Nightshift.

    \b
    Examples:
      nightshift runbooks search "the backup disk is running full"
      nightshift runbooks new "The NAS does not wake up" --dir /srv/runbooks
      nightshift runbooks lint
      nightshift runbooks coverage
    """


@runbooks.command(short_help="Find the section that fits a question.")
@click.argument("question", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(1, 50), default=3, show_default=True, help="Show at most so many sections."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; [] when no runbook comes near.")
@click.option("--batch", is_flag=True,
              help='Read JSON lines {"id", "question"} from stdin, and print the results as JSON lines.')  # fmt: skip
@click.option("--by", "how", type=HOW, default="both", show_default=True,
              help="Search by words, by meaning (needs NIGHTSHIFT_EMBEDDER), or by both as answers do.")  # fmt: skip
@click.option("--weak", is_flag=True, help="Show also what does not even come near.")
def search(question: tuple[str, ...], *, limit: int, as_json: bool, batch: bool, how: str, weak: bool) -> None:
    """Find the sections that fit a question.

    A check's id, an alert's name or an alert's runbook_url leads straight to the runbook that names it. When no section
    fits, those that come near are shown under "May not fit:" (in JSON: "fits": false); an answer would quote none of
    them. When none comes near either, that is said, and the nearest are named; --weak shows them whole.

    \b
    Examples:
      nightshift runbooks search "container keeps restarting"
      nightshift runbooks search datastore.full --json | jq -r '.[0].file'
      nightshift runbooks search --weak "wireguard handshake"
    """
    from nightshift.cli.runbooks_text import found_json, found_lines, none_lines
    from nightshift.knowledge.search import How

    with _opened() as (opened, _):
        chosen = How(words=how != "meaning", meaning=how != "words", least="all" if weak else "near")
        if batch:
            for asked in _questions(sys.stdin):
                found = opened.find(asked["question"], limit, chosen)
                result = {
                    "id": asked.get("id"),
                    "results": found_json(found),
                    "gaps": [gap.detail for gap in found.gaps],
                }
                screen.line(json.dumps(result, ensure_ascii=False))
            return
        if not question:
            raise click.UsageError("What is looked for? Give a question, or --batch and questions on stdin.")
        found = opened.find(" ".join(question), limit, chosen)
        for gap in found.gaps:
            screen.warn(f"{gap.detail}. {gap.fix or ''}".strip())
        if as_json:
            screen.line(json.dumps(found_json(found), ensure_ascii=False, indent=2))
        else:
            if not found.passages:
                nearest = opened.find(" ".join(question), limit, replace(chosen, least="all"))
            for text in found_lines(found) if found.passages else none_lines(nearest):
                screen.line(text)


@runbooks.command(short_help="Bring the index up to date.")
@click.option("--rebuild", is_flag=True, help="Take every file apart again instead of those that changed.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def sync(*, rebuild: bool, quiet: bool) -> int:
    """Index what has changed, and make the embeddings that are missing.

    Words are indexed by every command that needs them. With NIGHTSHIFT_EMBEDDER this command makes the embeddings, and
    with `onnx` it fetches the model first, once. `nightshift serve` does the same when a file changes.

    \b
    Examples:
      nightshift runbooks sync
      NIGHTSHIFT_EMBEDDER=onnx nightshift runbooks sync
    """
    from nightshift.cli.runbooks_text import synced_lines

    with _opened() as (opened, _), screen.progress(quiet=quiet) as tell:
        synced = opened.sync(rebuild=rebuild, on_progress=tell)
        name = opened.vectors.embedder.name if opened.vectors else None
    for text in synced_lines(synced, name):
        screen.line(text)
    for trouble in synced.trouble:
        screen.warn(trouble)
    return WARNING if synced.trouble else 0


@runbooks.command(short_help="What should be mended in the runbooks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint(*, as_json: bool) -> int:
    """Look for files that cannot be read, and for what keeps a runbook from being found or followed.

    \b
    The exit code is for scripts: 0 nothing to mend, 1 something.

    \b
    Examples:
      nightshift runbooks lint
      RUNBOOK_DIRS=./docs/runbooks nightshift runbooks lint
    """
    from datetime import UTC, datetime

    from nightshift.checks.registry import CHECKS
    from nightshift.cli.runbooks_text import lint_lines
    from nightshift.knowledge.lint import lint as look

    today = datetime.now(UTC).date()
    with _opened() as (opened, _):
        count = len(opened.runbooks)
        complaints = look(opened.folders, checks=[check.id for check in CHECKS], today=today)
    if as_json:
        rows = [{"path": item.path, "line": item.line, "problem": item.problem} for item in complaints]
        screen.line(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for text in lint_lines(complaints, count):
            screen.line(text)
    return WARNING if complaints else 0


@runbooks.command(short_help="Begin a runbook.")
@click.argument("title")
@click.option("--alert", "alerts", multiple=True, metavar="NAME", help="An alert that it is for; may be repeated.")
@click.option("--check", "checks", multiple=True, metavar="ID", help="A check that it is for; may be repeated.")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write it here instead of into the first folder of RUNBOOK_DIRS.")  # fmt: skip
def new(title: str, alerts: tuple[str, ...], checks: tuple[str, ...], folder: Path | None) -> None:
    """Begin a runbook: a file with the parts that make it easy to find and to follow. Nothing is overwritten.

    \b
    Examples:
      nightshift runbooks new "The NAS does not wake up" --alert NasUnreachable
      nightshift runbooks new "Ceph is nearly full" --check storage.full --dir ./runbooks
    """
    from nightshift.checks.registry import CHECKS
    from nightshift.cli.opening import read_settings
    from nightshift.knowledge.writing import begun, file_name

    unknown = sorted(set(checks) - {check.id for check in CHECKS})
    if unknown:
        raise click.UsageError(f"There is no check {', '.join(unknown)}; docs/checks.md lists them all.")
    if not title.strip():
        raise click.UsageError("A runbook needs a title.")
    _write(
        _home(folder or next(iter(read_settings().runbook_dirs), None)) / file_name(title), begun(title, alerts, checks)
    )


@runbooks.command(short_help="Which checks and alert rules have no runbook.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def coverage(*, as_json: bool, quiet: bool) -> int:
    """Say which checks and alert rules lead to a runbook, and which to none.

    Alert rules are those of Grafana and Prometheus, as far as these are set up. A rule has a runbook when a file names
    it under `alerts:`, or its annotation runbook_url leads to one.

    \b
    The exit code is for scripts: 0 all have one, 1 some have none.

    \b
    Examples:
      nightshift runbooks coverage
      nightshift runbooks coverage --json | jq -r '.without[].name'
    """
    from nightshift.checks.registry import CHECKS
    from nightshift.cli.runbooks_text import coverage_json, coverage_lines
    from nightshift.knowledge.coverage import Subject, covered

    with _opened() as (opened, settings):
        subjects = [Subject("check", check.id, check.title) for check in CHECKS]
        sweep = _sweep(settings, quiet=quiet) if settings.connections else None
        if sweep is not None:
            subjects += [
                Subject("alert rule", rule.name, rule.source, dict(rule.annotations).get("runbook_url"))
                for rule in sweep.snapshot.alert_rules
            ]
        found = covered(opened, subjects)
    if as_json:
        screen.line(json.dumps(coverage_json(found), ensure_ascii=False, indent=2))
    else:
        for text in coverage_lines(found, with_rules=sweep is not None):
            screen.line(text)
    return WARNING if any(not item.files for item in found) else 0


@runbooks.command(short_help="Draft a runbook from a finding.")
@click.argument("finding")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write a file here instead of printing the draft.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def draft(finding: str, folder: Path | None, *, quiet: bool) -> None:
    """Draft a runbook from something that is wrong now, with its evidence. It is for you to finish.

    FINDING is a fingerprint or its beginning, the id of a check, or a part of what the finding is about.

    \b
    Examples:
      nightshift runbooks draft datastore.full
      nightshift runbooks draft backup-store --dir /srv/runbooks
    """
    from nightshift.cli.opening import read_settings_with_sources
    from nightshift.knowledge.writing import drafted, file_name

    settings = read_settings_with_sources()
    sweep = _sweep(settings, quiet=quiet)
    wanted = finding.strip().lower()
    chosen = [item for item in sweep.findings if item.fingerprint.startswith(wanted) or wanted == item.check.lower()]
    chosen = chosen or [
        item for item in sweep.findings if wanted and wanted in f"{item.entity.key} {item.title}".lower()
    ]
    if not chosen:
        raise Unusable(f"Nothing that is wrong now is called {finding}; nightshift check lists everything.")
    text = drafted(chosen[0], sweep.explained_by(chosen[0]), sweep.snapshot.taken_at, settings.zone)
    if folder is None:
        screen.line(text.rstrip("\n"))
    else:
        _write(_home(folder) / file_name(chosen[0].check.replace(".", " ")), text)


@contextmanager
def _opened() -> Iterator[tuple[RunbookSearch, Settings]]:
    from nightshift.cli.opening import read_settings
    from nightshift.runtime import open_runbooks

    settings = read_settings()
    with closing(open_runbooks(settings)) as opened:
        yield opened, settings


def _sweep(settings: Settings, *, quiet: bool) -> Sweep:
    import asyncio

    from nightshift.runtime import open_runtime

    async def sweep() -> Sweep:
        async with open_runtime(settings) as runtime:
            with screen.progress(quiet=quiet) as tell:
                return await runtime.sweeper.sweep(fresh=True, on_progress=tell)

    return asyncio.run(sweep())


def _questions(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
            raise click.UsageError(f'Line {number} of stdin is not a JSON object with a "question".')
        yield asked


def _home(folder: Path | None) -> Path:
    if folder is None:
        raise click.UsageError("Where to? Set RUNBOOK_DIRS, or give a folder with --dir.")
    return folder


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new_file:
            new_file.write(text)
    except FileExistsError:
        raise Unusable(f"{file} exists already and is left as it is.") from None
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error.strerror or error}") from error
    screen.line(str(file))
