"""All alert rules of the homelab, as an operator has written them over the years."""

from __future__ import annotations

from nightshift_lab.grafana.folders import FOLDERS
from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.rules_ceph import CEPH_RULES
from nightshift_lab.grafana.rules_cluster import CLUSTER_RULES
from nightshift_lab.grafana.rules_first import FIRST_RULES
from nightshift_lab.grafana.rules_hardware import HARDWARE_RULES
from nightshift_lab.grafana.rules_services import SERVICE_RULES
from nightshift_lab.world.nouns import Cluster

__all__ = ["FOLDERS", "RULES", "rules_of"]

RULES: tuple[AlertRule, ...] = (*FIRST_RULES, *HARDWARE_RULES, *CLUSTER_RULES, *SERVICE_RULES)


def rules_of(cluster: Cluster) -> tuple[AlertRule, ...]:
    """Those that this homelab has: nobody writes rules about Ceph without it."""
    return (*RULES, *CEPH_RULES) if cluster.ceph else RULES
