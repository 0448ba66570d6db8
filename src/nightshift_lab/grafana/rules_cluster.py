"""Alert rules about what the cluster and the backup server keep an eye on. Data."""

from __future__ import annotations

from nightshift_lab.grafana.folders import BACKUPS, PROXMOX, RUNBOOKS
from nightshift_lab.grafana.rule import AlertRule

_UNREACHABLE = (
    'pve_up{id=~"storage/.+"} * on (id) group_left (storage, node) pve_storage_info'
    ' unless on (node) label_replace(pve_up{id=~"node/.+"} == 0, "node", "$1", "id", "node/(.+)")'
)
_GUEST_MEMORY = (
    '100 * avg_over_time(pve_memory_usage_bytes{id=~"(qemu|lxc)/.+"}[15m])'
    ' / pve_memory_size_bytes{id=~"(qemu|lxc)/.+"} * on (id) group_left (name, node) pve_guest_info{name!=""}'
)

CLUSTER_RULES: tuple[AlertRule, ...] = (
    AlertRule(
        uid="proxmox-ha-error",
        title="PveHaError",
        folder=PROXMOX,
        group="ha",
        expr='pve_ha_state{state=~"error|fence"}',
        comparison="gt",
        threshold=0,
        for_s=60,
        severity="critical",
        summary="High availability has {{ $labels.id }} in the state {{ $labels.state }}",
        description="It is not restarted by itself: disable the resource, mend it, enable it again.",
        runbook_url=f"{RUNBOOKS}/ha-error",
    ),
    AlertRule(
        uid="proxmox-quorum",
        title="PveQuorumLost",
        folder=PROXMOX,
        group="cluster",
        expr='pve_up{id=~"cluster/.+"}',
        comparison="lt",
        threshold=1,
        for_s=60,
        severity="critical",
        summary="The cluster has no quorum",
        description="Nothing can be started or changed until a majority of nodes is back.",
        runbook_url=f"{RUNBOOKS}/quorum",
    ),
    AlertRule(
        uid="proxmox-storage-unreachable",
        title="PveStorageUnreachable",
        folder=PROXMOX,
        group="cluster",
        expr=_UNREACHABLE,
        comparison="lt",
        threshold=1,
        for_s=300,
        severity="warning",
        summary="{{ $labels.node }} does not reach the storage {{ $labels.storage }}",
        description="Guests and backups that need it fail. Its server may be off.",
        runbook_url=f"{RUNBOOKS}/storage-unreachable",
    ),
    AlertRule(
        uid="proxmox-guest-memory",
        title="PveGuestMemoryHigh",
        folder=PROXMOX,
        group="guests",
        expr=_GUEST_MEMORY,
        comparison="gt",
        threshold=95,
        for_s=600,
        severity="warning",
        summary="{{ $labels.name }} ({{ $labels.id }}) uses {{ $value }} % of its memory",
        description="Soon something in it is killed.",
        runbook_url=f"{RUNBOOKS}/memory-pressure",
    ),
    AlertRule(
        uid="proxmox-replication",
        title="ReplicationFailing",
        folder=PROXMOX,
        group="replication",
        expr="pve_replication_failed_syncs",
        comparison="gt",
        threshold=2,
        for_s=300,
        severity="warning",
        summary="Replication {{ $labels.id }} failed {{ $value }} times in a row",
        description="The copy on the other node grows old: a failover loses what came since.",
        runbook_url=f"{RUNBOOKS}/replication",
    ),
    AlertRule(
        uid="backups-too-old",
        title="BackupTooOld",
        folder=BACKUPS,
        group="backups",
        expr='(time() - pbs_snapshot_vm_last_timestamp{namespace!="archive"}) / 3600',
        comparison="gt",
        threshold=26,
        for_s=600,
        severity="warning",
        summary="The newest backup of {{ $labels.vm_name }} ({{ $labels.vm_id }}) is {{ $value }} hours old",
        description="Last night's backup is missing. Look at the task of the job.",
        runbook_url=f"{RUNBOOKS}/backup-failed",
        no_data="OK",
    ),
)
