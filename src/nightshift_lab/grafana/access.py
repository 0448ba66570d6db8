"""Who may read what in Grafana: service-account tokens, the permissions of a Viewer, and the refusals' bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from aiohttp import web

from nightshift_lab.world.hashing import hex_digits

Role = Literal["Viewer", "Editor", "Admin"]

_VIEWER: Mapping[str, tuple[str, ...]] = {
    "alert.instances.external:read": ("datasources:*",),
    "alert.instances:read": ("",),
    "alert.notifications.external:read": ("datasources:*",),
    "alert.notifications:read": ("",),
    "alert.rules.external:read": ("datasources:*",),
    "alert.rules:read": ("folders:*",),
    "alert.silences:read": ("folders:*",),
    "annotations:read": ("annotations:type:organization",),
    "dashboards:read": ("dashboards:*", "folders:*"),
    "datasources.id:read": ("datasources:*",),
    "datasources:query": ("datasources:*",),
    "datasources:read": ("datasources:*",),
    "folders:read": ("folders:*",),
    "orgs:read": ("",),
    "plugins.app:access": ("plugins:*",),
}
_EDITOR: Mapping[str, tuple[str, ...]] = {
    "alert.instances:create": ("",),
    "alert.instances:write": ("",),
    "alert.rules:create": ("folders:*",),
    "alert.rules:delete": ("folders:*",),
    "alert.rules:write": ("folders:*",),
    "alert.silences:create": ("folders:*",),
    "alert.silences:write": ("folders:*",),
    "annotations:create": ("annotations:type:organization",),
    "annotations:write": ("annotations:type:organization",),
    "dashboards:create": ("folders:*",),
    "folders:create": ("folders:*",),
}
_PROVISIONING = "alert.provisioning:read"
_ACCOUNTS: tuple[tuple[Role, str, str], ...] = (
    ("Viewer", "nightshift", "grafana"),
    ("Editor", "nightshift-editor", "grafana editor"),
    ("Admin", "nightshift-admin", "grafana admin"),
)
# Before this version a Viewer may not read provisioned rules.
_PROVISIONING_FOR_VIEWERS = 11


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account with one token."""

    id: int
    name: str
    role: Role
    token: str = field(repr=False)

    @property
    def login(self) -> str:
        return f"sa-1-{self.name}"


def accounts(seed: int) -> dict[Role, ServiceAccount]:
    """One account for each role, each with a token of its own."""
    return {
        role: ServiceAccount(number, name, role, _token(seed, purpose))
        for number, (role, name, purpose) in enumerate(_ACCOUNTS, 2)
    }


def _token(seed: int, purpose: str) -> str:
    return f"glsa_{hex_digits(32, seed, purpose)}_{hex_digits(8, seed, purpose, 'checksum')}"


def permissions(role: Role, without: str | None) -> dict[str, list[str]]:
    """Action → scopes, as `/api/access-control/user/permissions` tells. `without` takes one action away."""
    granted = {action: list(scopes) for action, scopes in _VIEWER.items()}
    if role != "Viewer":
        granted |= {action: list(scopes) for action, scopes in _EDITOR.items()}
    if role == "Admin":
        granted[_PROVISIONING] = [""]
    if without is not None:
        granted.pop(without, None)
    return granted


def may_read_provisioning(granted: Iterable[str], version: str) -> bool:
    """From 11 on the right to read rules is enough."""
    actions = set(granted)
    if _PROVISIONING in actions:
        return True
    return (
        int(version.partition(".")[0]) >= _PROVISIONING_FOR_VIEWERS and {"alert.rules:read", "folders:read"} <= actions
    )


def unauthorized(presented: bool) -> web.Response:
    told, message_id = ("Invalid API key", "api-key.invalid") if presented else ("Unauthorized", "auth.unauthorized")
    body = {"message": told, "messageId": message_id, "statusCode": 401, "traceID": ""}
    return web.json_response(body, status=401)


def forbidden(action: str) -> web.Response:
    number = int.from_bytes(blake2b(action.encode(), digest_size=4).digest(), "big")
    message = f"You'll need additional permissions to perform this action. Permissions needed: {action}"
    body = {"accessErrorId": f"ACE{number:010d}", "message": message, "title": "Access denied"}
    return web.json_response(body, status=403)
