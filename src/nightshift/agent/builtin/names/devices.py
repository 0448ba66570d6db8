"""Block devices, as the kernel calls them: `sda`, `/dev/nvme0n1`, `mmcblk0`."""

from __future__ import annotations

import re

_DEVICE = r"(?:[shv]d[a-z]{1,2}|nvme\d+n\d+|mmcblk\d+)"
_NAMED = re.compile(rf"\b{_DEVICE}\b")
_WHOLE = re.compile(rf"(?:/dev/)?{_DEVICE}")


def devices_in(text: str) -> frozenset[str]:
    """The block devices that a text names: `nvme0n1`, `sda`."""
    return frozenset(_NAMED.findall(text.lower()))


def is_device(text: str) -> bool:
    """`sda`, `nvme0n1`: what the kernel calls a disk."""
    return _WHOLE.fullmatch(text) is not None
