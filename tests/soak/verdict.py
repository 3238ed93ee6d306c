"""What must be true afterwards, whatever was killed: read from the tables, held against the clients' journal."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, text, update

from app.bench.consistency import check, history
from app.core.database import db
from app.core.unit_of_work import run_unit, unit_of_work
from app.directory.models import Person as PersonRow
from app.scheduling.models import Job
from app.workflow import queries
from app.workflow.models import Incident, Instance, WorkItem
from tests.soak.clients import DONE, LOST, UNSURE, Entry, Journal, Person
from tests.soak.served import COUNTY

PAIR = {"soak", "soak_reply"}


def assert_whole(app: Flask, journal: Journal) -> None:
    """No table contradicts another, and everybody's acknowledged work is there, once."""
    flaws = [str(flaw) for flaw in check(app)]
    assert not flaws, "\n".join(flaws)
    with app.app_context(), unit_of_work(write=False):
        _hold_tasks_against(journal)
        _hold_starts_against(journal)
        _count_effects()


def assert_commands_agree(app: Flask) -> None:
    """`flask audit verify` says so too."""
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 0, result.output


def _hold_tasks_against(journal: Journal) -> None:
    names = {row.id: row.login for row in db.session.scalars(select(PersonRow))}
    attempts: dict[int, list[Entry]] = defaultdict(list)
    for entry in journal.entries:
        if entry.item:
            attempts[entry.item].append(entry)
    notes = _notes()
    items = {item.id: item for item in db.session.scalars(select(WorkItem))}
    for item_id, entries in attempts.items():
        assert sum(entry.outcome == DONE for entry in entries) <= 1, f"task {item_id} was acknowledged twice: {entries}"
        assert item_id in items, f"task {item_id} is lost"
    for item in items.values():
        entries = attempts[item.id]
        told = [(names.get(item.closed_by or 0), note) for note in notes[item.id]]
        acknowledged = [(entry.who, entry.marker) for entry in entries if entry.outcome == DONE]
        possible = [(entry.who, entry.marker) for entry in entries if entry.outcome in (DONE, LOST, UNSURE)]
        if item.status == "done":
            assert len(told) == 1, f"task {item.id} was told {told}"
            assert not acknowledged or acknowledged == told, (
                f"task {item.id}: {acknowledged} were told yes, {told} kept"
            )
            assert told[0] in possible, f"task {item.id}: {told} kept, asked for by {entries}"
        else:
            assert not acknowledged, f"task {item.id} is {item.status}, and {acknowledged} were told yes"


def _notes() -> dict[int, list[str]]:
    """What the history says was entered, by task."""
    notes: dict[int, list[str]] = defaultdict(list)
    for _, entry in history():
        if entry.event == "task.completed":
            notes[entry.about["item"]].append(entry.payload["values"]["note"])
    return notes


def _hold_starts_against(journal: Journal) -> None:
    """Both processes of an errand are there or neither; all that were acknowledged are."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in db.session.scalars(select(Instance)):
        found[str(queries.variables_by_scope(COUNTY, row.id)[""]["key"])].append(row.process_id)
    for key, processes in found.items():
        assert sorted(processes) in (sorted(PAIR), ["soak_crowd"]), f"errand {key} has {processes}"
    starts = {entry.marker: entry.outcome for entry in journal.entries if not entry.item}
    for key, outcome in starts.items():
        assert outcome != DONE or key in found, f"errand {key} is lost"
        assert outcome in (DONE, LOST, UNSURE) or key not in found, f"errand {key} was refused and is there"
    assert found.keys() <= starts.keys()


def _count_effects() -> None:
    """A job that works on the database has worked as often as it was finished."""
    written = Counter(db.session.scalars(text("SELECT key FROM soak_records WHERE what <> 'dawdled'")))
    jobs = db.session.scalars(select(Job).where(Job.kind == "workflow.topic", Job.status == "done"))
    done = Counter(job.key for job in jobs if job.payload["topic"] == "soak.record")
    assert written == done


def end_leases(app: Flask) -> None:
    """As if the leases of the killed workers had run out, and what was put off were due again.

    What somebody holds at this moment is in living hands: waiting for it would be waiting for each other.
    """
    due = select(Job.id).where(Job.status == "due").with_for_update(skip_locked=True)
    leased = select(Instance.id).where(Instance.leased_until.is_not(None)).with_for_update(skip_locked=True)

    def end() -> None:
        db.session.execute(update(Job).where(Job.id.in_(due)).values(locked_until=None, run_at=Job.created_at))
        db.session.execute(update(Instance).where(Instance.id.in_(leased)).values(leased_until=None))

    with app.app_context():
        run_unit(end)


def bring_to_end(app: Flask, person: Person, seconds: float) -> None:
    """Do every task until no process runs any more: nothing was lost on the way."""

    def step() -> bool:
        for item in person.open_tasks():
            person.complete(item)
        return _running(app) == 0

    wait_until(step, seconds, lambda: f"{_running(app)} processes never ended; {_stuck(app)}")


def _running(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return len(db.session.scalars(select(Instance.id).where(Instance.status == "running")).all())


def _stuck(app: Flask) -> list[Any]:
    with app.app_context(), unit_of_work(write=False):
        running = db.session.execute(select(Instance.id, Instance.active).where(Instance.status == "running"))
        stands = [[one["element_id"] for one in row.active] for row in running]
        return [stands[:5], [one.cause for one in db.session.scalars(select(Incident).limit(3))]]


def assert_all_turns_counted(app: Flask) -> None:
    """Three branches counted up one name each: none overwrote another."""
    with app.app_context(), unit_of_work(write=False):
        events: dict[int, Counter[str]] = defaultdict(Counter)
        for _, entry in history():
            events[entry.about.get("instance", 0)][entry.event] += 1
        for row in db.session.scalars(select(Instance).where(Instance.process_id == "soak")):
            values = queries.variables_by_scope(COUNTY, row.id)[""]
            assert (row.status, values["turns"]) == ("finished", 3), f"{row.id}: {values}"
            told = events[row.id]
            assert (told["task.completed"], told["message.received"]) == (3, 1), told
            # A timer that is due when somebody completes a task fires within that very step.
            assert told["timer.fired"] <= 1, told
            steps = 1 + 3 + 1 + 2 + told["timer.fired"]
            assert row.steps == steps, f"{row.id} took {row.steps} steps: {told}"


def assert_letters_left(app: Flask, folder: Path) -> None:
    """An effect outside happened at least once under each key; more often only as often as it was tried."""
    letters = Counter((folder / "letters").read_text().split())
    with app.app_context(), unit_of_work(write=False):
        jobs = [job for job in db.session.scalars(select(Job)) if job.payload.get("topic") == "soak.send"]
    assert jobs
    for job in jobs:
        assert 1 <= letters[job.key] <= job.attempts, f"letter {job.key} left {letters[job.key]} times: {job.attempts}"
    assert letters.keys() <= {job.key for job in jobs}


def wait_until(there: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise AssertionError(why())
        time.sleep(0.1)
