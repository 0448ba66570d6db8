"""A lab in this process, without Prometheus, with refusals that come at once."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from nightshift_lab.access import Delays, Token
from nightshift_lab.knobs import Backend, Knobs
from nightshift_lab.pbs import AUDIT, PbsServer
from nightshift_lab.process import Lab, LabOptions
from nightshift_lab.pve import AUDITOR, PveServer
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.tls import make_certificates
from nightshift_lab.world.current import WorldHolder

_CONTRACTS = Path(os.environ.get("CONTRACTS_DIR", Path(__file__).resolve().parents[3] / "shared" / "contracts"))
AT_ONCE = Delays(0.0, 0.0, 0.0)
# A Monday evening; nothing in these tests depends on the day of the machine.
EVENING = 1_795_469_000.0
PVE_TOKEN = "nightshift@pve!lab"
PBS_TOKEN = "nightshift@pbs!lab"
SECRET = "7c0f5a1e-0000-4000-8000-000000000001"


@dataclass
class Api:
    """One server and a client for it. `get` sends the token unless told otherwise."""

    server: PveServer | PbsServer
    client: httpx.AsyncClient
    holder: WorldHolder
    knobs: Knobs

    async def get(self, path: str, /, **query: Any) -> httpx.Response:
        return await self.client.get(f"/api2/json{path}", params=query)

    async def data(self, path: str, /, **query: Any) -> Any:
        response = await self.get(path, **query)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.json()["data"]


StartApi = Callable[..., Awaitable[Api]]


@asynccontextmanager
async def _starting(
    backend: Backend, make: Callable[..., PveServer | PbsServer], token_id: str, role: frozenset[str], folder: Path
) -> AsyncIterator[StartApi]:
    """Starts servers of one kind, each frozen at one time, and stops all of them at the end."""
    started: list[Api] = []
    scheme, mark = {"pve": ("PVEAPIToken", "="), "pbs": ("PBSAPIToken", ":")}[backend]

    async def start(
        scenario: str = "healthy",
        *,
        grants: dict[str, frozenset[str]] | None = None,
        at: float = EVENING,
        seed: int = 7,
        **which: str,
    ) -> Api:
        holder = WorldHolder(build_scenario(scenario, seed=seed, started_at=EVENING))
        knobs = Knobs(backend, encrypted=True)
        certificates = make_certificates(folder, f"{backend}{len(started)}", organisation="Proxmox")
        token = Token(token_id, SECRET, grants if grants is not None else {"/": role})
        server = make(holder, knobs, certificates, (token,), AT_ONCE, clock=lambda: at, **which)
        await server.start()
        headers = {"Authorization": f"{scheme}={token_id}{mark}{SECRET}"}
        client = httpx.AsyncClient(base_url=server.endpoint.url, headers=headers, verify=False)
        started.append(Api(server, client, holder, knobs))
        return started[-1]

    yield start
    for api in started:
        await api.client.aclose()
        await api.server.stop()


@pytest.fixture
async def start_pve(tmp_path: Path) -> AsyncIterator[StartApi]:
    """`await start_pve(scenario, grants=…, at=…, site=…)`: the API of a cluster."""
    async with _starting("pve", PveServer, PVE_TOKEN, AUDITOR, tmp_path) as start:
        yield start


@pytest.fixture
async def start_pbs(tmp_path: Path) -> AsyncIterator[StartApi]:
    """`await start_pbs(scenario, grants=…, at=…, name=…)`: the API of a backup server."""
    async with _starting("pbs", PbsServer, PBS_TOKEN, AUDIT, tmp_path) as start:
        yield start


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A whole healthy lab in this process, without Prometheus and Grafana."""
    lab = Lab(LabOptions("healthy", tmp_path, prometheus=False, delays=AT_ONCE))
    await lab.start()
    yield lab
    await lab.stop()


@pytest.fixture
def validate() -> Callable[[str, str, Any], None]:
    """Check a whole answer against the published schema of its endpoint, e.g. ("pve", "/nodes/{node}/status").

    The contract files lie beside the checkout or not at all: then the test is skipped.
    """
    if not _CONTRACTS.is_dir():
        pytest.skip("the contract files are not beside this checkout")

    def check(folder: str, path: str, body: Any) -> None:
        name = path.strip("/").replace("/", ".").replace("{", "").replace("}", "")
        validator = _validator(_CONTRACTS / folder / f"{name}.schema.json")
        if validator is None:
            return  # the published description does not know what this endpoint returns
        if not isinstance(body["data"], list):
            validator.validate(body)
            return
        # Most rows are the same in most scenarios: each is looked at once.
        rows = {(folder, name, json.dumps(row, sort_keys=True)): row for row in body["data"]}
        validator.validate({**body, "data": [row for key, row in rows.items() if key not in _VALID]})
        _VALID.update(rows)

    return check


_VALID: set[tuple[str, str, str]] = set()


@cache
def _validator(path: Path) -> jsonschema.Draft202012Validator | None:
    schema = json.loads(path.read_text())
    known = schema["properties"]["data"].get("type") != "null"
    return jsonschema.Draft202012Validator(schema) if known else None
