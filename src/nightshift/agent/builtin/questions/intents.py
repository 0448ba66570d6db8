"""The grammar of questions: an intent is weighed by the concepts in the question, its slots are filled from the rest.

Weights are evidence for (positive) or against (negative) an intent; the highest sum wins if it passes the floor.
Pseudo-concepts begin with @: what kind of entity, time or quantity was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Literal

Intent = Literal[
    "health", "explain", "describe", "list", "metric", "rank", "compare", "storage", "consumers", "disks", "backups",
    "recovery", "restarts", "slow", "backup_jobs", "inspect", "alerts",
    "alert_rules", "tasks", "changes", "runbook", "promql", "find_metrics", "targets", "sources", "action", "safety",
    "subsystem", "lookup", "help", "thanks", "unclear",
]  # fmt: skip

FLOOR = 2.0

WEIGHTS: Mapping[Intent, Mapping[str, float]] = {
    "health": {
        "@first": 12.0, "@at_ease": 3.0, "@power_since": 9.0, "@ups": 20.0, "@one_cause": 12.0, "@links": 12.0,
        "WRONG": 2.5, "POWER": 3.2, "PROBES": -2.5, "@of_servers": 3.0, "FINE": 2.2, "ANYTHING": 2.0, "STATE": 1.2,
        "DOWN": 1.2, "FAIL": 1.2, "@no_name": 1.0, "LIST": 0.3, "WHY": -0.5, "IF": -0.5, "COUNT": -1.0, "FULL": -1.0,
        "TARGET": -1.0, "SAFE": -1.0, "DISK": -1.0, "TASK": -1.5, "BACKUP": -1.5, "ALERT": -1.5, "@past": -1.2,
        "VERIFY": -1.5, "PRUNE": -1.5, "GC": -1.5, "SYNC": -1.5, "MIGRATION": -1.5, "REPLICATION": -1.5, "LOCK": -2.0,
        "@unknown": -2.0, "@quantity": -2.0, "VERSION": -2.0, "STOPPED": -2.0, "RESTORE": -2.0, "@entity": -3.0,
        "RUNBOOK": -3.0, "THANKS": -3.0, "METRIC": -3.5, "@vague": 2.0, "NOT": 0.3, "TODO": 2.0,
    },
    "explain": {
        "@scope": 9.0,
        "@since_wrong": 7.0, "@stopped_by": 6.0,
        "@relation": 8.0, "WHY": 3.0, "WRONG": 1.8, "SINCE": 1.6, "FAIL": 1.5, "@entity": 1.5, "DOWN": 1.0,
        "@alert": 0.9,
        "@unknown": 0.6, "LOCK": 0.5, "STOPPED": 0.3, "BACKUP": -0.2, "LIST": -0.3, "ANYTHING": -0.5, "@past": -0.5,
        "ALERT": -0.8, "@what_if": -1.0, "SAFE": -1.5, "RUNBOOK": -2.0, "COUNT": -2.0, "@outage": -2.0,
        "TARGET": -2.5, "SILENCE": -6.0, "SLOW": -3.0,
        "IF": -3.0, "REBOOT": -4.5, "NOT": 0.8, "@who_did": -1.0, "@disk": -3.0,
    },
    "describe": {
        "@settings": 4.0, "@maintenance": 4.0, "@of_each_node": 6.0, "@where_one": 6.0, "@set_up": 7.0,
        "@uptime_of_one": 7.0, "@release_of_all": 7.0,
        "VERSION": 2.6, "@attribute": 2.5, "@entity": 2.2, "STATE": 2.0, "TAG": 2.0, "ADDRESS": 2.0, "AUTOSTART": 0.8,
        "MANAGED": 2.0, "AGENT": 0.8,
        "WHERE": 1.8, "FINE": 1.6, "@only_name": 1.6, "UPTIME": 1.5, "@unknown": 1.3, "REACH": 1.0, "RUNNING": 0.8,
        "STOPPED": 0.6, "SINCE": 0.6, "DOWN": 0.5, "@node": 0.4, "LIST": -0.2, "@action_verb": -0.4, "TARGET": -0.5,
        "GUEST": -0.8, "TASK": -1.0, "ANYTHING": -1.0, "@storage": -1.0, "@datastore": -1.0, "HEAT": -1.0, "LOCK": -1.0,
        "@outage": -1.0, "METRIC": -1.0, "@quantity": -1.2, "SAFE": -1.2, "FULL": -1.5, "WHY": -1.5, "ALERT": -1.5,
        "MOST": -1.5, "IF": -1.5, "@who_did": -1.5, "BACKUP": -2.0, "COUNT": -2.0, "COMPARE": -2.0, "@ambiguous": -2.0,
        "RUNBOOK": -2.5, "RULE": -3.0,
    },
    "list": {
        "@storages_each": 12.0, "@resource_pool": 8.0,
        "@went_with": 14.0, "@others_so": 6.0, "POWER": -4.0, "@guests_of_node": 2.5, "@kinds_compared": 6.0,
        "@holding": 5.0,
        "@shared": 5.0,
        "@nodes_up": 3.0, "@each_up": 9.0,
        "TAG": 4.0, "TEMPLATE": 2.6, "LOCK": 2.4, "MANAGED": 2.4, "COUNT": 2.2, "STOPPED": 2.0, "LIES": 2.0,
        "LIST": 1.4, "VM": 1.4, "CT": 1.4, "GUEST": 1.4, "SEVERAL": 0.6, "NODE": 1.2, "RUNNING": 1.0, "@node": 1.0,
        "DATASTORE": 0.8, "STORAGE": 0.6, "DOWN": 0.5, "STATE": -0.2, "@unknown": -0.3, "AUTOSTART": -0.5,
        "VERSION": -0.8, "LEAST": -1.0, "@quantity": -1.0, "SOURCES": -1.0, "SNAPSHOT": -1.0, "MOST": -1.2,
        "WRONG": -1.2, "PROPERLY": -1.5,
        "FULL": -1.5, "TARGET": -1.5, "FAIL": -1.5, "JOBLIST": -1.5, "METRIC": -1.5, "IF": -2.5, "SAFE": -1.5,
        "REBOOT": -1.5, "@guest": -1.6, "ALERT": -2.0, "TASK": -2.0, "WHY": -2.0, "PROTECTED": -2.0, "BACKUP": -2.5,
        "@bound": -4.0, "MIGRATION": -2.0, "RUNBOOK": -3.0, "@outage": -3.0, "@each": -8.0, "@vague": -3.0,
    },
    "metric": {
        "@settings": -2.0,
        "@quantity": 2.6, "@busiest_hour": 12.0, "@peak": 2.5, "@two_times": 4.0, "@growth": 5.0, "@amount": 5.0,
        "@onset": 6.0,
        "@of_the_node": 7.0,
        "DISK": 2.0, "OVERTIME": 1.2, "@entity": 1.2, "@time": 0.6, "@unknown": 0.5,
        "GUEST": -0.2, "LIST": -0.3, "COMPARE": -0.5, "SINCE": -0.5, "STORAGE": -0.6, "MOST": -1.0, "WHY": -1.0,
        "METRIC": -1.0, "VERSION": -1.0, "COUNT": -1.0, "ALERT": -1.5, "BACKUP": -1.5, "SAFE": -1.5, "@storage": -2.0,
        "@datastore": -2.0, "IF": -2.0, "@many": -2.0, "RUNBOOK": -3.0,
    },
    "rank": {
        "@resource_pool": 2.0, "@overcommit_all": 9.0, "@placement": 20.0,
        "OVERCOMMIT": 4.0, "JOBLIST": -2.0, "@guests_compared": 8.0, "@biggest_disk": 4.0, "@many": 3.0, "@bound": 3.0,
        "TOTAL": 2.6, "@each": 2.6, "MOST": 2.6, "LEAST": 2.6, "@quantity": 1.8,
        "UPTIME": 1.6, "CORES": 1.4, "ASSIGNED": 0.6, "GUEST": 0.6, "VM": 0.6, "CT": 0.6,
        "NODE": 0.5, "LIST": 0.4, "FULL": -0.2, "STORAGE": -0.3, "@past": -0.5, "OVERTIME": -0.8, "LAST": -1.0,
        "ALERT": -1.5, "TASK": -2.0, "DURATION": -2.0, "BACKUP": -2.0, "@guest": -2.2, "WRONG": -2.5, "RUNBOOK": -3.0,
        "@peak": -3.0, "PHYSICAL": -2.0, "SNAPSHOT": -2.0, "METRIC": -2.0, "TARGET": -2.0, "RULE": -2.0,
    },
    "compare": {
        "@settings": -2.0, "COMPARE": 3.5, "@two": 2.0, "@quantity": 0.5, "@two_times": -3.0, "BACKUP": -1.0,
        "CHANGED": -3.0, "WHY": -1.5, "SNAPSHOT": -2.0,
    },
    "storage": {
        "@storage_type": 4.0, "@maintenance": 3.0, "@of_space": 6.0,
        "@datastore": 2.6, "@storage": 2.4, "FULL": 2.2, "DATASTORE": 2.0, "STORAGE": 1.6, "PROGNOSIS": 1.6,
        "@root_disk": 1.5, "@disk_attribute": -2.0, "@two_times": -4.0,
        "FILESYSTEM": 1.5, "REACH": 1.0, "DISK": 0.6, "STATE": 0.4, "DURATION": 0.3, "BACKUP": -0.1, "@guest": -0.3,
        "@past": -0.5, "EATS": -0.5, "LAST": -0.6, "FAIL": -0.8, "COUNT": -0.8, "WHY": -1.0, "TASK": -1.0, "IF": -1.0,
        "ALERT": -1.5, "GC": -1.5, "SNAPSHOT": -1.5, "NETIN": -2.0, "MEMORY": -2.5, "CPU": -2.5, "SWAP": -2.5,
        "RUNBOOK": -2.6, "RULE": -3.0,
    },
    "consumers": {
        "@lies_on": 4.0,
        "EATS": 2.6, "@storage": 2.4, "LIES": 1.6, "MOST": 0.8, "STORAGE": 0.8, "WHERE": 0.4, "DISK": 0.4,
        "FULL": 0.4, "LIST": 0.3, "@node": -0.5, "@datastore": -1.0, "BACKUP": -1.5, "FILESYSTEM": -1.5,
        "@guest": -2.0, "PROGNOSIS": -2.0, "RUNBOOK": -2.6, "CPU": -3.0, "MEMORY": -3.0, "SWAP": -3.0, "NETIN": -3.0,
    },
    "disks": {
        "@disk_lost": 20.0, "@raw_size": 14.0, "@disk_attribute": 4.0, "@disk_count": 3.0,
        "@disks_of_node": 2.5, "@members": 9.0,
        "PHYSICAL": 3.4, "@disk": 3.0, "PULL": 2.2, "HEAT": 1.8, "FINE": 1.4, "FAIL": 1.2, "WRONG": 1.0, "DISK": 1.0,
        "@node": 0.6, "STORAGE": 0.6, "STATE": 0.3, "LIST": 0.3, "LAST": 0.3, "@past": -0.5, "IF": -1.5,
        "@guest": -2.0, "CPU": -2.0, "EATS": -2.0, "BACKUP": -2.0, "ALERT": -2.5, "FULL": -2.5, "METRIC": -2.5,
        "RUNBOOK": -4.0,
    },
    "backups": {
        "@rhythm": 6.0, "@most_copies": 6.0, "@longest": -9.0, "@two_stores": 9.0, "@action": -3.0,
        "@backup_attribute": 4.5, "@in_no_job": 6.0, "@restore_test": 4.0, "@left_out": 4.0, "@copies_there": 4.0,
        "@saved_since": 4.0, "@excluded": 4.0,
        "@kept": 4.0, "RELY": -4.0, "@copy_of_one": 7.0,
        "BACKUP": 2.6, "PROTECTED": 2.0, "SNAPSHOT": 1.5, "LACK": 1.4, "LAST": 1.2, "@guest": 1.2, "@unknown": 0.6,
        "@datastore": 0.5, "FINE": 0.5, "STATE": 0.5, "GUEST": 0.4, "VM": 0.3, "CT": 0.3, "LIST": 0.3, "COUNT": 0.2,
        "WRONG": 0.2, "@past": -0.2, "FAIL": -0.3, "RESTORE": -0.3, "JOBLIST": -0.4, "RUNNING": -0.6, "WHY": -0.6,
        "STORAGE": -0.6, "TASK": -0.6, "DATASTORE": -1.2, "ALERT": -1.5, "DURATION": -1.5, "FULL": -1.6,
        "RUNBOOK": -2.6,
    },
    "recovery": {
        "@site_lost": 20.0, "@loss": 4.0, "RELY": 3.0, "@lost_with": -4.0, "@comes_back": -2.0, "@restorable": 6.0,
        "@all_restorable": 7.0,
        "RESTORE": 2.0, "PROPERLY": 1.8, "BACK": 1.6, "SAFE": 1.6, "ABLE": 1.6, "BACKUP": 0.8, "ANYTHING": 0.8,
        "PROTECTED": 0.8, "@guest": 0.5, "COUNT": 0.4, "IF": 0.4, "GUEST": 0.3, "LIST": 0.3, "FINE": 0.3,
        "WRONG": -1.5, "@past": -0.3, "RULE": -1.0, "DATASTORE": -1.0, "LAST": -1.2, "JOBLIST": -1.5, "FULL": -1.5,
        "TASK": -1.6,
        "FINISHED": -1.6, "@taskkind_running": -2.0, "WHY": -2.0, "ALERT": -2.0, "RUNBOOK": -2.6,
    },
    "backup_jobs": {
        "@backups_ahead": 20.0, "@next_backup": 6.0, "@ahead": 14.0,
        "JOBLIST": 4.2, "STATE": 0.4, "FINISHED": -3.0, "NEXT": 2.8, "@job": 3.0, "@job_state": 5.0, "@jobs_to": 4.0,
        "@when_next": 2.5, "LIST": 0.5, "COUNT": 0.4, "GC": -6.0, "VERIFY": -6.0, "PRUNE": -6.0, "SYNC": -6.0,
        "BACKUP": 0.3, "LAST": -0.4, "@guest": -2.2, "RUNNING": -1.0, "@past": -1.5, "@action": -2.5,
        "FAIL": -2.5, "PROTECTED": -3.0,
    },
    "alerts": {
        "ALERT": 3.4, "@rights": 5.0, "PENDING": 3.4, "@told": 6.0, "@alert_history": 6.0, "@alert": 1.6, "LIST": 0.5,
        "COUNT": 0.4, "RUNNING": 0.3, "STATE": 0.3, "ANYTHING": 0.3,
        "STOPPED": 0.3, "@entity": 0.2, "RULE": -1.2, "WHY": -1.6, "RUNBOOK": -2.6,
    },
    "inspect": {
        "@autostart_count": 4.0, "@guest_age": 8.0, "@setting_of_all": 12.0,
        "@of_settings": 5.0, "ENCRYPTED": 4.4, "@copies": 4.2, "DATASOURCE": 4.0, "AGENT": 2.6, "AUTOSTART": 2.6,
        "FINE": 0.6, "COUNT": 0.6,
        "STATE": 0.5, "LAST": 0.5, "LIST": 0.3, "@past": -0.6, "TASK": -0.6, "WHY": -1.5, "SAFE": -1.5, "IF": -2.0,
        "RULE": -2.0, "@datastore": -2.0, "RUNBOOK": -2.6, "METRIC": -3.0, "@promql": -3.0, "@backup_attribute": -6.0,
    },
    "alert_rules": {
        "@of_rule": 9.0, "@no_alarm": 12.0, "@alerting_works": 14.0, "@covered": 14.0,
        "RULE": 3.6, "ALERT": 0.9, "LIST": 0.4, "COUNT": 0.3, "RUNBOOK": -5.0,
    },
    "tasks": {
        "@user_work": 5.0,
        "CEPH": -7.0,
        "TASK": 2.4, "GC": 2.4, "MIGRATION": 2.5, "VERIFY": 2.2, "PRUNE": 2.2, "SYNC": 2.0, "REPLICATION": 2.0,
        "@taskkind_running": 2.0, "LOG": 1.8, "DURATION": 1.6, "@past": 1.6, "FINISHED": 1.6, "RESTORE": 1.6,
        "FAIL": 1.4, "SNAPSHOT": 1.0, "RUNNING": 0.8, "BACKUP": 0.7, "WRONG": 0.5, "LIST": 0.4, "ANYTHING": 0.4,
        "@task_now": 7.0, "@copies": -2.0, "@log": 9.0, "@runs_compared": 20.0,
        "@task_of": 4.0, "@made": 7.0, "@moved": 7.0, "@cancelled": 5.0, "CONSOLE": 4.0, "@was_doing": 4.5,
        "@several_kinds": 2.0, "@user": 4.5, "@longest": 5.0, "@task_bound": 4.5,
        "AFTER_BOOT": 2.5, "ASKS_WHO": 0.5, "@who_did": 1.6, "CULPRIT": 0.3, "LAST": 0.2, "LACK": -0.3, "VM": -0.3,
        "CT": -0.3, "STATE": -0.4, "@guest": -0.4, "DOWN": -0.5, "FINE": -0.6, "JOBLIST": -0.6, "WHY": -1.0,
        "FULL": -1.5, "ALERT": -1.8, "@quantity": -2.0, "RUNBOOK": -2.6,
    },
    "changes": {
        "@by_hand": 8.0, "@edited": 6.0, "@timeline": 3.0,
        "CHANGED": 3.2, "HAPPENED": 2.6, "METERED": -2.0, "@past": 1.0, "@guest": -0.6,
        "BACKUP": -0.8, "LIST": 0.4,
        "@entity": 0.2, "@quantity": -1.0, "WHY": -1.0, "RUNBOOK": -2.0,
    },
    "runbook": {
        "RUNBOOK": 3.6, "@steps": 2.5, "@how": 5.0, "FULL": 0.3, "FAIL": 0.3, "DATASTORE": 0.3, "DOWN": 0.3,
        "POWER": 0.3,
        "WRONG": 0.2, "ALERT": 0.2, "@entity": -0.2,
    },
    "restarts": {
        "@since_up": 5.0, "@started": 4.0,
        "@outage": 3.5, "REBOOT": 3.2, "LAST": 0.8, "@past": 0.8, "WHY": 0.8, "@guest": 0.8, "@node": 0.8,
        "ANYTHING": 0.6, "@unknown": 0.6, "@who_did": 1.5, "LIST": 0.3, "TASK": -1.0, "BACKUP": -1.5, "MOST": -2.5,
        "LEAST": -2.5, "RUNBOOK": -2.6, "IF": -3.0, "SAFE": -4.0, "ALERT": -3.5,
    },
    "slow": {
        "VERSION": -3.0,
        "@busy_of_one": 4.0,
        "SLOW": 3.6, "ANYTHING": 0.8, "POWER": -3.0, "@guest": 0.8, "@node": 0.8, "WHY": 0.6, "@unknown": 0.6,
        "STATE": 0.3,
        "MOST": -1.5, "@quantity": -1.2, "BACKUP": -2.5, "ALERT": -2.0, "TASK": -1.0, "RUNBOOK": -2.6, "SAFE": -2.0,
        "@datastore": -1.0,
    },
    "promql": {"@promql": 8.0},
    "find_metrics": {
        "DISCOVER": 6.0, "@of_metrics": 9.0,
        "METRIC": 2.8, "LIST": 0.8, "@quantity": 0.4, "STATE": 0.2, "COUNT": -0.5, "@entity": -0.6,
        "HEAT": 0.6, "EXISTS": 0.3,
    },
    "lookup": {
        "@retention": 20.0, "@ups_figure": 6.0, "@measured": 4.0, "@database_sizes": 14.0,
        "METERED": 4.2, "@target": 1.0, "COUNT": 0.4, "@time": 0.4, "TOTAL": 0.4, "HEAT": 0.3,
        "POWER": -0.5,
        "@no_name": 0.2, "@quantity": -1.0, "@peak": -2.0, "SLOW": -1.0, "WRONG": -1.0, "FAIL": -1.0, "WHY": -2.0,
        "ALERT": -0.2, "BACKUP": -2.5, "TASK": -2.0, "METRIC": -2.5, "DISCOVER": -3.0, "@datastore": -2.0,
        "@storage": -2.0, "RULE": -3.0, "IF": -3.0, "SAFE": -2.0, "RUNBOOK": -3.0, "@promql": -5.0, "@action": -4.0,
    },
    "targets": {
        "@probe_times": 14.0, "@scrape_jobs": 9.0,
        "TARGET": 2.8, "PROBES": 3.0, "@target": 1.0, "DOWN": 0.9, "LIST": 0.4, "RUNNING": 0.4, "STATE": 0.4,
        "FINE": 0.4, "FAIL": 0.4, "COUNT": 0.4, "@entity": 0.3, "WHY": 0.2, "BACKUP": -1.5, "RUNBOOK": -2.5,
    },
    "sources": {
        "@blind": 9.0, "@rights": 6.0, "RUNBOOK": -8.0, "SOURCES": 3.0, "LIST": 0.3, "STATE": 0.2, "WHY": -1.0,
        "@entity": -1.0, "BACKUP": -2.0,
    },
    "action": {"@action": 12.0},
    "safety": {
        "@may_go": 7.0, "@snapshot_go": 9.0, "@lock_means": 12.0, "@unplugged": 12.0, "@new_guest": 10.0,
        "@brings_load": 1.0,
        "@leave": 5.0, "@depends": 6.0, "@lost_with": 6.0,
        "@by_itself": 12.0, "@room": 9.0, "@lost_place": 7.0, "@may_move": 7.0, "@more_memory": 9.0,
        "@lost_since": 9.0, "@any_node": 12.0,
        "@comes_back": 2.4, "SAFE": 2.6, "LOCK": 2.4, "@action_verb": 2.2,
        "IF": 2.2, "@what_if": 1.0, "@entity": 0.6, "REBOOT": 0.4,
        "FAIL": 0.3, "DOWN": 0.3, "PROPERLY": 0.3, "LATER": 0.0, "CPU": -1.0, "@no_name": -1.5, "BACK": -1.5,
        "WRONG": -2.0, "RUNBOOK": -2.0, "RESTORE": -4.5, "@disk": -4.0,
    },
    "subsystem": {
        "@lost_with": -6.0, "@kernels": 5.0, "@replica_of_one": 9.0, "@scrubbing": 3.0, "@run_of_chore": 6.0,
        "@subsystem": 4.4, "@keeps": 4.0, "@pool_state": 3.0, "@reboot_due": 5.0, "DURATION": -3.0,
        "@several_kinds": -4.0,
        "RECEIVER": 3.0, "SILENCE": 1.5, "FINE": 1.4, "WRONG": 1.0, "FAIL": 1.0, "TASK": 0.8,
        "LAST": 0.8, "STATE": 0.6, "PROGNOSIS": 0.6, "@no_name": 0.4, "EXISTS": 0.4, "SINCE": 0.4, "LIST": 0.3,
        "COUNT": 0.3, "WHY": -0.6, "@quantity": -1.0, "METRIC": -2.5, "RULE": -2.5, "SAFE": -2.5, "IF": -3.0,
        "LOG": -3.0, "RUNBOOK": -4.0, "@action": -5.0, "@osd": 3.5,
    },
    "help": {
        "HELP": 4.0, "GREET": 2.0, "RUNBOOK": -1.0, "@entity": -1.5, "DOWN": -2.5, "FAIL": -2.0, "WRONG": -2.0,
    },
    "thanks": {
        "THANKS": 2.6, "LIST": -1.0, "@entity": -2.0, "@quantity": -2.0, "BACKUP": -2.0, "ALERT": -2.0,
        "WRONG": -2.0, "DOWN": -2.0, "FAIL": -2.0, "SLOW": -2.0,
    },
}  # fmt: skip

# The order breaks ties: what is more specific comes first.
_ORDER: tuple[Intent, ...] = (
    "promql", "action", "safety", "runbook", "subsystem", "compare", "rank", "restarts", "slow", "recovery", "backups",
    "consumers", "disks", "storage", "metric", "inspect", "alerts", "alert_rules", "tasks", "changes", "explain",
    "targets", "describe", "list", "backup_jobs", "find_metrics", "lookup", "sources", "health", "help", "thanks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """An intent with its score; `runner_up` is the score of the next one."""

    intent: Intent
    score: float
    runner_up: float


def score(intent: Intent, concepts: Iterable[str]) -> float:
    """What the concepts weigh for an intent. A set has no order, and a sum of fractions one that shows: what weighs the
    same must do so every time."""
    weights = WEIGHTS.get(intent, {})
    return round(fsum(weights.get(concept, 0.0) for concept in concepts), 6)


def weigh(concepts: frozenset[str]) -> Weighed:
    """The intent that the concepts speak for; `unclear` when none passes the floor."""
    scores = {intent: score(intent, concepts) for intent in WEIGHTS}
    ranked = sorted(_ORDER, key=lambda intent: -scores[intent])
    best, second = scores[ranked[0]], scores[ranked[1]]
    if best < FLOOR:
        return Weighed("unclear", best, second)
    return Weighed(ranked[0], best, second)
