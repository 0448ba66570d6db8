"""The reasons for a verdict, aspect by aspect: covered, fresh, failed, intact, where, kept, proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from nightshift.facts.backup_runs import JobVolume, RestoreTest
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import BackupJob
from nightshift.facts.units import format_age, format_bytes, format_duration, format_time
from nightshift.protection.intent import BIND_MOUNT, BY_DEFAULT, Cover
from nightshift.protection.rules import DAY_S, Rules
from nightshift.protection.sight import told
from nightshift.protection.verdict import DOMAINS, Baseline, Copy, Covering, Failure, Reason

_WEAK = ("itself", "same storage", "same node")
_VERIFIED_LATELY = timedelta(days=30)  # as verify jobs count by default
_SOON, _RHYTHMS = timedelta(days=7), 3  # verified regularly, it is missed sooner: after so many times the usual
_STILL_COUNTS = timedelta(days=35)
_WHERE = {
    "itself": "in the backup server that it is itself",
    "same storage": "on the storage that its own disks are on",
    "same node": "on the node that it runs on",
}


def saved(copies: Sequence[Copy], last_at: datetime | None, now: datetime) -> Reason:
    """What is well about it, in a sentence."""
    when = format_age(last_at, now) if last_at is not None else "at an unknown time"
    if not copies:
        return Reason("saved", "remark", f"Last saved {when}, by the task history.")
    newest = copies[0]
    kept = f"{newest.count} kept" if newest.count > 1 else "the only one kept"
    checked = ", verified" if newest.verified else ""
    others = f"; also in {', '.join(copy.place for copy in copies[1:])}" if len(copies) > 1 else ""
    return Reason("saved", "remark", f"Last saved {when} to {newest.place} ({kept}{checked}){others}.")


def purpose(cover: Cover, rules: Rules) -> str | None:
    """Why nothing saves a guest on purpose; None when nobody said so."""
    guest = cover.guest
    if guest.entity.key in rules.excluded:
        return "The configuration of Nightshift exempts it from backups."
    tags = sorted(tag for tag in guest.tags if tag.lower() in rules.purpose_tags)
    if tags:
        return f"Its tag {tags[0]} says that it needs no backup."
    if cover.left_out_by:
        return f"Job {_named(cover.left_out_by[0])} leaves it out by name."
    return "It is a template, and no job selects it." if guest.template else None


def uncovered(
    cover: Cover,
    last_at: datetime | None,
    now: datetime,
    rules: Rules,
    blind: Sequence[Gap],
    known_since: datetime | None,
) -> Iterator[Reason]:
    """No enabled job selects it. What lies somewhere else decides how bad that is."""
    if cover.disabled:
        why = f"Only the disabled job {_named(cover.disabled[0])} selects it."
    elif cover.elsewhere:
        job = cover.elsewhere[0]
        why = f"Job {_named(job)} only saves what is on {job.node}, and it is on {cover.guest.node}."
    else:
        why = "No enabled backup job selects it."
    if last_at is not None:
        age = now - last_at
        recent = age <= timedelta(seconds=rules.stale_after_s)
        saved = f"Its last backup is from {format_age(last_at, now)}."
        yield Reason("uncovered", "risk" if recent else "fatal", f"{why} {saved}")
    elif not blind:
        yield Reason("never", "fatal", f"It was never backed up. {why}")
    elif known_since is not None:
        watched = format_duration((now - known_since).total_seconds())
        yield Reason("uncovered", "fatal", f"{why} No backup of it is in sight, and none was made within {watched}.")
    else:
        yield Reason("uncovered", "unknown", f"{why} Whether any backup of it exists could not be seen: {told(blind)}.")


def freshness(
    covering: Sequence[Covering],
    last_at: datetime | None,
    now: datetime,
    blind: Sequence[Gap],
    failure: Failure | None = None,
) -> Iterator[Reason]:
    """Whether the jobs that cover it have saved it lately; where a run failed, that is what made it late."""
    if covering and last_at is None and any(item.state == "never" for item in covering):
        never = next(item for item in covering if item.state == "never")
        yield Reason("never", "fatal", f"It was never backed up, though job {_named(never.job)} covers it and has run.")
        return
    for item in covering:
        job = item.job
        if item.state == "late" and item.last_at is not None:
            age = format_duration((now - item.last_at).total_seconds())
            if failure is not None and failure.made_late(item):
                to = f"to {failure.storage} " if failure.storage else ""
                why = f"; the run {to}{format_age(failure.at, now)} failed: {failure.reason}"
            else:
                why = f", and it was due {format_age(item.due_at, now)}" if item.due_at else ""
            yield Reason("late", "risk", f"The last backup by job {_named(job)} is {age} old{why}.")
        elif item.state == "never":
            yield Reason("late", "risk", f"Job {_named(job)} covers it and has run, but has never saved it.")
        elif item.state == "unknown":
            what = "how old its last backup is" if item.last_at or last_at else "whether it was ever backed up"
            yield Reason("unseen", "unknown", f"Nobody could see {what}: {told(blind) or 'too little could be read'}.")
        elif item.state == "not due" and last_at is None:
            first = f", first due {format_age(job.next_run, now)}" if job.next_run and job.next_run > now else ""
            yield Reason("first-run", "risk", f"There is no backup of it yet: job {_named(job)} has yet to run{first}.")


def volumes(left_out: Sequence[JobVolume], saves_nothing: bool) -> Iterator[Reason]:
    """Volumes that no job saves, by name."""
    if saves_nothing:
        yield Reason(
            "nothing-saved", "fatal", "Every volume of it is left out: its backups hold the configuration only."
        )
        return
    default = [volume for volume in left_out if volume.reason == BY_DEFAULT]
    chosen = [volume for volume in left_out if volume.reason not in (BY_DEFAULT, BIND_MOUNT)]
    bind = [volume for volume in left_out if volume.reason == BIND_MOUNT]
    if default:
        yield Reason("partial", "risk", f"{_volumes(default)}: {BY_DEFAULT}.")
    if chosen:
        reasons = ", ".join(dict.fromkeys(volume.reason for volume in chosen))
        yield Reason("left-out", "remark", f"{_volumes(chosen)} on purpose ({reasons}).")
    if bind:
        yield Reason("bind-mount", "remark", f"{_volumes(bind)}: {BIND_MOUNT}.")


def _volumes(items: Sequence[JobVolume]) -> str:
    names = ", ".join(f"{volume.key} ({volume.volume})" for volume in items)
    return f"{names} {'is' if len(items) == 1 else 'are'} left out"


def failing(failure: Failure | None, now: datetime, *, told: bool = False) -> Iterator[Reason]:
    """Runs that failed of late; why the last one did, unless that is `told` already."""
    if failure is None:
        return
    share = f" {failure.failed} of the last {failure.runs} runs failed." if failure.runs > 1 else ""
    if failure.open:
        why = "" if told else f": {failure.reason}"
        yield Reason("failed", "risk", f"Its last run failed {format_age(failure.at, now)}{why}.{share}")
    elif failure.failed > 1:
        yield Reason("failed-before", "remark", f"{share.strip()} The last reason: {failure.reason}.")


def integrity(copies: Sequence[Copy], now: datetime, *, is_vm: bool) -> Iterator[Reason]:
    """Whether what there is can be trusted: verification, encryption, sizes."""
    if copies and all(copy.good_at is None for copy in copies):
        yield Reason("nothing-good", "fatal", "Every backup of it failed verification: none can be restored as it is.")
    else:
        for copy in copies:
            if copy.verified is False:
                good = format_age(copy.good_at, now) if copy.good_at else None
                rest = f"the newest that did not is from {good}" if good else "all others there did as well"
                yield Reason(
                    "corrupt",
                    "risk",
                    f"The newest backup in {copy.place} failed verification; {rest}.",
                    about=copy.container,
                )
            elif copy.failed_at is not None:
                failed = f"The backup in {copy.place} from {format_age(copy.failed_at, now)} failed verification"
                text = f"{failed}, and no newer one has been verified yet: it may have the same damage."
                yield Reason("corrupt", "risk", text, about=copy.container)
    for copy in copies:
        yield from _of_copy(copy, now, is_vm=is_vm)


def _of_copy(copy: Copy, now: datetime, *, is_vm: bool) -> Iterator[Reason]:
    if copy.encrypted is False and copy.encrypted_before:
        yield Reason(
            "encryption",
            "risk",
            f"The newest backup in {copy.place} is not encrypted, older ones are.",
            about=copy.container,
        )
    if copy.encrypted and copy.encrypted_before is False:
        yield Reason(
            "encrypted-since", "remark", f"Backups in {copy.place} are encrypted of late: keep the key where a fire in "
            "this house does not reach it.", about=copy.container)  # fmt: skip
    if copy.size_bytes is not None and copy.size_before_bytes and copy.size_bytes < copy.size_before_bytes * 0.5:
        sizes = f"{format_bytes(copy.size_bytes)} instead of {format_bytes(copy.size_before_bytes)}"
        yield Reason(
            "shrunk",
            "risk" if is_vm else "remark",
            f"The newest backup in {copy.place} holds {sizes}.",
            about=copy.container,
        )
    if not copy.snapshots_known or not copy.container.startswith("datastore:") or copy.verified is not None:
        return
    if copy.verify_due:
        yield Reason(
            "unverified",
            "remark",
            f"The verify job ran after the newest backup in {copy.place} and left it out.",
            about=copy.container,
        )
    elif copy.verify_due is None and copy.good_verified_at is None:
        yield Reason(
            "never-verified",
            "remark",
            f"No verify job looks at {copy.place}: nobody knows if it can be read.",
            about=copy.container,
        )
    elif copy.verify_due is None and copy.good_verified_at and now - copy.good_verified_at > _missed_after(copy):
        yield Reason(
            "verification-ended",
            "remark",
            f"No verify job looks at {copy.place} any more: the newest backup that was verified is from "
            f"{format_age(copy.good_verified_at, now)}.",
            about=copy.container,
        )


def _missed_after(copy: Copy) -> timedelta:
    """How old the newest verified backup may be in a place that no verify job looks at."""
    if copy.verified_every is None:
        return _VERIFIED_LATELY
    return min(_VERIFIED_LATELY, max(_SOON, _RHYTHMS * copy.verified_every))


def places(copies: Sequence[Copy], blind: Sequence[Gap], asleep: Mapping[str, str], now: datetime) -> Iterator[Reason]:
    """Whether what takes the guest takes its backups as well."""
    good = [copy for copy in copies if copy.good_at is not None]
    if not good:
        return
    away = [copy for copy in good if copy.offline is not None]
    sleeping = [copy for copy in away if copy.container in asleep]
    if sleeping and (len(sleeping) == len(away)):
        copy = sleeping[0]
        seen = f" It was last read {format_age(copy.as_of, now)}." if copy.as_of else ""
        where = ", ".join(dict.fromkeys(copy.place for copy in sleeping))
        yield Reason("asleep", "remark", f"{where}: {asleep[copy.container]}.{seen}", about=copy.container)
    elif len(away) == len(good):
        where = ", ".join(dict.fromkeys(copy.place for copy in good))
        yield Reason("offline", "risk", f"Its backups lie in {where}, which cannot be read now: {good[0].offline}.")
    newest = max(copy.newest_at for copy in good)
    current = [copy for copy in good if newest - copy.newest_at <= _STILL_COUNTS]
    best = max((copy.domain for copy in current), key=DOMAINS.index)
    if best in _WEAK:
        text = f"Its backups are {_WHERE[best]}: what takes one takes the other."
        if blind:
            yield Reason("same-place", "unknown", f"{text} Whether there are others could not be seen: {told(blind)}.")
        else:
            yield Reason("same-place", "risk", text)
    elif best == "same host":
        yield Reason("with-server", "remark", "The backup server that holds its backups runs on the same node.")


def remembered(asleep: Sequence[Gap]) -> Iterator[Reason]:
    """That a guest has no backups in a server which sleeps is what was so when it was last read."""
    if asleep:
        yield Reason("asleep", "remark", f"What was there when it was last read counts: {told(asleep)}.")


def kept(copies: Sequence[Copy], successes: int) -> Iterator[Reason]:
    """Whether what is kept is what the rules say."""
    for copy in copies:
        if copy.count == 1 and successes >= 3:
            yield Reason(
                "only-one",
                "remark",
                f"Only one backup is kept in {copy.place}: there is no going back further.",
                about=copy.container,
            )
        most = copy.keep.most if copy.keep else None
        if most is not None and copy.count > 2 * most + copy.protected:
            text = f"{copy.count} backups are kept in {copy.place}, though its prune job keeps {copy.keep}."
            yield Reason("not-pruned", "remark", text, about=copy.container)


def compared(baseline: Baseline | None, rules: Rules) -> Iterator[Reason]:
    """The last run against its own past."""
    if baseline is None:
        return
    usual = baseline.usual_duration_s
    slow = usual is not None and (
        baseline.duration_s > usual * rules.slow_factor and baseline.duration_s - usual > rules.slow_by_s
    )
    lost = " The dirty bitmap was lost, so that the whole disk was read." if baseline.bitmap_lost else ""
    if slow and usual is not None:
        took, before = format_duration(baseline.duration_s), format_duration(usual)
        yield Reason("slow", "remark", f"The last run took {took} instead of {before}.{lost}")
    elif baseline.bitmap_lost:
        yield Reason("bitmap-lost", "remark", "The dirty bitmap was lost before the last run: the whole disk was read.")
    sent, before_sent = baseline.transferred_bytes, baseline.usual_transferred_bytes
    if sent is not None and before_sent is not None and (
        sent > before_sent * rules.grown_factor and sent - before_sent > rules.grown_by_bytes
    ):  # fmt: skip
        yield Reason(
            "grown", "remark", f"The last run sent {format_bytes(sent)} instead of {format_bytes(before_sent)}."
        )


def proven(tested: RestoreTest | None, now: datetime, rules: Rules, *, has_copies: bool) -> Iterator[Reason]:
    """Whether a restore was ever tried."""
    if not has_copies:
        return
    if tested is None:
        yield Reason("untested", "remark", "No restore of it is known.")
    elif now - tested.at > timedelta(seconds=rules.restore_test_s):
        days = f"{rules.restore_test_s / DAY_S:g} days"
        yield Reason(
            "test-overdue", "remark", f"Its last restore test was on {format_time(tested.at)}, over {days} ago."
        )


def _named(job: BackupJob) -> str:
    return f"“{job.comment}”" if job.comment else job.id
