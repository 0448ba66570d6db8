"""PVE's cluster-wide endpoints: version, membership, tasks, log, options, metrics, Ceph."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.resources import node_figures
from nightshift_lab.pve.task_rows import finished_row, running_row
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.nouns import Pool
from nightshift_lab.world.tasks import Task
from nightshift_lab.world.upid import process_of

CONNECTED = "Connected"


def version(call: Call) -> Data:
    return {"version": call.release.version, "release": call.release.release, "repoid": call.release.repoid}


def quorate(call: Call) -> bool:
    states = call.inventory.nodes.values()
    external = _external_vote(call)
    present = sum(state.online for state in states) + (external == CONNECTED)
    most = present * 2 > len(states) + bool(external)
    return bool(call.world.condition("cluster", "quorate", call.at, most))


def status(call: Call) -> Data:
    """The cluster's own row first, then its nodes; a host that stands alone has no such row. `local` answers."""
    states = list(call.inventory.nodes.values())
    rows: list[Data] = []
    if not call.world.cluster.standalone:
        head = {"type": "cluster", "id": "cluster", "name": call.world.cluster.name, "version": 7}
        rows.append(head | {"nodes": len(states), "quorate": int(quorate(call))})
    answering = next((state.node.name for state in states if state.online), "")
    rows += [
        {
            "type": "node",
            "id": f"node/{state.node.name}",
            "name": state.node.name,
            "nodeid": state.node.node_id,
            "ip": state.node.ip,
            "online": int(state.online),
            "local": int(state.node.name == answering),
            "level": "",
        }
        for state in states
    ]
    return rows


def tasks(call: Call) -> Data:
    """At most 25 finished tasks a node; none of others' for a token without Sys.Audit on /."""
    if not call.token.may("/", "Sys.Audit"):
        return []
    rows: list[Data] = []
    for node in call.world.cluster.nodes:
        begun = pve_tasks(call.world, node.name, call.at)
        rows += [running_row(task) for task in begun if task.running_at(call.at)]
        rows += [finished_row(task) for task in begun if not task.running_at(call.at)][:25]
    return sorted(rows, key=lambda row: int(row["starttime"]), reverse=True)


def log(call: Call) -> Data:
    """The cluster's log, newest first; of others only with Sys.Syslog on /."""
    everything = call.token.may("/", "Sys.Syslog")
    rows: list[dict[str, Data]] = []
    for node in call.world.cluster.nodes:
        for task in pve_tasks(call.world, node.name, call.at)[:60]:
            if everything or task.user.partition("!")[0] == call.token.id.partition("!")[0]:
                rows += _log_rows(call, task)
    rows.sort(key=lambda row: int(row["time"]), reverse=True)
    return rows[: call.integer("max", 500)]


def _log_rows(call: Call, task: Task) -> list[dict[str, Data]]:
    pid, _ = process_of(task.upid)
    base = {"node": task.node, "user": task.user, "tag": "pvedaemon", "pid": pid}
    begun = base | {"time": int(task.started_at), "pri": 6, "msg": f"starting task {task.upid}"}
    ended = base | {"time": int(task.ended_at), "pri": 6 if task.status == "OK" else 3}
    ended |= {"msg": f"end task {task.upid} {task.status}"}
    lines = [begun] if task.running_at(call.at) else [ended, begun]
    return [line | {"uid": f"{line['time']}{pid % 1000:03d}", "id": f"{line['time']}:{task.node}"} for line in lines]


def options(call: Call) -> Data:
    """The datacentre's options; without Sys.Audit only what the interface needs for everybody."""
    everybody: dict[str, Data] = {"allowed-tags": [], "tag-style": {"shape": "full"}}
    if not call.token.may("/", "Sys.Audit"):
        return everybody
    return everybody | {
        "keyboard": "de",
        "mac_prefix": "BC:24:11",
        "migration": {"network": "198.51.100.0/24", "type": "secure"},
        "description": "Homelab. Hausregeln im Wiki.\n",
    }


def metrics(call: Call) -> Data:
    """The figures of the nodes as external metric servers get them."""
    rows: list[Data] = []
    at = int(call.statistics_at)
    for state in call.inventory.nodes.values():
        if state.fresh:
            figures = node_figures(call, state)
            named = {"cpu_current": "cpu", "cpu_max": "maxcpu", "mem_used": "mem", "mem_total": "maxmem"}
            for metric, key in named.items():
                row = {"id": f"node/{state.node.name}", "metric": metric, "type": "gauge", "timestamp": at}
                rows.append(row | {"value": figures[key]})
            uptime = {"id": f"node/{state.node.name}", "metric": "uptime", "type": "gauge", "timestamp": at}
            rows.append(uptime | {"value": figures["uptime"]})
    return {"data": rows}


def _external_vote(call: Call) -> str:
    """The state of the external vote; empty where there is none."""
    return str(call.world.condition("cluster", "external_vote", call.at, ""))


def qdevice(call: Call) -> Data:
    """What the daemon of the external vote says, in its own words; nothing where there is none."""
    state = _external_vote(call)
    return qdevice_says(state) if state else {}


def qdevice_says(state: str) -> dict[str, str]:
    """What the daemon says in such a state."""
    return {
        "Algorithm": "Fifty-Fifty split",
        "Echo reply": "missing" if state != CONNECTED else "received",
        "Model": "Net",
        "QNetd host": "192.0.2.30:5403",
        "State": state,
        "TLS": "Required",
    }


def pools(call: Call) -> Data:
    """Resource pools; asked for one by name, its members, too. Only those that the token may audit."""
    wanted = call.query.get("poolid")
    rows = []
    for pool in call.world.cluster.pools:
        if wanted in {None, pool.name} and call.token.may(f"/pool/{pool.name}", "Pool.Audit"):
            row: dict[str, Data] = {"poolid": pool.name, "comment": pool.comment}
            rows.append(row | ({"members": _members(call, pool)} if wanted is not None else {}))
    return rows


def _members(call: Call, pool: Pool) -> list[Data]:
    states = (call.inventory.guests[vmid] for vmid in pool.vmids)
    return [
        {
            "id": f"{state.guest.kind}/{state.guest.vmid}",
            "type": state.guest.kind,
            "vmid": state.guest.vmid,
            "node": state.node,
            "name": state.guest.name,
            "status": state.status,
        }
        for state in states
    ]


def tokens(call: Call) -> Data:
    """One's own token; those of others are another matter."""
    user, _, name = call.token.id.partition("!")
    if call.path["userid"] != user and not call.token.may("/access/users", "User.Modify"):
        raise Refusal(403, "Permission check failed (/access/users, User.Modify)")
    return [{"tokenid": name, "privsep": 1, "expire": 0, "comment": "read only"}] if call.path["userid"] == user else []


def members(call: Call) -> Data:
    """The nodes as corosync.conf has them; it keeps everything as text. One link, as most homelabs have it."""
    return [
        {
            "name": node.name,
            "node": node.name,
            "nodeid": str(node.node_id),
            "quorum_votes": "1",
            "ring0_addr": node.ip,
        }
        for node in call.world.cluster.nodes
        if not call.world.cluster.standalone
    ]


def totem(call: Call) -> Data:
    """The transport of the cluster's messages, from corosync.conf."""
    if call.world.cluster.standalone:
        return {}
    return {
        "cluster_name": call.world.cluster.name,
        "config_version": "7",
        "interface": {"0": {"linknumber": "0"}},
        "ip_version": "ipv4-6",
        "link_mode": "passive",
        "secauth": "on",
        "version": "2",
    }
