"""Two people, four workers and a timer on one instance at once: one order of events, and everybody is answered."""

import itertools
import json
import threading
import time
from collections import Counter

from sqlalchemy import select

from app.bench.consistency import history
from app.core.database import db
from app.core.locking import LOCK_SECONDS
from app.core.unit_of_work import unit_of_work
from app.workflow import queries
from app.workflow.models import Instance, WorkItem
from tests.soak.clients import DONE, REFUSED, Person
from tests.soak.cluster import Cluster
from tests.soak.conftest import Ground, HouseOn, report, short_or_long
from tests.soak.served import COUNTY
from tests.soak.verdict import assert_commands_agree, assert_whole, wait_until

GONE = "办结这项待办"
"""Stands in the answer that names who has completed the task meanwhile."""

BEAT = 0.15
"""Seconds after each task: the timer rings once a second, and is to ring while there is something to do."""


def work_off(person: Person, together: threading.Barrier) -> None:
    """Do one task after the other, in the same order and the same beat as the other person."""
    together.wait(30)
    while tasks := person.open_tasks():
        for item in sorted(tasks)[:4]:
            person.complete(item)
            time.sleep(BEAT)


@short_or_long(12, 80)
def test_everybody_is_answered_and_events_have_one_order(
    ground: Ground, house_on: HouseOn, cluster: Cluster, measure: int
) -> None:
    house = house_on(ground)
    house.start_web()
    workers = [house.start_worker() for _ in range(4)]
    house.wait_until_it_answers()
    people = ground.people("anna", "bert")
    assert people[0].start(f"start_crowd?people={measure}").outcome == DONE
    database = ground.url.rsplit("/", 1)[1]
    together = threading.Barrier(2)
    threads = [threading.Thread(target=work_off, args=(person, together)) for person in people]
    waits: list[float] = []
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        waits.append(longest_wait(cluster, database))
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    app = ground.app()

    def all_done() -> bool:
        with app.app_context(), unit_of_work(write=False):
            return set(db.session.scalars(select(Instance.status))) == {"finished"}

    wait_until(all_done, 60, lambda: "the process never ended: " + "".join(part.said()[-2000:] for part in workers))
    house.kill_all()
    journal = ground.journal
    deadlocks = cluster.do(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{database}'")
    report(
        "one instance",
        people=measure,
        answers=journal.counts(),
        slowest_answer_ms=round(journal.slowest() * 1000),
        longest_lock_wait_seen_ms=round(max(waits) * 1000),
        deadlocks=deadlocks,
    )
    assert set(journal.counts()) <= {DONE, REFUSED}, "everybody is answered"
    done = {entry.item for entry in journal.of(DONE)}
    for entry in journal.of(REFUSED):
        assert entry.item in done, f"told to reload, and the task was there: {entry}"
        assert GONE in json.loads(entry.answer)["detail"], entry
    assert journal.slowest() < LOCK_SECONDS
    assert max(waits) < LOCK_SECONDS
    assert_whole(app, journal)
    assert_commands_agree(app)
    with app.app_context(), unit_of_work(write=False):
        (row,) = db.session.scalars(select(Instance))
        values = queries.variables_by_scope(COUNTY, row.id)[""]
        assert values["turns"] == measure, "no turn overwrote another"
        told = [entry for _, entry in history() if entry.about.get("instance") == row.id]
        events = Counter(entry.event for entry in told)
        assert events["task.completed"] == measure
        assert values["ticks"] > 0, "no timer came in between"
        assert row.steps == 1 + measure * 2 + events["timer.fired"]
        order = {entry.about["item"]: number for number, entry in enumerate(told) if entry.event == "task.completed"}
        closed = sorted(db.session.scalars(select(WorkItem)), key=lambda item: order[item.id])
        late = [before.id for before, after in itertools.pairwise(closed) if before.closed_at > after.closed_at]
        report("one instance", moments_out_of_order=len(late))


def longest_wait(cluster: Cluster, database: str) -> float:
    """Seconds for which the one who has waited longest for a lock has been waiting at this moment."""
    found = cluster.do(
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)"
        f" FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = '{database}')"
    )
    return float(found)
