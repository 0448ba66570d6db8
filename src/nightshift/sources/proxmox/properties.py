"""PVE's ways to write several things into one string."""

from __future__ import annotations

import re


def properties(text: str) -> dict[str, str]:
    """PVE's property strings: `enabled=1,type=virtio` → a mapping; the part without a name has the key ""."""
    pairs = (part.partition("=") for part in text.split(","))
    return {(name.strip() if mark else ""): (value if mark else name).strip() for name, mark, value in pairs}


def is_on(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes", "on")


def split_tags(text: str | None) -> tuple[str, ...]:
    """PVE separates tags with `;`, and accepts `,` and spaces."""
    return tuple(part for part in re.split(r"[;,\s]+", text or "") if part)


def split_list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
