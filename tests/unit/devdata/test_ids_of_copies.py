"""Ids of copied cases: however many copies of one moment there are, no two are the same."""

from datetime import timedelta

from app.core.ids import new_id
from app.devdata.copying import Ids


def test_no_two_copies_of_a_moment_have_one_id() -> None:
    old, ids = new_id(), Ids()
    first = ids.like(old, timedelta())
    ids._next += (1 << 22) - 1
    again = ids.like(old, timedelta())
    assert again % (1 << 22) == first % (1 << 22)
    assert again > first
