"""Documentation → short texts, one a line, that `tools/meanings.py` learns from.

    mkdir unpacked; cd unpacked; apt-get download debian-handbook postgresql-doc-15 … wordnet-base
    for package in *.deb; do dpkg -x $package ${package%%_*}; done
    .venv/bin/python tools/meaning_texts.py unpacked > texts.txt

Any folders of manual pages, HTML and plain text will do, one a package. Of every paragraph come two texts: pieces
of it, headings with and without it, or what somebody might ask with its words (`… not working`). The data files of
WordNet, when they are among them, add everyday English. Nothing of these texts is kept in what is learnt from them.
"""

from __future__ import annotations

import gzip
import html
import random
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

PER_PACKAGE = 3_000
FILE_BYTES = 8_000_000
GLOSSES = 0.5
"""So many glosses for one text of the documentation, at the most."""
SKIPPED = re.compile(r"changelog|copyright|/locale/|/man/[a-z]{2}[._/]|/[a-z]{2}([-_][A-Za-z]{2})?/|/lintian/")
ASKED = (
    "{}", "{}?", "how do I {}", "why {}", "{} failed", "{} not working", "problem with {}", "what to do about {}",
    "help: {}", "where do I find {}", "{} is broken since yesterday", "{} and nothing works any more", "when does {}",
    "I want to {}", "what does {} mean", "{} after an update", "too many {}", "{} is slow", "no {} any more",
)  # fmt: skip
Paragraph = tuple[str, str, str]
"""Title, heading, text."""


def main() -> None:
    folder = Path(sys.argv[1])
    chance = random.Random(5)
    texts: list[str] = []
    seen: set[str] = set()
    for package in sorted(path for path in folder.iterdir() if path.is_dir()):
        paragraphs = [found for found in paragraphs_of(package) if is_prose(found[2]) and found[2] not in seen]
        seen.update(text for _, _, text in paragraphs)
        chance.shuffle(paragraphs)
        for paragraph in paragraphs[:PER_PACKAGE]:
            texts += [text_of(paragraph, chance), text_of(paragraph, chance)]
    glosses = [gloss for file in folder.rglob("wordnet/data.*") for gloss in glosses_of(file)]
    chance.shuffle(glosses)
    texts += glosses[: int(GLOSSES * len(texts))]
    chance.shuffle(texts)
    for text in dict.fromkeys(" ".join(text.split()) for text in texts):
        if " " in text:
            print(text)


def paragraphs_of(package: Path) -> Iterator[Paragraph]:
    for file in sorted(package.rglob("*")):
        name = "/" + file.relative_to(package).as_posix()
        if file.is_symlink() or not file.is_file() or SKIPPED.search(name) or file.stat().st_size > FILE_BYTES:
            continue
        raw = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
        plain = name.removesuffix(".gz")
        if "/man/man" in plain:
            yield from headed(of_manual(raw.decode("utf-8", "replace")), file.name.split(".")[0])
        elif plain.endswith((".html", ".htm", ".xhtml", ".page")):
            yield from headed(of_html(raw.decode("utf-8", "replace")))
        elif plain.endswith((".txt", ".rst", ".md", ".adoc")) or re.search(r"/(README|FAQ|HOWTO|NEWS)[^/]*$", plain):
            yield from headed(of_text(raw.decode("utf-8", "replace")))


def headed(parts: Iterator[tuple[bool, str]], title: str = "") -> Iterator[Paragraph]:
    """(is a heading, text) → paragraphs with what stands above them."""
    heading = ""
    for is_heading, raw in parts:
        text = cleaned(raw)
        if is_heading:
            heading = re.sub(r"^[\d.]+\s+|¶$", "", text).strip()
            title = title or heading
        elif text:
            yield title, heading, text[:1500]


def cleaned(text: str) -> str:
    text = re.sub(r":[a-z:]+:`([^`<]*)(<[^>]*>)?`", r"\1", html.unescape(text))
    text = re.sub(r"https?://\S+|\[\d+\]|(?<!\w)[`*|_]{1,3}|[`*|_]{1,3}(?=\W|$)", "", text)
    return " ".join(text.split())


def is_prose(text: str) -> bool:
    letters = sum(char.isalpha() or char == " " for char in text) / max(1, len(text))
    return len(re.findall("[A-Za-z]{2,}", text)) > 3 and letters > 0.8 and text.isascii()


HIDDEN = ("script", "style", "pre", "head", "nav", "table", "footer", "form")


