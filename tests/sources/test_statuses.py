"""Statuses and bodies of each backend → the error, its words and its remedy."""

from __future__ import annotations

import pytest

from nightshift import errors
from nightshift.errors import (
    SourceError,
    SourceFailed,
    SourceForbidden,
    SourceTimedOut,
    SourceUnauthorized,
    SourceUnreachable,
    SourceUnsupported,
)
from nightshift.sources.answer import HttpAnswer
from nightshift.sources.statuses import of_status, privilege_in


def reply(status, body="", reason="", location=None, content_type="application/json"):
    return HttpAnswer(status, reason, content_type, body.encode(), location=location)


PVE_403 = '{"data":null,"message":"Permission check failed (/vms/100, VM.Audit)\\n"}'
PVE_400 = '{"data":null,"errors":{"timeframe":"property is missing"},"message":"Parameter verification failed.\\n"}'
PROMETHEUS_400 = '{"status":"error","errorType":"bad_data","error":"1:4: parse error: unexpected <eof>"}'
PBS_403 = "permission check failed - missing Datastore.Audit|Datastore.Backup on /datastore/tank"
GRAFANA_WORDS = "You'll need additional permissions. Permissions needed: alert.provisioning:read"
GRAFANA_403 = f'{{"accessErrorId":"ACE1","message":"{GRAFANA_WORDS}","title":"Access denied"}}'

NOT_FOLLOWED = "Redirects are not followed, as they could carry the token away."

TABLE = [
    # kind, answer, error, detail, fix
    (
        "pve",
        reply(401, reason="invalid token value!"),
        SourceUnauthorized,
        "did not accept the credentials: invalid token value!",
        "Check PROXMOX_API_TOKEN.",
    ),
    (
        "pve",
        reply(403, PVE_403),
        SourceForbidden,
        "the token lacks a privilege: Permission check failed (/vms/100, VM.Audit)",
        "Grant VM.Audit on /vms/100 to the token and to its user.",
    ),
    (
        "pve",
        reply(403, reason="Permission check failed (/, Sys.Audit)"),
        SourceForbidden,
        "the token lacks a privilege: Permission check failed (/, Sys.Audit)",
        "Grant Sys.Audit on / to the token and to its user.",
    ),
    (
        "pve",
        reply(400, PVE_400),
        SourceFailed,
        "refused the request (400): Parameter verification failed. timeframe: property is missing",
        None,
    ),
    (
        "pve",
        reply(500, '{"data":null,"message":"QEMU guest agent is not running\\n"}'),
        SourceFailed,
        "failed (500): QEMU guest agent is not running",
        None,
    ),
    (
        "pve",
        reply(500, '{"data":null}', reason="storage 'nas' is not online"),
        SourceFailed,
        "failed (500): storage 'nas' is not online",
        None,
    ),
    (
        "pve",
        reply(501, reason="Method 'GET /nodes/pve1/nope' not implemented"),
        SourceUnsupported,
        "does not know this request: Method 'GET /nodes/pve1/nope' not implemented",
        None,
    ),
    (
        "pve",
        reply(595, reason="No route to host"),
        SourceUnreachable,
        "host.lab could not reach node pve2 (595): No route to host",
        None,
    ),
    (
        "pve",
        reply(596, reason="Connection timed out"),
        SourceUnreachable,
        "host.lab could not reach node pve2 (596): Connection timed out",
        None,
    ),
    (
        "pve",
        reply(599, reason="Too many redirections"),
        SourceUnreachable,
        "host.lab could not reach node pve2 (599): Too many redirections",
        None,
    ),
    (
        "pbs",
        reply(400, "parameter verification failed - 'store': no such datastore"),
        SourceFailed,
        "refused the request (400): parameter verification failed - 'store': no such datastore",
        None,
    ),
    (
        "pbs",
        reply(401, "authentication failed - invalid credentials"),
        SourceUnauthorized,
        "did not accept the credentials: authentication failed - invalid credentials",
        "Check PBS_API_TOKEN.",
    ),
    (
        "pbs",
        reply(403, PBS_403),
        SourceForbidden,
        f"the token lacks a privilege: {PBS_403}",
        "Grant Datastore.Audit or Datastore.Backup on /datastore/tank to the token and to its user.",
    ),
    (
        "pbs",
        reply(403, "permission check failed"),
        SourceForbidden,
        "the token lacks a privilege: permission check failed",
        "Check the privileges of the token in PBS_API_TOKEN.",
    ),
    (
        "pbs",
        reply(404, "Path '/api2/json/nope' not found."),
        SourceUnsupported,
        "does not know this request: Path '/api2/json/nope' not found.",
        None,
    ),
    (
        "grafana",
        reply(401, '{"message":"Invalid API key"}'),
        SourceUnauthorized,
        "did not accept the credentials: Invalid API key",
        "Check GRAFANA_SERVICE_ACCOUNT_TOKEN.",
    ),
    (
        "grafana",
        reply(403, GRAFANA_403),
        SourceForbidden,
        f"the token lacks a privilege: {GRAFANA_WORDS}",
        "Grant alert.provisioning:read.",
    ),
    (
        "grafana",
        reply(404, '{"message":"Not found"}'),
        SourceUnsupported,
        "does not know this request: Not found",
        "If this version has it, check the path in GRAFANA_URL.",
    ),
    (
        "prometheus",
        reply(400, PROMETHEUS_400),
        SourceFailed,
        "refused the request (400): 1:4: parse error: unexpected <eof>",
        None,
    ),
    (
        "prometheus",
        reply(422, '{"status":"error","errorType":"execution","error":"too many samples"}'),
        SourceFailed,
        "refused the request (422): too many samples",
        None,
    ),
    (
        "prometheus",
        reply(503, '{"status":"error","errorType":"timeout","error":"query timed out"}'),
        SourceTimedOut,
        "gave up on the query: query timed out",
        None,
    ),
    (
        "prometheus",
        reply(503, '{"status":"error","errorType":"internal","error":"TSDB not ready"}'),
        SourceFailed,
        "is not available (503): TSDB not ready",
        None,
    ),
    (
        "prometheus",
        reply(502, "<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"),
        SourceFailed,
        "is not available (502)",
        None,
    ),
    ("prometheus", reply(429, "slow down"), SourceFailed, "asks to slow down (429): slow down", None),
    (
        "grafana",
        reply(302, location="/login?redirect=x"),
        SourceUnreachable,
        "redirects to https://host.lab/login",
        "A sign-in page may stand in front of it. Set GRAFANA_URL to the address of the API itself.",
    ),
    (
        "grafana",
        reply(301, location="http://u:p@new.lab/g/nodes/pve2/x"),
        SourceUnreachable,
        "redirects to http://new.lab/g/nodes/pve2/x",
        f"{NOT_FOLLOWED} If it is right, set GRAFANA_URL=http://new.lab/g",
    ),
    ("grafana", reply(302), SourceUnreachable, "answered with a redirect that leads nowhere", "Check GRAFANA_URL."),
]


