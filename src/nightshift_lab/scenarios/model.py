"""What a scenario file says, as it stands there. Its meaning for one world is made in `build.py`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nightshift_lab.scenarios.units import Moment, duration_s, fraction, size_bytes

Family = Literal["healthy", "single", "compound", "blind", "hostile"]
Backend = Literal["pve", "pbs", "prometheus", "grafana"]
System = Literal["pve", "pbs", "prometheus", "grafana", "attic", "pbs2"]


def _moment(value: object) -> object:
    Moment.parse(str(value))
    return str(value)


When = Annotated[str, BeforeValidator(_moment)]
Duration = Annotated[float, BeforeValidator(duration_s)]
Share = Annotated[float, BeforeValidator(fraction), Field(ge=0.0, le=1.0)]


Size = Annotated[float, BeforeValidator(size_bytes)]


class Part(BaseModel):
    """A part of a scenario file: nothing may stand in it that is not described here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StepShape(Part):
    """At once, and it stays."""

    kind: Literal["step"]


class RampShape(Part):
    """Evenly over a time."""

    kind: Literal["ramp"]
    over: Duration = Field(gt=0, description="how long it takes to come altogether")


class BurstShape(Part):
    """At once, and over again after a time."""

    kind: Literal["burst"]
    lasts: Duration = Field(gt=0, description="how long it is there")


class FlapShape(Part):
    """On and off again, over and over."""

    kind: Literal["flap"]
    period: Duration = Field(gt=0, description="from one time to the next")
    on: Duration = Field(gt=0, description="how long it is there each time")

    @model_validator(mode="after")
    def _shorter(self) -> FlapShape:
        if self.on >= self.period:
            raise ValueError("on must be shorter than period")
        return self


ShapeOfFault = Annotated[StepShape | RampShape | BurstShape | FlapShape, Field(discriminator="kind")]


class Live(Part):
    """What differs when the fault is switched on by hand: then it begins at that moment and should show soon."""

    shape: ShapeOfFault | None = None
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")


class FaultEntry(Part):
    """One fault, or a red herring: something that happens and is harmless."""

    kind: str = Field(description="one of the kinds of fault")
    name: str = Field(default="", description="the name for switching it; the kind where it is left out")
    target: str | list[str] = Field(default="", description="the entity that it befalls, or several")
    start: When = Field(description="-40m, -6d, last night, last night -2h, now, always")
    end: When | None = Field(default=None, description="when it is over; not yet where it is left out")
    jitter: Duration = Field(default=0.0, ge=0, description="the seed shifts the onset by up to so much either way")
    shape: ShapeOfFault = StepShape(kind="step")
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with", description="the kind's own parameters")
    live: Live = Live()
    why: str = Field(default="", description="what happened, in an operator's words")

    @property
    def known_as(self) -> str:
        return self.name or self.kind

    @property
    def all_targets(self) -> tuple[str, ...]:
        return (self.target,) if isinstance(self.target, str) else tuple(self.target)


class MoreDisk(Part):
    """A disk that a guest has beside its usual ones."""

    storage: str
    size: Size
    mountpoint: str
    used: Share = 0.5
    backup: bool = True


class GuestChange(Part):
    """What is different about one guest, from its creation on."""

    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    runs: bool | None = Field(default=None, description="false: off on purpose")
    onboot: bool | None = None
    ha: bool | None = Field(default=None, description="whether high availability manages it")
    bind_mounts: dict[str, str] = Field(default_factory=dict, description="folders of the node → where they are seen")
    more_disks: list[MoreDisk] = Field(default_factory=list)


class JobChange(Part):
    """What is different about a backup job, or a job that is added. Guests are named."""

    storage: str | None = Field(default=None, description="where it saves to; must be said of a new one")
    guests: list[str] | None = Field(default=None, description="whom it saves")
    without: list[str] = Field(default_factory=list, description="guests that it saves no more")
    pool: str | None = Field(default=None, description="it saves the guests of this resource pool")
    node: str | None = Field(default=None, description="only guests that are on this node")
    weekly: int | None = Field(default=None, ge=0, le=6, description="once a week; so many nights ago it was last due")
    offset: Duration | None = Field(default=None, description="how long after the beginning of the nightly window")
    comment: str | None = None
    enabled: bool | None = None


