"""What one certificate is behind: it is seen at every page that shows it, and alerts name it by its subject."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nightshift.facts.finding import Finding
from nightshift.facts.instances import host_of
from nightshift.sweep.causes.rule import Rule, causes, symptoms
from nightshift.sweep.entities import EntityGraph

_LEFT = "left_s"
# What exporters call the names in a certificate.
_NAMED_BY = ("cn", "common_name", "subject_cn", "subject", "sans", "san", "dnsnames", "domain", "domains")


def its_end(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The minute in which a certificate ends, from the finding's own figures: pages that share one end as one."""
    for item in finding.evidence:
        if _LEFT in item.columns:
            column = item.columns.index(_LEFT)
            for row in item.rows:
                left_s = row[column]
                if isinstance(left_s, int | float) and math.isfinite(left_s):
                    yield f"ends {round((item.taken_at.timestamp() + left_s) / 60)}"


def names_shown(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The name of the page that shows it, and the domain that a wildcard would have to cover."""
    host = host_of(finding.entity.key.partition("/")[2])
    return (f"name {host}", f"name *.{host.partition('.')[2]}") if "." in host else (f"name {host}",)


def names_in_labels(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The names that an alert on a certificate gives for it."""
    labels = graph.alert_labels.get(finding.discriminator, {})
    told = (labels[name] for name in _NAMED_BY if name in labels)
    return (f"name {name.strip().lower()}" for text in told for name in text.split(",") if name.strip())


_ENDING = ("probe.certificate", "tls.certificate")

RULES = (
    Rule(
        "one-certificate",
        "Pages whose certificates end in the same minute share one.",
        causes(*_ENDING),
        symptoms(*_ENDING, "node.certificate"),
        reach=its_end,
        needs=its_end,
    ),
    Rule(
        "certificate-alert",
        "An alert that names a certificate tells of the same as the page that shows it.",
        causes(*_ENDING),
        symptoms("alert.firing"),
        reach=names_shown,
        needs=names_in_labels,
    ),
)
