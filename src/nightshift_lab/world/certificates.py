"""The certificates that nodes and backup servers serve, as far as their interfaces tell of them."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.hashing import between, hex_digits
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Times are epoch seconds. `fingerprint` is SHA-256, upper case with colons."""

    filename: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: int
    not_after: int
    fingerprint: str
    key_type: str = "rsaEncryption"
    key_bits: int = 2_048


def fingerprint_of(*words: object) -> str:
    digits = hex_digits(64, *words, "fingerprint").upper()
    return ":".join(digits[index : index + 2] for index in range(0, 64, 2))


def node_certificates(world: World, node: str, ip: str, t: float) -> tuple[CertificateFacts, ...]:
    """The cluster's own authority and the node's certificate, which its authority renews two weeks before the end."""
    authority = f"/CN=Proxmox Virtual Environment/OU={hex_digits(8, world.seed, 'ca')}/O=PVE Cluster Manager CA"
    made_at = int(world.started_at - 720 * DAY_S)
    host = f"{node}.home.arpa"
    not_after = int(world.started_at + between(120, 690, world.seed, node, "certificate") * DAY_S)
    return (
        CertificateFacts(
            "pve-root-ca.pem", authority, authority, (), made_at, made_at + int(3_650 * DAY_S),
            fingerprint_of(world.seed, "ca"), key_bits=4_096,
        ),
        CertificateFacts(
            "pve-ssl.pem", f"/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={host}", authority,
            ("127.0.0.1", "0000:0000:0000:0000:0000:0000:0000:0001", "localhost", ip, node, host),
            not_after - int(730 * DAY_S), int(world.condition(f"certificate/{node}", "not_after", t, not_after)),
            fingerprint_of(world.seed, node),
        ),
    )  # fmt: skip


def server_certificate(world: World, server: str, fingerprint: str, t: float) -> CertificateFacts:
    """A backup server's own, which it signed itself for a long time."""
    host = f"{server}.home.arpa"
    subject = f"/O=Proxmox Backup Server/OU={hex_digits(8, world.seed, server)}/CN={host}"
    made_at = int(world.started_at - 510 * DAY_S)
    not_after = int(world.condition(f"certificate/{server}", "not_after", t, made_at + 365_000 * DAY_S))
    return CertificateFacts(
        "proxy.pem", subject, subject, (f"DNS:{host}",), made_at, not_after, fingerprint, key_bits=4_096
    )
