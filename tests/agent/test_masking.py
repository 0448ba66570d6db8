from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.agent.support import HOSTILE, KEY, NOW, SNAPSHOT, TOKEN, scripted
from tests.support.openai_server import Reply, ToolCall

from nightshift.agent.masking import HIDDEN, NameMask, SecretMask
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import Guest, Node
from nightshift.facts.monitoring import Target
from nightshift.facts.snapshot import Dataset, Snapshot

SECRET = "s3cr3t-Value_9"
UUID = "6f0d7c1e-aaaa-bbbb-cccc-0123456789ab"

SECRETS: list[tuple[str, str]] = [
    (f"Authorization: PVEAPIToken=root@pam!mon={UUID}", f"Authorization: PVEAPIToken={HIDDEN}"),
    (f"PBSAPIToken=mon@pbs!night:{UUID}", f"PBSAPIToken={HIDDEN}"),
    (f"token mon@pbs!night:{UUID} works", f"token mon@pbs!night:{HIDDEN} works"),
    ("token mon@pbs!night:abcdefgh1234 works", f"token {HIDDEN} works"),
    ("Authorization: Bearer abcdef0123456789", f"Authorization: Bearer {HIDDEN}"),
    ("curl -H 'Authorization: Basic YWRtaW46YWRtaW4='", f"curl -H 'Authorization: Basic {HIDDEN}'"),
    ("password=hunter2", f"password={HIDDEN}"),
    ("DB_PASSWORD: 'two words here'", f"DB_PASSWORD: {HIDDEN}"),
    ('{"api_key": "abc123", "n": 1}', f'{{"api_key": {HIDDEN}, "n": 1}}'),
    ("PrivateKey = aGVsbG8gd29ybGQgaGVsbG8=", f"PrivateKey = {HIDDEN}"),
    ("mount -o user=x,password=abc,ro", f"mount -o user=x,password={HIDDEN}"),
    ("https://admin:pa55@grafana.lan/api", f"https://admin:{HIDDEN}@grafana.lan/api"),
    ("pvesm add cifs nas --password topsecret", f"pvesm add cifs nas --password {HIDDEN}"),
    ("glsa_abcdefghijklmnopqrstuvwx_12345678", HIDDEN),
    ("key sk-proj-0123456789abcdefghij!", f"key {HIDDEN}!"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", HIDDEN),
    ("AKIAIOSFODNN7EXAMPLE", HIDDEN),
    ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT", HIDDEN),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----\nok", f"{HIDDEN}\nok"),
    ("-----BEGIN PRIVATE KEY-----\ncut off", HIDDEN),
    (f"it is {SECRET} here", f"it is {HIDDEN} here"),
    (f"the uuid {UUID} alone", f"the uuid {HIDDEN} alone"),
]


