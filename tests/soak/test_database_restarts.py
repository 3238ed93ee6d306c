"""PostgreSQL goes and comes back in the middle of the work: the next request works, and nothing is half done."""

import json
import random
import time

from tests.soak.clients import DONE, LOST, REFUSED, UNAVAILABLE, UNSURE, Crowd, Journal
from tests.soak.cluster import Cluster
from tests.soak.conftest import Ground, HouseOn, report, short_or_long
from tests.soak.verdict import (
    assert_all_turns_counted,
    assert_commands_agree,
    assert_whole,
    bring_to_end,
    end_leases,
    wait_until,
)


def works_since(journal: Journal, moment: float) -> bool:
    """Whether several requests that began since then were answered well."""
    return sum(entry.outcome == DONE and entry.began > moment for entry in journal.entries) > 5


@short_or_long(1, 12)
def test_the_next_request_after_a_restart_works(
    ground: Ground, house_on: HouseOn, cluster: Cluster, measure: int
) -> None:
    house = house_on(ground)
    house.start_web()
    worker = house.start_worker()
    house.wait_until_it_answers()
    people = ground.people()
    backs: list[tuple[float, float]] = []
    with Crowd(people):
        wait_until(lambda: works_since(ground.journal, 0), 60, lambda: "nobody could begin")
        for number in range(measure):
            gone = time.monotonic()
            cluster.restart("immediate" if number % 2 else "fast")
            backs.append((gone, time.monotonic()))
            wait_until(lambda: works_since(ground.journal, backs[-1][1]), 30, lambda: "nobody could go on")
    journal = ground.journal
    report(
        "restarts",
        restarts=measure,
        away_s=[round(back - gone, 2) for gone, back in backs],
        answers=journal.counts(),
        slowest_answer_ms=round(journal.slowest() * 1000),
    )
    for entry in journal.entries:
        in_between = any(entry.began < back and entry.began + entry.seconds > gone for gone, back in backs)
        assert in_between or entry.outcome in (DONE, REFUSED), f"the database was there: {entry}"
        assert entry.outcome in (DONE, REFUSED, UNAVAILABLE, UNSURE), f"no page that says what to do: {entry}"
    cluster.restart()
    assert {person.start().outcome for person in people} == {DONE}, "connections from before the restart disturb nobody"
    wait_until(lambda: "database.back" in worker.said(), 30, lambda: f"the worker never came back: {worker.said()}")
    app = ground.app()
    end_leases(app)
    bring_to_end(app, people[0], seconds=60 + 10 * measure)
    house.kill_all()
    assert_whole(app, journal)
    assert_commands_agree(app)
    assert_all_turns_counted(app)


@short_or_long(2, 60)
def test_connections_that_are_ended_one_by_one(
    ground: Ground, house_on: HouseOn, cluster: Cluster, measure: float
) -> None:
    """As a proxy, an administrator or a firewall does it: a request is done again, or says that it is not sure."""
    house = house_on(ground)
    house.start_web()
    house.start_worker()
    house.wait_until_it_answers()
    people = ground.people()
    database = ground.url.rsplit("/", 1)[1]
    ended = 0
    chance = random.Random(7)  # noqa: S311 - spreads the moments, guards nothing
    with Crowd(people):
        wait_until(lambda: works_since(ground.journal, 0), 60, lambda: "nobody could begin")
        deadline = time.monotonic() + measure
        while time.monotonic() < deadline:
            time.sleep(chance.uniform(0.02, 0.15))
            ended += cluster.do(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                f" WHERE datname = '{database}' AND backend_type = 'client backend' ORDER BY random() LIMIT 1) AS one"
            )
    journal = ground.journal
    report("ended connections", ended=ended, answers=journal.counts())
    assert ended > measure
    assert set(journal.counts()) <= {DONE, REFUSED, UNSURE}, [
        entry for entry in journal.entries if entry.outcome in (LOST, UNAVAILABLE)
    ]
    assert len(journal.of(DONE)) > len(journal.of(UNSURE))
    app = ground.app()
    end_leases(app)
    bring_to_end(app, people[0], seconds=60 + measure)
    house.kill_all()
    assert_whole(app, journal)
    assert_commands_agree(app)
    assert_all_turns_counted(app)


def test_worker_and_web_begin_without_a_database_and_recover(
    ground: Ground, house_on: HouseOn, cluster: Cluster
) -> None:
    cluster.stop()
    try:
        house = house_on(ground, web_workers=1)
        web, worker = house.start_web(), house.start_worker()
        house.wait_until_it_answers()
        answer = house.health()
        assert answer is not None
        assert (answer[0], json.loads(answer[1])["database"]) == (503, "unreachable")
        (person,) = ground.people("anna")
        refused = person.start()
        assert (refused.outcome, refused.status) == (UNAVAILABLE, 503)
        assert "数据库暂时没有响应" in json.loads(refused.answer)["detail"]
        wait_until(lambda: "database.away" in worker.said(), 30, lambda: worker.said())
        time.sleep(1.5)
        told = [json.loads(line) for line in worker.said().splitlines() if line.startswith("{")]
        away = [line for line in told if line["event"] == "database.away"]
        assert len(away) == 1, "one line for one outage"
        assert "refused" in away[0]["reason"]
        assert not any("exception" in line for line in told), "no page of stack for what is no fault of ours"
    finally:
        cluster.start()
    assert person.start().outcome == DONE, "the very next request works"
    assert "database.back" in web.said()

    def all_well() -> bool:
        answer = house.health()
        return answer is not None and json.loads(answer[1])["status"] == "ok"

    wait_until(all_well, 30, lambda: f"{house.health()}; {worker.said()}")


def test_a_database_that_takes_no_changes_is_read_and_told(ground: Ground, house_on: HouseOn, cluster: Cluster) -> None:
    house = house_on(ground, web_workers=1)
    house.start_web()
    house.wait_until_it_answers()
    (person,) = ground.people("anna")
    assert person.start().outcome == DONE
    tasks = person.open_tasks()
    database = ground.url.rsplit("/", 1)[1]
    ended = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'"
    cluster.do(f"ALTER DATABASE {database} SET default_transaction_read_only = on", ended)
    refused = person.complete(tasks[0])
    assert (refused.outcome, refused.status) == (UNAVAILABLE, 503)
    assert "不能写入" in json.loads(refused.answer)["detail"]
    assert person.open_tasks() == tasks, "reading goes on"
    answer = house.health()
    assert answer is not None
    assert json.loads(answer[1])["status"] == "not writable"
    cluster.do(f"ALTER DATABASE {database} RESET default_transaction_read_only", ended)
    assert person.complete(tasks[0]).outcome == DONE, "it recovers by itself"
    answer = house.health()
    assert answer is not None
    assert json.loads(answer[1])["writable"]
