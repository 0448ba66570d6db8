"""What is said back to an answer and names nothing."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import talk

TALKS = [
    ("how full is tank? | are you sure?", "I have it from what the systems told", "storage tank"),
    ("is pve2 up? | where do you have that from?", "Proxmox VE (pve), read 2026-11-23 22:45 CET", "entity pve2"),
    ("is anything wrong? | how do you know?", "- Proxmox Backup Server (pbs), read", "health"),
    ("is anything wrong? | fix it for me", "What is wrong there", "entity datastore tank"),
    ("is anything wrong? | fix it for me | what do I do?", "Datastore full › Steps (", "runbooks datastore.full"),
    ("how is web? | sort it out please", "- Datastore tank is 98.8 % full. Do: Remove old", "runbooks datastore.full"),
    ("can I reboot pve1? | do it", "reboot    # on pve1", "impact pve1"),
    ("can I reboot web? | how do I do that by hand?", "qm reboot 104", "inventory guests"),
    ("is anything wrong? | how do I proceed, step by step?", "Datastore full › Steps", "runbooks datastore.full"),
    ("is web up? | so why can nobody connect?", "The last backup of web failed", "entity web"),
    ("what if pve1 dies? | and pve2? | and both?", "If pve1 and pve2 fail now", "impact pve1"),
    ("how full is tank? | and vault? | which is fuller?", "the fullest is tank", "storage"),
    ("when was web last backed up? | and jellyfin? | which is older?", "jellyfin (CT 112) was", "backups jellyfin"),
    ("when was web last backed up? | everything in it?", "Yes, as far as is known: no disk of web", "backups web"),
    ("when was web last backed up? | is any disk left out?", "No, as far as is known: no disk", "backups web"),
    ("is any backup running? | since when?", "No backup task is running now; since when none is", "tasks backup"),
    ("which job saves web? | who else is in it?", "The job nightly is enabled", "inventory backup_jobs"),
    ("what is wrong? | How long has that been going on?", "- Since 2026-11-23 00:45 CET", "health"),
    ("why is web slow? | fine, since what time?", "Since 2026-11-23 00:45 CET", "entity web"),
    ("is anything wrong? | ok and how is that fixed?", "Datastore full › Steps", "runbooks datastore.full"),
    ("how full is tank? | what must be done against it?", "Datastore full › Steps", "runbooks datastore.full"),
    ("how full is tank? | is there a howto for that?", "Datastore full › Steps", "runbooks datastore.full"),
    ("how full is tank? | ok, how does it look on vault", "vault on pbs:", "storage vault"),
    ("cpu of pve1 in the last hour? | and its top value?", "CPU of pve1", "metrics pve1"),
    ("cpu of pve1 in the last hour? | make it the last 6 hours", "CPU of pve1", "metrics pve1"),
    ("memory use of pve1? | and how much does pve2 use?", "Memory of pve2", "metrics pve2"),
    ("how is jellyfin? | busiest moment in the last 24h, cpu %", "CPU of jellyfin", "metrics jellyfin"),
    ("what runs on pve1? | how many are that? | and how is it on pve2?", "5 guests on pve2 are", "inventory guests"),
    ("how is pve1? | number of running ones there?", "7 guests on pve1 are running", "inventory guests"),
    ("how is pve1? | good. how many of those are actually on?", "7 guests on pve1 are running", "inventory guests"),
    ("when was web last backed up? | what datastore did it go to", "tank", "backups web"),
    ("when was jellyfin last backed up? | free space on that datastore?", "tank on pbs:", "storage tank"),
    ("when was jellyfin last backed up? | how many gigs", "Size of the newest backup of jellyfin", "backups jellyfin"),
    ("when was jellyfin last backed up? | and how many do we keep of that one", "14 backups of", "backups jellyfin"),
    ("when was web last backed up? | are the scans in /mnt/web in it?", "no disk of web", "backups web"),
    ("how is jellyfin? | its host pls", "jellyfin runs on pve2", "entity jellyfin"),
    ("reboot web | okay, at least tell me the node it's on", "web runs on pve1", "entity web"),
    ("how is web? | which other guests are on the same node?", "7 guests on pve1 are running", "inventory guests"),
    ("how full is vault? | so how much TB is left over", "vault on pbs:", "storage vault"),
    ("pve1 memory? | the biggest consumer of it on that node? | its core count", "Cores of web", "entity web"),
    ("how many vms run? | thank you, that's all", "You are welcome", ""),
    ("how is foobar? | sorry, jellyfin i mean", "jellyfin (CT 112) is running", "entity jellyfin"),
    ("how is web? | can you make the disk bigger by 20 gig", "qm disk resize 104", "entity web"),
    ("how is web? | then reboot it please, films hang", "qm reboot 104", "inventory guests"),
    ("when was jellyfin last backed up? | delete it", "pvesm free <volume>", "inventory backup_jobs"),
    ("when was jellyfin last backed up? | its size?", "Size of the newest backup", "backups jellyfin"),
    ("how is pve1? | what on earth is 104?", "web (VM 104) is running", "entity web"),
    ("pve1 memory? | the biggest consumer of it there? | and how much is that?", "uses the most", "inventory guests"),
    ("reboot web | I do it myself: on which node must I log in?", "web runs on pve1", "entity web"),
    ("delete the oldest backup of jellyfin | of what date is it?", "How far back the backups of", "backups jellyfin"),
    ("how much ram has pve1? | and how much of it is free", "pve1 has", "entity pve1"),
    ("which job saves web? | when does it run next?", "The next backup of web (VM 104): 2026-11-24", "backups web"),
    ("which job saves web? | next run? | who else is in it?", "The job nightly is", "inventory backup_jobs"),
    ("is anything broken? | how long has it been like this", "- Since 2026-11-23 20:45 CET", "health"),
    ("what is wrong? | when did it start?", "- Since 2026-11-23 00:45 CET", "health"),
    ("what is wrong with web? | when did it start?", "Since 2026-11-23 00:45 CET", "entity web"),
    ("is web up? | since when?", "web has been up for 4 d 8 h", "entity web"),
    ("is pve3 up? | since when?", "Since 2026-11-23 20:45 CET", "entity pve3"),
    ("is anything wrong? | is replication set up everywhere?", "replication", "subsystem replication"),
    ("how is jellyfin? | when did it start?", "jellyfin has been up for", "entity jellyfin"),
    ("how is web? | when did it start?", "Since 2026-11-23 00:45 CET", "entity web"),
    ("web's memory yesterday? | previous day?", "2026-11-21 00:00 to 2026-11-22 00:00", "metrics web"),
    ("how is web? | any alerts?", "1 alert is firing", "alerts"),
    ("how is web? | and jellyfin? | which guest uses the most memory?", "(VM 104, pve1) uses the", "inventory guests"),
    ("when was gitea last backed up? | is it complete?", "gitea (CT 115) has no backup at all", "backups gitea"),
    ("which guest uses the most memory? | on which node is it?", "web runs on pve1", "entity web"),
    ("what failed last night? | and the night before?", "No task failed from 2026-11-21 18:00", "health"),
    ("web's cpu in the last hour | peak?", "2026-11-23 21:45 to 22:45 CET", "metrics web"),
    ("nas memory | how much is assigned? | give it 2 GB more", "qm set 103 --memory 6144", "entity nas"),
    ("how is web? | alerts?", "No alert is firing about web", "alerts web"),
    ("tell me about jellyfin | disks?", "jellyfin", "entity jellyfin"),
    ("how is web? | tell me a joke | and its memory?", "Memory of web (VM 104)", "metrics web"),
    ("how many guests are off? | which? | turn them on", "qm start 120", "entity windows-11"),
    ("can I restore web? | how do I do it?", "qmrestore <archive> 104", "backups web"),
    ("show me the backup jobs | which guests are in it?", "nightly: 02:00, to pbs-tank", "inventory backup_jobs"),
    ("is anything wrong? | how would one repair such a thing?", "Datastore full › Steps", "runbooks datastore.full"),
    ("is anything wrong? | is that on one datastore only?", "Only datastore tank is found to have", "health"),
    ("is a scrub running? | cancel it", "`zpool scrub -s <pool>`", ""),
    ("is a backup running? | stop it", "pvesh delete /nodes/<node>/tasks/<UPID>", ""),
    ("is windows-11 running? | will it come back on its own if I just wait?", "No: windows-11", "entity windows-11"),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "says", "call"), TALKS, ids=[turns for turns, _, _ in TALKS])
async def test_a_rejoinder_is_about_the_answer_before(turns: str, says: str, call: str) -> None:
    last = (await talk(turns.split(" | ")))[-1]

    assert says in last.text
    assert last.unverified == ()
    made = [f"{tool} {next(iter(arguments.values()), '')}".strip() for tool, arguments in last.calls]
    assert call in made or not (call or made)
