"""Phrasings that were written down before anyone saw what the brain makes of them, three and more for each intent."""

from __future__ import annotations

import pytest
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.reader import Reader
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)

UNPLANNED = """
is the house in order? | health
is anything on fire | health
any trouble brewing? | health
which boxes are dead? | health
why is the backup server grumpy | explain
what is up with web? | explain
what made immich fail? | explain
what is the story with pbs? | describe
tell me how pve2 feels | describe
how does gitea look? | describe
how many containers do I run? | list
give me all the VMs | list
what lives on pve2? | list
what does web eat in terms of ram? | metric
what are the numbers for cpu of web during the last day | metric
web's memory over the weekend | metric
who uses the most bandwidth? | rank
which guest needs the most ram? | rank
top three by cpu please | rank
is web bigger than immich in memory compared? | compare
jellyfin versus immich cpu | compare
difference between web and nas in memory | compare
will tank overflow soon? | storage
how long does tank last? | storage
is there still room on vault? | storage
what hogs local-lvm? | consumers
what takes the space of local-lvm? | consumers
where did the space on local-lvm go? | consumers
which drive is dying? | disks
are my disks healthy by smart? | disks
do any drives have bad sectors? | disks
who has no copy anywhere? | backups
is there any guest nobody saves? | backups
how fresh is the backup of web? | backups
could I get immich back tomorrow? | recovery
would we survive a fire? | recovery
is it possible to restore all of it? | recovery
when do backups run? | backup_jobs
what is the backup schedule? | backup_jobs
which backup jobs are there? | backup_jobs
got any fires? | alerts
are there any pages open? | alerts
does grafana complain with alerts? | alerts
what rules are broken? | alert_rules
which alert rules exist? | alert_rules
list the thresholds of alerting rules | alert_rules
what went on yesterday? | tasks
is a migration in progress? | tasks
which jobs failed last night? | tasks
anything new since Friday? | changes
what is different from yesterday? | changes
what changed over the weekend? | changes
how would I get rid of old backups? | runbook
what do I do when a datastore is full? | runbook
got instructions for a dead node? | runbook
did web come up again? | restarts
who rebooted pve1? | restarts
any reboots since Friday? | restarts
the whole lab crawls | slow
is pve1 under load? | slow
jellyfin stutters | slow
what metrics exist for temperature | find_metrics
which time series are there about disks? | find_metrics
do you have metrics on load? | find_metrics
which exporters are not answering? | targets
is everything being scraped? | targets
what targets are gone? | targets
what systems do you watch? | sources
what are you connected to? | sources
where are you blind? | sources
can I pull the plug on pve1? | safety
what happens to the cluster when pve2 goes away? | safety
may I take pve1 down for an hour? | safety
what are you good at? | help
what can I ask? | help
how do you work? | help
"""


@pytest.mark.parametrize(
    ("text", "intent"),
    [tuple(part.strip() for part in line.rsplit("|", 1)) for line in UNPLANNED.strip().splitlines()],
)
def test_an_unplanned_phrasing(text: str, intent: str) -> None:
    question = READER.read(text)

    assert question.intent == intent, question


@pytest.mark.parametrize(
    "text",
    [
        "what's the weather in Berlin?", "tell me a joke about save the whales", "order me a pizza",
        "who is the president", "what is the capital of France", "what music is playing", "write me a poem",
        "who won the match yesterday?",
    ],
)  # fmt: skip
def test_what_is_out_of_scope(text: str) -> None:
    assert READER.read(text).intent == "unclear"
