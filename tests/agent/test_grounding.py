"""An answer is checked against its evidence: tables of what is shown, what follows, and what is made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.agent.support import NOW, SNAPSHOT

from nightshift.agent.grounding import Background, ground, names_of
from nightshift.facts.evidence import Document, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import Alert
from nightshift.facts.snapshot import Dataset

GIB, TIB = 1024**3, 1024**4

ROWS = Evidence(
    source="pbs",
    kind="rows",
    request="GET /status/datastore-usage",
    title="Datastores",
    taken_at=NOW,
    id="E1",
    columns=("name", "used_bytes", "total_bytes", "used_fraction", "last_gc_at", "gc_s", "status"),
    rows=(
        ("tank", int(1.9 * TIB), 2 * TIB, 0.95, "2026-11-23T02:15:00+00:00", 93_784, "ok"),
        ("offsite", 100 * GIB, 1 * TIB, 0.0977, "2026-11-20T21:40:00+00:00", 60, "ok"),
        ("usb", 0, 500 * GIB, 0.0, None, None, "away"),
    ),
    total=3,
    shown=3,
)
SERIES = Evidence(
    source="prometheus",
    kind="series",
    request='100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))',
    title="CPU of web",
    taken_at=NOW,
    id="E2",
    window=Window(NOW - timedelta(hours=1), NOW, 60),
    series=(
        LabelledSeries(
            (("instance", "web:9100"),),
            ((NOW.timestamp() - 120, 0.31), (NOW.timestamp() - 60, 0.9234)),
            Stats(60, 0.05, 0.9234, 0.42, 0.88, 0.05, 0.31, 2e-6, "fraction", time_to_full_s=5 * 86_400 + 7_200),
        ),
    ),
    total=1,
    shown=1,
)
BYTES = Evidence(
    source="prometheus",
    kind="series",
    request="fs_used",
    title="Disk",
    taken_at=NOW,
    id="E3",
    series=(LabelledSeries((), (), Stats(9, 1e9, 2e9, 1.5e9, 2e9, 1e9, 2e9, 3.2 * GIB / 86_400, "bytes")),),
)
LOG = Evidence(
    source="pve",
    kind="document",
    request="GET /nodes/pve1/tasks/UPID/log",
    title="Log of a backup",
    taken_at=NOW,
    id="E4",
    document=Document(
        "2026-11-22 23:05:41 ERROR: Backup of VM 104 failed - 28.4 GiB of 32 GiB in 12 minutes\n"
        "alert HostDiskFull at 10.0.0.11:9100, PVE 9.0.3, kernel 6.14.8-2-pve",
        file="runbook.md",
        heading="Steps",
    ),
)
PLAIN = Evidence(
    source="prometheus",
    kind="rows",
    request="up",
    title="PromQL",
    taken_at=NOW,
    id="E5",
    columns=("instance", "value"),
    rows=(("web:9100", 92.34), ("db:9100", 4_294_967_296), ("x:1", 7200)),
    total=3,
    shown=3,
    gaps=(Gap("grafana", "alerts", "unreachable", "no answer"),),
    complete=False,
)
NOTHING = Evidence("prometheus", "rows", "up == 0", "Down targets", NOW, id="E6", columns=("instance",))
EVERYTHING = (ROWS, SERIES, BYTES, LOG, PLAIN, NOTHING)
NAMES, _ = names_of(SNAPSHOT)
BACKGROUND = Background(names=NAMES, alert_names=frozenset({"Disk Almost Full", "HighLoad"}), now=NOW)


def unverified(text: str, background: Background = BACKGROUND) -> list[str]:
    return [claim.text for claim in ground(text, EVERYTHING, background).unverified]


SHOWN = [
    # as the cell says, in any usual writing
    "tank is at 95 % [E1].",
    "tank is at 95% [E1].",
    "tank is 95 percent full [E1].",
    "tank holds 1.9 TiB of 2 TiB [E1].",
    "tank holds 1.90 TiB, or 1946 GiB [E1].",
    "tank holds 2.09 TB [E1].",
    "tank holds about 2 TiB [E1].",
    "tank has over 90 % used [E1].",
    "tank has nearly 2 TiB [E1].",
    "tank holds 2,089,072,092,774 bytes [E1].",
    "offsite is at 9.8 % [E1], rounded 10 % [E1].",
    # what follows
    "tank has 102 GiB free, that is 5 % [E1].",
    "There are 3 datastores, 2 of them ok and 1 away [E1].",
    "Garbage collection took 1 d 2 h [E1].",
    "Garbage collection took 26 hours [E1].",
    "Garbage collection took 1 minute on offsite [E1].",
    "tank was collected 19 h 25 min ago, offsite 3 days ago [E1].",
    "That is 2 of 3 (66.7 %) [E1].",
    # times
    "It ran at 02:15 [E1].",
    "It ran at 2:15 am [E1].",
    "It ran on 2026-11-23 at 02:15 UTC [E1].",
    "It ran on Nov 23 at 02:15, before that on 20 November [E1].",
    "Since 2026-11-23T02:15:00Z [E1].",
    # series
    "CPU peaked at 92.3 %, was 42 % on average and is 31 % now [E2].",
    "Over the last hour the 95th percentile was 88 % [E2].",
    "It will be full in 5 days, to be exact in 5 d 2 h [E2].",
    "The peak was at 21:39 [E2].",
    "It grows by 3.2 GiB a day, 3.2 GiB/day, 22.4 GiB per week [E3].",
    "It rose by 1 GB [E3].",
    # documents
    "The backup of VM 104 failed at 23:05 on 2026-11-22: 28.4 GiB of 32 GiB in 12 min [E4].",
    "Alert HostDiskFull fires for 10.0.0.11:9100 on PVE 9.0.3 with kernel 6.14.8-2-pve [E4].",
    # a plain number has the unit that its reader gives it
    "It is at 92.3 % [E5].",
    "It is at 92.34 [E5].",
    "It uses 4 GiB [E5].",
    "It took 2 h [E5].",
    # nothing is a number too
    "0 targets are down [E6].",
    # no claims
    "1. First look.\n2. Then act with `qm unlock 113` on PVE 8, RAID 5.",
    "> 1. Quoted.\n> 7. Steps.",
    "```\npct set 999 --memory 4096\n```",
    "> 2. Give it more:\n>\n>    ```\n>    pct set 999 --memory 4096\n>    ```",
    "See https://host:8006/#v1 and `/etc/pve/999`.",
    "As of 2026-11-23 21:40 nothing else is known.",
    # the citation may come after the full stop, for the line, for the paragraph
    "tank is at 95 %. [E1]",
    "tank is at 95 %. It is big. [E1]",
    "Datastores [E1]:\n- tank 95 %\n- offsite 9.8 %",
    "| tank | 95 % |\n| usb | 0 % |\n\nFrom [E1].",
    "tank is at 95 %【E1】.",
    "Both: 95 % and 92.3 % [E1, E2].",
    "Both: 95 % and 92.3 % [E1-E2].",
    "Both: 95 % and 92.3 % [E1][E2].",
    "`95 %` [E1].",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_the_evidence_shows(text: str) -> None:
    checked = ground(text, EVERYTHING, BACKGROUND)
    assert [claim.text for claim in checked.unverified] == []
    assert checked.text == text
    assert checked.marked_text == text


MADE_UP: list[tuple[str, list[str]]] = [
    ("tank is at 94 % [E1].", ["94 %"]),
    ("tank is at 95.04 % [E1].", ["95.04 %"]),
    ("tank holds 1.8 TiB [E1].", ["1.8 TiB"]),
    ("tank holds 1.3 GiB [E1].", ["1.3 GiB"]),
    ("tank holds 1.9 TB [E1].", ["1.9 TB"]),
    ("Garbage collection took 4 d [E1].", ["4 d"]),
    ("It ran at 02:16 [E1].", ["02:16"]),
    ("It ran on 2026-11-22 at 02:15 [E1].", ["2026-11-22 at 02:15"]),
    ("It ran on Nov 22 at 02:15 [E1].", ["Nov 22 at 02:15"]),
    ("There are 5 datastores [E1].", ["5"]),
    ("Full in 9 days [E2].", ["9 days"]),
    ("It grows by 4.5 GiB a day [E3].", ["4.5 GiB a day"]),
    ("At 10.0.0.12 [E4].", ["10.0.0.12"]),
    ("On PVE 9.0.4 [E4].", ["9.0.4"]),
    ("VM 105 failed [E4].", ["105"]),
    ("Alert HostDiskEmpty is firing [E4].", ["HostDiskEmpty"]),
    ("The alert `disk_gone` is firing [E4].", ["disk_gone"]),
    ("The alert Disk Almost Full is firing [E4].", ["Disk Almost Full"]),
    ("HighLoad again [E4].", ["HighLoad"]),
    ("node pve9 is fine [E4].", ["pve9"]),
    ("postgres-main is fine [E1].", ["postgres-main"]),
    ("datastore `attic` is fine [E1].", ["attic"]),
    ("0 things are wrong [E5].", ["0"]),
    ("At 97.1 % without any citation.", ["97.1 %"]),
]


@pytest.mark.parametrize(("text", "claims"), MADE_UP)
def test_what_no_evidence_shows(text: str, claims: list[str]) -> None:
    checked = ground(text, EVERYTHING, BACKGROUND)
    assert [claim.text for claim in checked.unverified] == claims
    assert checked.marked_text.count(" [unverified]") == len(claims)
    assert checked.marked_text.replace(" [unverified]", "") == text


THINGS = frozenset({"tank", "offsite", "usb"})
OF_ANOTHER = [
    ("tank is at 9.8 % [E1].", ["9.8 %"]),
    ("tank holds 100 GiB [E1].", ["100 GiB"]),
    ("- tank: 100 GiB\n- offsite: 1.9 TiB\nFrom [E1].", ["100 GiB", "1.9 TiB"]),
    ("offsite was collected 19 h 25 min ago [E1].", ["19 h 25 min"]),
    # two are spoken of at once, so that either may be meant
    ("offsite and tank are at 95 % and 9.8 % [E1].", []),
    # what holds for the table as a whole, or for no row of it
    ("tank is one of 3; together they hold 2 TiB of 3.5 TiB [E1].", []),
    ("web is on a storage that is at 95 % [E1].", []),
    # the row of the thing itself, and what follows from it
    ("tank is at 95 %, with 102 GiB free; its garbage was collected 19 h 25 min ago [E1].", []),
    # the same figure from evidence that is about nothing in particular
    ("tank was at 92.3 % [E5].", []),
]


@pytest.mark.parametrize(("text", "claims"), OF_ANOTHER)
def test_a_figure_of_something_else_is_no_witness(text: str, claims: list[str]) -> None:
    assert unverified(text, Background(names=NAMES | THINGS, now=NOW)) == claims


def test_what_has_one_property_without_another_is_counted() -> None:
    alerts = [("ProbeFailed", "firing", "critical")] * 7 + [("HostHot", "firing", "warning")] * 3
    alerts += [("Watchdog", "firing", "none"), ("CertificateEnds", "nodata", "warning")]
    table = Evidence(
        "grafana", "rows", "GET /alerts", "Alerts", NOW, columns=("alert", "state", "severity"), rows=tuple(alerts),
        total=12, shown=12, id="E1",
    )  # fmt: skip
    checked = ground("10 alerts are firing [E1]; 6 are pending [E1].", [table], Background(now=NOW))
    assert [claim.text for claim in checked.unverified] == ["6"]


def test_marks_stand_behind_their_claims() -> None:
    checked = ground("tank is at 94 %, offsite at 9.8 %, usb at 3 % [E1].", EVERYTHING, BACKGROUND)
    assert checked.marked_text == "tank is at 94 % [unverified], offsite at 9.8 %, usb at 3 % [unverified] [E1]."
    assert checked.checked == 3


def test_a_claim_with_the_wrong_citation_gets_the_right_one() -> None:
    checked = ground("The CPU peaked at 92.3 % [E1], and tank is at 94 % [E1].", EVERYTHING, BACKGROUND)
    assert checked.marked_text == "The CPU peaked at 92.3 % [E2] [E1], and tank is at 94 % [unverified] [E1]."


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("tank is at 95 % [E1, E77].", "tank is at 95 % [E1]."),
        ("tank is at 95 % [E77].", "tank is at 95 %."),
        ("tank is at 95 % [E1] [E77-E78].", "tank is at 95 % [E1]."),
    ],
)
def test_citations_of_nothing_are_taken_out(text: str, clean: str) -> None:
    checked = ground(text, EVERYTHING, BACKGROUND)
    assert checked.marked_text == clean
    assert {claim.kind for claim in checked.unverified} == {"citation"}


def test_a_name_that_is_a_number_may_be_quoted_from_the_question() -> None:
    assert unverified("I know nothing called “666”.", Background(question="where does 666 live?")) == []
    assert unverified("It has 666 of them.", Background(question="where does 666 live?")) == ["666"]


def test_the_question_may_be_repeated_beside_a_fact() -> None:
    background = Background(
        question="Is tank above 90 % over the last 36 hours, and how is postgres-main?", names=NAMES
    )
    assert (
        unverified("No: tank is at 95 % [E1], which is not below 90 %. In 36 hours: nothing of it.", background) == []
    )
    assert unverified("postgres-main: no data [E1].", background) == []
    assert unverified("Yes, tank is at 80 % [E1].", background) == ["80 %"]


def test_what_was_said_before_was_checked_then() -> None:
    assert unverified("As said, 77 % [E1].", Background(said_before=("usb was at 77 %.",))) == []


def test_what_could_not_be_seen_needs_no_citation() -> None:
    gap = Gap("prometheus", "checks", "timed_out", "No answer within 8 s.", "Check PROMETHEUS_URL on 10.9.9.9.")
    background = Background(unseen=(gap,), names=frozenset({"prometheus"}))
    assert unverified("Not seen: prometheus, no answer within 8 s, at 10.9.9.9.", background) == []
    assert unverified("Not seen: prometheus, no answer within 11 s.", background) == ["11 s"]


def test_what_the_time_in_the_question_means_is_no_claim() -> None:
    zone = ZoneInfo("Europe/Berlin")
    background = Background(now=NOW, zone=zone, asked_times=(datetime(2026, 11, 22, 17, tzinfo=UTC),))
    assert unverified("Not saved since 2026-11-22 18:00: web [E1].", background) == []
    assert unverified("Not saved since 2026-11-22 17:00: web [E1].", background) == ["2026-11-22 17:00"]


def test_times_are_read_in_the_zone_of_the_viewer() -> None:
    zone = ZoneInfo("Europe/Berlin")
    background = Background(now=NOW, zone=zone)
    assert unverified("At 03:15, that is 02:15 UTC [E1].", background) == []
    assert unverified("At 03:15 UTC [E1].", background) == ["03:15 UTC"]


def test_without_evidence_everything_is_unverified() -> None:
    checked = ground("web is at 12 % since 02:15.", (), Background(names=frozenset({"web"}), now=NOW))
    assert [(claim.text, claim.kind) for claim in checked.unverified] == [
        ("web", "entity"),
        ("12 %", "number"),
        ("02:15", "time"),
    ]


def test_names_come_from_the_snapshot() -> None:
    alert = Alert("grafana", "u", "Disk Almost Full", "firing", None, None, None, (), (), "h")
    from dataclasses import replace

    names, alerts = names_of(replace(SNAPSHOT, alerts=Dataset("complete", (alert,))))
    assert names == {"pve1", "pve2", "web", "postgres-main"}
    assert alerts == {"Disk Almost Full"}


def test_a_long_answer_is_checked_in_no_time() -> None:
    import time

    rows = tuple((f"vm{n}", n * GIB, 40 * GIB, n / 500, "running", "qemu") for n in range(500))
    columns = ("name", "used_bytes", "total_bytes", "used_fraction", "status", "kind")
    wide = Evidence("pve", "rows", "r", "t", NOW, id="E1", columns=columns, rows=rows, total=500, shown=500)
    text = "".join(f"- vm{n} uses {n / 5:.1f} % [E1]. " + "word " * 20 + "\n" for n in range(200))
    started = time.perf_counter()
    assert ground(text, (wide,), Background(now=datetime.now(UTC))).unverified == ()
    assert time.perf_counter() - started < 1.0
