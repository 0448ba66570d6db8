"""What vzdump's errors come to in words."""

from __future__ import annotations

import pytest

from nightshift.protection.runs import sentence

CHUNK = "3077956ebb1157561e1abe7f4c446921b35016f96f86f40f4edf5a17f92d8f8a"
FULL = (
    f"inserting chunk on store 'tank' failed for {CHUNK} - "
    f'mkstemp "/mnt/datastore/tank/.chunks/3077/{CHUNK}.tmp_Ab12" failed: ENOSPC: No space left on device'
)
FULL_TOLD = (
    "the place that it was written to was full (inserting chunk on store 'tank' failed for … - mkstemp "
    '"/mnt/datastore/tank/.chunks/…" failed: ENOSPC: No space left on device)'
)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("got timeout", "something did not answer in time (got timeout)"),
        ("who knows", "who knows"),
        (FULL, FULL_TOLD),
        ("x" * 300, "x" * 199 + "…"),
        (f"got timeout {'x' * 300}", f"something did not answer in time (got timeout {'x' * 187}…)"),
        (f"{'x ' * 150}got timeout, yes", f"something did not answer in time (…{'x ' * 93}got timeout…)"),
    ],
    ids=["short", "no words for it", "a full datastore", "long", "long, the reason first", "long, the reason last"],
)
def test_a_reason_in_words(reason: str, told: str) -> None:
    assert sentence(reason) == told
