"""Who may read what in Grafana: service-account tokens, the permissions of a Viewer, and the refusals' bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from aiohttp import web

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
_PROVISIONING = "alert.provisioning:read"
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


def permissions(role: Role, without: str | None) -> dict[str, list[str]]:
    """Action → scopes, as `/api/access-control/user/permissions` tells. `without` takes one action away."""
    granted = {action: list(scopes) for action, scopes in _VIEWER.items()}
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
