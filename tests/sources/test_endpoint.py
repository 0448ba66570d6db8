"""Paths are built from typed pieces: nothing that a model or a user wrote leads to another endpoint."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from nightshift.errors import ToolInputError
from nightshift.sources.endpoint import Endpoint
from nightshift.sources.pbs import client as pbs
from nightshift.sources.pbs.models import SnapshotRow
from nightshift.sources.prometheus import client as prometheus
from nightshift.sources.proxmox import client as pve

UPID = "UPID:pve1:0000C1F2:004A3B2C:65A1B2C3:vzdump::root@pam:"
PBS_UPID = "UPID:pbs:000009F5:00000A4E:00000012:687A6F07:backup:main\\x3avm-100:pve@pbs!pve1:"


@pytest.mark.parametrize(
    ("endpoint", "pieces", "path"),
    [
        (pve.NODE_STATUS, {"node": "pve-1"}, "/nodes/pve-1/status"),
        (pve.GUEST_CONFIG, {"node": "pve1", "kind": "lxc", "vmid": 101}, "/nodes/pve1/lxc/101/config"),
        (
            pve.TASK_LOG,
            {"node": "pve1", "upid": UPID},
            "/nodes/pve1/tasks/UPID%3Apve1%3A0000C1F2%3A004A3B2C%3A65A1B2C3%3Avzdump%3A%3Aroot%40pam%3A/log",
        ),
        (
            pbs.TASK_LOG,
            {"node": "localhost", "upid": PBS_UPID},
            (
                "/nodes/localhost/tasks/UPID%3Apbs%3A000009F5%3A00000A4E%3A00000012%3A687A6F07%3Abackup%3A"
                "main%5Cx3avm-100%3Apve%40pbs%21pve1%3A/log"
            ),
        ),
        (pve.STORAGE_STATUS, {"node": "pve1", "storage": "nas.v2"}, "/nodes/pve1/storage/nas.v2/status"),
        (pbs.GROUPS, {"store": "0tank_a"}, "/admin/datastore/0tank_a/groups"),
        (prometheus.LABEL_VALUES, {"label": "__name__"}, "/api/v1/label/__name__/values"),
    ],
)
def test_paths(endpoint, pieces, path):
    assert endpoint.path(**pieces) == path


@pytest.mark.parametrize(
    ("endpoint", "pieces"),
    [
        (pve.NODE_STATUS, {"node": node})
        for node in ("", ".", "..", "pve1/qemu/100", "pve1%2Fqemu", "pve1?x=1", "pve1#", "-pve", "pve 1", "pvé", "a\nb")
    ]
    + [
        (pve.TASK_LOG, {"node": "pve1", "upid": upid})
        for upid in ("", "x", "UPID:", "UPID:a/../../access", "UPID:a%2F", "UPID:a b", "UPID:a?b", "UPID:a\r\nb")
    ]
    + [(pve.GUEST_CONFIG, {"node": "pve1", "kind": "qemu", "vmid": vmid}) for vmid in (0, -1, 10**9)]
    + [
        (pve.GUEST_CONFIG, {"node": "pve1", "kind": "openvz", "vmid": 100}),
        (pve.STORAGE_STATUS, {"node": "pve1", "storage": "../local"}),
        (pbs.GROUPS, {"store": ".."}),
        (pbs.GROUPS, {"store": "a/b"}),
        (prometheus.LABEL_VALUES, {"label": "a/b"}),
    ],
)
def test_pieces_that_are_refused(endpoint, pieces):
    with pytest.raises(ToolInputError, match="is not a valid"):
        endpoint.path(**pieces)


def test_every_placeholder_of_every_endpoint_is_typed():
    """A template with a piece that nobody checks would raise KeyError here."""
    pieces = {
        "node": "n",
        "kind": "qemu",
        "vmid": 1,
        "storage": "s",
        "store": "s",
        "upid": "UPID:x",
        "job": "j",
        "label": "l",
    }
    endpoints = [
        value for module in (pve, pbs, prometheus) for value in vars(module).values() if isinstance(value, Endpoint)
    ]
    assert len(endpoints) > 25
    for endpoint in endpoints:
        assert "{" not in endpoint.path(**pieces)


ROW = '{"backup-type": "vm", "backup-id": "104", "backup-time": 1752854279, "files": [{"crypt-mode": "none"}]}'
LONG_ANSWERS = {
    "none": '{"data": []}',
    "one": f'{{"data":[{ROW}]}}',
    "two, and how many there are": f'{{"data": [{ROW},{ROW}], "total": 2}}',
    "pretty": f'{{\n  "data": [\n    {ROW} ,\n    {ROW}\n  ]\n}}\n',
    "another order": f'{{"total": 1, "data": [{ROW}]}}',
}


@pytest.mark.parametrize("body", LONG_ANSWERS.values(), ids=LONG_ANSWERS.keys())
def test_rows_that_are_parsed_one_by_one_are_those_of_the_whole(body):
    whole = pbs.SNAPSHOTS.shape.model_validate_json(body)
    assert pbs.SNAPSHOTS.parse(body.encode()).data == whole.data
    assert all(isinstance(row, SnapshotRow) for row in whole.data)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (f'{{"data": [{ROW}, {{"backup-type": "tape"}}]}}', ("data", 1, "backup-type")),
        (f'{{"data": [{ROW}, 7]}}', ("data", 1)),
        ('{"data": null}', ("data",)),
        (f'{{"data": [{ROW}', ()),
        (f'{{"data": [{ROW}]', ()),
        (f'{{"data": [{ROW} {ROW}]}}', ()),
        ("", ()),
    ],
    ids=["a wrong row", "no row", "nothing", "cut in the list", "cut after it", "no comma", "empty"],
)
def test_what_is_wrong_with_a_long_answer_is_said_as_of_any(body, place):
    with pytest.raises(ValidationError) as caught:
        pbs.SNAPSHOTS.parse(body.encode())
    assert caught.value.errors(include_url=False, include_input=False)[0]["loc"] == place
