"""The roles that the lab hands out on PVE, and the permission check of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift_lab.access import Token

# Role PVEAuditor: asking the guest agent came with 9, until then it took VM.Monitor.
AUDITOR_8 = frozenset({"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"})
AUDITOR = AUDITOR_8 | {"VM.GuestAgent.Audit"}
_READS = frozenset(
    {"Datastore.Allocate", "Datastore.AllocateSpace", "Sys.Modify", "Sys.Syslog", "User.Modify", "VM.Backup"}
)
# Role Administrator, as far as reading needs it.
ADMIN_8 = AUDITOR_8 | _READS | {"VM.Monitor"}
ADMIN = AUDITOR | _READS | {"VM.GuestAgent.Unrestricted"}


def auditor(major: int) -> frozenset[str]:
    """Role PVEAuditor of a release."""
    return AUDITOR if major >= 9 else AUDITOR_8


@dataclass(frozen=True, slots=True)
class Check:
    """A permission check of an endpoint: privileges on a path with {parameters}; all of them, or `any_of` them.

    `until_8` are the privileges that it asked for up to PVE 8, where they were others.
    """

    path: str
    privileges: tuple[str, ...]
    any_of: bool = False
    until_8: tuple[str, ...] = ()

    def missing(self, token: Token, parameters: Mapping[str, str], major: int) -> str | None:
        """What PVE says when the token lacks it: `/vms/100, VM.Audit`; None when it may."""
        path = self.path.format_map(parameters)
        privileges = self.until_8 if self.until_8 and major < 9 else self.privileges
        held = [token.may(path, privilege) for privilege in privileges]
        if any(held) if self.any_of else all(held):
            return None
        return f"{path}, {'|'.join(privileges)}"
