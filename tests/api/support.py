"""A small double of a running Nightshift, and the API over it on a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic, sleep

import httpx
import uvicorn

from nightshift.api.access import Access
from nightshift.api.app import create_app
from nightshift.api.service import Event, Json, Probe, Service
from nightshift.facts.as_json import evidence_to_json, gap_to_json
from nightshift.facts.evidence import Document, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep

NOW = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
CONVERSATION = "01JDCQ0000000000000000000A"


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the double's agent."""

    kind: str
    name: str
    detail: str = ""


ROWS = Evidence(
    id="E1",
    source="pbs",
    kind="rows",
    request="GET /status/datastore-usage",
    title="Datastores",
    taken_at=NOW,
    age_s=12.0,
    columns=("name", "used_bytes", "used_fraction"),
    rows=(("tank", 1_900 * 2**30, 0.971), ("offsite", None, None)),
    total=2,
    shown=2,
)
SERIES = Evidence(
    id="E2",
    source="prometheus",
    kind="series",
    request="pve_disk_usage_bytes",
    title="Used space of tank",
    taken_at=NOW,
    window=Window(datetime(2026, 11, 23, 20, 30, tzinfo=UTC), NOW, 60.0),
    series=(
        LabelledSeries(
            (("instance", "tank"),),
            tuple((1_795_465_800.0 + 60 * i, 0.9 + i / 1000) for i in range(60)),
            Stats(60, 0.9, 0.959, 0.93, 0.956, 0.9, 0.959, 0.0000167, "fraction", 2460.0),
        ),
    ),
    total=1,
    shown=1,
)
RUNBOOK = Evidence(
    id="E3",
    source="runbooks",
    kind="document",
    request="runbooks: full datastore",
    title="A full datastore",
    taken_at=NOW,
    document=Document("1. Run **garbage collection**.\n2. Look at the prune job.", "pbs.md", "Full datastore", 12),
    total=1,
    shown=1,
)
GAP = Gap(
    "grafana", "alerts", "unauthorized", "Grafana did not accept the token.", "Set GRAFANA_SERVICE_ACCOUNT_TOKEN."
)
CAUSE = Finding(
    "datastore.full",
    "critical",
    Entity("datastore:pbs/tank", "datastore tank"),
    "tank is 97.1 % full",
    "1.86 TiB of 1.91 TiB are used; backups fail since 02:00.",
    "Prune, then run garbage collection.",
    (ROWS,),
    runbook="datastore-full.md#free-space",
    since=NOW,
)
EFFECT = replace(
    CAUSE,
    check="backup.failed",
    severity="warning",
    entity=Entity("guest:pve/104", "web (VM 104)"),
    title="The last backup of web failed",
    cause=CAUSE.fingerprint,
)
SWEEP = Sweep(
    "01JDCQ0000000000000000000S",
    Snapshot(NOW, sources=(SourceStatus("pve", "pve", True, "8.2.4", 12.5),)),
    (CAUSE, EFFECT),
    (GAP,),
    NOW,
    0.8,
)


def answer_json(question: str, **changes: object) -> Json:
    """An answer as the agent's `to_json` gives it."""
    return {
        "schema": 1,
        "id": "01JDCQ0000000000000000000B",
        "conversation_id": CONVERSATION,
        "question": question,
        "text": "The datastore **tank** is 97.1 % full [E1].",
        "verdict": "problem",
        "root_causes": [
            {
                "entity": CAUSE.entity.key,
                "check": CAUSE.check,
                "statement": "tank is 97.1 % full",
                "evidence": ["E1"],
            }
        ],
        "findings": [CAUSE.fingerprint],
        "evidence": [evidence_to_json(item) for item in (ROWS, SERIES, RUNBOOK)],
        "gaps": [gap_to_json(GAP)],
        "grounding": {"checked": 2, "unverified": []},
        "brain": {"kind": "builtin", "name": "built-in", "fell_back_because": None},
        "usage": {"model_calls": 0, "tool_calls": 2, "bytes_sent": 0, "tokens_in": 0, "tokens_out": 0},
        "started_at": NOW.isoformat(),
        "duration_s": 0.4,
        **changes,
    }


@dataclass
class Double:
    """Plays the agent, the sweeper and the conversation store. `failure` is raised instead of an answer."""

    failure: Exception | None = None
    delay_s: float = 0.0
    steps: tuple[Step, ...] = (Step("tool_started", "storage", "tank"), Step("tool_finished", "storage", "2 rows"))
    probes: tuple[Probe, ...] = ()
    answer_changes: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, str | None, bool]] = field(default_factory=list)
    swept: list[bool] = field(default_factory=list)
    cancelled: int = 0
    sweep_result: Sweep = SWEEP

    async def ask(
        self,
        question: str,
        *,
        conversation_id: str | None,
        fresh: bool,
        on_event: Callable[[Event], None] | None,
    ) -> Json:
        self.asked.append((question, conversation_id, fresh))
        for step in self.steps:
            if on_event:
                on_event(step)
        try:
            await asyncio.sleep(self.delay_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure:
            raise self.failure
        return answer_json(question, **self.answer_changes)

    async def sweep(self, *, max_age_s: float = 60.0, fresh: bool = False) -> Sweep:
        self.swept.append(fresh)
        if self.failure:
            raise self.failure
        return self.sweep_result

    async def recall(self, conversation_id: str) -> list[Json] | None:
        return [answer_json("Is anything wrong?")] if conversation_id == CONVERSATION else None

    @property
    def service(self) -> Service:
        return Service(
            ask=self.ask,
            sweeper=self,
            recall=self.recall,
            probes=self.probes,
            brain={"kind": "builtin", "name": "built-in"},
            version="0.1.0",
            clock=lambda: NOW,
        )


@contextmanager
def serving(
    double: Double,
    access: Access | None = None,
    *,
    sweep_interval_s: float | None = None,
    probe_interval_s: float = 15.0,
) -> Iterator[str]:
    """The API over `double` on a free loopback port, in a thread; its URL."""
    app = create_app(
        double.service,
        access or Access(),
        sweep_interval_s=sweep_interval_s,
        probe_interval_s=probe_interval_s,
        probe_timeout_s=0.3,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", server_header=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert monotonic() < until, "the server did not start in time"
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


def client_of(url: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False)