@pytest.mark.parametrize(("kind", "answered", "error", "detail", "fix"), TABLE)
def test_what_a_status_means(connect, kind, answered, error, detail, fix):
    made = of_status(connect(kind, "https://host.lab"), "GET /nodes/pve2/x", answered)
    assert (type(made), made.detail, made.fix) == (error, detail, fix)
    assert made.source == kind


def test_without_credentials_the_variable_to_set_is_named(connect):
    made = of_status(connect("prometheus", "https://host.lab", auth=None), "GET /x", reply(401))
    assert (made.detail, made.fix) == ("wants credentials", "Set PROMETHEUS_BEARER_TOKEN.")


@pytest.mark.parametrize(
    ("status", "rejected"), [(400, True), (422, True), (413, True), (429, False), (500, False), (502, False)]
)
def test_a_rejected_request_is_not_worth_repeating(connect, status, rejected):
    made = of_status(connect("prometheus", "https://host.lab"), "GET /x", reply(status))
    assert isinstance(made, SourceFailed)
    assert (made.status, made.rejected) == (status, rejected)


@pytest.mark.parametrize(
    ("words", "privilege"),
    [
        ("Permission check failed (/vms/100, VM.Audit)", "VM.Audit on /vms/100"),
        ("Permission check failed (/, Sys.Audit)", "Sys.Audit on /"),
        (
            "Permission check failed (/storage/nas, Datastore.Audit|Datastore.AllocateSpace)",
            "Datastore.Audit or Datastore.AllocateSpace on /storage/nas",
        ),
        ("missing permissions 'Sys.Audit' on '/system/status'", "Sys.Audit on /system/status"),
        ("Permissions needed: alert.rules:read, alert.provisioning:read", "alert.rules:read, alert.provisioning:read"),
        ("permission check failed", None),
        ("", None),
    ],
)
def test_the_privilege_that_a_refusal_names(words, privilege):
    assert privilege_in(words) == privilege


def test_words_of_a_server_stay_one_bounded_line(connect):
    noisy = "line one\r\nline two\x1b[31m\x00" + "x" * 5000
    made = of_status(connect("pbs", "https://host.lab"), "GET /x", reply(500, noisy))
    assert "\n" not in made.detail
    assert "\x1b" not in made.detail
    assert len(made.detail) < 330


def test_every_kind_of_source_error_is_raised_by_this_package():
    """The tree in errors.py has no leaf that nothing maps to."""
    import nightshift.sources as package

    text = "".join(path.read_text() for path in __import__("pathlib").Path(package.__path__[0]).rglob("*.py"))
    leaves = [
        kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SourceError)
    ]
    assert len(leaves) == 9
    assert [leaf for leaf in leaves if leaf != "SourceError" and f"{leaf}(" not in text] == []
