"""Exact links: a check's id, an alert's name, a `file.md#Heading` or an alert's runbook_url → the sections it names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from nightshift.knowledge.frontmatter import Frontmatter

_IDENTIFIER = re.compile(r"[A-Za-z0-9]+[._/#:-][\w./#:%-]*\w|[A-Z][a-z0-9]+[A-Z]\w*|\w+_\w+|https?://\S+")
_MARKDOWN = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)


class Links:
    """Names → files. Immutable."""

    def __init__(self, runbooks: Iterable[tuple[str, Frontmatter]]) -> None:
        self._files: dict[str, list[str]] = defaultdict(list)
        self._pages: dict[str, list[str]] = defaultdict(list)
        for file, about in runbooks:
            for name in (*about.alerts, *about.checks, file):
                _append(self._files[name.lower()], file)
            _append(self._pages[_page(file)], file)
            _append(self._pages[_page(file).rpartition("/")[2]], file)

    def files(self, name: str) -> tuple[str, ...]:
        """The files that a name stands for; of a `file#heading`, the file."""
        wanted = name.strip().lower()
        found = self._files.get(wanted) or self._files.get(wanted.partition("#")[0])
        return tuple(found or (self._by_url(name) if "://" in name else ()))

    def in_question(self, question: str) -> Iterator[str]:
        """What in a question is a name of something and not a word: all of it, or single identifiers."""
        whole = question.strip().strip("`'\"?!., ")
        if self.files(whole):
            yield whole
            return
        for match in _IDENTIFIER.finditer(question):
            name = match.group().rstrip(".,;:!?)'\"`")
            if self.files(name):
                yield name

    def _by_url(self, url: str) -> list[str]:
        """`https://wiki.lan/runbooks/pbs/datastore-full/#steps` → the file that its path ends with."""
        try:
            parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
        except ValueError:
            return []
        for start in range(len(parts)):
            found = self._pages.get(_page("/".join(parts[start:])))
            if found:
                return found
        return []


def heading_of(name: str) -> str:
    """What a name says about the place in the file: `datastore-full.md#how-to-verify` → `how-to-verify`."""
    return unquote(name.partition("#")[2])


def anchor(heading: str) -> str:
    """`How to verify` and `how-to-verify` are the same place."""
    return "-".join(re.sub(r"[^\w\s-]", "", heading.lower()).replace("-", " ").split())


def _page(file: str) -> str:
    return _MARKDOWN.sub("", file).lower()


def _append(files: list[str], file: str) -> None:
    if file not in files:
        files.append(file)
