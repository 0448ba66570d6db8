"""The roles that the lab hands out on PVE, and the permission check of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift_lab.access import Token

# Role PVEAuditor of PVE 9.
AUDITOR = frozenset(
    {
        "Datastore.Audit",
        "Mapping.Audit",
        "Pool.Audit",
        "SDN.Audit",
        "Sys.Audit",
        "VM.Audit",
        "VM.GuestAgent.Audit",
    }
)
# Role Administrator, as far as reading needs it.
ADMIN = AUDITOR | {
    "Datastore.Allocate",
    "Datastore.AllocateSpace",
    "Sys.Modify",
    "Sys.Syslog",
    "User.Modify",
    "VM.Backup",
    "VM.GuestAgent.Unrestricted",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A permission check of an endpoint: privileges on a path with {parameters}; all of them, or `any_of` them."""

    path: str
    privileges: tuple[str, ...]
    any_of: bool = False

    def missing(self, token: Token, parameters: Mapping[str, str]) -> str | None:
        """What PVE says when the token lacks it: `/vms/100, VM.Audit`; None when it may."""
        path = self.path.format_map(parameters)
        held = [token.may(path, privilege) for privilege in self.privileges]
        if any(held) if self.any_of else all(held):
            return None
        return f"{path}, {'|'.join(self.privileges)}"
