"""Ids of copied cases: no two alike however many there are of one moment, in order, and never ahead of their moment."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.core.ids import ID_BITS, first_id
from app.devdata.copying import Ids

OPENED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MOMENTS = [OPENED, OPENED, OPENED + timedelta(milliseconds=1)]


def test_no_two_copies_of_a_moment_have_one_id() -> None:
    ids = Ids()
    first = ids.at(MOMENTS)
    ids._next += (1 << ID_BITS) - 3
    again = ids.at(MOMENTS)
    assert [one % (1 << ID_BITS) for one in again] == [one % (1 << ID_BITS) for one in first]
    assert not set(first) & set(again)


@pytest.mark.parametrize("together", [1, 2, 3])
def test_the_rows_of_a_case_keep_their_order_where_the_numbers_begin_anew(together: int) -> None:
    sides = [Ids(number, together) for number in range(together)]
    made: list[int] = []
    for ids in sides:
        ids._next += ((1 << ID_BITS) // together - 4) * together
        for _ in range(3):
            case = ids.at(MOMENTS)
            assert all(before < after for before, after in pairwise(case))
            assert case[-1] < first_id(MOMENTS[-1] + timedelta(milliseconds=1))
            made += case
    assert len(made) == len(set(made))
