"""What PVE tells node by node: the last hour and the services at every sweep, the rest in the slow lane."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.collect.reading import Deadline, Gathering
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import SpaceHistory
from nightshift.facts.ids import node_key, storage_key
from nightshift.facts.inventory import Node, StorageConfig
from nightshift.facts.nodes import (
    RECORDS_STALE,
    BootJournal,
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodeRepositories,
    NodeSoftware,
    Service,
)
from nightshift.facts.snapshot import Dataset
from nightshift.facts.units import format_duration

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

Row = TypeVar("Row")

CLOCKS: Final = Kind("clocks", NodeClock, timedelta(minutes=15), "nodes' clocks", rank=0)
SOFTWARE: Final = Kind("software", NodeSoftware, timedelta(hours=1), "nodes' package lists", rank=0)
REPOSITORIES: Final = Kind("repositories", NodeRepositories, timedelta(hours=1), "nodes' repositories", rank=0)
CERTIFICATES: Final = Kind("certificates", NodeCertificates, timedelta(hours=1), "nodes' certificates", rank=0)
SPACE: Final = Kind("space_history", SpaceHistory, timedelta(hours=6), "storages' histories", rank=8)
BOOT_JOURNALS: Final = Kind("boot_journals", BootJournal, timedelta(days=2), "nodes' journals", rank=0)

REBOOT_LOOKED_AT: Final = timedelta(hours=24)
_BEFORE_BOOT = timedelta(minutes=15)
_AFTER_BOOT = timedelta(minutes=2)
_SAME_BOOT_S = 900  # an uptime read twice gives two boot times, seconds apart
_LINES_BEFORE, _LINES_AT_MOST, _LINE_LENGTH = 6, 30, 300
_KERNEL_STARTS = "kernel: Linux version"
_TELLING = re.compile(
    r"""panic|oops|\bBUG: | lockup|watchdog|fence | out[ ]of[ ]memory|oom-kill
    | mce: | machine[ ]check|hardware[ ]error | thermal|critical[ ]temperature | I/O[ ]error | uncleanly|corrupted
    | power[ ](?:key|button) | \bups\b | will[ ](?:reboot|power[ ]off) | is[ ](?:rebooting|powering[ ]down)
    | systemd-shutdown | reached[ ]target[ ].*(?:reboot|power-?off|shutdown|halt)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    history: Dataset[NodeHistory]
    services: Dataset[Service]
    clocks: Dataset[NodeClock]
    software: Dataset[NodeSoftware]
    repositories: Dataset[NodeRepositories]
    certificates: Dataset[NodeCertificates]
    boot_journals: Dataset[BootJournal]


def want_nodes(turn: Turn, client: ProxmoxClient, nodes: Iterable[Node], now: datetime) -> None:
    """What is read of every node that is online, hourly or so, and the journal of one that booted within a day."""
    online = [node for node in nodes if node.online]

    def of_each(read: Callable[[str], Awaitable[Row]]) -> Iterable[Order[Row]]:
        return (Order(node.name, node.entity.key, partial(read, node.name)) for node in online)

    turn.want(CLOCKS, of_each(partial(client.node_clock, read_at=now)))
    turn.want(SOFTWARE, of_each(partial(client.node_software, read_at=now)))
    turn.want(REPOSITORIES, of_each(partial(client.node_repositories, read_at=now)))
    turn.want(CERTIFICATES, of_each(partial(client.node_certificates, read_at=now)))
    turn.want(
        BOOT_JOURNALS,
        (
            Order(
                f"{node.name}@{round(boot.timestamp() / _SAME_BOOT_S)}",
                node.entity.key,
                partial(_read_boot, client, node.name, boot),
            )
            for node, boot in _booted(online, now)
        ),
    )


def want_space(
    turn: Turn, client: ProxmoxClient, configs: Iterable[StorageConfig], nodes: Iterable[Node], *, with_servers: bool
) -> None:
    """How full root file systems and storages were: a storage once where all nodes share it, else on each node. How
    backup servers fill they tell themselves, unless none is watched (`with_servers`)."""
    online = [node for node in nodes if node.online]
    asked: list[tuple[str, str, str | None]] = [(node.entity.key, node.name, None) for node in online]
    for config in configs:
        if config.enabled and (config.plugin != "pbs" or with_servers):
            on = [node.name for node in online if config.nodes is None or node.name in config.nodes]
            for name in on[:1] if config.shared else on:
                key = storage_key(config.source, None if config.shared else name, config.name)
                asked.append((key, name, config.name))
    turn.want(SPACE, (Order(key, key, partial(client.space_history, key, node, name)) for key, node, name in asked))


def _booted(nodes: Iterable[Node], now: datetime) -> Iterable[tuple[Node, datetime]]:
    for node in nodes:
        if node.uptime_s and node.uptime_s <= REBOOT_LOOKED_AT.total_seconds():
            yield node, now - timedelta(seconds=node.uptime_s)


async def _read_boot(client: ProxmoxClient, node: str, booted_at: datetime) -> BootJournal:
    lines = await client.journal(node, since=booted_at - _BEFORE_BOOT, until=booted_at + _AFTER_BOOT)
    return BootJournal(client.source, node, booted_at, telling_lines(lines))


