"""Ids rise, never repeat, and a forked child counts apart."""

import multiprocessing
import threading
from datetime import UTC, datetime

from app.core import clock, ids
from app.core.ids import IdMaker, new_id


def test_ids_rise_strictly_also_within_a_millisecond() -> None:
    with clock.freeze(datetime(2026, 3, 2, tzinfo=UTC)):
        made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert max(made) < 1 << 63


def test_a_clock_that_goes_back_does_not_bring_an_id_back() -> None:
    make = IdMaker(7)
    with clock.freeze(datetime(2026, 3, 2, tzinfo=UTC)):
        late = make()
    with clock.freeze(datetime(2026, 3, 1, tzinfo=UTC)):
        assert make() > late


def test_threads_never_make_the_same_id() -> None:
    make = IdMaker(7)
    made: list[int] = []

    def run() -> None:
        made.extend([make() for _ in range(2000)])

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == 12_000


def test_a_child_counts_under_its_own_node_even_when_the_lock_was_held() -> None:
    own = new_id._node
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    with ids.new_id._lock:
        child = context.Process(target=lambda: queue.put((ids.new_id(), ids.new_id._node)))
        child.start()
    child.join(10)
    assert child.exitcode == 0
    made, node = queue.get()
    assert made != new_id()
    assert new_id._node == own
    assert (made >> 12) & 1023 == node
