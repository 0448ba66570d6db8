"""The keys by which findings hang together; every function answers from an index of the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightshift.facts.finding import Finding
from nightshift.sweep.entities import EntityGraph
from nightshift.sweep.probe_graph import by_name, is_name_server

_HANGS_ON = {
    "node.statistics_stuck": ("pvestatd",),
    "ha.manager": ("pve-ha-lrm", "pve-ha-crm"),
    "replication.behind": ("pvescheduler",),
    "node.clock": ("chrony", "systemd-timesyncd"),
}
_SHORT_OF = {
    "node.memory": ("memory", "disks"),
    "node.swap": ("memory", "disks"),
    "node.iowait": ("disks",),
    "node.cpu": ("processors",),
}
_WANTING = {
    "node.swap": ("memory",),
    "node.oom_kills": ("memory",),
    "node.iowait": ("disks",),
    "node.load": ("memory", "disks", "processors"),
}
_INSTANCE = re.compile(r"\binstance=([^,}]+)")
_OOM_WORDS = ("oom", "out of memory", "outofmemory", "memory")


def itself(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The entity that the finding is about."""
    return (finding.entity.key,)


def itself_when_critical(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The entity that the finding is about, when it could not be worse."""
    return (finding.entity.key,) if finding.severity == "critical" else ()


def its_source(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The system that it is part of: everything in one cluster, or in one backup server."""
    return (finding.entity.source,)


def its_node(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The node on which it is, runs or is measured; a node itself."""
    node = graph.node_of(_served_by(finding, graph))
    return () if node is None else (node,)


def its_machine(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guest or node that a target runs on; anything else itself."""
    served_by = _served_by(finding, graph)
    return (graph.machine_of(served_by) or served_by,)


def _served_by(finding: Finding, graph: EntityGraph) -> str:
    """The entity itself; of a page that does not answer the guest that it is called by, where nothing else is known."""
    key = finding.entity.key
    if finding.check not in _NO_ANSWER or graph.machine_of(key) is not None:
        return key
    return graph.guest_of_page(key) or key


def guests_of_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guests that a backup job selects, whether it is enabled or not."""
    return graph.guests_of_backup_job.get(finding.entity.key, ())


def its_name(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The bare name of an entity, as labels of alerts have it: use it only for what is rare."""
    return (finding.entity.key.rpartition("/")[2],)


def group_of_rule(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The group of a rule."""
    group = graph.group_of_rule.get(finding.entity.key)
    return (f"group {group}",) if group else ()


def group_that_fails(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The group whose evaluations Prometheus counts as failed: `/etc/prometheus/rules.yml;nodes`."""
    return (f"group {finding.discriminator.rpartition(';')[2]}",)


def machines_added_up(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The machines whose figures the rule of an alert adds up."""
    return graph.machines_of_alert.get(finding.discriminator, ())


def instance_and_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Of a target: its instance, and its job as a whole."""
    target = graph.target(finding.entity.key)
    return () if target is None else (f"instance {target.instance.lower()}", f"job {target.job}")


def instance_or_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Of an alert: the instance of its labels, else the job, when it is about the whole of it."""
    labels = graph.alert_labels.get(finding.discriminator, {})
    if "instance" in labels:
        return (f"instance {labels['instance'].lower()}",)
    return (f"job {labels['job']}",) if labels.get("job") else ()


def itself_and_kills_on_its_node(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A guest, and the kills for want of memory that its node counts."""
    node = graph.node_of(finding.entity.key)
    return (finding.entity.key,) if node is None else (finding.entity.key, _kills(node))


def kills_counted(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The kills on a node, told by a check or by an alert whose name speaks of memory; else what it is about."""
    key = finding.entity.key
    if finding.check == "node.oom_kills" or _speaks_of_kills(graph.alert_names.get(finding.discriminator, "")):
        return (key, _kills(key))
    return (key,)


def kills_that_alert(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The machine that an alert names which comes and goes, and the kills there when its name speaks of memory."""
    instance = _INSTANCE.search(finding.discriminator)
    machine = graph.machine_of_instance.get(instance[1]) if instance else None
    if machine is None:
        return ()
    return (machine, _kills(machine)) if _speaks_of_kills(finding.entity.key) else (machine,)


def _speaks_of_kills(name: str) -> bool:
    return any(word in name.lower() for word in _OOM_WORDS)


def nodes_of_replication(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The nodes that a replication job copies from and to."""
    return graph.nodes_of_replication.get(finding.entity.key, ())


def service_on_node(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """`pvestatd node:pve/pve1` of a service that failed: its discriminator."""
    return (f"{finding.discriminator} {finding.entity.key}",)


def service_it_hangs_on(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The services of its node, or of the nodes of a whole cluster, without which there would be such a finding."""
    services = _HANGS_ON.get(finding.check, ())
    key = finding.entity.key
    whole = finding.entity.kind == "cluster"
    nodes = graph.nodes_of_source(finding.entity.source) if whole else graph.nodes_of_replication.get(key, (key,))[:1]
    return (f"{service} {node}" for service in services for node in nodes)


def scheduler_of_its_node(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The scheduler of the node that a guest is on."""
    return (f"pvescheduler {node}" for node in its_node(finding, graph))


def resources_short(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """What a node is short of when a check says so: `memory node:pve/pve1`."""
    return (f"{what} {finding.entity.key}" for what in _SHORT_OF[finding.check])


def resources_wanting(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """What a node in such a state may be short of. Pressure says it itself: its discriminator."""
    wanting = (finding.discriminator,) if finding.check == "node.pressure" else _WANTING[finding.check]
    return (f"{what} {finding.entity.key}" for what in wanting)


def its_instance(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The `instance` of a target, or of an alert's labels."""
    target = graph.target(finding.entity.key)
    if target is not None:
        return (f"instance {target.instance.lower()}",)
    if finding.entity.kind == "target":
        return (f"instance {finding.entity.key.partition('/')[2].lower()}",)
    instance = graph.alert_labels.get(finding.discriminator, {}).get("instance")
    return (f"instance {instance.lower()}",) if instance else ()


def its_job(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The scrape job of a target, which need not exist any more."""
    return (f"job {finding.entity.source}",)


def its_root(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The root file system of a machine, as `its_mount_point` has it."""
    return (f"{finding.entity.key} /",)


def its_mount_point(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The file system that the finding tells apart, on its machine."""
    return (f"{key} {finding.discriminator}" for key in its_machine(finding, graph))


def part_of_it(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The part of an entity that the finding tells apart: a container of a machine, a port of a node."""
    return (f"{finding.entity.key} {finding.discriminator}",)


def series_stored(_finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """All that is stored of all targets."""
    return ("series",)


def exporter_asked(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The exporter or job that a target is asked by, where it gets no answer about any of many."""
    return (f"asked by {origin}" for origin in graph.probes.silent_origins.get(finding.entity.key, ()))


def its_ups(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The UPS that a finding's discriminator or an alert's label names."""
    if finding.check.startswith("ups."):
        return (f"ups {finding.discriminator}",)
    name = graph.alert_labels.get(finding.discriminator, {}).get("ups")
    return (f"ups {name}",) if name else ()


_NEEDED = "what pages need"


def needed_by_pages(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """What the pages of a homelab need, where a finding is about a server of data, the node that it runs on, or a share
    of a file server."""
    needed = finding.check == "service.down" or finding.entity.key in graph.probes.needed_by_pages
    return (_NEEDED,) if needed else ()


def misses_something(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The same, where a page is reached and answers that it cannot do its work (500, 503)."""
    instance = finding.entity.key.partition("/")[2]
    return (_NEEDED,) if instance in graph.probes.pages_in_error else ()


def ceph_alerted(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The cluster whose Ceph an alert is about."""
    return (finding.entity.source,) if finding.discriminator in graph.alerts_on_ceph else ()


_THROUGH_PROXY = "through the proxy"
_NO_ANSWER = ("probe.failed", "probe.http_error")


def names_lost(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Names, where a probe of a name server failed and no other name server is known to answer."""
    return ("names",) if is_name_server(finding.entity.key) and graph.probes.no_name_answers else ()


def asked_by_name(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """Names, where what was probed is written as a name and is not a name server itself."""
    instance = finding.entity.key.partition("/")[2]
    return ("names",) if by_name(instance) and not is_name_server(instance) else ()


def in_front_of_pages(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The way to all pages, where a finding is about a reverse proxy or what it runs on."""
    return (_THROUGH_PROXY for key in its_machine(finding, graph) if key in graph.probes.proxies)


def behind_the_proxy(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The same, where a page that is asked for by name does not answer, and no other does either."""
    return (_THROUGH_PROXY for _ in asked_by_name(finding, graph) if graph.probes.no_page_answers)


def metrics_of_source(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Metrics, where the system that does not answer is the only Prometheus."""
    monitors = [source for source in graph.snapshot.sources if source.kind == "prometheus"]
    silent = len(monitors) == 1 and monitors[0].id == finding.entity.source
    return ("metrics",) if silent else ()


def metrics_needed(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """Metrics, where a finding cannot be checked again, or tells that somebody else does not get them either."""
    blind = finding.state == "unknown" or finding.check in ("grafana.datasource", "alert.rule_health")
    return ("metrics",) if blind else ()


def _kills(node: str) -> str:
    return f"kills {node}"


def its_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guest or node that serves a storage over the network, or that a watched system is."""
    server = graph.server_of(finding.entity.key)
    return () if server is None else (server,)


def node_of_its_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The node on which that guest runs; a node itself."""
    server = graph.server_of(finding.entity.key)
    node = None if server is None else graph.node_of(server)
    return () if node is None else (node,)
