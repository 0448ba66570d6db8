"""Sync jobs of the lab's second backup server, which a token without Remote.Audit is not told of, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from nightshift.collect.lanes import SlowLane
from nightshift.collect.pbs import collect_pbs
from nightshift.collect.pbs_items import LongReads
from nightshift.collect.reading import Deadline
from nightshift.sources import Connection, PbsClient, PbsToken, Tls
from nightshift_lab.access import Delays, Token
from nightshift_lab.knobs import Knobs
from nightshift_lab.pbs import AUDIT, PbsServer
from nightshift_lab.tls import make_certificates
from nightshift_lab.world import build_world
from nightshift_lab.world.current import WorldHolder

EVENING = 1_795_469_000.0


@pytest.mark.parametrize(
    ("granted", "jobs", "fixes"),
    [
        (AUDIT, [], ["Grant Remote.Audit on /remote to the token and to its user (role RemoteAudit)."]),
        (AUDIT | {"Remote.Audit"}, ["s-vault-home"], []),
    ],
    ids=["role Audit", "with Remote.Audit"],
)
async def test_a_sync_job_is_listed_or_missed(
    granted: frozenset[str], jobs: list[str], fixes: list[str], tmp_path: Path
) -> None:
    world = build_world(7, EVENING)
    awake = world.last_night_at + 8_100.0 + 3_000.0
    certificates = make_certificates(tmp_path, "pbs2", organisation="Proxmox Backup Server")
    token, knobs = Token("a@pbs!b", "x", {"/": granted}), Knobs("pbs", encrypted=True)
    server = PbsServer(WorldHolder(world), knobs, certificates, (token,), Delays(0, 0, 0), lambda: awake, "pbs2")
    await server.start()
    auth, tls = PbsToken(SecretStr("a@pbs!b:x")), Tls(fingerprint=server.endpoint.fingerprint)
    client = PbsClient(Connection("pbs2", "pbs", server.endpoint.url, auth, tls))
    long = LongReads()
    try:
        now, deadline = datetime.fromtimestamp(awake, UTC), Deadline.after("pbs2", 10.0)
        facts = await collect_pbs(client, now, deadline, timedelta(hours=36), SlowLane("pbs2"), long)
    finally:
        await long.aclose()
        await client.aclose()
        await server.stop()
    assert [job.id for job in facts.jobs if job.kind == "sync"] == jobs
    assert [gap.fix for gap in facts.jobs.gaps] == fixes
