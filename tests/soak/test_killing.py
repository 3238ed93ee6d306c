"""kill -9 at random moments under load: what was acknowledged is there, what was not is there or is not, never half."""

import random
import time
from collections import Counter

from tests.soak.clients import DONE, LOST, Crowd
from tests.soak.conftest import Ground, HouseOn, report, short_or_long
from tests.soak.parts import House, Part
from tests.soak.verdict import (
    assert_all_turns_counted,
    assert_commands_agree,
    assert_letters_left,
    assert_whole,
    bring_to_end,
    end_leases,
    wait_until,
)


def storm(house: House, web: Part, workers: list[Part], seconds: float, seed: int) -> tuple[Part, Counter[str]]:
    """Kill one thing after another, and start again what was killed."""
    chance = random.Random(seed)  # noqa: S311 - the same storm in every run
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    longest = 1.2 if seconds < 30 else 3
    while time.monotonic() < deadline:
        time.sleep(chance.uniform(0.2, longest))
        victim = chance.choice(("web", "web worker", "web worker", "worker", "worker"))
        killed[victim] += 1
        if victim == "web":
            web.kill()
            web = house.start_web()
        elif victim == "web worker":
            web.kill_child(chance.randrange(8))
        else:
            number = chance.randrange(len(workers))
            workers[number].kill()
            workers[number] = house.start_worker()
    return web, killed


def play(ground: Ground, house: House, *, workers: int, seconds: float) -> None:
    web, hands = house.start_web(), [house.start_worker() for _ in range(workers)]
    house.wait_until_it_answers()
    people = ground.people()
    with Crowd(people):
        wait_until(lambda: len(ground.journal.of(DONE)) > 10, 60, lambda: f"nobody could begin: {web.said()[-2000:]}")
        web, killed = storm(house, web, hands, seconds, seed=1963)
    for part in (web, *hands):
        part.kill()
    app = ground.app()
    journal = ground.journal
    report("killing", seconds=seconds, killed=killed, answers=journal.counts())
    assert sum(killed.values()) >= seconds / 4
    assert journal.of(LOST), "nothing was killed in the middle of anything"
    assert_whole(app, journal)
    assert_commands_agree(app)

    end_leases(app)
    house.start_web()
    house.start_worker()
    house.wait_until_it_answers()
    bring_to_end(app, people[0], seconds=60 + 2 * seconds)
    house.kill_all()
    assert_whole(app, journal)
    assert_commands_agree(app)
    assert_all_turns_counted(app)
    assert_letters_left(app, ground.folder)


@short_or_long(6, 120)
def test_killed_web_and_workers_on_postgresql(ground: Ground, house_on: HouseOn, measure: float) -> None:
    play(ground, house_on(ground), workers=2, seconds=measure)


@short_or_long(4, 60)
def test_killed_web_and_worker_on_sqlite(sqlite_ground: Ground, house_on: HouseOn, measure: float) -> None:
    play(sqlite_ground, house_on(sqlite_ground, web_workers=1, threads=8), workers=1, seconds=measure)
