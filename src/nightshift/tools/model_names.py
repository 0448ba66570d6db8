"""What people call a node or a disk by what is in it: `the N305`, `the Ryzen one`, `the Samsung 980 Pro`."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST = 4
_PROCESSORS = frozenset({"ryzen", "epyc", "xeon", "celeron", "pentium", "atom", "threadripper", "athlon"})
_MAKERS = frozenset({"samsung", "kingston", "crucial", "seagate", "toshiba", "hitachi", "micron", "intel", "sandisk"})
_CAPACITY = re.compile(r"\d+(?:\.\d+)?[gt]b")
_INSIDE = re.compile(r"(?<=\d)[a-z]{2}\d{3}(?!\d)")  # `CT1000MX500SSD1` is an MX500
_LETTERS_AND_DIGITS = re.compile(r"(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z\d-]+")


def processor_names(model: str) -> Iterable[str]:
    """`Intel(R) N305` → `n305`; `AMD Ryzen 7 5825U with Radeon Graphics` → `ryzen`, `5825u`."""
    words = re.findall(r"[a-z\d-]+", model.lower())
    return (word for word in words if word in _PROCESSORS or (_tells(word) and not word.endswith("th")))


def model_names(model: str) -> Iterable[str]:
    """`Samsung SSD 980 PRO 2TB` → `samsung`, `samsung 980`, `samsung 980 pro`, `980 pro`; `WDC WD80EFZZ-68BTXN0` →
    `wd80efzz-68btxn0`, `wd80efzz`."""
    words = [word for word in model.lower().split() if word != "ssd" and not _CAPACITY.fullmatch(word)]
    for first in range(len(words)):
        for last in range(first + 1, len(words) + 1):
            if last - first > 1 or words[first] in _MAKERS or _tells(words[first]):
                yield " ".join(words[first:last])
    yield from (stem for word in words if _tells(stem := word.partition("-")[0]))
    yield from (inner for word in words for inner in _INSIDE.findall(word))


def _tells(word: str) -> bool:
    return len(word) >= SHORTEST and _LETTERS_AND_DIGITS.fullmatch(word) is not None
