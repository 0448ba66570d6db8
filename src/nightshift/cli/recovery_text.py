"""The recovery sheet as Markdown and as one web page: everything in one file, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from nightshift.cli.markup import cell, code, escaped, literal
from nightshift.facts.units import format_age, format_bytes, format_time
from nightshift.protection.recovery import Restorable, Sheet, Source, Step

_INTRODUCTION = (
    "For the day on which the cluster is down. Restore in this order: backup servers first, then what serves storages, "
    "then the rest as they start. A command restores over the guest's own number: take another one to try it. Print "
    "this page, or keep it where the cluster is not."
)
_AS_GUEST = (
    "If the backup server was a guest itself: install it anew, mount its datastore disks and add the datastore with "
    "the same path; its backups are all there."
)
_NO_TEMPLATES = "templates are restored when they are wanted, and have no turn here."
_FIRST = (
    "Install Proxmox VE on the new machine, with the same name of the node if it is to take its place.",
    "Add the storages for backups below (Datacenter → Storage → Add), with their passwords and encryption keys.",
    _AS_GUEST,
    "Restore the guests in the order below, and start them one after the other.",
)


def markdown_page(sheet: Sheet, zone: tzinfo) -> str:
    """The sheet as Markdown."""
    return "\n".join(_markdown(sheet, zone)) + "\n"


def _markdown(sheet: Sheet, zone: tzinfo) -> Iterator[str]:
    yield "# Recovery sheet"
    yield ""
    yield f"Made {format_time(sheet.taken_at, zone)}. {_INTRODUCTION}"
    yield from ("", "## Have at hand", "", *(f"- {literal(key)}" for key in sheet.keys))
    yield from ("", "## First", "", *(f"{number}. {text}" for number, text in enumerate(_FIRST, 1)))
    yield from ("", "## Where backups lie", "", "| cluster | storage | kind | address | datastore | runs as |")
    yield "| --- | --- | --- | --- | --- | --- |"
    for source in sheet.sources:
        yield f"| {' | '.join(cell(value) for value in _source_row(source))} |"
    yield from ("", "## Guests in the order of their restore", "", f"There are {sheet.guests}; {_NO_TEMPLATES}")
    for number, step in enumerate(sheet.steps, 1):
        yield ""
        yield f"### {number}. {literal(step.guest.entity.label)}"
        yield ""
        yield f"{literal(_about(step))}"
        yield ""
        for copy in step.copies:
            yield f"- {literal(_copy_words(copy, sheet, zone))}"
            if copy.command is not None:
                yield f"  {code(copy.command)}"
        if not step.copies:
            yield f"- **No backup that could be restored is known.** {literal(step.headline)}"
    if sheet.blind:
        yield from ("", "## Not seen when this was made", "", *(f"- {literal(text)}" for text in sheet.blind))


def html_page(sheet: Sheet, zone: tzinfo) -> str:
    """The sheet as one web page without scripts."""
    return "\n".join(_html(sheet, zone)) + "\n"


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;color:#1b1b1b;background:#fff}"
    "code{background:#eee;padding:.1rem .3rem;overflow-wrap:anywhere}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.2rem .5rem;text-align:left}h3{margin-bottom:.2rem}li{margin:.3rem 0}"
    ".none{color:#a00;font-weight:bold}@media print{body{margin:0;max-width:none}h3{break-after:avoid}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _html(sheet: Sheet, zone: tzinfo) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Recovery sheet</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>Recovery sheet</h1><p>Made {escaped(format_time(sheet.taken_at, zone))}. {escaped(_INTRODUCTION)}</p>"
    yield f"<h2>Have at hand</h2><ul>{''.join(f'<li>{escaped(key)}</li>' for key in sheet.keys)}</ul>"
    yield f"<h2>First</h2><ol>{''.join(f'<li>{escaped(text)}</li>' for text in _FIRST)}</ol>"
    yield "<h2>Where backups lie</h2><table><tr><th>cluster</th><th>storage</th><th>kind</th><th>address</th>"
    yield "<th>datastore</th><th>runs as</th></tr>"
    for source in sheet.sources:
        yield f"<tr>{''.join(f'<td>{escaped(value)}</td>' for value in _source_row(source))}</tr>"
    yield "</table><h2>Guests in the order of their restore</h2>"
    yield f"<p>There are {escaped(sheet.guests)}; {_NO_TEMPLATES}</p>"
    for number, step in enumerate(sheet.steps, 1):
        yield f"<h3>{number}. {escaped(step.guest.entity.label)}</h3><p>{escaped(_about(step))}</p><ul>"
        for copy in step.copies:
            command = f"<br><code>{escaped(copy.command)}</code>" if copy.command is not None else ""
            yield f"<li>{escaped(_copy_words(copy, sheet, zone))}{command}</li>"
        if not step.copies:
            none = '<span class="none">No backup that could be restored is known.</span>'
            yield f"<li>{none} {escaped(step.headline)}</li>"
        yield "</ul>"
    if sheet.blind:
        items = "".join(f"<li>{escaped(text)}</li>" for text in sheet.blind)
        yield f"<h2>Not seen when this was made</h2><ul>{items}</ul>"
    yield "</body></html>"


def _source_row(source: Source) -> tuple[str, ...]:
    where = "/".join(part for part in (source.datastore, source.namespace) if part)
    name = f"{source.name} (encrypted)" if source.encrypted else source.name
    return source.cluster, name, source.plugin, source.server or "–", where or "–", source.runs_as or "–"


def _about(step: Step) -> str:
    parts = [f"{'VM' if step.guest.kind == 'qemu' else 'Container'} on {step.guest.node}, {step.verdict}"]
    if step.first_because:
        parts.append(f"comes early: {step.first_because}")
    if step.startup:
        parts.append(f"starts with {step.startup}")
    return "; ".join(parts) + "."


def _copy_words(copy: Restorable, sheet: Sheet, zone: tzinfo) -> str:
    size = f", {format_bytes(copy.size_bytes)}" if copy.size_bytes is not None else ""
    checked = ", verified" if copy.verified else ""
    key = ", needs the key" if copy.encrypted else ""
    age = format_age(copy.at, sheet.taken_at)
    reach = "" if copy.command is not None else "; add it as a storage first"
    if copy.inside:
        reach += "; it lies in this server itself: make it anew first, as said above"
    return f"{copy.place}: {format_time(copy.at, zone)} ({age}){size}{checked}{key}{reach}"
