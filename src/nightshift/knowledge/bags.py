"""A section → the bag of terms that it is counted as: its own words and the classes of words that it speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from nightshift.knowledge.frontmatter import Frontmatter
from nightshift.knowledge.markdown import Section
from nightshift.knowledge.terms import is_telling, words_of
from nightshift.knowledge.vocabulary import homelab

FIELD_WEIGHTS = {"title": 1.5, "heading": 3.0, "path": 1.0, "symptoms": 1.0, "tags": 1.0, "links": 0.7}
"""What one word above the text counts for; one of the text counts 1, less in a text longer than most."""


@dataclass(frozen=True, slots=True)
class Bag:
    """`above` are the weighted terms of title, headings and frontmatter, `body` those of the text, counted.
    `length` is the number of telling words in the text."""

    above: Mapping[str, float]
    body: Mapping[str, int]
    length: int


def bag_of(title: str, file: str, about: Frontmatter, section: Section) -> Bag:
    """The terms of one section of a runbook."""
    fields = {
        "title": title,
        "heading": section.heading if section.heading != title else "",
        "path": " . ".join((*(part for part in section.heading_path[:-1] if part != title), file.rpartition(".")[0])),
        "symptoms": " . ".join(about.symptoms),
        "tags": " . ".join((*about.tags, *about.entities)),
        "links": " . ".join((*about.alerts, *about.checks)),
    }
    above: Counter[str] = Counter()
    for field, text in fields.items():
        for term, count in counted(text).items():
            above[term] += FIELD_WEIGHTS[field] * count  # type: ignore[assignment]
    body = counted(section.text)
    return Bag(dict(above), dict(body), sum(count for term, count in body.items() if not is_class(term)))


def counted(text: str) -> Counter[str]:
    """Terms of a text with how often they occur: telling words, and classes of the vocabulary."""
    words = words_of(text)
    terms = Counter(word for word in words if is_telling(word))
    terms.update(mention.term for mention in homelab().mentions(words))
    return terms


def is_class(term: str) -> bool:
    """Whether a term is a class of the vocabulary and not a word."""
    return term[0] in "=~!"
