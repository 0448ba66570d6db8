"""The end of one task's log, in the task's own words."""

from __future__ import annotations

from nightshift.agent.builtin.steps.logs import meant
from nightshift.agent.builtin.story import Story, cite, one_line
from nightshift.agent.builtin.writers.task_lines import task_line
from nightshift.facts.evidence import Evidence

LINES_SHOWN = 15


def task_log(story: Story, table: Evidence) -> str:
    """What the task is, then the last lines of its log, quoted: they are a stranger's text."""
    at = meant(table.columns, table.rows, story.question.place or 0)
    if at is None:
        return f"There is no such task in that list{cite(table)}."
    told = task_line(story.rows(table)[at])
    log = next((item for item in story.evidence("task_log") if item.document), None)
    if log is None or log.document is None:
        return f"The log of {told} could not be read{cite(table)}."
    lines = log.document.text.splitlines()[-LINES_SHOWN:]
    upid = story.rows(table)[at].show("upid") if "upid" in story.question.text.lower() else ""
    told += f", UPID `{one_line(upid)}`" if upid else ""
    quoted = "\n".join(f"> {one_line(line)}" for line in lines)
    return f"The log of {told}{cite(table)}. Its last lines{cite(log)}:\n\n{quoted}"
