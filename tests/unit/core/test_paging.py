"""Cursors: ours are read back, anything else is the first page."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.paging import LARGEST_ID, aware_moment, cut, decode_cursor, encode_cursor, record_id

MOMENT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_cursor_is_read_back() -> None:
    cursor = encode_cursor([4, MOMENT.isoformat(), "12"])
    assert decode_cursor(cursor, record_id, aware_moment, record_id) == [4, MOMENT, 12]


@pytest.mark.parametrize(
    "values",
    [["x"], [None], [-1], [LARGEST_ID + 1], [[1]], [{}], [1, 2], [], "text", None, [1.5e300]],
)
def test_what_is_none_of_ours_is_no_cursor(values: object) -> None:
    assert decode_cursor(encode_cursor(values if isinstance(values, list) else [values, values]), record_id) is None


def test_a_moment_without_a_zone_is_none() -> None:
    assert decode_cursor(encode_cursor(["2026-03-02T01:00:00"]), aware_moment) is None
    assert decode_cursor(encode_cursor(["yesterday"]), aware_moment) is None


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(typed: str) -> None:
    found = decode_cursor(typed, record_id)
    assert found is None or len(found) == 1


def test_a_page_ends_where_its_cursor_begins() -> None:
    page = cut([1, 2, 3], 2, lambda row: [row])
    assert list(page.rows) == [1, 2]
    assert decode_cursor(page.next_cursor, record_id) == [2]
    assert cut([1, 2], 2, lambda row: [row]).next_cursor is None
