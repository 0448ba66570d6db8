"""Alert rules about Ceph, where the homelab has it. Data."""

from __future__ import annotations

from nightshift_lab.grafana.folders import PROXMOX, RUNBOOKS
from nightshift_lab.grafana.rule import AlertRule

CEPH_RULES: tuple[AlertRule, ...] = (
    AlertRule(
        uid="proxmox-ceph-health",
        title="CephUnhealthy",
        folder=PROXMOX,
        group="ceph",
        expr="ceph_health_status",
        comparison="gt",
        threshold=0,
        for_s=300,
        severity="warning",
        summary="The health of Ceph is not OK",
        description="ceph health detail tells why.",
        runbook_url=f"{RUNBOOKS}/ceph",
    ),
    AlertRule(
        uid="proxmox-ceph-osd",
        title="CephOsdDown",
        folder=PROXMOX,
        group="ceph",
        expr="ceph_osd_up",
        comparison="lt",
        threshold=1,
        for_s=300,
        severity="critical",
        summary="{{ $labels.ceph_daemon }} is down",
        description="Its placement groups have a copy less until the data is copied elsewhere.",
        runbook_url=f"{RUNBOOKS}/ceph",
    ),
)
