"""Answers about quorum, high availability, replication, certificates and their like: the verdict or the time first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from nightshift.agent.builtin.questions.bounds import Bound, limit_of
from nightshift.agent.builtin.sentences.forms import asks_leave, is_polar
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.findings import causes_of, graded, since
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.osds import one_more_osd, osds_down
from nightshift.agent.builtin.writers.replicas import unreplicated
from nightshift.agent.builtin.writers.subsystems import cluster, nodes, others, server
from nightshift.agent.builtin.writers.subsystems.others import in_force_line
from nightshift.agent.builtin.writers.subsystems.telling import Telling
from nightshift.agent.builtin.writers.subsystems.wording import (
    ASKS_REASON,
    HOW_OFTEN,
    IS_CURRENT,
    IS_DONE,
    OF_ITS_WORK,
    RUNS_NEWEST,
    SCANNED,
    asks_for,
)
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.gap import Gap
from nightshift.tools.spec import ToolResult
from nightshift.tools.subsystems.alerting import IN_FORCE

TELLINGS = {**cluster.TELLINGS, **nodes.TELLINGS, **server.TELLINGS, **others.TELLINGS}
LINES_SHOWN = 12
CAUSES_SHOWN = 4


_WORD = re.compile(r"[\w.-]*\w")
_OWN_NAMES = ("job", "service", "pool", "snapshot", "file")
# A sentence that begins with the name of a thing keeps it as it is written.
_BEGINNINGS = frozenset(
    ["cluster", "no", "none", "garbage", "job", "of", "since", "the", "this", "failed", "whether", "nothing", "there"]
)


def subsystems(story: Story) -> str:
    """One part after the other, what is wrong first; what could not be seen once at the end."""
    parts = sorted((_Part(story, result) for result in story.of("subsystem") if result.evidence), key=_Part.rank)
    told = [part.written for part in parts]
    told.insert(len(told) if asks_leave(story.question.text) else 0, osds_down(story) or unreplicated(story))
    return "\n\n".join(filter(None, (one_more_osd(story), *told, not_seen(story.gaps())))) or "That could not be read."


# `is gc not running on tank?`: yes and no are each taken for both.
_DENIES = re.compile(
    r"^\W*(?:is|are|does|do|did|has|have) (?!there\b|any|some|all\b|every)(?:\S+ ){1,4}?not\b", re.IGNORECASE
)
# `did the update of pve1 go fine?` is not about those that wait.
_WENT = re.compile(r"\b(?:did|was|were|went)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Part:
    """One part of the systems, as one call of the tool told it."""

    story: Story
    result: ToolResult

    def rank(self) -> int:
        return min((SEVERITY_RANK[finding.severity] for finding in self.serious), default=len(SEVERITY_RANK))

    @property
    def written(self) -> str:
        telling = self._telling
        if telling is None or self.table.kind == "none":
            told = self.result.note or f"{self.table.title} could not be read."
            head = f"I cannot tell: {told[0].lower()}{told[1:]}" if self._asks_whether else told
            return "\n\n".join(filter(None, (head, self._wrong, self._remarks)))
        return "\n\n".join(filter(None, (self._head(telling), self._lines(telling), self._wrong, self._remarks)))

    @property
    def table(self) -> Evidence:
        return self.result.evidence[0]

    @cached_property
    def rows(self) -> list[Row]:
        """Those that the question names by their own names (`rpool`, `pveproxy`, the job `s-1`); else all."""
        every, bound = self.story.rows(self.table), self._oldest
        if bound is not None:
            every = [row for row in every if (age := row.number("age_s")) is not None and bound.holds(age)]
        words = set(_WORD.findall(self.story.question.text.lower()))
        named = [row for row in every if any(str(row.get(column)).lower() in words for column in _OWN_NAMES)]
        if self.story.question.has("SNAPSHOT") and self.story.question.has("SEVERAL"):
            return every  # `which guests keep snapshots that I should clean?`
        return named or every

    @property
    def _oldest(self) -> Bound | None:
        """`Snapshots older than 300 days`: the age that is asked about, of what has one."""
        bound = self.story.question.bound
        of_an_age = bound is not None and bound.dimension == "seconds" and "age_s" in self.table.columns
        return bound if of_an_age else None

    @cached_property
    def serious(self) -> list[Finding]:
        return [finding for finding in causes_of(self.result.findings) if finding.severity != "info"]

    @property
    def _telling(self) -> Telling | None:
        return next((told for title, told in TELLINGS.items() if self.table.title.startswith(title)), None)

    @cached_property
    def _asks_whether(self) -> bool:
        said = self.story.question.text
        if OF_ITS_WORK.search(said.lower()) or _DENIES.search(said):
            return False  # how much it removed is in no list of runs
        if "scanning" in self.table.columns and self.story.question.has("FULL", "GROWN"):
            return False  # `is rpool full?`
        if self.table.title.startswith("Updates") and _WENT.search(said):
            return False
        return is_polar(said) or self.story.question.has("FINE")

    def _head(self, telling: Telling) -> str:
        """The answer in a line: yes or no where that was asked, what is wrong, then what the rows come to."""
        word = self._word(telling)
        judged = self.serious and word in ("No", "Yes")
        why = f"{one_line(self.serious[0].title)}{cite(self._findings)}" if judged else ""
        told = self._told(telling)
        unlisted = word == "Yes" and telling.noun == "certificates" and not telling.holds(self.rows, True)
        if word and why and (self._is_judged or unlisted):
            return " ".join(filter(None, (f"{word}: {why}.", _sentence(told), self._unread)))
        lead = f"{word}: {told[0].lower() + told[1:] if told.startswith('No ') else told}" if word else told
        return " ".join(filter(None, (_sentence(lead), self._unread)))

    def _told(self, telling: Telling) -> str:
        if not self.rows:
            return self._in_force or self._nothing(telling)
        question, now = self.story.question, self.story.now
        told = telling.summary(self.rows, now)
        if telling.found and not self._asks_whether:
            causes = [one_line(finding.title) for finding in causes_of(self.result.findings)]
            return f"{joined(causes, LINES_SHOWN) or telling.none_found}{cite(self._findings or self.table)}"
        if telling.going and question.has("@scrubbing"):
            return f"{telling.going(self.rows, now)}{cite(self.table)}"
        if telling.coming and question.has("NEXT"):
            told = telling.coming(self.rows, now)
        elif (
            telling.when
            and not question.has("@keeps")
            and (SCANNED.search(question.text) or question.has("LAST", "SINCE", "PROGNOSIS"))
        ):
            judged = f"{told}. " if self._is_judged and telling.when is not telling.summary else ""
            told = f"{judged}{telling.when(self.rows, now)}"
        first = self.serious[0] if self.serious else None
        if question.has("SINCE") and first is not None and first.since:
            return f"since {self.story.time(first.since)}{cite(self._findings)}: {one_line(first.title)}; {told}"
        if question.has("WHY") and first is not None:
            return f"{one_line(first.title)}{cite(self._findings)}. {sentence(one_line(first.detail))} {told}".rstrip(
                "."
            )
        told += f"{cite(self.table)}. {self._in_force}" if self._in_force else ""
        return f"{self._count(telling, told)}{told}{cite(self.table)}"

    def _count(self, telling: Telling, told: str) -> str:
        """`2: `, where the number does not lead anyway; of what fails how often, its failures in a row."""
        question = self.story.question
        if HOW_OFTEN.search(question.text) and question.has("FAIL", "WRONG") and "failures" in self.table.columns:
            failures = [failed for row in self.rows if (failed := row.number("failures"))]
            if len(failures) == 1:  # those of several jobs are no row of failures together
                return f"{failures[0]:.0f} failure{'' if failures[0] == 1 else 's'} in a row: "
        count = telling.counted(self.rows) if question.has("COUNT") else ""
        return f"{count}: " if count and not told.startswith(f"{count} ") else ""

    def _nothing(self, telling: Telling) -> str:
        """Nothing of it: that there is none is said only where everything was read."""
        whose = joined([one_line(entity.label) for entity in self.story.question.entities])
        if self._partly:
            return f"none of it is known in what was read so far{cite(self.table)}"
        bound = self._oldest
        if bound is not None and self.table.rows:
            age = f"{'older' if bound.more else 'newer'} than {limit_of(bound)}"
            return f"none of the {telling.noun} that I see is known to be {age}{cite(self.table)}"
        if whose and self.table.title not in TELLINGS:
            return f"{telling.none_of.format(who=whose)}{cite(self.table)}"
        return f"{telling.none.rstrip('.')}{cite(self.table)}"

    @cached_property
    def _in_force(self) -> str:
        """The silences that are set: matchers, who made them, why and until when."""
        force = next((item for item in self.result.evidence if item.title == IN_FORCE and item.rows), None)
        if force is None:
            return ""
        told = joined([in_force_line(row) for row in self.story.rows(force)], LINES_SHOWN)
        many = force.total > 1
        quiet = "" if self.rows else f"; no alert is silenced by {'them' if many else 'it'} now{cite(self.table)}"
        return f"{plural(force.total, 'silence')} {'are' if many else 'is'} in force{cite(force)}: {told}{quiet}"

    @property
    def _is_judged(self) -> bool:
        """Whether it is asked how well it is, not whether there is any of it."""
        return self.story.question.has("FINE", "WRONG", "FAIL", "DOWN", "STATE")

    def _word(self, telling: Telling) -> str:
        """`Yes` or `No` where that is what was asked and is known."""
        question = self.story.question
        if not self._asks_whether or question.has("COUNT"):
            return ""
        if asks_leave(question.text):
            return "Whether that is safe I cannot tell"  # least of all by the fault for which it is asked
        if self._in_force and (not self.rows or ASKS_REASON.search(question.text)):
            return ""  # it keeps nothing quiet; why it was set somebody else wrote
        holds = self._holds(telling)
        if question.has("FINE"):
            if telling.noun == "quorum" and holds is not None:
                return ("Yes, but" if self.serious else "Yes") if holds else "No"
            well = self._is_well(telling)
            return "" if well is None else (self._all_clear if well else "No")
        if question.has("WRONG", "FAIL", "DOWN") and self.rows and self.result.findings and self._is_well(telling):
            return "Nothing urgent"
        if question.has("WRONG", "FAIL", "DOWN"):
            well = self._is_well(telling)
            if well is None:
                return ""
            return ("" if self._partly or not self.rows else "No") if well else "Yes"
        if telling.found and self.rows:
            wanted = bool(self.result.findings) != asks_for(RUNS_NEWEST, question.text)
            return "Yes" if wanted else ("" if self._partly else "No")
        if not self.rows:
            return "" if self._partly else "No"
        return "" if holds is None else ("Yes" if holds else "No")

    def _is_well(self, telling: Telling) -> bool | None:
        """None where nothing is found, and the rows do not tell."""
        return False if self.serious else telling.well(self.rows)

    def _holds(self, telling: Telling) -> bool | None:
        """Whether what is asked for is so; None where there is nothing, or where the rows do not tell."""
        question = self.story.question
        if telling.noun == "certificates" and self.serious and not question.has("EXPIRED"):
            return True  # of one that only a probe sees
        if not self.rows:
            return None
        if "scanning" in self.table.columns and question.has("@scrubbing"):
            return any(row.get("scanning") for row in self.rows) != asks_for(IS_DONE, question.text)
        if "enabled" in self.table.columns and question.has("ENABLED", "STOPPED"):
            on = all(row.get("enabled") for row in self.rows)
            return on if question.has("ENABLED") else not on
        holds = telling.holds(self.rows, not question.has("EXPIRED"))
        current = telling.noun == "updates" and asks_for(IS_CURRENT, question.text)
        return not holds if current and holds is not None else holds

    @property
    def _all_clear(self) -> str:
        if not self.rows:
            return ""
        return "Nothing is wrong in what was read" if self._partly else "Yes"

    @property
    def _partly(self) -> bool:
        return bool(self._unread)

    @property
    def _blind(self) -> list[Gap]:
        """What could not be read of any of its lists."""
        every = dict.fromkeys((*self.table.gaps, *self.result.gaps))
        return [gap for gap in every if gap.is_blind_spot]

    @cached_property
    def _unread(self) -> str:
        """What has had no turn yet, or could not be read: of that nothing is known."""
        progress = next((item for item in self.result.evidence if "read_so_far" in item.columns), None)
        gaps = self._blind
        cut = self.table.total > self.table.shown
        shown = (
            f"That is told from the first {self.table.shown} of {self.table.total}{cite(self.table)}." if cut else ""
        )
        told = [f"{row.show('read_so_far')} of {row.show('of')} {row.show('what')}"
                for row in (self.story.rows(progress) if progress else [])]  # fmt: skip
        so_far = f"Only {joined(told)} have been read so far{cite(progress)}." if told else ""
        blind = f"Not all of it could be read: {blind_sources(gaps)} left gaps." if gaps else ""
        return " ".join(filter(None, (shown, so_far, blind)))

    def _lines(self, telling: Telling) -> str:
        """The rows one by one, unless the first line has told them already."""
        named = any(row.known("packages") for row in self.rows)  # which updates wait, and not only how many
        if len(self.rows) < 2 and not named and not self.story.question.has("LIST", "STATE"):
            return ""
        shown = self.rows[:LINES_SHOWN]
        rest = "\nThe others are in the evidence." if len(self.rows) > len(shown) else ""
        return f"{bullet(telling.line(row, self.story.now) for row in shown)}{cite(self.table)}{rest}" if shown else ""

    @property
    def _findings(self) -> Evidence | None:
        return next((item for item in self.result.evidence if {"finding", "remedy"} <= set(item.columns)), None)

    @property
    def _wrong(self) -> str:
        lines = [self._cause(finding) for finding in self.serious[:CAUSES_SHOWN]]
        return f"Wrong with it{cite(self._findings)}:\n{bullet(lines)}" if lines else ""

    def _cause(self, finding: Finding) -> str:
        detail = f" {sentence(one_line(finding.detail))}" if finding.detail else ""
        remedy = f" Do: {sentence(one_line(finding.remedy))}" if finding.remedy else ""
        book = f" Runbook: {finding.runbook}" if finding.runbook else ""
        return f"{graded(finding, since(self.story, finding))}.{detail}{remedy}{book}"

    @property
    def _remarks(self) -> str:
        """Remarks, and what somebody acknowledged; that nobody did, where that was asked."""
        acks = next((item for item in self.result.evidence if {"finding", "by"} <= set(item.columns)), None)
        if acks is not None:
            told = [f"{row.show('finding')}: {row.show('kind')} by {row.show('by')}" for row in self.story.rows(acks)]
            return f"Acknowledged here: {joined(told) if told else 'no finding'}{cite(acks)}."
        remarks = [one_line(item.title) for item in causes_of(self.result.findings) if item.severity == "info"]
        return f"Also noted, not urgent: {joined(remarks, 4)}{cite(self._findings)}." if remarks else ""


def _sentence(text: str) -> str:
    return sentence(text) if text.split(" ", maxsplit=1)[0] in _BEGINNINGS else f"{text}."
