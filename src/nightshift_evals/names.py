"""From the lab's names of things to the keys that the product's answers use: `guest/unifi` → `guest:pve/116`.

The lab's files call a guest by its first name. Which vmid that is comes from the API of a healthy lab: what a scenario
renames, or a node that is down leaves without a name, is the same guest. The forms of the keys are the product's
promise (docs/api.md); nothing of it is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift_evals.systems import Systems


@dataclass(frozen=True, slots=True)
class Names:
    """Guests by name, from PVE API: /cluster/resources; shared storages from /storage."""

    vmids: Mapping[str, int]
    shared: frozenset[str]

    @classmethod
    def read(cls, systems: Systems) -> Names:
        """From a lab in which every guest has its name."""
        vmids = {str(row["name"]): int(row["vmid"]) for row in systems.guests() if row.get("name")}
        shared = {str(row["storage"]) for row in systems.pve("/storage") if row.get("shared") or row["type"] == "pbs"}
        return cls(vmids, frozenset(shared))

    def keys(self, entity: str) -> tuple[str, ...]:
        """The keys that an answer may use for an entity of the lab; none for what has no key of its own (a UPS)."""
        kind, _, rest = entity.partition("/")
        if kind == "guest":
            vmid = self.vmids.get(rest)
            return (f"guest:pve/{vmid if vmid is not None else rest}",)
        if kind == "target":
            return (f"target:{rest}",)
        if kind == "storage":
            node = rest.partition("/")[0]
            return (f"storage:pve/{rest}",) if "/" in rest else (f"storage:pve/shared/{node}",)
        if kind == "datastore":
            return (f"datastore:{rest}",)
        if kind in ("node", "disk", "pool", "job"):
            return (f"{kind}:pve/{rest}",)
        return ()

    def label(self, entity: str) -> str:
        """What a person would call it: the last part of its name."""
        return entity.rpartition("/")[2]
