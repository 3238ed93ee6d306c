"""Posted fields become typed values, or messages beside the fields."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from app import forms
from app.definitions.rules import Dictionary
from app.engine.feel import Environment
from app.forms import FormInvalid, FormUnfinished
from tests.unit.forms.conftest import AMOUNT, SUMMARY, TYPE, WITNESSES, form


class Reader:
    def __init__(self, dictionary: Dictionary, environment: Environment) -> None:
        self.dictionary = dictionary
        self.environment = environment

    def __call__(self, asked: dict[str, Any], posted: Any, **more: Any) -> dict[str, object]:
        posted = MultiDict(posted) if isinstance(posted, list) else posted
        more.setdefault("variables", {})
        return forms.read(asked, posted, dictionary=self.dictionary, environment=self.environment, **more)

    def refused(self, asked: dict[str, Any], posted: Any, **more: Any) -> dict[str, list[str]]:
        with pytest.raises(FormInvalid) as refusal:
            self(asked, posted, **more)
        assert type(refusal.value) is FormInvalid
        return refusal.value.fields


@pytest.fixture
def read(dictionary: Dictionary, environment: Environment) -> Reader:
    return Reader(dictionary, environment)


def test_every_type_arrives_typed(read: Reader) -> None:
    asked = form(
        SUMMARY,
        TYPE,
        {"type": "number", "key": "amount"},
        {"type": "radio", "key": "group_talk"},
        {"type": "datetime", "subtype": "date", "key": "happened_on"},
        {"type": "datetime", "subtype": "datetime", "key": "session_at"},
        {"type": "checklist", "key": "wishes"},
        {"type": "group", "path": "place", "components": [{"type": "textfield", "key": "village", "id": "v"}]},
    )
    values = read(
        asked,
        [
            ("summary", "  两家争水\r\n已有三日 "),
            ("dispute_type", "wages"),
            ("amount", "１２,300.50"),
            ("group_talk", "false"),
            ("happened_on", "2026年2月28日"),
            ("session_at", "2026-03-04T09:30"),
            ("wishes", "money"),
            ("wishes", "apology"),
            ("place.village", "枫桥村"),
        ],
    )
    assert values == {
        "summary": "两家争水\n已有三日",
        "dispute_type": "wages",
        "amount": Decimal("12300.50"),
        "group_talk": False,
        "happened_on": date(2026, 2, 28),
        "session_at": datetime(2026, 3, 4, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        "wishes": ["money", "apology"],
        "place": {"village": "枫桥村"},
    }
    assert type(values["amount"]) is Decimal


def test_unknown_and_locked_names_are_dropped(read: Reader) -> None:
    asked = form(
        {"type": "textfield", "key": "summary"},
        {"type": "select", "key": "risk_colour"},
        {"type": "textfield", "key": "identity", "disabled": True},
        {"type": "number", "key": "amount", "readonly": "= dispute_type = null"},
    )
    posted = [
        ("summary", "争水"),
        ("risk_colour", "red"),
        ("identity", "1"),
        ("amount", "5"),
        ("county_id", "7"),
        ("__class__", "x"),
    ]
    assert read(asked, posted) == {"summary": "争水"}


def test_what_a_condition_hides_is_dropped_and_not_required(read: Reader) -> None:
    asked = form(TYPE, AMOUNT)
    assert read(asked, [("dispute_type", "neighbour"), ("amount", "not a number")]) == {"dispute_type": "neighbour"}
    assert list(read.refused(asked, [("dispute_type", "wages"), ("amount", "")])) == ["amount"]
    assert read(asked, [("dispute_type", "wages"), ("amount", "80")])["amount"] == 80


def test_a_hidden_answer_counts_as_null_for_other_conditions(read: Reader) -> None:
    identity = {"type": "textfield", "key": "identity", "conditional": {"hide": "= amount = null or amount < 100"}}
    asked = form(TYPE, AMOUNT, identity)
    posted = [("dispute_type", "neighbour"), ("amount", "500"), ("identity", "x")]
    assert read(asked, posted) == {"dispute_type": "neighbour"}


def test_conditions_read_the_case_too(read: Reader) -> None:
    asked = form({"type": "textfield", "key": "summary", "conditional": {"hide": '= risk_colour = "red"'}})
    assert read(asked, [("summary", "a")], variables={"risk_colour": "red"}) == {}
    assert read(asked, [("summary", "a")], variables={"risk_colour": "green"}) == {"summary": "a"}


def test_questions_that_the_answers_opened_are_shown_before_anything_is_accepted(read: Reader) -> None:
    asked = form(TYPE, {**AMOUNT, "validate": {}})
    with pytest.raises(FormUnfinished) as opened:
        read(asked, [("dispute_type", "wages"), ("_shown", "")])
    assert opened.value.typed["dispute_type"] == "wages"
    assert read(asked, [("dispute_type", "wages"), ("amount", ""), ("_shown", "amount")])["amount"] is None


def test_rows_of_a_list(read: Reader) -> None:
    asked = form(WITNESSES)
    values = read(
        asked,
        [
            ("witnesses.rows", "3"),
            ("witnesses.0.name", "张三"),
            ("witnesses.1.name", ""),
            ("witnesses.2.name", "李小四"),
            ("witnesses.2.minor", "true"),
            ("witnesses.2.guardian", "李四"),
            ("witnesses.9.name", "nobody"),
        ],
    )
    assert values["witnesses"] == [
        {"name": "张三", "minor": False},
        {"name": "李小四", "minor": True, "guardian": "李四"},
    ]
    wrong = read.refused(
        asked, [("witnesses.rows", "2"), ("witnesses.1.name", "李小四"), ("witnesses.1.minor", "true")]
    )
    assert list(wrong) == ["witnesses.1.guardian"]


def test_buttons_add_and_remove_a_row_and_accept_nothing(read: Reader) -> None:
    asked = form(WITNESSES)
    posted = [("witnesses.rows", "2"), ("witnesses.0.name", "张三"), ("witnesses.1.name", "李四")]
    with pytest.raises(FormUnfinished) as more:
        read(asked, [*posted, ("_add", "witnesses")])
    assert [row.get("name") for row in more.value.typed["witnesses"]] == ["张三", "李四", None]
    with pytest.raises(FormUnfinished) as fewer:
        read(asked, [*posted, ("_remove", "witnesses.0")])
    assert [row.get("name") for row in fewer.value.typed["witnesses"]] == ["李四"]


def test_choices_that_a_process_computed(read: Reader) -> None:
    asked = form(
        {
            "type": "radio",
            "key": "mediator",
            "valuesExpression": "= for c in candidates return {label: c.name, value: c.person}",
        }
    )
    candidates = {"candidates": [{"name": "王桂芬", "person": "71"}, {"name": "赵强", "person": "72"}]}
    assert read(asked, [("mediator", "72")], variables=candidates) == {"mediator": "72"}
    assert list(read.refused(asked, [("mediator", "73")], variables=candidates)) == ["mediator"]


def test_only_files_of_this_matter_are_taken(read: Reader) -> None:
    asked = form({"type": "filepicker", "key": "photos", "multiple": True})
    assert read(asked, [("photos", "11"), ("photos", "12")], known_files={"11", "12"}) == {"photos": ["11", "12"]}
    assert list(read.refused(asked, [("photos", "13")], known_files={"11"})) == ["photos"]


@pytest.mark.parametrize(
    ("component", "typed"),
    [
        (TYPE, "divorce"),
        (SUMMARY, "短"),
        (SUMMARY, "长" * 10_000_000),
        (SUMMARY, " \t\n "),
        ({"type": "number", "key": "amount", "validate": {"min": 0, "max": 10}}, "11"),
        ({"type": "number", "key": "amount", "validate": {"min": 0}}, "-1"),
        ({"type": "number", "key": "amount", "decimalDigits": 0}, "1.5"),
        ({"type": "number", "key": "amount"}, "NaN"),
        ({"type": "number", "key": "amount"}, "1e999999999"),
        ({"type": "number", "key": "amount"}, "9" * 40),
        ({"type": "number", "key": "amount"}, "五百"),
        ({"type": "datetime", "subtype": "date", "key": "happened_on"}, "2026-02-30"),
        ({"type": "datetime", "subtype": "datetime", "key": "session_at"}, "tomorrow"),
        ({"type": "textfield", "key": "identity", "properties": {"check": "identity_number"}}, "110105194912310021"),
        ({"type": "textfield", "key": "identity", "properties": {"check": "organisation_code"}}, "91350100M000100Y44"),
        ({"type": "textfield", "key": "identity", "validate": {"validationType": "phone"}}, "12"),
        ({"type": "textfield", "key": "identity", "validate": {"validationType": "email"}}, "a@b"),
        ({"type": "textfield", "key": "identity", "validate": {"pattern": "^[A-Z]{3}$"}}, "ab"),
        ({"type": "textfield", "key": "identity", "validate": {"pattern": "^(a+)+$"}}, "a" * 900 + "!"),
        ({"type": "checkbox", "key": "group_talk", "validate": {"required": True}}, ""),
    ],
)
def test_a_wrong_value_is_named_and_kept(read: Reader, component: dict[str, Any], typed: str) -> None:
    with pytest.raises(FormInvalid) as refusal:
        read(form(component), [(component["key"], typed)])
    assert list(refusal.value.fields) == [component["key"]]
    assert refusal.value.fields[component["key"]][0]
    assert refusal.value.typed[component["key"]] == (typed or False)


def test_numbers_of_people_are_brought_to_their_normal_form(read: Reader) -> None:
    asked = form({"type": "textfield", "key": "identity", "properties": {"check": "identity_number"}})
    assert read(asked, [("identity", "11010519491231 002x")]) == {"identity": "11010519491231002X"}


def test_control_characters_never_reach_the_database(read: Reader) -> None:
    asked = form({"type": "textfield", "key": "identity"})
    assert read(asked, {"identity": "a\x00b\ud800c"}) == {"identity": "abc"}


def test_json_keeps_types_and_names_what_it_does_not_know(read: Reader) -> None:
    asked = form(SUMMARY, TYPE, AMOUNT, WITNESSES)
    given = {"summary": "拖欠三个月", "dispute_type": "wages", "amount": 12.5, "witnesses": [{"name": "张三"}]}
    assert read(asked, given) == {**given, "amount": Decimal("12.5")}
    assert list(read.refused(asked, {**given, "colour": 1, "witnesses": [{"nick": "x"}]})) == [
        "witnesses.0.nick",
        "colour",
    ]
    assert list(read.refused(asked, {"summary": ["a"], "dispute_type": {"a": 1}})) == ["summary", "dispute_type"]


def test_json_leaves_out_what_was_not_sent(read: Reader) -> None:
    asked = form(TYPE, {"type": "textfield", "key": "identity"}, {"type": "checklist", "key": "wishes"})
    assert read(asked, {"dispute_type": "neighbour"}) == {"dispute_type": "neighbour"}
    cleared = {"dispute_type": "neighbour", "identity": None}
    assert read(asked, cleared) == cleared
    assert list(read.refused(asked, {})) == ["dispute_type"]


def test_a_foreign_form_needs_no_dictionary(environment: Environment) -> None:
    asked = form({"type": "textfield", "key": "anything"}, {"type": "number", "key": "count"})
    posted = MultiDict([("anything", "x"), ("count", "3")])
    assert forms.read(asked, posted, dictionary=None, variables={}, environment=environment) == {
        "anything": "x",
        "count": 3,
    }
