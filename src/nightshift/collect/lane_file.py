"""What the slow lane keeps from one process to the next: a file of JSON lines in the data folder, one for each source.

    {"nightshift": "0.1.0", "format": 1, "of": "3f0c9a…"}
    {"kind": "guest_configs", "key": "104", "version": 1, "at": "2026-11-23T08:00:00+00:00", "value": {"vmid": 104, …}}

It is a cache: one that is missing, damaged, of another version or of another system is started anew, and a disk that
is full costs nothing else. Readable by its owner only; replaced as a whole, so that of two processes the last one wins
and none reads half a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

import nightshift
from nightshift.facts.gap import Gap

MOST_BYTES: Final = 32 * 2**20
_FORMAT: Final = 1
_UNWANTED_FOR: Final = timedelta(days=7)
_LEFT_BEHIND_S: Final = 3_600.0
_NOT_KEPT: Final = ("forbidden", "unauthorized")  # granted a minute ago, it has to be seen at the next call


@dataclass(frozen=True, slots=True)
class Form:
    """How the results of a kind look: their type, the version of their meaning, and the fields that go to no disk."""

    shape: Any
    version: int = 1
    unkept: tuple[str, ...] = ()


@dataclass(slots=True)
class Kept:
    """One result: what was read when, and how the last try ended. Without a `form` it is as the file says (`raw`), and
    has no value before `open`."""

    value: object
    read_at: datetime | None
    tried_at: datetime
    failure: Gap | None = None
    form: Form | None = None
    raw: dict[str, Any] | None = None
    line: str | None = None

    def open(self, form: Form) -> bool:
        """Give a result from the file its type; False when it does not fit."""
        if self.raw is None:
            return True
        raw, self.raw = self.raw, None  # once typed it is in memory only as its line
        if raw["version"] != form.version:
            return False
        if self.read_at is not None:
            try:
                self.value = _read_back(form.shape, raw["value"])
            except (ValidationError, KeyError):
                return False
        self.form = form
        return True

    def as_line(self, kind: str, key: str) -> str:
        if self.line is None:
            self.line = json.dumps(self._plain(kind, key), ensure_ascii=False, separators=(",", ":"))
        return self.line

    def _plain(self, kind: str, key: str) -> dict[str, Any]:
        form = self.form or Form(type(self.value))
        plain: dict[str, Any] = {"kind": kind, "key": key, "version": form.version, "at": self.tried_at.isoformat()}
        if self.read_at is not None:
            value = _adapter(form.shape).dump_python(self.value, mode="json")
            plain["value"] = value | dict.fromkeys(form.unkept) if form.unkept else value
            plain["read_at"] = self.read_at.isoformat()
        if self.failure is not None and self.failure.kind not in _NOT_KEPT:
            gap = self.failure
            plain["failure"] = {"source": gap.source, "kind": gap.kind, "detail": gap.detail, "fix": gap.fix}
        return plain


@lru_cache(maxsize=64)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _read_back(shape: Any, value: Any) -> object:
    """The value in its type. Raises ValidationError or KeyError; a field that was not there yet makes it unfit too."""
    if is_dataclass(shape) and isinstance(value, dict):
        value = {item.name: value[item.name] for item in fields(shape)}
    result: object = _adapter(shape).validate_python(value)
    return result


class LaneFile:
    """`path` is the file, `of` tells the system that the results are about (an address; only its hash is written)."""

    def __init__(self, path: Path, of: str) -> None:
        self._path = path
        self._head = {
            "nightshift": nightshift.__version__,
            "format": _FORMAT,
            "of": hashlib.sha256(of.encode()).hexdigest()[:16],
        }

    def load(self, now: datetime) -> dict[tuple[str, str], Kept]:
        """What is in the file, by (kind, key). Nothing that claims to come from the future."""
        try:
            if self._path.stat().st_size > MOST_BYTES:
                return {}
            lines = self._path.read_text(encoding="utf-8").splitlines()
            if not lines or json.loads(lines[0]) != self._head:
                return {}
        except (OSError, ValueError):
            return {}
        results: dict[tuple[str, str], Kept] = {}
        for line in lines[1:]:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                name, kept = _parsed(line)
                if kept.tried_at <= now:
                    results[name] = kept
        return results

    def save(self, results: Mapping[tuple[str, str], Kept], wanted: frozenset[tuple[str, str]], now: datetime) -> None:
        """Replace the file. What nobody has wanted for a week is left out, the oldest first when it grows too large.

        Never raises for the disk's sake.
        """
        told = _within(_worth_keeping(results, wanted, now))
        text = "\n".join((json.dumps(self._head), *told, ""))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep_up(now)
            _replace(self._path, text.encode())

    def _sweep_up(self, now: datetime) -> None:
        """Remove the halves that killed processes left."""
        for half in self._path.parent.glob(f".{self._path.name}.*"):
            with contextlib.suppress(OSError):
                if now.timestamp() - half.stat().st_mtime > _LEFT_BEHIND_S:
                    half.unlink()


def _parsed(line: str) -> tuple[tuple[str, str], Kept]:
    raw = json.loads(line)
    read_at = _moment(raw["read_at"]) if "read_at" in raw else None
    failure = None
    if (told := raw.get("failure")) is not None:
        failure = Gap(str(told["source"]), raw["kind"], told["kind"], str(told["detail"]), told["fix"])
    elif read_at is None:
        raise ValueError("neither a result nor a failure")
    kept = Kept(None, read_at, _moment(raw["at"]), failure, raw=raw, line=line)
    return (str(raw["kind"]), str(raw["key"])), kept


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _worth_keeping(
    results: Mapping[tuple[str, str], Kept], wanted: frozenset[tuple[str, str]], now: datetime
) -> Iterable[str]:
    """The lines of the results, the newest first."""
    for (kind, key), kept in sorted(results.items(), key=lambda item: item[1].tried_at, reverse=True):
        refused = kept.failure is not None and kept.failure.kind in _NOT_KEPT
        if kept.read_at is None and refused:
            continue
        if (kind, key) in wanted or now - kept.tried_at <= _UNWANTED_FOR:
            yield kept.as_line(kind, key)


def _within(lines: Iterable[str]) -> list[str]:
    taken: list[str] = []
    size = 0
    for line in lines:
        size += len(line) * 4 + 1 if not line.isascii() else len(line) + 1
        if size > MOST_BYTES - 1024:
            break
        taken.append(line)
    return taken


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as half:
            half.write(content)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