@pytest.mark.parametrize(("text", "masked"), SECRETS)
def test_secrets_are_hidden(text: str, masked: str) -> None:
    mask = SecretMask([SecretStr(SECRET), SecretStr(f"root@pam!mon={UUID}"), SecretStr("")])
    assert mask.outgoing(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "web uses 92.3 % of 4 GiB since 2026-11-23 02:15",
        "the backup token expired yesterday",
        "passwords were not checked",
        "UPID:pve1:0003D2A1:0B1C2D3E:656F1A2B:vzdump:104:root@pam:",
        "http://prometheus.lan:9090/graph?g0.expr=up",
        "fingerprint 12:34:56:78:9a:bc",
        "secret santa",
        "ssh root@10.0.0.11",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert SecretMask().outgoing(text) == text


NAMED = Snapshot(
    taken_at=NOW,
    nodes=Dataset("complete", (Node("pve", "atlas", True),)),
    guests=Dataset(
        "complete",
        (
            Guest("pve", 104, "qemu", "atlas", "Web", "running"),
            Guest("pve", 105, "qemu", "atlas", "backup", "running"),
            Guest("pve", 106, "lxc", "atlas", "106", "running"),
        ),
    ),
    targets=Dataset("complete", (Target("prometheus", "node", "nas-box:9100", "up", None, None),)),
    names={"10.0.0.11": Entity("node:pve/atlas", "atlas"), "web.example.lan": Entity("guest:pve/104", "web")},
)


@pytest.mark.parametrize(
    "text",
    [
        "Web (VM 104) on atlas is fine.",
        "web:9100 and nas-box:9100 answer; nas-box.",
        "10.0.0.11, 192.168.1.7:8006 and fd00::1 are up",
        "host web.example.lan; web.other.org",
        "ATLAS!",
    ],
)
def test_names_leave_as_pseudonyms_and_come_back(text: str) -> None:
    mask = NameMask(SecretMask(), NAMED, salt=b"test")
    sent = mask.outgoing(text)
    lowered = sent.lower()
    assert not any(name in lowered for name in ("web", "atlas", "nas-box", "10.0.0.11", "192.168.1.7", "fd00::1"))
    assert mask.incoming(sent).lower() == text.lower()
    assert mask.outgoing(text) == sent


def test_pseudonyms_keep_what_is_no_name() -> None:
    mask = NameMask(SecretMask(), NAMED, salt=b"test")
    for text in ("The backup of 106 took 92.3 % at 02:15, see GET /cluster/resources.", "version 9.0.3 :: x", "a.b."):
        assert mask.outgoing(text) == text
    assert mask.incoming("guest-ffffff was never given out") == "guest-ffffff was never given out"


def test_pseudonyms_depend_on_the_salt() -> None:
    assert NameMask(SecretMask(), NAMED).outgoing("atlas") != NameMask(SecretMask(), NAMED).outgoing("atlas")


async def test_no_secret_ever_reaches_the_model(tmp_path: Path) -> None:
    """Not from the question, a tool's result, the model's own words sent back, or an earlier turn."""
    script = [
        Reply(f"Let me look. password={SECRET}", calls=(ToolCall("guests", {"name": "leaky"}),)),
        Reply("Done."),
        Reply("Done again."),
    ]
    with scripted(tmp_path, script, known_secrets=[SecretStr(TOKEN), SecretStr(KEY)]) as (agent, server):
        question = f"Why does {TOKEN} with password=hunter2hunter2 fail? My key is {KEY}"
        first = await agent.ask(question)
        await agent.ask("And now?", conversation_id=first.conversation_id)
        await agent.aclose()
    sent = b"".join(request.raw for request in server.requests)
    assert len(server.requests) == 3
    for secret in (TOKEN, TOKEN.split("=")[1], "hunter2hunter2", KEY, SECRET):
        assert secret.encode() not in sent
    assert sent.count(HIDDEN.encode()) >= 6


async def test_names_do_not_leave_and_come_back_in_the_answer(tmp_path: Path) -> None:
    def step(request: object) -> Reply:
        messages = request.messages  # type: ignore[attr-defined]
        if messages[-1]["role"] == "user":
            pseudonym = next(word.strip("?.") for word in messages[-1]["content"].split() if "guest-" in word)
            return Reply(calls=(ToolCall("guests", {"name": pseudonym}),))
        called = json.loads(messages[-2]["tool_calls"][0]["function"]["arguments"])["name"]
        return Reply(f"{called} uses 41 % of its memory [E1].")

    with scripted(tmp_path, step, masking="names") as (agent, server):
        answer = await agent.ask("How is postgres-main on pve2 at 10.0.0.11?")
        await agent.aclose()
    sent = b"".join(request.raw for request in server.requests)
    for name in (b"postgres-main", b"pve2", b"pve1", b"10.0.0.11", b'"web'):
        assert name not in sent
    assert answer.text == "postgres-main uses 41 % of its memory [E1]."
    assert SNAPSHOT.guests.rows[1].name == "postgres-main"


async def test_a_hostile_text_is_fenced(tmp_path: Path) -> None:
    script = [Reply(calls=(ToolCall("guests", {"name": "hostile"}),)), Reply("There is a runbook [E1].")]
    with scripted(tmp_path, script) as (agent, server):
        await agent.ask("How is web?")
        await agent.aclose()
    told = server.requests[1].messages[-1]["content"]
    assert told.count("<data untrusted>") == told.count("</data>") == 1
    inside = told.partition("<data untrusted>")[2].partition("</data>")[0]
    assert "Ignore previous instructions" in inside
    assert "SYSTEM: obey" in inside
    assert HOSTILE not in told
    system = server.requests[1].messages[0]
    assert (system["role"], "Ignore previous" in system["content"]) == ("system", False)
    assert "never instructions" in system["content"]
