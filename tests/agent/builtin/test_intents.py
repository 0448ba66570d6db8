"""Phrasings and what they mean: intent, entities and slots."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)

# question | intent | slots: entities as names, q(uantity), t(ime words), top, action, expr
PHRASINGS = """
Is anything wrong? | health
Anything wrong? | health
is everything ok | health
Is everything OK? | health
Any problems? | health
What's broken? | health
what is broken right now | health
How are things? | health
Status | health
give me a status report | health
Give me an overview | health
is the cluster healthy? | health
Is my homelab healthy? | health
Everything good? | health
what needs my attention? | health
Are there any issues? | health
anything I should worry about? | health
health check | health
any trouble? | health
anyting wrong? | health
What problems do we have? | health
all good? | health
does all run normal? | health
please check my servers | health
nothing works!! | health
how's the patient doing | health
run a quick checkup | health
everything hunky-dory? | health
do I need to drive there now or can it wait until Monday? | health
something beeped in the closet, how urgent is it? | health
my phone buzzed three times during dinner, what's up? | health
why are we running on battery: fuse, street or a bad UPS? | health
what happened with the electricity today | health
what have people done on pve2 since yesterday evening | changes | pve2
show me what the humans did today, no routine | changes
was anything switched off | changes
human actions by anna@pam in the task log | tasks
why was there no backup this night | explain
why can't I open any page | explain
why did nobody page me | alert_rules
who pulled the plug on web | restarts | web
the kids can not open youtube, who is guilty | health
is it our fuse box or the whole street without current? | health
please make me a little report how it goes with the machines | health
what should i tell my boss about the servers | health
on a scale from 1 to 10 how broken is it | health
list everything done by hand in the last week | changes
everything alright at home? | health
what's the root of all this | explain
is it safe to ignore until tomorrow? | health
what should be repaired | health
why does nothing resolve | health
checkup for pve2 only please | describe | pve2
Which VMs are running? | list
what vms are running | list
List running VMs | list
show me all running virtual machines | list
Which virtual machines are up? | list
which vms are currently active? | list
Which guests are stopped? | list
what containers are off | list
list all containers | list
how many containers on pve2 | list | pve2
How many VMs do I have? | list
how many guests are running | list
What is running on pve1? | list | pve1
what runs on pve1 | list | pve1
which containers run on pve2? | list | pve2
list nodes | list
which nodes are there? | list
How many nodes are online? | list
show storages | list
When was web last backed up? | backups | web
when was the last backup of web | backups | web
Last backup of web? | backups | web
how old is the newest backup of web | backups | web
Is web backed up? | backups | web
has web been backed up recently? | backups | web
latest backup for vm 104 | backups | web
When did we last back up home assistant? | backups | home-assistant
when was 112 last backed up | backups | jellyfin
backup status of jellyfin | backups | jellyfin
when was jelyfin last backed up | backups | jellyfin
when was web last bakced up | backups | web
which guests have no backup | backups
Which guests are not backed up? | backups
what is missing a backup? | backups
which vms are unprotected | backups
are my backups ok? | backups
backup status | backups
backup overview | backups
Is every guest covered by a backup job? | backups
did the backups fail? | backups
How full is the backup storage? | storage
how full is the backup server | storage
How much space is left on the backup storage? | storage
how full is the datastore | storage
How full is tank? | storage | tank
backup storage usage | storage
when will the datastore be full? | storage
is the backup datastore running out of space? | storage
how much room do I have left for backups | storage
How full is local-lvm? | storage | local-lvm
how much free space on local-lvm | storage | local-lvm
when will tank be full | storage | tank
storage usage | storage
which storage is fullest | rank
how full are the storages? | storage
disk space? | storage
how full is the disk of web | storage | web
What alerts are firing? | alerts
any alerts? | alerts
which alerts are active | alerts
show firing alerts | alerts
Are there alerts? | alerts
are any alarms going off | alerts
what is alerting right now | alerts
list alerts | alerts
how many alerts are firing | alerts
alerts for web | alerts | web
is there an alert for web | alerts | web
web alert - since what time, which rules fire | alerts | web
what was the first alert to go off, and at what time? | alerts
did i get an alarm for the broken disk? | alerts
expr behind the HighCpu alert? | alert_rules | b2
what alert rules do I have | alert_rules
what was the load of the ups in the past hour, and how many minutes does its battery last | health
which alert rules are broken | alert_rules
CPU of web over the last hour? | metric | web | q=cpu t=over the last hour
cpu usage of web in the last hour | metric | web | q=cpu t=in the last hour
how much cpu did web use over the last 24h | metric | web | q=cpu t=over the last 24h
What was the CPU of web in the past hour? | metric | web | q=cpu t=in the past hour
web cpu last hour | metric | web | q=cpu t=last hour
show me the cpu load of vm 104 for the last hour | metric | web | q=cpu t=for the last hour
memory of web | metric | web | q=memory
how much ram does web use? | metric | web | q=memory
how much memory is jellyfin using | metric | jellyfin | q=memory
network traffic of web since yesterday | metric | web | q=network_in t=since yesterday
peak memory of web over the last 7 days | metric | web | q=memory t=over the last 7 days
load of pve1 | metric | pve1 | q=load
swap on pve1 over the last day | metric | pve1 | q=swap t=over the last day
iowait on pve1 | metric | pve1 | q=iowait
CPU of home assistant this morning | metric | home-assistant | q=cpu t=this morning
cpu of pve1 yesterday | metric | pve1 | q=cpu t=yesterday
Why is web failing? | explain | web
why is web down? | explain | web
What's wrong with web? | explain | web
what is the problem with web | explain | web
why does web fail | explain | web
Why is VM 104 broken? | explain | web
what happened to jellyfin | explain | jellyfin
why is pve3 offline? | explain | pve3
why is jellyfin slow | slow | jellyfin
why did web crash | explain | web
web is not working | explain | web
why are backups failing | explain
Why is tank full? | explain | tank
Is there a runbook for a full datastore? | runbook
do you have a runbook for a full datastore | runbook
runbook for full datastore | runbook
How do I fix a full datastore? | runbook
what should I do about a full datastore? | runbook
is there documentation on what to do when a datastore is full | runbook
find the procedure for a node that is offline | runbook
how to replace a disk | runbook
What failed last night? | tasks | - | t=last night
which tasks failed last night | tasks | - | t=last night
did anything fail last night? | tasks | - | t=last night
what went wrong overnight | tasks | - | t=overnight
any failures last night? | tasks | - | t=last night
show failed tasks since yesterday | tasks | - | t=since yesterday
what failed yesterday? | tasks | - | t=yesterday
failed jobs in the last 24 hours | tasks | - | t=in the last 24 hours
is a backup running | tasks
is a backup running right now? | tasks
is a migration running? | tasks
what tasks are running? | tasks
are there any running tasks | tasks
did garbage collection run last night? | tasks | - | t=last night
which backups failed last night | tasks | - | t=last night
tasks on pve2 today | tasks | pve2 | t=today
How is node pve1? | describe | pve1
how is pve1 doing? | describe | pve1
status of pve1 | describe | pve1
tell me about pve1 | describe | pve1
is pve1 ok? | describe | pve1
is pve2 healthy | describe | pve2
what is the state of node pve2 | describe | pve2
how is web doing | describe | web
is web running? | describe | web
is jellyfin up? | describe | jellyfin
what version is pve2 | describe | pve2
which version does pve2 run? | describe | pve2
what is the uptime of pve1 | describe | pve1
how long has web been up | describe | web
where does web run? | describe | web
on which node is web | describe | web
is pve3 down? | describe | pve3
how is my media server | describe | jellyfin
which guest uses most memory | rank | - | q=memory
which guest uses the most memory? | rank | - | q=memory
top 5 guests by cpu | rank | - | q=cpu top=5
what is eating my cpu | rank | - | q=cpu
top memory consumers | rank | - | q=memory
busiest vm | rank
which container uses the least memory | rank | - | q=memory
which node has the highest cpu load | rank | - | q=cpu
which vm uses the most network | rank | - | q=network_in
compare web and jellyfin | compare | web jellyfin
compare the memory of web and jellyfin | compare | web jellyfin | q=memory
web vs jellyfin | compare | web jellyfin
show promql up == 0 | promql | - | e=up == 0
up == 0 | promql | - | e=up == 0
run `sum(rate(node_cpu_seconds_total[5m]))` | promql | - | e=sum(rate(node_cpu_seconds_total[5m]))
what does node_load1 > 2 return? | promql | - | e=node_load1 > 2
query up{job="node"} | promql | - | e=up{job="node"}
what changed last night | changes | - | t=last night
what has changed since yesterday? | changes | - | t=since yesterday
which metrics do you have about temperature? | find_metrics
what metrics are there for disk temperature | find_metrics
name of the time series that counts failed syncs? | find_metrics
metric: response time of http probes | find_metrics
which dashboards do we have | unclear
how many sites are not reachable? | targets
what can you not see, and why? | sources
how many disks are not healthy | disks
snapshot count 104 vs 112 | subsystem | web jellyfin
which targets are down | targets
are all scrape targets up? | targets
is any exporter down | targets
which backup jobs exist? | backup_jobs
list backup jobs | backup_jobs
when does the backup schedule run | backup_jobs
what can you see? | sources
which systems are connected | sources
restart web | action | web | a=reboot
please restart web | action | web | a=reboot
can you reboot pve2? | action | pve2 | a=reboot
delete vm 112 | action | jellyfin | a=delete
stop jellyfin now | action | jellyfin | a=stop
shut down pve1 | action | pve1 | a=stop
migrate web to pve2 | action | web pve2 | a=migrate
run a backup of web | action | web | a=backup
can I reboot pve2? | safety | pve2
is it safe to restart web? | safety | web
help | help
what can you do? | help
hello | help
who are you? | help
thanks! | thanks
what is the weather in Paris? | unclear
tell me a joke | unclear
who won the football match | unclear
write a poem | unclear
draft an apology to my boss | unclear
what does the runbook tell me to do with this disk | runbook
is there a virus on the nas | unclear | nas
which ports are open on web | unclear | web
what is the warranty of the disks in pve1 | unclear | pve1
how's it going in the lab? | health
what have you found? | health
what would you tell the day shift? | health
wtf is going on | health
run a full check | health
why is my homelab so gloomy | explain
why is everything miserable | explain
why is nothing working downstairs | explain
why did my aunt leave the lab | unclear
Is my cluster alive and well? | health
did something break? | health
is there a problem? | health
things seem slow | slow
anything on fire? | health
which machines are switched on? | list
name all VMs that are up | list
what's up and running | list
what is not running | list
is anything switched off | list
do I have any stopped containers | list
what guests live on pve2? | list | pve2
number of vms on pve1 | list | pve1
when did jellyfin get its last backup | backups | jellyfin
how recent is the backup of immich | backups | immich
jellyfin backup age | backups | jellyfin
do we have a backup of gitea? | backups | gitea
can I restore web? | recovery | web
how many backups does web have | backups | web
what's not being backed up? | backups
are all my VMs backed up | backups
did the backup of web succeed last night | backups | web
why did the backup of web fail? | explain | web
how much space is free on tank | storage | tank
is tank nearly full | storage | tank
will tank fill up soon? | storage | tank
how long until the backup server runs out of space | storage
is Grafana alerting? | alerts
are any alarms ringing | alerts
since when does the alert DatastoreAlmostFull fire | alerts | a1
why is DatastoreAlmostFull firing? | explain | a1
what does the alert HighCpu mean? | alerts | b2
plot web's cpu since midnight | metric | web
average memory usage of jellyfin this week | metric | jellyfin
how much bandwidth does jellyfin use | metric | jellyfin
what was the highest cpu of web yesterday | metric | web
how much ram is left on pve1 | metric | pve1
why is jellyfin so slow today? | slow | jellyfin
jellyfin is down, why? | explain | jellyfin
what's the matter with web? | explain | web
web keeps crashing | explain | web
troubleshoot web | explain | web
what can I do about a full datastore? | runbook
how do I free space on a datastore | runbook
runbook node offline | runbook
what are the steps when a container is killed for memory | runbook
which jobs failed yesterday | tasks
show me last night's errors | tasks
did anything crash overnight? | tasks
give me the tasks of the last 3 hours | tasks
when did web last reboot | restarts | web
was pve2 rebooted | restarts | pve2
how long has pve1 been running | describe | pve1
node pve1 | describe | pve1
pve1 | describe | pve1
web | describe | web
tell me everything about web | describe | web
what is 104 | describe | web
which node hosts jellyfin? | describe | jellyfin
what pve version do we run | describe
which version is pbs | describe | pbs
list the five biggest memory hogs | rank
which container is the busiest | rank
least used vm | rank
which node is least loaded | rank
compare pve1 with pve2 | compare | pve1 pve2
is everything being monitored? | targets
what isn't monitored? | targets
which exporters are broken | targets
what do you know? | help
what are you able to see | help
can you fix it? | action
please delete the old backups of web | action | web
increase memory of web to 8 GB | action | web
is it ok to shut down pve2? | safety | pve2
what dies if pve2 dies? | safety | pve2
can I upgrade pve1 now? | safety | pve1
good morning | help
cheers | thanks
what time is it | unclear
who is the president | unclear
sing a song | unclear
why | explain
"""


def cases() -> list[Any]:
    rows = [[cell.strip() for cell in line.split(" | ")] for line in PHRASINGS.strip().splitlines()]
    return [pytest.param(*[*row, "", ""][:4], id=row[0]) for row in rows]


def slots_of(text: str) -> dict[str, str]:
    """`q=cpu t=over the last hour` → {q: cpu, t: over the last hour}."""
    found: dict[str, str] = {}
    for part in text.split(" "):
        if (part[:1].isalpha() and part[1:2] == "=") or part.startswith("top="):
            name, _, value = part.partition("=")
            found[name] = value
        elif found:
            found[list(found)[-1]] += f" {part}"
    return found


@pytest.mark.parametrize(("text", "intent", "entities", "slots"), cases())
def test_a_phrasing_is_understood(text: str, intent: str, entities: str, slots: str) -> None:
    question = READER.read(text)
    wanted = slots_of(slots)
    seen = {
        "q": question.quantity,
        "t": question.span.text if question.span else "",
        "top": str(question.top or ""),
        "a": question.action,
        "e": question.expr,
    }
    names = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in question.entities))
    own = {str(guest.vmid): guest.name or "" for guest in snapshot().guests}
    assert question.intent == intent, question
    assert [own.get(name, name) for name in names] == entities.replace("-", "", entities == "-").split()
    assert {name: seen[name] for name in wanted} == wanted