class AlertChange(Part):
    """What is different about one alert rule of Grafana."""

    summary: str | None = None
    description: str | None = None
    query: str | None = None


class WorldPart(Part):
    """The homelab before anything befalls it."""

    base: Literal["homelab", "homelab-with-ceph", "homelab-of-four-nodes"] = "homelab"
    pve: Literal[8, 9] = 9
    pbs: Literal[3, 4] = 4
    backup_window: When | None = Field(default=None, description="when the nightly window that is nearest began")
    guests: dict[str, GuestChange] = Field(default_factory=dict, description="by name")
    jobs: dict[str, JobChange] = Field(default_factory=dict, description="backup jobs, by id")
    pools: dict[str, list[str]] = Field(default_factory=dict, description="resource pools: guests by name")
    datastore_sizes: dict[str, Size] = Field(default_factory=dict, description="of datastores, by name")
    attic_namespace: str | None = Field(default=None, description="where the second site's backups go in tank")
    alerts: dict[str, AlertChange] = Field(default_factory=dict, description="by uid")


class TokenPart(Part):
    """The privileges of the token that the lab hands out for one backend."""

    extra: list[str] = Field(default_factory=list, description="privileges beyond PVEAuditor, Audit or Viewer")
    without: list[str] = Field(default_factory=list, description="privileges of that role that it lacks")


class Finding(Part):
    """A finding by check or category, and the entity that it is about; `*` stands for any words."""

    check: str = Field(default="", description="the id of a check, e.g. datastore.full or guest.*")
    category: str = Field(default="", description="where no single check is meant")
    entity: str = Field(default="", description="which entity; any where it is left out")
    severity: Literal["critical", "warning", "info", ""] = ""

    @model_validator(mode="after")
    def _says_what(self) -> Finding:
        if not self.check and not self.category:
            raise ValueError("say check or category")
        return self


class RootCause(Part):
    entity: str
    category: str


class Fact(Part):
    """Something true that a question can ask for: a value written here, or a figure of the world at the start."""

    name: str
    value: float | str | bool | None = None
    figure: str = Field(default="", description="`<entity> <quantity>`, e.g. datastore/pbs/tank used_bytes")
    of: str = Field(default="", description="a second figure that the first is divided by")
    unit: str = ""
    tolerance: float = Field(default=0.0, ge=0, description="in the same unit")

    @model_validator(mode="after")
    def _one_value(self) -> Fact:
        if (self.value is None) == (not self.figure):
            raise ValueError("say either value or figure")
        return self


class Truth(Part):
    """What is the case, for grading."""

    root_causes: list[RootCause] = Field(default_factory=list, description="none when nothing is wrong")
    findings_required: list[Finding] = Field(default_factory=list)
    findings_forbidden: list[Finding] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)


class Scenario(Part):
    """A whole file. Its name is the file's."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    summary: str = Field(min_length=1, max_length=160, description="in a line, without a full stop")
    family: Family
    world: WorldPart = WorldPart()
    faults: list[FaultEntry] = Field(default_factory=list)
    red_herrings: list[FaultEntry] = Field(default_factory=list)
    knobs: dict[System, dict[str, bool | float | str]] = Field(default_factory=dict)
    tokens: dict[Backend, TokenPart] = Field(default_factory=dict)
    runbooks: dict[str, str] = Field(default_factory=dict, description="Markdown files by name")
    questions: list[str] = Field(default_factory=list, description="what the demo asks after its first question")
    truth: Truth = Truth()

    @property
    def entries(self) -> tuple[FaultEntry, ...]:
        """Faults and red herrings: all that befalls the world."""
        return (*self.faults, *self.red_herrings)
