"""First calls for figures: over time, ranked, compared, and those of space."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nightshift.agent.builtin.names.devices import devices_in
from nightshift.agent.builtin.questions.queries import is_metric_name
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.questions.slots import (
    listing_kind,
    node_arguments,
    quantities_of,
    status_arguments,
    time_arguments,
    window_arguments,
)
from nightshift.agent.builtin.questions.survey import GUEST_KINDS, Survey, is_least, survey_of
from nightshift.agent.builtin.steps.calls import MOST_ENTITIES, Call, Names
from nightshift.agent.builtin.steps.expressions import range_of
from nightshift.agent.builtin.steps.metrics import lookup
from nightshift.agent.builtin.steps.things import describe
from nightshift.tools.metric_queries import escape

TOP_DEFAULT = 5
_IO = re.compile(r"\b(?:io|i/o|iops)\b")
MOST_LISTED = 200
_DISK_KINDS = {"nvme": "nvme", "nvmes": "nvme", "hdd": "hdd", "hdds": "hdd"}
_GAUGES = {"cpu": "pve_cpu_usage_ratio", "memory": "pve_memory_usage_bytes", "disk": "pve_disk_usage_bytes"}
_BY_ID = frozenset({"cpu", "memory", "disk", "network_in", "network_out", "disk_read", "disk_write"})
_IDS = {"guests": "(qemu|lxc)/.+", "vms": "qemu/.+", "containers": "lxc/.+", "nodes": "node/.+"}
_CADVISOR = {
    "memory": 'container_memory_working_set_bytes{name!=""}',
    "cpu": 'sum by (name, instance) (rate(container_cpu_usage_seconds_total{name!=""}[5m]))',
}
_TOPK = {
    "network_in": "rate(pve_network_receive_bytes_total{ids}[5m]) or rate(pve_network_receive_bytes{ids}[5m])",
    "network_out": "rate(pve_network_transmit_bytes_total{ids}[5m]) or rate(pve_network_transmit_bytes{ids}[5m])",
    "disk_read": "rate(pve_disk_read_bytes_total{ids}[5m]) or rate(pve_disk_read_bytes{ids}[5m])",
    "disk_write": "rate(pve_disk_written_bytes_total{ids}[5m]) or rate(pve_disk_write_bytes{ids}[5m])",
    "load": "node_load5",
    "temperature": "max by (instance) (node_hwmon_temp_celsius)",
    "swap": "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes",
    "iowait": 'avg by (instance) (rate(node_cpu_seconds_total{mode="iowait"}[5m]))',
}


def metric(names: Names, question: Question) -> tuple[Call, ...]:
    quantity = question.quantity or "cpu"
    if question.has("GROWN") and question.of_kind("guest") and not question.quantity:
        return compare(names, question)
    if not question.entities:
        if question.unknown or question.ambiguous:
            return ()
        nodes = sorted(names.index.all_of("node"), key=lambda node: node.label)
        course = question.has("TREND") and question.has("NODE", "WHERE") and not question.has("MOST", "LEAST")
        if len(nodes) > MOST_ENTITIES or not (course or (question.before is not None and not question.has("GUEST"))):
            return rank(names, question)
        question = replace(question, entities=tuple(nodes), quantity=quantity)
    if quantity == "temperature" and not question.of_kind("node", "target", "disk"):
        return lookup(names, question)  # of a room that a guest measures: no guest has one itself
    if quantity == "memory" and question.has("FREE") and question.span is None:
        return describe(names, question)
    static = quantity == "disk" and question.span is None and not question.has("OVERTIME", "COMPARE")
    over_time = question.has("@growth", "@onset") or question.before is not None
    if over_time and question.of_kind("storage", "datastore"):
        quantity, static = "disk", False
    elif question.of_kind("storage", "datastore") or (static and question.of_kind("guest")):
        return storage(names, question)
    usual = "7d" if quantity == "disk" and question.has("@onset") else _usual(quantity)
    windows = [window_arguments(question, "24h" if quantity != "disk" and question.has("@amount", "@onset") else usual)]
    if question.before is not None:
        windows.append(time_arguments(replace(question, span=question.before)))
    if question.has("@growth", "@busiest_hour") and question.span is None:
        windows = [{"window": "24h" if question.has("@growth") else "7d"}]
    return tuple(
        Call("metrics", {"entity": names.name_of(entity), "quantity": one, **window})
        for entity in question.entities[:MOST_ENTITIES]
        for one in _directions(question, quantity)
        for window in windows
    )


def _directions(question: Question, quantity: str) -> tuple[str, ...]:
    """`Traffic of web` goes both ways, `what did web receive` one."""
    if quantity == "disk_write" and _IO.search(question.text.lower()):
        return ("disk_read", "disk_write")
    both = question.has("BOTH_WAYS") and not question.has("INWARD", "NETOUT") and question.before is None
    if both and quantity == "network_in":
        return ("network_in", "network_out")
    return quantities_of(question) if quantity == question.quantity else (quantity,)


def _usual(quantity: str) -> str:
    return "24h" if quantity in ("disk", "uptime") else "1h"


def rank(names: Names, question: Question) -> tuple[Call, ...]:
    """A set of things by a figure: ranked, cut, added up, grouped; what is over and what PVE does not tell is asked of
    Prometheus."""
    if question.has("@overcommit_all"):
        given = {"kind": "guests", "status": "running", "group_by": "node"}
        return (Call("inventory", given), Call("inventory", {"kind": "nodes"}))
    survey = survey_of(question)
    if survey.kind in ("storages", "datastores"):
        return (Call("storage"),)
    past = question.span is not None and survey.figure in _GAUGES
    if question.has("DOCKER"):
        few = question.top or TOP_DEFAULT
        return (Call("promql", {"expr": f"topk({few}, {_CADVISOR.get(question.quantity, _CADVISOR['memory'])})"}),)
    if survey.figure is None or past:
        return tuple(Call("promql", {"expr": expr}) for expr in _expressions(question, survey))
    arguments: dict[str, Any] = {"kind": survey.kind}
    if survey.kind in GUEST_KINDS:
        state = status_arguments(question) or ({"status": "running"} if survey.is_live and survey.how != "each" else {})
        arguments |= state | node_arguments(question) | ({"match": question.tag} if question.tag else {})
    if question.bound is not None:
        arguments["where"] = f"{survey.figure} {question.bound.operator} {question.bound.value:.15g}"
    if question.has("@guests_compared"):
        arguments.pop("node", None)
    if survey.how == "each":
        members = (Call("inventory", {**arguments, "limit": MOST_LISTED}),) if survey.each == "pool" else ()
        if question.has("VM") and question.has("CT") and survey.kind == "guests":
            return tuple(
                Call("inventory", {**arguments, "kind": k, "group_by": survey.each}) for k in ("vms", "containers")
            )
        return (*members, Call("inventory", {**arguments, "group_by": survey.each}))
    few = MOST_LISTED if question.bound else question.top or TOP_DEFAULT
    least = {"ascending": True} if is_least(question) else {}
    ranked = Call("inventory", {**arguments, "sort_by": survey.figure, "limit": few, **least})
    nodes = question.of_kind("node")
    if nodes and question.has("COMPARE", "OVERCOMMIT") and survey.how == "total":  # against what the node has
        whole = Call("inventory", {**arguments, "group_by": "all"})
        return (whole, ranked, Call("entity", {"name": names.name_of(nodes[0])}))
    return (ranked,) if survey.how == "rank" else (Call("inventory", {**arguments, "group_by": "all"}), ranked)


def _expressions(question: Question, survey: Survey) -> tuple[str, ...]:
    """The ranking; before it the sum or the average when that was asked for."""
    inner = _of_each(question, survey)
    choose = "bottomk" if question.has("LEAST") else "topk"
    above = " > 0" if question.has("LEAST") and question.span else ""  # a template uses nothing
    ranking = f"{choose}({question.top or TOP_DEFAULT}, {inner}{above})"
    whole = {"total": f"sum({inner})", "mean": f"avg({inner})"}.get(survey.how)
    return (whole, ranking) if whole else (ranking,)


def _of_each(question: Question, survey: Survey) -> str:
    """The figure of every thing: now, or over a window in the past by the average, by the peak when that was asked."""
    quantity = question.quantity or "cpu"
    gauge = _GAUGES.get(survey.figure or "")
    nodes = question.of_kind("node")
    on_node = f' and on (id) pve_guest_info{{node="{escape(nodes[0].label)}"}}' if nodes and quantity in _BY_ID else ""
    if question.span is None:
        return f"({_rate_of(question, quantity)}){on_node}" if on_node else _rate_of(question, quantity)
    window = question.span.window
    over = "max_over_time" if question.has("PEAK") else "avg_over_time"
    length = f"{(window.end - window.start).total_seconds():.0f}s"
    ids = _IDS.get(survey.kind, _IDS["guests"])
    inner = f'{gauge}{{id=~"{ids}"}}[{length}]' if gauge else f"({_rate_of(question, quantity)})[{length}:5m]"
    return f"{over}({inner} @ {window.end.timestamp():.0f}){on_node}"


def _rate_of(question: Question, quantity: str) -> str:
    """What Prometheus ranks; only VMs where VMs were asked for."""
    kind = listing_kind(question)
    return _TOPK[quantity].replace("{ids}", f'{{id=~"{_IDS[kind]}"}}' if kind in ("vms", "containers") else "")


def compare(names: Names, question: Question) -> tuple[Call, ...]:
    """Figures over time, unless what is asked about does not change: what was assigned, what is kept, how full."""
    if question.has("@kept", "BACKUP") and question.of_kind("guest"):
        return tuple(
            Call("backups", {"guest": names.name_of(guest)}) for guest in question.of_kind("guest")[:MOST_ENTITIES]
        )
    if question.of_kind("storage", "datastore"):
        return (Call("storage"),)
    if question.of_kind("disk") or question.has("WEAR", "@disk_attribute"):
        return disks(names, question)
    bigger = {"bigger", "larger", "smaller", "fatter", "room", "space"} & set(question.around)
    fills = (bigger or question.has("FULL", "SIZE", "PROGNOSIS", "GROWN", "DISK")) and question.quantity in ("", "disk")
    if fills and question.of_kind("guest") and not question.has("ASSIGNED", "CORES", "VIRTUAL_DISKS"):
        window = window_arguments(question, "7d" if question.has("PROGNOSIS", "GROWN") else "24h")
        guests = question.of_kind("guest")[:MOST_ENTITIES]
        return tuple(Call("metrics", {"entity": names.name_of(g), "quantity": "disk", **window}) for g in guests)
    over = question.span is not None or question.has("MEAN", "PEAK")
    if (question.quantity not in ("", "uptime") or (over and not question.quantity)) and not question.has(
        "ASSIGNED", "CORES"
    ):
        return metric(names, question)
    return describe(names, question)


def storage(names: Names, question: Question) -> tuple[Call, ...]:
    guests = question.of_kind("guest")
    if guests:
        calls = [
            Call("metrics", {"entity": names.name_of(guest), "quantity": "disk", **window_arguments(question, "24h")})
            for guest in guests[:MOST_ENTITIES]
        ]
        return (*calls, Call("storage", {"match": guests[0].label.split(" (")[0]}))
    nodes = question.of_kind("node")
    if nodes and not question.of_kind("storage"):
        root = (Call("entity", {"name": names.name_of(nodes[0])}),) if question.has("FILESYSTEM", "ROOT_DISK") else ()
        return (*root, Call("storage", {"match": nodes[0].label}))
    named = question.of_kind("storage", "datastore")
    called = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in named))
    then = time_arguments(question) if not question.has("PROGNOSIS", "WILL", "LATER", "FREE") else {}
    past = [
        Call("metrics", {"entity": names.name_of(place), "quantity": "disk", **then})
        for place in (question.of_kind("storage")[:MOST_ENTITIES] if then else ())
    ]
    return (*past, Call("storage", {"match": called[0]} if len(called) == 1 else {}))


def consumers(names: Names, question: Question) -> tuple[Call, ...]:
    """Of the storage that is named; of none in particular, how full they all are comes first."""
    named = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in question.of_kind("storage")))
    if not named and question.has("ORPHAN"):
        named = list(dict.fromkeys(storage.key.rpartition("/")[2] for storage in names.index.all_of("storage")))
    if not named:
        return (Call("storage"),)
    nodes = {entity.label for entity in question.of_kind("node")} or {
        entity.key.split("/")[1] for entity in question.of_kind("storage") if len(question.of_kind("storage")) == 1
    }
    known = {node.label for node in names.index.all_of("node")}
    here = {"node": min(nodes)} if len(nodes) == 1 and nodes <= known else {}
    return tuple(Call("volumes", {"storage": name, **here}) for name in named[:MOST_ENTITIES])


def disks(_names: Names, question: Question) -> tuple[Call, ...]:
    """The disks; where their heat over a time is asked for, what the exporter of SMART said then."""
    if not question.has("HEAT") or question.span is None:
        return _listed_disks(question)
    over = "min" if question.has("LOWEST") else "avg" if question.has("MEAN") and not question.has("PEAK") else "max"
    heat = (
        f'{over}_over_time(smartctl_device_temperature{{temperature_type="current"}}{range_of(question.span.window)})'
    )
    return (*_listed_disks(question), Call("promql", {"expr": f"sort_desc({heat})"}))


def _listed_disks(question: Question) -> tuple[Call, ...]:
    nodes = question.of_kind("node")
    disks = question.of_kind("disk")
    pools = question.of_kind("pool")
    if question.has("@disk_lost"):  # the others of its pool are what is left
        places = nodes or disks or pools
        return (Call("disks", {"match": places[0].key.split("/")[1]} if places else {}),)
    devices = devices_in(question.text)
    if len(devices) > 1 and (nodes or disks):
        return (Call("disks", {"match": nodes[0].label if nodes else disks[0].key.split("/")[1]}),)
    if len(disks) > 1:
        where = {disk.key.split("/")[1] for disk in disks}
        return (Call("disks", {"match": min(where)} if len(where) == 1 else {}),)
    named = disks[0].key if disks else pools[0].key if pools else ""
    kinds = (_DISK_KINDS[word] for word in question.content if word in _DISK_KINDS)
    device = next(iter((*devices, *kinds)), "") if len(devices) < 2 else ""
    match = named.rpartition("/")[2] if named else (nodes[0].label if nodes else device)
    return (Call("disks", {"match": match} if match else {}),)


def promql(_names: Names, question: Question) -> tuple[Call, ...]:
    arguments = {"expr": question.expr}
    if question.span:
        length = question.span.window.end - question.span.window.start
        arguments["window"] = f"{max(60, round(length.total_seconds()))}s"
    meant = (Call("find_metrics", {"text": question.expr[:200]}),) if is_metric_name(question.expr) else ()
    return (Call("promql", arguments), *meant)
