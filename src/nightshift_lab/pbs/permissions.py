"""Roles of a Proxmox Backup Server, as privileges by name. Tokens are `nightshift_lab.access.Token`."""

from __future__ import annotations

# Role Audit: without Remote.Audit, so that remote sync jobs stay hidden.
AUDIT = frozenset({"Sys.Audit", "Datastore.Audit"})
PBS_ADMIN = AUDIT | {
    "Datastore.Allocate",
    "Datastore.Backup",
    "Datastore.Modify",
    "Datastore.Prune",
    "Datastore.Read",
    "Datastore.Verify",
    "Remote.Audit",
    "Sys.Modify",
}
