"""What is true right now, read straight from the systems of the lab: the grader's own eyes.

Nothing here goes through the product, so that an error in its reading cannot confirm itself. It speaks to the lab on
loopback with the lab's own tokens; the certificates there sign themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from nightshift_evals.graders import TruthValue
from nightshift_evals.questions import QuestionError, Truth


class Systems:
    """Reads the lab's systems. `environ` is what the lab gives the product: addresses and tokens."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        pbs_token = re.sub(r"^([^:=]+)=", r"\1:", environ["PBS_API_TOKEN"])
        self._pve = _client(environ["PROXMOX_URL"] + "/api2/json", f"PVEAPIToken={environ['PROXMOX_API_TOKEN']}")
        self._pbs = _client(environ["PBS_URL"] + "/api2/json", f"PBSAPIToken={pbs_token}")
        self._grafana = _client(environ["GRAFANA_URL"] + "/api", f"Bearer {environ['GRAFANA_SERVICE_ACCOUNT_TOKEN']}")
        self._prometheus = _client(environ["PROMETHEUS_URL"] + "/api/v1", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in (self._pve, self._pbs, self._grafana, self._prometheus):
            client.close()

    def __call__(self, truth: Truth) -> TruthValue:
        """The value of a truth. Raises QuestionError for an unknown one, httpx.HTTPError when it cannot be read."""
        read = _TRUTHS.get(truth.name)
        if read is None:
            raise QuestionError(f"there is no truth {truth.name}; there are {', '.join(sorted(_TRUTHS))}")
        return read(self, truth.of or "")

    def guests(self) -> list[dict[str, Any]]:
        """PVE API: /cluster/resources?type=vm, without templates."""
        rows = _data(self._pve.get("/cluster/resources", params={"type": "vm"}))
        return [row for row in rows if not row.get("template")]

    def guest(self, name: str) -> dict[str, Any]:
        found = [row for row in self.guests() if row.get("name") == name]
        if len(found) != 1:
            raise QuestionError(f"there is no guest {name}")
        return found[0]

    def node(self, name: str) -> dict[str, Any]:
        """PVE API: /nodes/{node}/status."""
        status: dict[str, Any] = _data(self._pve.get(f"/nodes/{name}/status"))
        return status

    def datastores(self) -> dict[str, dict[str, Any]]:
        """PBS API: /status/datastore-usage."""
        return {row["store"]: row for row in _data(self._pbs.get("/status/datastore-usage"))}

    def snapshots(self, store: str) -> list[dict[str, Any]]:
        """PBS API: /admin/datastore/{store}/snapshots of every namespace."""
        path = f"/admin/datastore/{store}"
        namespaces = [row["ns"] for row in _data(self._pbs.get(f"{path}/namespace"))]
        return [
            row
            for name in namespaces
            for row in _data(self._pbs.get(f"{path}/snapshots", params={"ns": name} if name else {}))
        ]

    def firing_alerts(self) -> list[str]:
        """Grafana API: /prometheus/grafana/api/v1/alerts, the names of those that fire, each once."""
        answer = self._grafana.get("/prometheus/grafana/api/v1/alerts").raise_for_status().json()
        alerts = answer["data"]["alerts"]
        return sorted({row["labels"]["alertname"] for row in alerts if row["state"].startswith("Alerting")})

    def query(self, expression: str) -> float:
        """Prometheus: the one value of an instant query."""
        answer = self._prometheus.get("/query", params={"query": expression}).raise_for_status().json()
        (sample,) = answer["data"]["result"]
        return float(sample["value"][1])


def _client(base_url: str, authorization: str | None) -> httpx.Client:
    headers = {"Authorization": authorization} if authorization else {}
    return httpx.Client(base_url=base_url, headers=headers, verify=False, timeout=15, trust_env=False)  # noqa: S501 - lab


def _data(response: httpx.Response) -> Any:
    return response.raise_for_status().json()["data"]


def _running(systems: Systems, kind: str) -> tuple[str, ...]:
    wanted = {"vm": ("qemu",), "ct": ("lxc",)}.get(kind, ("qemu", "lxc"))
    return tuple(row["name"] for row in systems.guests() if row["type"] in wanted and row["status"] == "running")


def _last_backup(systems: Systems, guest: str) -> datetime:
    vmid = str(systems.guest(guest)["vmid"])
    times = [
        row["backup-time"]
        for store in systems.datastores()
        for row in systems.snapshots(store)
        if row["backup-id"] == vmid and row["backup-type"] in ("vm", "ct")
    ]
    return datetime.fromtimestamp(max(times), UTC)


def _datastore_used(systems: Systems, store: str) -> float:
    row = systems.datastores()[store]
    return 100.0 * float(row["used"]) / float(row["total"])


def _cpu(systems: Systems, guest: str, function: str) -> float:
    row = systems.guest(guest)
    return 100.0 * systems.query(f'{function}(pve_cpu_usage_ratio{{id="{row["id"]}"}}[1h])')


def _node_memory(systems: Systems, node: str) -> float:
    memory = systems.node(node)["memory"]
    return 100.0 * float(memory["used"]) / float(memory["total"])


_TRUTHS: Mapping[str, Callable[[Systems, str], TruthValue]] = {
    "running": _running,
    "running_count": lambda systems, kind: float(len(_running(systems, kind))),
    "last_backup": _last_backup,
    "datastore_used_percent": _datastore_used,
    "cpu_mean_percent_1h": lambda systems, guest: _cpu(systems, guest, "avg_over_time"),
    "cpu_max_percent_1h": lambda systems, guest: _cpu(systems, guest, "max_over_time"),
    "node_memory_percent": _node_memory,
    "firing_alerts": lambda systems, _of: tuple(systems.firing_alerts()),
    "firing_alert_count": lambda systems, _of: float(len(systems.firing_alerts())),
}
