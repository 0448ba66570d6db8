"""`python -m nightshift_evals.retrieval`: how well runbooks are found, against plain searches over the same sections.

Set NIGHTSHIFT_EMBEDDER (and what it needs) to measure vectors and their fusion with words as well. "As answered"
is what an answer quotes, "as searched" what `nightshift runbooks search` shows: also what may not fit.

The questions are split: `dev` is for working on the search, `later` was asked when its vocabulary had been written,
`others` come from another hand and were a test once, `near` are by somebody who wrote near misses on purpose: another
trouble of what the runbooks cover. `test` and `last` are for knowing how good it is; their misses are never shown. Your
own runbooks and questions: `--corpus FOLDER --questions FILE`, in the form of `retrieval/questions`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from nightshift_evals.figures import Figure, Report
from nightshift_evals.programs import ProcessFailed
from nightshift_evals.retrieval import product
from nightshift_evals.retrieval.corpus import (
    CORPORA,
    FOR_KNOWING,
    SPLITS,
    Corpus,
    folder_of,
    from_files,
    has_questions,
    ours,
    sections_in,
)
from nightshift_evals.retrieval.measure import (
    FALSE_HITS_GOAL,
    MARGIN_GOAL,
    RECALL_GOAL,
    Case,
    cases_of,
    false_hits,
    figures_of,
    recall_at,
)
from nightshift_evals.retrieval.plain import bm25

PLAIN, STEMMED = "BM25", "BM25 + stem"
WORDS, DENSE, HYBRID = "words", "vectors", "words + vectors"
ANSWERED, SEARCHED, RANKED = "as answered", "as searched", "without floor"

Measured = dict[str, list[Case]]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every goal is met, 1 when one is not, 2 when it could not be run."""
    parser = argparse.ArgumentParser(prog="python -m nightshift_evals.retrieval", description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument(
        "--corpus", action="append", help=f"only this one of {', '.join(CORPORA)}; with --questions a folder"
    )
    parser.add_argument("--questions", type=Path, metavar="FILE", help="ask these, over the one --corpus named")
    parser.add_argument("--misses", action="store_true", help="list what was missed, by words; not of test and last")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    if options.misses and (options.split in FOR_KNOWING or options.questions):
        parser.error("--misses needs a --split to work on: who looks at test or last has none any more")
    if options.questions and len(options.corpus or ()) != 1:
        parser.error("--questions needs the one --corpus that they are asked over")
    try:
        corpora = _corpora(options.corpus or CORPORA, options.split, options.questions)
        measured = measure(corpora)
    except (ProcessFailed, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    asked = options.questions.name if options.questions else options.split
    report = Report(f"retrieval {asked}", tuple(figures(measured)))
    print(report.to_text(as_json=options.json))
    if options.misses:
        print(json.dumps(misses(measured[f"{WORDS} {ANSWERED}"]), indent=1, ensure_ascii=False))
    return report.exit_code


def _corpora(names: Sequence[str], split: str, questions: Path | None) -> list[Corpus]:
    if questions is not None:
        return [from_files(folder_of(names[0]) if names[0] in CORPORA else Path(names[0]), questions)]
    unknown = [name for name in names if name not in CORPORA]
    if unknown:
        raise ValueError(f"{unknown[0]} is none of our corpora ({', '.join(CORPORA)}): --questions says what to ask it")
    asked = [ours(name, split) for name in names if has_questions(name, split)]
    if not asked:
        raise ValueError(f"there are no {split} questions over {', '.join(names)}")
    return asked


def measure(corpora: Sequence[Corpus]) -> Measured:
    """Every method over every corpus."""
    measured: Measured = {}
    for corpus in corpora:
        sections = sections_in(corpus.folder)
        for method, stemmed in ((PLAIN, False), (STEMMED, True)):
            search = bm25(sections, stemmed=stemmed)
            plain = {question.id: search(question.question) for question in corpus.questions}
            measured.setdefault(method, []).extend(cases_of(corpus.name, corpus.questions, plain))
        with tempfile.TemporaryDirectory(prefix="nightshift-evals-") as data:
            product.sync(corpus, Path(data))
            ways = [(WORDS, "words")]
            if product.has_embedder():
                ways += [(DENSE, "meaning"), (HYBRID, "both")]
            for method, by in ways:
                places = product.search(corpus, Path(data), by=by)
                ranked = product.search(corpus, Path(data), by=by, weak=True).searched
                for tier, found in ((ANSWERED, places.answered), (SEARCHED, places.searched), (RANKED, ranked)):
                    cases = cases_of(corpus.name, corpus.questions, found)
                    measured.setdefault(f"{method} {tier}", []).extend(cases)
    return measured


def figures(measured: Measured) -> Iterator[Figure]:
    """What is promised first, then everything."""
    answered, searched = ({f"{way} {tier}" for way in (WORDS, HYBRID)} for tier in (ANSWERED, SEARCHED))
    for method, cases in measured.items():
        yield from figures_of(method, cases, RECALL_GOAL if method in answered | searched else None)
        yield false_hits(method, cases, FALSE_HITS_GOAL if method in answered else None)
    words = measured[f"{WORDS} {ANSWERED}"]
    hits, total = recall_at(words, 3)
    gain = hits / total - recall_at(measured[STEMMED], 3)[0] / total if total else float("nan")
    yield Figure(f"{WORDS} {ANSWERED}: recall@3 above {STEMMED}", gain, "fraction", MARGIN_GOAL, n=total)
    for corpus in dict.fromkeys(case.corpus for case in words):
        for method in (STEMMED, *(f"{way} {tier}" for way in (WORDS, HYBRID) for tier in (ANSWERED, SEARCHED, RANKED))):
            own = [case for case in measured.get(method, []) if case.corpus == corpus]
            if own:
                yield from list(figures_of(f"{corpus}, {method}", own))[1:2]
    apart = [case for case in words if case.question.overlap == "none"]
    yield from list(figures_of(f"{WORDS} {ANSWERED}, no word shared with the heading", apart))[1:2]


def misses(cases: Sequence[Case]) -> list[dict[str, object]]:
    """What words alone did not find among the first three, and what was found for questions without an answer."""
    return [
        {"id": case.question.id, "question": case.question.question, "rank": case.rank, "answered": case.answered}
        for case in cases
        if (case.answered if not case.question.targets else case.rank is None or case.rank > 3)
    ]


if __name__ == "__main__":
    sys.exit(main())
