"""Every endpoint's wire model against a sample of its answer and the list of names that its API really has.

`tests/wire/*.json` says where the names come from. A field that a model reads and no API sends is a typing mistake that
no tolerant parser would notice: it would be missing for ever.
"""

from __future__ import annotations

import json
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from nightshift.sources.endpoint import Endpoint
from nightshift.sources.grafana import client as grafana
from nightshift.sources.pbs import client as pbs
from nightshift.sources.prometheus import client as prometheus
from nightshift.sources.proxmox import client as pve
from nightshift.sources.proxmox import cluster_reads as pve_cluster
from nightshift.sources.proxmox import hardware as pve_hardware
from nightshift.sources.proxmox import node_reads as pve_nodes

WIRE = Path(__file__).parent.parent / "wire"
KINDS = {
    "pve": (pve, pve_cluster, pve_hardware, pve_nodes),
    "pbs": (pbs,),
    "prometheus": (prometheus,),
    "grafana": (grafana,),
}
ENDPOINTS = [
    pytest.param(kind, endpoint, id=f"{kind} {endpoint.template}")
    for kind, modules in KINDS.items()
    for module in modules
    for endpoint in vars(module).values()
    if isinstance(endpoint, Endpoint)
]
SAMPLES = {kind: json.loads((WIRE / f"{kind}.json").read_text()) for kind in KINDS}


def names_read(annotation: object, seen: set[object] | None = None) -> set[str]:
    """The wire names of all fields of a model or wire dataclass and of those in it."""
    seen = set() if seen is None else seen
    fields = getattr(annotation, "__pydantic_fields__", None)
    if fields is not None:
        if annotation in seen:
            return set()
        seen.add(annotation)
        own = {field.alias or name for name, field in fields.items() if name != "root"}
        return own.union(*(names_read(field.annotation, seen) for field in fields.values()))
    return set().union(*(names_read(part, seen) for part in typing.get_args(annotation)))


def names_sent(body: object) -> set[str]:
    if isinstance(body, dict):
        return set(body).union(*(names_sent(value) for value in body.values()))
    if isinstance(body, list):
        return set().union(*(names_sent(item) for item in body))
    return set()


def sample(kind: str, endpoint: Endpoint[BaseModel]) -> dict[str, object]:
    return SAMPLES[kind]["endpoints"][endpoint.template]


@pytest.mark.parametrize(("kind", "endpoint"), ENDPOINTS)
def test_a_model_accepts_the_sample_and_loses_nothing_it_reads(kind, endpoint):
    body = sample(kind, endpoint)["body"]
    parsed = endpoint.shape.model_validate_json(json.dumps(body))
    dumped = parsed.model_dump(by_alias=True, exclude_unset=True)
    assert names_sent(body) & names_read(endpoint.shape) <= names_sent(dumped)
    assert names_sent(dumped)


@pytest.mark.parametrize(("kind", "endpoint"), ENDPOINTS)
def test_a_model_reads_only_names_that_its_api_has(kind, endpoint):
    assert names_read(endpoint.shape) - set(sample(kind, endpoint)["fields"]) == set()


def test_every_sample_belongs_to_an_endpoint():
    known = {(param.values[0], param.values[1].template) for param in ENDPOINTS}
    assert {(kind, template) for kind in KINDS for template in SAMPLES[kind]["endpoints"]} == known
    assert len(known) == 80
