"""What becomes of a node's packages: updates that wait, repositories that fail, kernels and releases that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.faults.fault import Bend, Fault, parameter
from nightshift_lab.world.faults.nodes import NodeFault


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesPending(NodeFault):
    """Packages of a node wait to be updated, and nobody does it. Only a token with Sys.Modify sees how many."""

    kind: ClassVar[str] = "updates-pending"

    packages: int = parameter(143, "count", "how many packages wait")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "updates", self.packages),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryBroken(NodeFault):
    """A repository of a node cannot be used: then no updates are shown, and that does not mean that there are none."""

    kind: ClassVar[str] = "repository-broken"

    how: str = parameter(
        "enterprise",
        "text",
        "enterprise: the one for subscribers is on, without a subscription; malformed: its file cannot be read",
        choices=("enterprise", "malformed"),
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "repository", self.how),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebootNeeded(NodeFault):
    """A node runs an older kernel than the one that is installed: it was updated and not restarted."""

    kind: ClassVar[str] = "reboot-needed"

    kernel: str = parameter("6.17.2-1-pve", "text", "the kernel that it still runs")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "kernel", self.kernel),)


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderRelease(NodeFault):
    """A node has another release than the cluster: in the middle of an upgrade, or forgotten by it."""

    kind: ClassVar[str] = "older-release"

    release: str = parameter("8.4", "text", "the release that it has", choices=("8.4", "9.1"))

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "release", self.release),)


KINDS: tuple[type[Fault], ...] = (UpdatesPending, RepositoryBroken, RebootNeeded, OlderRelease)
