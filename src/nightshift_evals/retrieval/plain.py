"""Plain searches to compare with: BM25 over the words of a section, as they stand or in their basic form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nightshift_evals.retrieval.corpus import Section

Place = tuple[str, str]
"""(file, heading)."""

_STOP = frozenset(
    """a an and any are as at be but by can could did do does for from had has have how i if in into is it its just
    me my no not of on or our out should so than that the their them then there they this to too up was we
    were what when where which who why will with would you your""".split()  # noqa: SIM905
)


def bm25(sections: Sequence[Section], *, stemmed: bool) -> Callable[[str], list[Place]]:
    """A function from a question to the places of a corpus, best first."""
    import Stemmer
    from rank_bm25 import BM25Okapi

    stemmer = Stemmer.Stemmer("english") if stemmed else None

    def words(text: str) -> list[str]:
        found = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _STOP]
        return list(stemmer.stemWords(found)) if stemmer else found

    index = BM25Okapi([words(f"{section.title} {section.heading} {section.text}") for section in sections])

    def search(question: str) -> list[Place]:
        scores = index.get_scores(words(question))
        order = sorted(range(len(sections)), key=lambda number: (-scores[number], number))
        return list(
            dict.fromkeys((sections[number].file, sections[number].heading) for number in order if scores[number])
        )

    return search
