"""The systems of the lab, read straight: the grader's own eyes.

Nothing here goes through the product, so that an error in its reading cannot confirm itself. It speaks to the lab on
loopback with the lab's own tokens; the certificates there sign themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx


class NoTruth(Exception):
    """A value cannot be read from the systems here, or it is not one: the question cannot be asked in this scenario."""


_NOWHERE = "http://127.0.0.1:9"


class Systems:
    """Reads the lab's systems. `environ` is what the lab gives the product: addresses and tokens."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        pbs_token = re.sub(r"^([^:=]+)=", r"\1:", environ["PBS_API_TOKEN"])
        self._pve = _client(environ["PROXMOX_URL"] + "/api2/json", f"PVEAPIToken={environ['PROXMOX_API_TOKEN']}")
        self._pbs = _client(environ["PBS_URL"] + "/api2/json", f"PBSAPIToken={pbs_token}")
        # A lab without Prometheus has no Grafana either: what they would know is then no truth.
        grafana, prometheus = environ.get("GRAFANA_URL", _NOWHERE), environ.get("PROMETHEUS_URL", _NOWHERE)
        self._grafana = _client(grafana + "/api", f"Bearer {environ.get('GRAFANA_SERVICE_ACCOUNT_TOKEN', '')}")
        self._prometheus = _client(prometheus + "/api/v1", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in (self._pve, self._pbs, self._grafana, self._prometheus):
            client.close()

    def pve(self, path: str, **params: str) -> Any:
        """The data of any endpoint of the PVE API."""
        return _data(self._pve.get(path, params=params))

    def pbs(self, path: str, **params: str) -> Any:
        """The data of any endpoint of the PBS API."""
        return _data(self._pbs.get(path, params=params))

    def guests(self) -> list[dict[str, Any]]:
        """PVE API: /cluster/resources?type=vm, without templates."""
        rows = _data(self._pve.get("/cluster/resources", params={"type": "vm"}))
        return [row for row in rows if not row.get("template")]

    def guest(self, name: str) -> dict[str, Any]:
        found = [row for row in self.guests() if row.get("name") == name]
        if len(found) != 1:
            raise NoTruth(f"there is no guest {name}")
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

    def rules(self) -> list[dict[str, Any]]:
        """Grafana API: /prometheus/grafana/api/v1/rules, every alert rule."""
        answer = self._grafana.get("/prometheus/grafana/api/v1/rules").raise_for_status().json()
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        """Prometheus: /targets, the active ones."""
        answer = self._prometheus.get("/targets", params={"state": "active"}).raise_for_status().json()
        return list(answer["data"]["activeTargets"])

    def samples(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Prometheus: the labels and values of an instant query."""
        answer = self._prometheus.get("/query", params={"query": expression}).raise_for_status().json()
        return [(sample["metric"], float(sample["value"][1])) for sample in answer["data"]["result"]]

    def query(self, expression: str) -> float:
        """Prometheus: the one value of an instant query. Raises NoTruth when there is not just one."""
        samples = self.samples(expression)
        if len(samples) != 1:
            raise NoTruth(f"{expression} gives {len(samples)} series")
        return samples[0][1]


def _client(base_url: str, authorization: str | None) -> httpx.Client:
    headers = {"Authorization": authorization} if authorization else {}
    return httpx.Client(base_url=base_url, headers=headers, verify=False, timeout=15, trust_env=False)  # noqa: S501 - lab


def _data(response: httpx.Response) -> Any:
    return response.raise_for_status().json()["data"]
