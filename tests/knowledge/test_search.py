from __future__ import annotations

import time
from pathlib import Path

import pytest

from nightshift.knowledge.loading import starter_runbooks
from nightshift.knowledge.search import How, Passage, RunbookSearch
from nightshift.knowledge.terms import stem, terms_of


def search_in(folder: Path, **files: str) -> RunbookSearch:
    """The search over files of these names (`__` for `/`) and texts."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return RunbookSearch.open([folder])


@pytest.fixture(scope="module")
def starter() -> RunbookSearch:
    return RunbookSearch.open([starter_runbooks()])


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("Is there a runbook for a full datastore?", "datastore-full.md"),
        ("How do I free space on the backup server?", "datastore-full.md"),
        ("the disk of my VM is filling up", "guest-disk-full.md"),
        ("a node is down, what now?", "node-offline.md"),
        ("container keeps getting OOM killed", "container-oom.md"),
        ("this guest has no backup job", "guest-without-backup.md"),
        ("vzdump failed last night", "backup-failed.md"),
        ("unlock a VM that is locked", "guest-locked.md"),
        ("prometheus target is down", "target-down.md"),
        ("thin pool metadata full", "thin-pool.md"),
        ("the cluster lost quorum", "quorum.md"),
        ("garbage collection fails", "pbs-gc.md"),
        ("rule has no data", "alert-firing.md"),
        ("node swaps, memory pressure", "memory-pressure.md"),
        ("HostOutOfDiskSpace", "guest-disk-full.md"),
        ("datastore.gc", "pbs-gc.md"),
    ],
)
def test_the_right_runbook_comes_first(starter: RunbookSearch, question: str, file: str) -> None:
    passages = starter.search(question)
    assert passages[0].file == file
    assert len(passages) <= 3


@pytest.mark.parametrize(
    "question",
    [
        "install a new toner cartridge",
        "set up a tailscale exit node",
        "kubernetes pod in CrashLoopBackOff",
        "import a machine from hyper-v",
        "calibrate the laser cutter",
        "best pizza in town",
        "",
        "?!",
        "the of and",
        "💾",
    ],
)
def test_no_runbook_is_an_answer(starter: RunbookSearch, question: str) -> None:
    assert starter.search(question) == ()


def test_what_comes_near_is_shown_to_who_searches_and_quoted_in_no_answer(tmp_path: Path) -> None:
    search = search_in(
        tmp_path, nas="# The NAS sleeps\n\n## Steps\n\nRun `wakeonlan nas`.\n", tea="# Tea\n\nBoil water.\n"
    )

    def shown(question: str, how: How) -> list[tuple[str, bool]]:
        return [(passage.file, passage.fits) for passage in search.find(question, how=how).passages]

    near, everything = How(least="near"), How(least="all")
    assert shown("the nas is asleep", near) == shown("the nas is asleep", How()) == [("nas.md", True)]
    loud = "the fan of the nas is loud"
    assert (shown(loud, How()), shown(loud, near)[:1]) == ([], [("nas.md", False)])
    far = "set up a kubernetes cluster that never sleeps"
    assert (shown(far, near), ("nas.md", False) in shown(far, everything)) == ([], True)


def test_a_passage_can_be_quoted(tmp_path: Path) -> None:
    text = "---\nalerts: [DiskFull]\nchecks: [disk.full]\n---\n# Disk\nIntro.\n## Why\nLogs.\n## Steps\nRun `df -h`.\n"
    search = search_in(tmp_path, ops__disk=text)
    steps = Passage("ops/disk.md", "Steps", ("Disk", "Steps"), 9, "Run `df -h`.", 1.0)
    assert search.by_link("disk.full")[0] == steps
    assert [passage.heading for passage in search.by_link("DISKFULL")] == ["Steps", "Disk", "Why"]
    assert search.by_link("ops/disk.md#steps") == (steps,)
    assert search.by_link("disk.nearly") == ()
    assert search.section_count == 3


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("https://wiki.lan/runbooks/ops/disk.md#steps", "Steps"),
        ("https://wiki.lan/notes/ops/disk/", "Steps"),
        ("https://wiki.lan/runbooks/disk.html?theme=dark#why", "Why"),
        ("see https://wiki.lan/ops/disk#no-such-place please", "Steps"),
        ("what about disk.full?", "Steps"),
        ("HostDiskFull is firing", "Steps"),
        ("Disk almost full", "Steps"),
    ],
)
def test_links_go_before_words(tmp_path: Path, asked: str, heading: str) -> None:
    front = "---\nalerts: [HostDiskFull, Disk almost full]\nchecks: [disk.full]\n---\n"
    search = search_in(
        tmp_path,
        ops__disk=front + "# Volumes\nIntro.\n## Why\nLogs.\n## Steps\nRun `df -h`.\n",
        other="# Disk almost full\nThe disk is almost full: firing, please see what about it.\n",
    )
    assert (search.search(asked)[0].file, search.search(asked)[0].heading) == ("ops/disk.md", heading)


def test_an_alert_named_like_a_word_does_not_answer_every_sentence(tmp_path: Path) -> None:
    search = search_in(tmp_path, a="---\nalerts: [backup]\n---\n# Tape robot\nCall the vendor of the robot.\n")
    assert search.search("backup")[0].file == "a.md"
    assert search.search("why is the backup of my phone so slow") == ()


def test_at_most_two_passages_of_a_file(tmp_path: Path) -> None:
    many = "".join(f"## Part {n}\nprinter trouble\n" for n in range(5))
    passages = search_in(tmp_path, many=many, other="# Printer trouble\nprinter trouble here").search(
        "printer trouble", limit=4
    )
    assert sorted(passage.file for passage in passages) == ["many.md", "many.md", "other.md"]


def test_nothing_to_search(tmp_path: Path) -> None:
    search = RunbookSearch.open([tmp_path])
    assert search.search("full datastore") == ()
    assert search.by_link("datastore.full") == ()


def test_five_thousand_sections_are_searched_in_no_time(tmp_path: Path) -> None:
    text = "".join(f"## Service {n}\nrestart unit{n} when disk {n % 7} of pool{n % 91} fails\n" for n in range(5_000))
    search = search_in(tmp_path, big=text)
    started = time.process_time()
    assert search.search("restart unit4711")[0].heading == "Service 4711"
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    "words",
    [
        ("fail", "fails", "failed", "failing"),
        ("backup", "backups"),
        ("filling", "filled", "fills"),
        ("retry", "retries", "retried"),
        ("unlock", "unlocked", "unlocking"),
        ("storage", "storages"),
        ("disks", "disk"),
        ("running", "run", "runs"),
        ("migrate", "migrated", "migration", "migrating"),
    ],
)
def test_endings_do_not_matter(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words}) == 1, {word: stem(word) for word in words}


def test_terms() -> None:
    assert terms_of("Is the HostDiskFull alert État-é on pve1?") == [
        "hostdiskful",
        "host",
        "disk",
        "full",
        "alert",
        "etat",
        "pve1",
    ]
