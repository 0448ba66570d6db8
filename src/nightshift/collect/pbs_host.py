"""The backup server as a host: four reads, each of which may be refused without hiding the others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from nightshift.collect.reading import Deadline, Gathering
from nightshift.facts.backup_hosts import BackupHost
from nightshift.facts.gap import Gap

if TYPE_CHECKING:
    from nightshift.sources import PbsClient


async def read_host(client: PbsClient, deadline: Deadline) -> Gathering[BackupHost]:
    """One row, with what could be read of the server itself."""
    status, services, updates, pools = await asyncio.gather(
        deadline.read("pbs_hosts", client.host()),
        deadline.read("pbs_hosts", client.services()),
        deadline.read("pbs_hosts", client.updates()),
        deadline.read("pbs_hosts", client.pools()),
    )
    gathered: Gathering[BackupHost] = Gathering()
    answers = (status, services, updates, pools)
    gathered.gaps += dict.fromkeys(answer for answer in answers if isinstance(answer, Gap))
    if not all(isinstance(answer, Gap) for answer in answers):
        host = BackupHost(client.source) if isinstance(status, Gap) else status
        gathered.add(
            (
                replace(
                    host,
                    services=None if isinstance(services, Gap) else services,
                    updates=None if isinstance(updates, Gap) else updates,
                    pools=None if isinstance(pools, Gap) else pools,
                ),
            )
        )
    return gathered
