"""When the best section is still not what was asked for: the honest answer is then "no runbook".

Six figures of a section and a question are weighed. The weights and the floor were fitted to questions with and
without an answer, the dev halves in `nightshift_evals/retrieval`; `python -m bench.relevance` fits them again and tells
how many false hits and lost answers each floor costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nightshift.knowledge.ranking import Asked, Hit, Postings, rarity

WEIGHTS = {"said": 3.4, "spoken": 1.8, "above": 4.1, "share": 6.5, "foreign": -3.6, "shortness": -13.5}
INTERCEPT = -2.4
FLOOR = -0.3
"""At least this much for the best of the first three sections, or none of them is shown."""
LOWEST = FLOOR - 3.0
"""At least this much for a section that is shown beside one that fits."""
FIRST = 3
ABOVE = 2.5
SIMILAR_FLOOR = 0.55
RANKS = 20
WORDS_WEIGHT = 1.5
"""What a place by words counts, one by meaning counting 1: words alone are the better of the two."""
ROLE_IN_MEANING = 1.5
"""How much more a section's role counts among similarities, which differ less than scores do."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is weighed. Shares are of the question's weight, 0 to 1.

    `said`: in the question's own words; `spoken`: in these or in others of their classes; `above`: in title, headings
    or frontmatter; `share`: the score as a share of the best possible; `foreign`: how many products the question names
    that the file never mentions; `shortness`: 1 for no words, less for more, because few words are soon found.
    """

    said: float
    spoken: float
    above: float
    share: float
    foreign: float
    shortness: float

    @property
    def relevance(self) -> float:
        """A log-odds: above 0 it is likelier an answer than none."""
        return INTERCEPT + sum(weight * float(getattr(self, name)) for name, weight in WEIGHTS.items())


def figures(question: Asked, hit: Hit, postings: Postings) -> Figures:
    """The figures of one section."""
    terms = postings.terms_in(hit.section)
    total = said = spoken = above = 0.0
    for place in question.places:
        weight = place.matters * max(rarity(term, postings) for term in (*place.words, *place.classes))
        by_word = max((terms.get(word, 0.0) for word in place.words), default=0.0)
        by_class = max((terms.get(term, 0.0) for term in place.classes), default=0.0)
        total += weight
        said += weight * (by_word > 0)
        spoken += weight * (max(by_word, by_class) > 0)
        above += weight * (max(by_word, by_class) >= ABOVE)
    total = total or 1.0
    return Figures(
        said / total,
        spoken / total,
        above / total,
        hit.share,
        float(_foreign(question, postings.file_of(hit.section), postings)),
        1 / (1 + len(question.places)),
    )


def fitting(question: Asked, hits: Sequence[Hit], postings: Postings) -> Iterator[Hit]:
    """The hits that are answers, in their order; none when even the best ones are not."""
    if any(figures(question, hit, postings).relevance >= FLOOR for hit in hits[:FIRST]):
        yield from (hit for hit in hits if figures(question, hit, postings).relevance >= LOWEST)


def _foreign(question: Asked, file: int, postings: Postings) -> int:
    return sum(
        all(postings.file_of(section) != file for section in postings.sections_with(name).sections)
        for name in question.names
    )


def fused(hits: Sequence[Hit], fits: bool, similar: Mapping[int, float], postings: Postings) -> list[tuple[int, float]]:
    """(section, score) of what fits, by its words or by its meaning, best first: reciprocal rank fusion, which does not
    care on what scale an embedder measures."""
    if not fits and max(similar.values(), default=0.0) < SIMILAR_FLOOR:
        return []
    scores: dict[int, float] = defaultdict(float)
    for place, hit in enumerate(hits, 1):
        scores[hit.section] += WORDS_WEIGHT / (RANKS + place)
    # All sections of a file mean much the same: what they are for decides between them, as it does with words.
    by_meaning = sorted(
        similar, key=lambda section: (-similar[section] * postings.standing(section) ** ROLE_IN_MEANING, section)
    )
    for place, section in enumerate(by_meaning, 1):
        scores[section] += 1 / (RANKS + place)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