class Page(HTMLParser):
    """The headings and paragraphs of a page, without what is for browsers."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[tuple[bool, str]] = []
        self._text: list[str] = []
        self._hidden = 0
        self._is_heading = False

    def flush(self, *, heading: bool = False) -> None:
        if "".join(self._text).strip():
            self.parts.append((self._is_heading, "".join(self._text)))
        self._text, self._is_heading = [], heading

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        elif re.fullmatch("h[1-5]|dt|p|li|dd|div|section", tag):
            self.flush(heading=tag[0] == "h" or tag == "dt")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif re.fullmatch("h[1-5]|dt|p|li|dd|div", tag):
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)


def of_html(text: str) -> Iterator[tuple[bool, str]]:
    page = Page()
    page.feed(text)
    page.flush()
    yield from page.parts


def of_manual(text: str) -> Iterator[tuple[bool, str]]:
    lines: list[str] = []
    for line in re.sub(r"(?ms)^\.(nf|EX|Bd).*?^\.(fi|EE|Ed)", "", text).splitlines():
        plain = re.sub(r"\\f(\[\w*\]|\(..|.)|\\s[+-]?\d|\\[&|/,]", "", line).replace("\\-", "-").replace("\\ ", " ")
        request = re.match(r"[.']\s*([A-Za-z]+)\s*(.*)", plain)
        if request is None:
            lines += [] if plain.startswith((".", "'")) else [plain]
        elif request[1] in ("SH", "SS", "Sh", "Ss", "PP", "P", "LP", "TP", "IP", "Pp", "It"):
            yield False, " ".join(lines)
            lines = [request[2]] if request[1] == "It" else []
            if request[1][0].upper() == "S":
                yield True, request[2].replace('"', "")
        elif len(request[1]) <= 2 and request[1] not in ("TH", "Dd", "Dt", "Os", "so", "de", "ds", "if", "ie"):
            lines.append(request[2].replace('"', ""))
    yield False, " ".join(lines)


def of_text(text: str) -> Iterator[tuple[bool, str]]:
    for block in re.split(r"\n\s*\n", text):
        first, _, rest = block.strip().partition("\n")
        underlined = re.match(r"[=\-~^]{3,}\s*(\n|$)", rest)
        if first.startswith("#") or underlined:
            yield True, first.strip("# ")
            yield False, rest[underlined.end() :] if underlined else rest
        elif not first.startswith(("..", ":", "<", "{", "|")):
            yield False, block


def text_of(paragraph: Paragraph, chance: random.Random) -> str:
    """One of the texts that a paragraph gives."""
    title, heading, text = paragraph
    sentences = [part for part in re.split(r'(?<=[.!?;:])\s+(?=[A-Z"(])', text) if part]
    at, drawn = chance.randrange(len(sentences)), chance.random()
    if len(heading.split()) > 13 or (heading.isupper() and len(heading) < 25):
        heading = ""
    if drawn < 0.12 and heading:
        return first_words(f"{heading}. {' '.join(sentences[at : at + 2])}", 50)
    if drawn < 0.20 and heading and title != heading:
        return f"{first_words(title, 10)} › {heading}"
    if drawn < 0.30 and " " in heading:
        return chance.choice(ASKED).format(lowered(heading))
    if drawn < 0.48:
        words, length = sentences[at].split(), chance.randrange(3, 11)
        start = chance.randrange(max(1, len(words) - length))
        return chance.choice(ASKED).format(lowered(" ".join(words[start : start + length])).strip(".,;:()\"'"))
    return first_words(" ".join(sentences[at : at + chance.choice((1, 1, 1, 2, 3))]), 45)


def first_words(text: str, count: int) -> str:
    return " ".join(text.split()[:count])


def lowered(text: str) -> str:
    """As somebody types it in haste; names such as DNS stay."""
    return " ".join(word if sum(map(str.isupper, word)) > 1 else word.lower() for word in text.split())


def glosses_of(file: Path) -> Iterator[str]:
    """`disk, disc: a flat circular plate`, and the examples, from a data file of WordNet."""
    for line in file.read_text(encoding="utf-8").splitlines():
        head, bar, gloss = line.partition("|")
        if not bar or line.startswith("  "):
            continue
        parts = head.split()
        words = [re.sub(r"\(.*\)", "", word).replace("_", " ") for word in parts[4 : 4 + 2 * int(parts[3], 16) : 2]]
        if not any(word[0].isupper() for word in words):
            first, *examples = (part.strip(' "') for part in re.split(r';\s*(?=")', gloss.strip()))
            yield f"{', '.join(words[:4])}: {first}"
            yield from examples[:2]


if __name__ == "__main__":
    main()
