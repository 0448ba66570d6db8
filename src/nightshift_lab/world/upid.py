"""Task identifiers as PVE and PBS build them."""

from __future__ import annotations

from nightshift_lab.world.hashing import fraction


def pve_upid(node: str, started_at: float, boot_at: float, kind: str, task_id: str, user: str) -> str:
    """`UPID:node:pid:pstart:starttime:type:id:user:`; pstart counts hundredths of a second since boot."""
    pid, pstart = _process(node, started_at, boot_at, kind, task_id)
    return f"UPID:{node}:{pid:08X}:{pstart:08X}:{int(started_at):08X}:{kind}:{task_id}:{user}:"


def pbs_upid(node: str, started_at: float, boot_at: float, kind: str, worker_id: str | None, user: str) -> str:
    """As PVE's, with a running number before the start time, and the worker id escaped as systemd escapes names."""
    pid, pstart = _process(node, boot_at + 45.0, boot_at, "proxmox-backup-proxy", "")
    number = int(fraction(started_at, kind, worker_id) * 0xFFFF)
    escaped = _escaped(worker_id or "")
    return f"UPID:{node}:{pid:08X}:{pstart:08X}:{number:08X}:{int(started_at):08X}:{kind}:{escaped}:{user}:"


def process_of(upid: str) -> tuple[int, int]:
    """(pid, pstart) that a task identifier carries."""
    fields = upid.split(":")
    return int(fields[2], 16), int(fields[3], 16)


def _process(node: str, started_at: float, boot_at: float, kind: str, task_id: str) -> tuple[int, int]:
    pid = 1_000 + int(fraction(node, int(started_at), kind, task_id) * 3_900_000)
    return pid, max(1, int((started_at - boot_at) * 100)) & 0xFFFFFFFF


def _escaped(text: str) -> str:
    escaped = ""
    for character in text:
        if character == "/":
            escaped += "-"
        elif character.isascii() and (character.isalnum() or character in "_."):
            escaped += character
        else:
            escaped += "".join(f"\\x{byte:02x}" for byte in character.encode())
    return escaped
