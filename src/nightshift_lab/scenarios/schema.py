"""The JSON Schema of scenario files, for editors: made from the model and from the kinds of fault."""

from __future__ import annotations

from dataclasses import Field
from typing import Any

from nightshift_lab.knobs import KNOBS
from nightshift_lab.scenarios.model import Scenario
from nightshift_lab.scenarios.parameters import written_name
from nightshift_lab.world.faults import FAULT_KINDS, Fault

Schema = dict[str, Any]

_TYPES: dict[str, Schema] = {
    "fraction": {"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?%?$"},
    "duration": {"type": ["number", "string"], "pattern": r"^(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$"},
    "size": {"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?\s*(B|KiB|MiB|GiB|TiB)$"},
    "number": {"type": "number"},
    "count": {"type": "integer", "minimum": 0},
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
}


def scenario_schema() -> Schema:
    """Draft 2020-12. It allows what the loader allows, save for names that only the world knows."""
    schema: Schema = Scenario.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A scenario of the simulated homelab"
    schema["required"] = [name for name in schema["required"] if name != "name"]
    _describe(schema["$defs"])
    schema["properties"]["knobs"]["additionalProperties"]["propertyNames"] = {"enum": list(KNOBS)}
    return schema


# Fields that are written with their unit.
_WITH_UNIT = {
    "RampShape": {"over": "duration"},
    "BurstShape": {"lasts": "duration"},
    "FlapShape": {"period": "duration", "on": "duration"},
    "FaultEntry": {"jitter": "duration"},
    "JobChange": {"offset": "duration"},
    "MoreDisk": {"size": "size", "used": "fraction"},
}


def _describe(definitions: dict[str, Schema]) -> None:
    for name, fields in _WITH_UNIT.items():
        properties = definitions[name]["properties"]
        for field, quantity in fields.items():
            kept = {key: properties[field][key] for key in ("title", "description") if key in properties[field]}
            properties[field] = {**_TYPES[quantity], **kept}
    definitions["WorldPart"]["properties"]["datastore_sizes"]["additionalProperties"] = _TYPES["size"]
    entry = definitions["FaultEntry"]
    entry["properties"]["kind"]["enum"] = sorted(FAULT_KINDS)
    entry["properties"]["with"]["type"] = "object"
    entry["allOf"] = [_of_kind(FAULT_KINDS[name]) for name in sorted(FAULT_KINDS)]


def _of_kind(kind: type[Fault]) -> Schema:
    """If the kind is this one, then its parameters and whether it needs a target."""
    parameters = {written_name(field): _of_parameter(field) for field in kind.parameters()}
    allowed = {"type": "object", "properties": parameters, "additionalProperties": False}
    then: Schema = {"properties": {"with": allowed, "live": {"properties": {"with": allowed}}}}
    if kind.targets:
        then["required"] = ["target"]
    return {"if": {"properties": {"kind": {"const": kind.kind}}}, "then": then}


def _of_parameter(field: Field[Any]) -> Schema:
    schema: Schema = {**_TYPES[field.metadata["quantity"]], "description": field.metadata["meaning"]}
    return {**schema, "enum": list(field.metadata["choices"])} if field.metadata["choices"] else schema