def telling_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """What a journal around a boot says of it: the last lines before the kernel started, that one, and every line with
    a word that means something, at most 30, each cut at 300 characters. Of too many, those next to the start count:
    a disk that complained all night must not hide how the boot ended."""
    every = [line[:_LINE_LENGTH] for line in lines]
    start = next((at for at, line in enumerate(every) if _KERNEL_STARTS in line), None)
    kept = {at for at, line in enumerate(every) if _TELLING.search(line)}
    if start is not None:
        kept |= set(range(max(start - _LINES_BEFORE, 0), start + 1))
    middle = start if start is not None else len(every)
    nearest = sorted(kept, key=lambda at: abs(at - middle))[:_LINES_AT_MOST]
    return tuple(every[at] for at in sorted(nearest))


async def read_nodes(
    client: ProxmoxClient, nodes: Iterable[Node], deadline: Deadline
) -> tuple[Gathering[NodeHistory], Gathering[Service]]:
    """Two requests for each node that is online."""
    online = [node for node in nodes if node.online]
    history: Gathering[NodeHistory] = Gathering(answered=not online)
    services: Gathering[Service] = Gathering(answered=not online)
    histories, listed = await asyncio.gather(
        asyncio.gather(*(deadline.read("node_history", client.node_history(node.name)) for node in online)),
        asyncio.gather(*(deadline.read("services", client.services(node.name)) for node in online)),
    )
    for node, course, rows in zip(online, histories, listed, strict=True):
        history.add(of_node(course, node) if isinstance(course, Gap) else (course,))
        services.add(of_node(rows, node) if isinstance(rows, Gap) else rows)
    return history, services


def of_node(gap: Gap, node: Node) -> Gap:
    """A Gap that hides one node only."""
    return replace(gap, detail=f"node {node.name}: {gap.detail}", hides=(node.entity.key,))


def node_facts(
    turn: Turn,
    nodes: Iterable[Node],
    unseen: tuple[Gap, ...],
    read: tuple[Gathering[NodeHistory], Gathering[Service]],
) -> NodeFacts:
    """All of it; without any list of nodes nobody can be asked, and `unseen` says why."""
    known = tuple(nodes)

    def slow(kind: Kind[Row]) -> Dataset[Row]:
        return turn.dataset(kind) if known else _unlisted(kind.name, unseen, turn.now)

    clocks = slow(CLOCKS)
    if known:
        read[0].gaps += _records_that_ended(read[0].rows, clocks, known, turn.now)
    return NodeFacts(
        history=read[0].dataset(turn.now) if known else _unlisted("node_history", unseen, turn.now),
        services=read[1].dataset(turn.now) if known else _unlisted("services", unseen, turn.now),
        clocks=clocks,
        software=slow(SOFTWARE),
        repositories=slow(REPOSITORIES),
        certificates=slow(CERTIFICATES),
        boot_journals=_with_refusals(slow(BOOT_JOURNALS), known, turn.now),
    )


def _records_that_ended(
    histories: Iterable[NodeHistory], clocks: Iterable[NodeClock], nodes: Iterable[Node], now: datetime
) -> Iterable[Gap]:
    """A Gap for each node that is up and has written no figures for a while, by its own clock: what it went through
    since is not known."""
    uptimes = {node.name: node.uptime_s for node in nodes}
    behind_s = {clock.node: max(-clock.skew_s, 0.0) for clock in clocks}
    for history in histories:
        long_up = (uptimes.get(history.node) or 0) > 2 * RECORDS_STALE.total_seconds()
        if history.points and long_up:
            age = now - history.points[-1].at - timedelta(seconds=behind_s.get(history.node, 0.0))
            if age > RECORDS_STALE:
                detail = f"node {history.node}: its records ended {format_duration(age.total_seconds())} ago"
                key = node_key(history.source, history.node)
                yield Gap(history.source, "node_history", "truncated", detail, hides=(key,))


def _unlisted(dataset: str, unseen: tuple[Gap, ...], now: datetime) -> Dataset[Row]:
    return Dataset("unavailable", (), tuple(replace(gap, dataset=dataset) for gap in unseen), now)


def _with_refusals(journals: Dataset[BootJournal], nodes: tuple[Node, ...], now: datetime) -> Dataset[BootJournal]:
    """The journals, a row with the Gap for a node whose journal may not be read: that privilege (Sys.Syslog) is no part
    of an auditor's role, so that going without it is no blind spot of the whole sweep."""
    refused = tuple(gap for gap in journals.gaps if gap.kind == "forbidden")
    if not refused:
        return journals
    seen = {row.node for row in journals}
    rows = tuple(
        BootJournal(node.source, node.name, boot, (), refused[0])
        for node, boot in _booted((node for node in nodes if node.online), now)
        if node.name not in seen
    )
    gaps = tuple(gap for gap in journals.gaps if gap.kind != "forbidden")
    return replace(journals, state="partial" if gaps else "complete", rows=(*journals.rows, *rows), gaps=gaps)
