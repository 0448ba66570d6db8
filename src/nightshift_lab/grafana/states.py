"""How the instances of an alert rule move between states, as Grafana's state manager does it.

Normal → Pending (for the rule's `for`) → Alerting → Normal; NoData and Error when the query gives nothing or fails. The
time of an instance is the start of its current state. A series that vanishes becomes `Normal (MissingSeries)` at the
second evaluation without it and is then forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nightshift_lab.grafana.rule import AlertRule

State = Literal["Normal", "Pending", "Alerting", "NoData", "Error", "Recovering"]
Health = Literal["ok", "error", "nodata", "unknown"]
LabelSet = tuple[tuple[str, str], ...]

_EVALUATIONS_TO_RESOLVE = 2
_CHANGES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Instance:
    """One series of a rule. `reason` explains a state that the query alone does not; `since` is epoch seconds."""

    labels: LabelSet
    state: State
    since: float
    seen_at: float
    reason: str = ""
    value: float | None = None
    missed: int = 0

    @property
    def told(self) -> str:
        """As the API spells it, e.g. `Normal (MissingSeries)`."""
        return f"{self.state} ({self.reason})" if self.reason else self.state

    @property
    def fires(self) -> bool:
        """Whether an alert is sent for it; NoData and Error are alerts of their own."""
        return self.state in {"Alerting", "NoData", "Error", "Recovering"}


@dataclass(frozen=True, slots=True)
class Change:
    """An instance went from one state to another at a time (epoch s); the states as the API spells them."""

    at: float
    labels: LabelSet
    before: str
    after: str
    value: float | None = None


@dataclass(slots=True)
class RuleStatus:
    """Where a rule stands: its instances after the last evaluation."""

    rule: AlertRule
    instances: dict[LabelSet, Instance] = field(default_factory=dict)
    evaluated_at: float | None = None
    evaluation_s: float = 0.0
    error: str = ""
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=_CHANGES_KEPT))

    @property
    def calm(self) -> bool:
        """Whether every instance is Normal, for no special reason, and was there at the last evaluation."""
        return not self.error and all(
            item.state == "Normal" and not item.reason and not item.missed for item in self.instances.values()
        )

    @property
    def health(self) -> Health:
        if self.evaluated_at is None:
            return "unknown"
        if self.error:
            return "error"
        return "nodata" if any(instance.state == "NoData" for instance in self.instances.values()) else "ok"

    @property
    def state(self) -> str:
        """`firing`, `pending`, `recovering` or `inactive`; instances in Error or NoData do not count."""
        states = {instance.state for instance in self.instances.values()}
        if "Alerting" in states:
            return "firing"
        if "Recovering" in states:
            return "recovering"
        return "pending" if "Pending" in states else "inactive"

    @property
    def active_at(self) -> float | None:
        active = [item.since for item in self.instances.values() if item.state in {"Alerting", "Pending", "Recovering"}]
        return min(active, default=None)

    def evaluated(self, at: float, series: Mapping[LabelSet, float]) -> None:
        """Take in the answer of the query at `at`; an empty one is NoData."""
        self.evaluated_at, self.error = at, ""
        if not series:
            self._all_become(at, "NoData", self.rule.no_data)
            return
        for labels, value in series.items():
            outcome: State = "Alerting" if self.rule.breached(value) else "Normal"
            moved = self._moved(self.instances.get(labels), labels, outcome, at)
            self._become(replace(moved, value=value), at)
        for labels in self.instances.keys() - series.keys():
            self._miss(labels, at)

    def failed(self, at: float, error: str) -> None:
        """Take in that the query failed."""
        self.evaluated_at, self.error = at, error
        self._all_become(at, "Error", self.rule.on_error)

    def _all_become(self, at: float, cause: Literal["NoData", "Error"], wanted: str) -> None:
        """Without an answer all instances share one fate; a rule without instances gets one of its own."""
        outcome: State = {"OK": "Normal", "Alerting": "Alerting"}.get(wanted, cause)  # type: ignore[assignment]
        reason = "" if outcome == cause else cause
        for labels in tuple(self.instances) or ((),):
            moved = self._moved(self.instances.get(labels), labels, outcome, at)
            self._become(replace(moved, reason=reason, value=None), at)

    def _moved(self, current: Instance | None, labels: LabelSet, outcome: State, at: float) -> Instance:
        if current is None:
            current = Instance(labels, "Normal", at, at)
        state = outcome if outcome == "Normal" else self._towards(current, outcome, at)
        since = current.since if state == current.state else at
        return replace(current, state=state, since=since, seen_at=at, reason="", missed=0)

    def _towards(self, current: Instance, outcome: State, at: float) -> State:
        """Bad news passes through Pending first, unless the instance is already in a bad state."""
        if current.state == outcome or self.rule.for_s == 0 or current.fires:
            return outcome
        if current.state == "Pending" and at - current.since >= self.rule.for_s:
            return outcome
        return "Pending"

    def _become(self, instance: Instance, at: float) -> None:
        """Keep the new state of an instance, and that it changed."""
        before = self.instances.get(instance.labels)
        told = before.state if before is not None else "Normal"
        if told != instance.state:
            self.changes.append(Change(at, instance.labels, told, instance.told, instance.value))
        self.instances[instance.labels] = instance

    def _miss(self, labels: LabelSet, at: float) -> None:
        instance = self.instances[labels]
        missed = instance.missed + 1
        if instance.reason == "MissingSeries" or not labels:
            del self.instances[labels]
        elif missed < _EVALUATIONS_TO_RESOLVE:
            self.instances[labels] = replace(instance, missed=missed)
        else:
            gone = replace(instance, state="Normal", since=at, reason="MissingSeries", value=None, missed=missed)
            self._become(gone, at)
