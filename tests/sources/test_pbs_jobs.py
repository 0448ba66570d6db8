"""PBS's sync, verify and prune jobs, over real HTTP, → facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceForbidden
from nightshift.facts.pbs_jobs import Keep, PbsJob
from nightshift.sources import PbsClient

API = "/api2/json"
AT = 1752854279
TIME = datetime(2025, 7, 18, 15, 57, 59, tzinfo=UTC)


@pytest.fixture
async def pbs(serve, routes, open_transport):
    async def start(**table):
        stage = await serve(routes({f"{API}{path}": data for path, data in table.items()}))
        transport = open_transport("pbs", stage.url)
        return PbsClient(transport.connection, transport), stage

    return start


RUN = {"last-run-endtime": AT, "last-run-state": "OK", "last-run-upid": "UPID:…", "next-run": AT}
RAN = {"last_run_at": TIME, "last_run_state": "OK", "last_run_upid": "UPID:…", "next_run_at": TIME}

JOBS = [
    (
        "sync_jobs",
        "/admin/sync",
        {"id": "s-1", "store": "mirror", "ns": "a/b", "remote": "rack", "remote-store": "tank", "remote-ns": "home",
         "sync-direction": "push", "schedule": "daily", "max-depth": 1, **RUN},
        PbsJob("pbs", "sync", "s-1", "mirror", "a/b", "daily", max_depth=1, remote="rack", remote_datastore="tank",
               remote_namespace="home", direction="push", **RAN),
    ),
    (
        "sync_jobs",
        "/admin/sync",
        {"id": "s-2", "store": "mirror", "remote-store": "tank"},
        PbsJob("pbs", "sync", "s-2", "mirror", "", None, remote_datastore="tank", direction="pull"),
    ),
    (
        "verify_jobs",
        "/admin/verify",
        {"id": "v-1", "store": "tank", "ignore-verified": False, "outdated-after": 30, "comment": "weekly"},
        PbsJob("pbs", "verify", "v-1", "tank", "", None, comment="weekly", ignore_verified=False,
               outdated_after_days=30),
    ),
    (
        "verify_jobs",
        "/admin/verify",
        {"id": "v-2", "store": "tank", "outdated-after": 0},
        PbsJob("pbs", "verify", "v-2", "tank", "", None, ignore_verified=True),
    ),
    (
        "prune_jobs",
        "/admin/prune",
        {"id": "p-1", "store": "tank", "ns": "home", "schedule": "daily", "keep-daily": 7, "keep-weekly": 4,
         "disable": True, **RUN},
        PbsJob("pbs", "prune", "p-1", "tank", "home", "daily", enabled=False, keep=Keep(daily=7, weekly=4), **RAN),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "row", "job"), JOBS, ids=[case[2]["id"] for case in JOBS])
async def test_jobs(pbs, method, path, row, job):
    client, _ = await pbs(**{path: {"data": [row]}})
    assert await getattr(client, method)() == (job,)


async def test_all_directions_are_asked_for(pbs):
    client, stage = await pbs(**{"/admin/sync": {"data": []}})
    assert await client.sync_jobs() == ()
    assert [request.query for request in stage.seen] == [{"sync-direction": "all"}]


async def test_an_old_server_is_asked_for_pulls_only(serve, answer, open_transport):
    refusal = answer(400, "parameter verification failed - 'sync-direction': schema does not allow it")
    pulls = answer(200, {"data": [{"id": "s-1", "store": "mirror", "remote-store": "tank"}]})
    stage = await serve(refusal, pulls)
    transport = open_transport("pbs", stage.url)
    jobs = await PbsClient(transport.connection, transport).sync_jobs()
    assert [job.direction for job in jobs] == ["pull"]
    assert [request.query for request in stage.seen] == [{"sync-direction": "all"}, {}]


async def test_a_refusal_is_not_tried_again(pbs, answer):
    refusal = answer(403, "permission check failed - missing Datastore.Audit on /datastore")
    client, stage = await pbs(**{"/admin/sync": refusal})
    with pytest.raises(SourceForbidden):
        await client.sync_jobs()
    assert len(stage.seen) == 1


@pytest.mark.parametrize(
    ("namespace", "depth", "asked", "reaches"),
    [
        ("", None, "", True),
        ("", None, "a/b/c", True),
        ("", 0, "a", False),
        ("", 1, "a", True),
        ("", 1, "a/b", False),
        ("a", None, "a/b", True),
        ("a", None, "", False),
        ("a", None, "ab", False),
        ("a", 1, "a/b/c", False),
    ],
)
def test_how_deep_a_job_reaches(namespace, depth, asked, reaches):
    job = PbsJob("pbs", "verify", "v", "tank", namespace, None, max_depth=depth)
    assert job.reaches("tank", asked) is reaches
    assert not job.reaches("vault", asked)


@pytest.mark.parametrize(
    ("keep", "most", "words"),
    [
        (Keep(), None, "everything"),
        (Keep(last=3), 3, "3 last"),
        (Keep(daily=7, weekly=4, monthly=3), 14, "7 daily, 4 weekly, 3 monthly"),
    ],
)
def test_what_a_prune_job_keeps(keep, most, words):
    assert (keep.most, str(keep)) == (most, words)
