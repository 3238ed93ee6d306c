"""SIGTERM ends everything within twenty seconds, under load and with work in progress; nothing is lost."""

import threading
import time
from pathlib import Path

from sqlalchemy import select, text

from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.scheduling.models import Job
from tests.soak.clients import DONE, LOST, REFUSED, Crowd, Entry, Person
from tests.soak.conftest import Ground, HouseOn, report, short_or_long
from tests.soak.parts import House, Part
from tests.soak.verdict import assert_commands_agree, assert_whole, bring_to_end, end_leases, wait_until

SECONDS = 20
NEVER = 90
"""Longer than anybody waits."""


def dawdle(person: Person, seconds: float) -> tuple[threading.Thread, list[Entry]]:
    """A request that takes its time, on its way when the thread is returned."""
    answers: list[Entry] = []
    thread = threading.Thread(target=lambda: answers.append(person.start(f"dawdle?seconds={seconds}")), daemon=True)
    thread.start()
    time.sleep(0.5)
    return thread, answers


def letters(folder: Path) -> list[str]:
    path = folder / "letters"
    return path.read_text().split() if path.exists() else []


def send_a_letter(ground: Ground, person: Person) -> None:
    """Bring a process to its job that reaches outside, and wait until a worker is at it."""
    before = len(letters(ground.folder))
    person.start()
    for item in person.open_tasks():
        person.complete(item)
    wait_until(lambda: len(letters(ground.folder)) > before, 30, lambda: "no worker sends the letter")


def dawdled(ground: Ground) -> set[str]:
    with ground.app().app_context(), unit_of_work(write=False):
        return set(db.session.scalars(text("SELECT key FROM soak_records WHERE what = 'dawdled'")))


@short_or_long(2, 8)
def test_what_has_begun_is_ended_and_answered(ground: Ground, house_on: HouseOn, measure: float) -> None:
    """A request and a job of some seconds are in progress, others come in all the time."""
    house = house_on(ground)
    web, worker = house.start_web(), house.start_worker()
    house.wait_until_it_answers()
    (ground.folder / "slow").write_text(str(measure + 2))
    slow, *others = ground.people()
    send_a_letter(ground, slow)
    with Crowd(others):
        time.sleep(1)
        thread, answers = dawdle(slow, measure)
        took = end_both(web, worker)
    thread.join(10)
    report("SIGTERM under load", in_progress_s=measure, ended_in_s=took, answers=ground.journal.counts())
    assert answers[0].outcome == DONE, "the request that had begun was answered"
    assert dawdled(ground) == {answers[0].marker}
    assert max(took) < SECONDS
    assert "worker.stopped_in_the_middle" not in worker.said()
    app = ground.app()
    with app.app_context(), unit_of_work(write=False):
        leased = db.session.scalars(select(Job).where(Job.status == "due", Job.locked_until.is_not(None))).all()
        assert leased == [], "what was claimed and not begun was given back"
        done = {job.key for job in db.session.scalars(select(Job).where(Job.status == "done"))}
        assert set(letters(ground.folder)) <= done, "the letter that was being sent is settled"
    (ground.folder / "slow").unlink()
    go_on(ground, house, others[0])


def go_on(ground: Ground, house: House, person: Person) -> None:
    """The next web and worker bring everything to its end."""
    ground.journal.entries[:] = [entry for entry in ground.journal.entries if not is_dawdle(entry, ground)]
    app = ground.app()
    assert_whole(app, ground.journal)
    house.start_web()
    house.start_worker()
    house.wait_until_it_answers()
    bring_to_end(app, person, seconds=120)
    house.kill_all()
    assert_whole(app, ground.journal)
    assert_commands_agree(app)


def is_dawdle(entry: Entry, ground: Ground) -> bool:
    return not entry.item and '"id"' in entry.answer


def end_both(web: Part, worker: Part) -> tuple[float, float]:
    """SIGTERM to both at once; how long each took."""
    took: dict[str, float] = {}
    threads = [
        threading.Thread(target=lambda name=name, part=part: took.update({name: part.end(40)}))  # type: ignore[misc]
        for name, part in (("web", web), ("worker", worker))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(took["web"], 1), round(took["worker"], 1)


@short_or_long(3, 0)
def test_what_never_ends_is_cut_off_and_undone(ground: Ground, house_on: HouseOn, measure: int) -> None:
    """After the product's own patience, and in the short form after less."""
    house = house_on(ground, web_workers=1, patience=measure or None)
    web, worker = house.start_web(), house.start_worker()
    house.wait_until_it_answers()
    (ground.folder / "slow").write_text(str(NEVER))
    slow, other = ground.people("anna", "bert")
    send_a_letter(ground, slow)
    thread, answers = dawdle(slow, NEVER)
    took = end_both(web, worker)
    thread.join(10)
    report("SIGTERM with endless work", ended_in_s=took)
    assert max(took) < SECONDS
    assert answers[0].outcome == LOST
    assert dawdled(ground) == set(), "what was not answered was undone"
    assert "worker.stopped_in_the_middle" in worker.said()
    (ground.folder / "slow").unlink()
    ground.journal.entries.remove(answers[0])
    app = ground.app()
    end_leases(app)
    go_on(ground, house, other)
    with app.app_context(), unit_of_work(write=False):
        again = [job for job in db.session.scalars(select(Job)) if job.payload.get("topic") == "soak.send"]
        assert {(job.status, job.attempts) for job in again} == {("done", 2)}
    assert len(letters(ground.folder)) == 2
    assert len(set(letters(ground.folder))) == 1, "the second attempt went under the same key"


@short_or_long(1, 5)
def test_the_parent_of_make_run_ends_with_its_children(
    sqlite_ground: Ground, house_on: HouseOn, measure: float
) -> None:
    house = house_on(sqlite_ground)
    parent = house.start_both()
    house.wait_until_it_answers()
    slow, *others = sqlite_ground.people("anna", "bert", "cora")
    with Crowd(others):
        time.sleep(0.5)
        thread, answers = dawdle(slow, measure)
        took = parent.end(40)
    thread.join(10)
    report("SIGTERM of make run", ended_in_s=round(took, 1), answers=sqlite_ground.journal.counts())
    assert took < SECONDS
    assert parent.exit_code == 0
    assert answers[0].outcome == DONE
    assert set(sqlite_ground.journal.counts()) <= {DONE, REFUSED, LOST}
    sqlite_ground.journal.entries.remove(answers[0])
    app = sqlite_ground.app()
    assert_whole(app, sqlite_ground.journal)
    assert_commands_agree(app)
