"""All alert rules of the homelab, as an operator has written them over the years."""

from __future__ import annotations

from nightshift_lab.grafana.folders import FOLDERS
from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.rules_cluster import CLUSTER_RULES
from nightshift_lab.grafana.rules_first import FIRST_RULES
from nightshift_lab.grafana.rules_hardware import HARDWARE_RULES
from nightshift_lab.grafana.rules_services import SERVICE_RULES

__all__ = ["FOLDERS", "RULES"]

RULES: tuple[AlertRule, ...] = (*FIRST_RULES, *HARDWARE_RULES, *CLUSTER_RULES, *SERVICE_RULES)
