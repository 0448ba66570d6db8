"""The PVE and PBS servers of a lab: the first cluster and backup server, those beside them, and everybody's tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from nightshift_lab.access import Delays, Token
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.knobs import Knobs
from nightshift_lab.pbs import AUDIT, PbsServer
from nightshift_lab.pve import PveServer
from nightshift_lab.pve.permissions import auditor
from nightshift_lab.tls import make_certificates
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.hashing import hex_digits

SEPARATORS = {"pve": "=", "pbs": ":"}


@dataclass(frozen=True, slots=True)
class Source:
    """A system beside the first of its kind, as `nightshift.yaml` names it. `token_env` is where its token belongs."""

    id: str
    kind: str
    endpoint: Endpoint

    @property
    def token_env(self) -> str:
        return f"{self.id.upper()}_API_TOKEN"

    @property
    def token(self) -> str:
        return token_text(self.kind, self.endpoint.token_id, self.endpoint.token_secret)

    def told(self) -> dict[str, str]:
        """For the ready file."""
        return {
            "id": self.id,
            "kind": self.kind,
            "url": self.endpoint.url,
            "token_env": self.token_env,
            "token": self.token,
            "fingerprint": self.endpoint.fingerprint,
        }


def token_text(kind: str, token_id: str, secret: str) -> str:
    """A token as its system wants it in one piece."""
    return f"{token_id}{SEPARATORS[kind]}{secret}"


@dataclass
class Backends:
    """Starts the servers of a world and says where they are. Privileges are those of the lab's own tokens."""

    holder: WorldHolder
    knobs: dict[str, Knobs]
    state_dir: Path
    seed: int
    delays: Delays
    sources: list[Source] = field(default_factory=list)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    _parts: AsyncExitStack = field(default_factory=AsyncExitStack, repr=False)

    async def stop(self) -> None:
        await self._parts.aclose()

    async def start_pve(self, privileges: frozenset[str]) -> Endpoint:
        """The first cluster, with its named tokens beside the lab's own."""
        cluster = self.holder.world.cluster
        role = auditor(cluster.release.major)
        tokens = (
            self._token("pve", "lab", privileges),
            self._named("auditor", "pve", "auditor", role),
            self._named("auditor+syslog", "pve", "syslog", role | {"Sys.Syslog"}),
            self._named("auditor-without-sys-audit", "pve", "nosysaudit", role - {"Sys.Audit"}),
            self._named("auditor+backups", "pve", "backups", role | {"Datastore.AllocateSpace", "VM.Backup"}),
        )
        server = self._pve(cluster.nodes[0].name, tokens, "pve", "")
        return await self._running(server.start, server.stop, lambda: server.endpoint)

    async def start_pbs(self, privileges: frozenset[str]) -> Endpoint:
        """The first backup server."""
        tokens = (
            self._token("pbs", "lab", privileges),
            self._named("pbs-audit", "pbs", "audit", AUDIT),
            self._named("pbs-audit+remote", "pbs", "remote", AUDIT | {"Remote.Audit"}),
            self._named("pbs-without-datastores", "pbs", "nodatastore", AUDIT - {"Datastore.Audit"}),
        )
        server = self._pbs(self.holder.world.servers[0].name, tokens, "pbs")
        return await self._running(server.start, server.stop, lambda: server.endpoint)

    async def start_others(self) -> None:
        """The second site's host and the further backup servers; their knobs are turned by their names."""
        world = self.holder.world
        if world.attic is not None:
            name = world.attic.site
            role = auditor(world.attic.cluster.release.major)
            host = self._pve(name, (self._token("pve", name, role),), name, name)
            endpoint = await self._running(host.start, host.stop, lambda: host.endpoint)
            self.sources.append(Source(name, "pve", endpoint))
        for server in world.servers[1:]:
            other = self._pbs(server.name, (self._token("pbs", server.name, AUDIT | {"Remote.Audit"}),), server.name)
            endpoint = await self._running(other.start, other.stop, self._endpoint_of(other))
            self.sources.append(Source(server.name, "pbs", endpoint))

    def write_configuration(self) -> Path | None:
        """`nightshift.yaml` for the further systems; None when there are none. Their tokens stay in the environment."""
        if not self.sources:
            return None
        lines = [
            "# The systems of the lab beside those of the environment; tokens come from the environment, too.",
            "sources:",
        ]
        for source in self.sources:
            lines += [
                f"  - id: {source.id}",
                f"    kind: {source.kind}",
                f"    url: {source.endpoint.url}",
                f"    token: ${{{source.token_env}}}",
                f"    fingerprint: {source.endpoint.fingerprint}",
            ]
        path = self.state_dir / "nightshift.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _pve(self, host: str, tokens: tuple[Token, ...], knobs: str, site: str) -> PveServer:
        certificates = make_certificates(self.state_dir, host, organisation="PVE Cluster Node")
        return PveServer(self.holder, self._knobs(knobs, "pve"), certificates, tokens, self.delays, site=site)

    def _pbs(self, name: str, tokens: tuple[Token, ...], knobs: str) -> PbsServer:
        certificates = make_certificates(self.state_dir, name, organisation="Proxmox Backup Server")
        return PbsServer(self.holder, self._knobs(knobs, "pbs"), certificates, tokens, self.delays, name=name)

    def _knobs(self, name: str, kind: str) -> Knobs:
        """The knobs of a system by its name; those of a further system are made here. The latency is for all."""
        first = self.knobs[kind]
        return self.knobs.setdefault(name, Knobs(first.backend, first.encrypted, first.latency_ms))

    async def _running(
        self,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
        endpoint: Callable[[], Endpoint],
    ) -> Endpoint:
        await start()
        self._parts.push_async_callback(stop)
        return endpoint()

    def _endpoint_of(self, server: PbsServer) -> Callable[[], Endpoint]:
        return lambda: server.endpoint

    def _token(self, kind: str, name: str, privileges: frozenset[str]) -> Token:
        secret = self._secret(kind if name == "lab" else f"{kind} {name}")
        return Token(f"nightshift@{kind}!{name}", secret, {"/": privileges})

    def _named(self, label: str, kind: str, name: str, privileges: frozenset[str]) -> Token:
        token = self._token(kind, name, privileges)
        self.tokens[label] = {"source": kind, "token": token_text(kind, token.id, token.secret)}
        return token

    def _secret(self, name: str) -> str:
        digits = hex_digits(32, self.seed, name, "token")
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
