"""Corpora and questions, read from their files.

    questions/starter-dev.yaml        a list of {id, question, targets: [{file, heading}], overlap: content|none}
    corpora/workshop/*.md             the corpus `workshop`; `starter` are the runbooks of the installed package

Not every corpus has every split.

`targets: []` means that nothing in the corpus answers the question.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

HERE = Path(__file__).parent
CORPORA = ("starter", "workshop", "attic", "pager", "handbook")
FOR_KNOWING = ("test", "last")
SPLITS = ("dev", "later", "others", "near", *FOR_KNOWING)
"""`test` and `last` are for knowing how good the search is, the others for working on it."""


class Target(BaseModel):
    """A section that answers a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    heading: str


class Question(BaseModel):
    """A question and the sections that answer it; none of them is needed more than another. `overlap` tells whether it
    shares a content word with the heading of a target."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: str
    targets: tuple[Target, ...]
    overlap: str = "none"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text under it, as the plain searches see it."""

    file: str
    heading: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of runbooks and the questions that are asked over it."""

    name: str
    folder: Path
    questions: tuple[Question, ...]


def folder_of(corpus: str) -> Path:
    """Where the Markdown files of one of our corpora lie."""
    if corpus != "starter":
        return HERE / "corpora" / corpus
    spec = importlib.util.find_spec("nightshift")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("nightshift is not installed here")
    return Path(next(iter(spec.submodule_search_locations))) / "runbooks"


def ours(corpus: str, split: str) -> Corpus:
    """A corpus that comes with this package, with one split of its questions."""
    return from_files(folder_of(corpus), _file_of(corpus, split), corpus)


def has_questions(corpus: str, split: str) -> bool:
    """Whether a split has questions over one of our corpora."""
    return _file_of(corpus, split).exists()


def _file_of(corpus: str, split: str) -> Path:
    return HERE / "questions" / f"{corpus}-{split}.yaml"


def from_files(folder: Path, questions: Path, name: str | None = None) -> Corpus:
    """Any folder of runbooks, with the questions of any file. Raises ValueError when the file is not what it should be,
    or a target does not exist in the folder."""
    read = TypeAdapter(tuple[Question, ...]).validate_python(yaml.safe_load(questions.read_text(encoding="utf-8")))
    known = {(section.file, section.heading) for section in sections_in(folder)}
    lost = [
        question.id for question in read for target in question.targets if (target.file, target.heading) not in known
    ]
    if lost:
        raise ValueError(f"{questions.name}: the targets of {', '.join(lost)} do not exist in {folder}")
    return Corpus(name or folder.resolve().name, folder, read)


def questions_of(corpus: str, split: str) -> tuple[Question, ...]:
    """The questions over one of our corpora. Raises ValueError when their file is not what it should be."""
    return ours(corpus, split).questions


def sections_of(corpus: str) -> tuple[Section, ...]:
    """Every section of one of our corpora that has text, in the order of the files."""
    return sections_in(folder_of(corpus))


def sections_in(folder: Path) -> tuple[Section, ...]:
    """Every section of the Markdown files below a folder that has text, in the order of the files."""
    return tuple(
        section
        for path in sorted(folder.rglob("*.md"))
        for section in _sections(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
    )


def _sections(file: str, text: str) -> Iterator[Section]:
    body = re.sub(r"\A---\n.*?^---\n", "", text, count=1, flags=re.DOTALL | re.MULTILINE)
    named = re.search(r"^title:\s*(.+)$", text[: len(text) - len(body)], re.MULTILINE)
    title, heading, lines, fenced = named.group(1).strip() if named else "", "", list[str](), False
    underlined = re.sub(r"(?m)(?<=\n\n)([^\n#>|*+-][^\n]*)\n(?:=+|-{2,})[ \t]*$", r"# \1", f"\n\n{body}")
    for line in [*underlined.splitlines(), "# "]:
        fenced = fenced != line.lstrip().startswith(("```", "~~~"))
        found = None if fenced else re.match(r"#{1,6}\s+(.*?)\s*#*$|# $", line)
        if found is None:
            lines.append(line)
            continue
        if any(part.strip() for part in lines):
            yield Section(file, heading or title or file, title, "\n".join(lines))
        heading, lines = re.sub(r"[*_`]", "", found.group(1) or ""), []
        title = title or heading
