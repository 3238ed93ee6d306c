"""Values as JSON, for the outside and for storage."""

import datetime as python
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.feel import (
    Date,
    DateTime,
    DaysTimeDuration,
    FeelError,
    Time,
    YearsMonthsDuration,
    dump,
    from_json,
    load,
    native,
    to_json,
)
from app.engine.feel.temporal import DAY

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20),
    st.integers(-(10**20), 10**20).map(Decimal),
    st.builds(Date.from_days, st.integers(-(10**7), 10**7)),
    st.builds(Time, st.integers(0, DAY - 1), st.sampled_from([None, 0, 28_800])),
    st.builds(
        DateTime,
        st.builds(Date.from_days, st.integers(-(10**6), 10**6)),
        st.builds(Time, st.integers(0, DAY - 1), st.sampled_from([None, 0])),
    ),
    st.builds(DaysTimeDuration, st.integers(-(10**20), 10**20)),
    st.builds(YearsMonthsDuration, st.integers(-(10**6), 10**6)),
)
keys = st.one_of(st.text(max_size=8), st.sampled_from(["$n", "$t", "$c", "$r", "typename"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@given(values)
def test_what_is_stored_comes_back_the_same(value):
    back = load(json.loads(json.dumps(dump(value))))
    assert back == value
    assert shape(back) == shape(value)


def shape(value):
    """The types and the exact texts of a value, which equality alone does not tell."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value), str(value)


@given(values)
def test_plain_json_is_json(value):
    json.loads(json.dumps(to_json(value), allow_nan=False))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Decimal("5"), 5),
        (Decimal("5.00"), 5),
        (Decimal("0.1"), 0.1),
        (Decimal("12345678901234567890"), "12345678901234567890"),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (Date(2024, 1, 2), "2024-01-02"),
        (DaysTimeDuration(3_600_000_000_000), "PT1H"),
        ({"a": [Decimal(1), None]}, {"a": [1, None]}),
    ],
)
def test_plain_json_for_people_and_other_systems(value, plain):
    assert to_json(value) == plain
    assert type(to_json(value)) is type(plain)


def test_json_from_outside_has_decimals_and_keeps_text():
    value = from_json({"n": 1, "f": 0.1, "t": "2024-01-01", "l": [True, None, 2]})
    assert value == {"n": Decimal(1), "f": Decimal("0.1"), "t": "2024-01-01", "l": [True, None, Decimal(2)]}
    assert type(value["n"]) is Decimal
    assert value["l"][0] is True


def test_values_of_python_are_taken_over():
    assert native(python.date(2024, 1, 2)) == Date(2024, 1, 2)
    assert native(python.timedelta(days=-1, seconds=1)) == DaysTimeDuration(-86_399 * 10**9)
    assert native(python.datetime(2024, 1, 2, tzinfo=python.UTC)).zone == 0
    assert native(float("nan")) is None
    with pytest.raises(FeelError, match="feel_foreign_value"):
        native(object())
    with pytest.raises(FeelError, match="feel_number_too_large"):
        native(10**7000)


def test_a_function_is_not_stored(feel):
    with pytest.raises(FeelError, match="feel_value_not_storable"):
        dump(feel("function(x) x"))
    assert to_json(feel("{f: function(x) x}")) == {"f": None}


def test_a_value_that_shares_its_parts_is_not_written_out(feel):
    value = feel("(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[-1]")
    with pytest.raises(FeelError, match="feel_value_too_large"):
        dump(value)
