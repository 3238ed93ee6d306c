"""What publishing refuses in a form."""

from typing import Any

import pytest

from app import forms
from app.definitions.rules import Dictionary
from app.engine.findings import Severity
from app.engine.words import sentence
from tests.unit.forms.conftest import AMOUNT, SUMMARY, TYPE, WITNESSES, form


def test_a_good_form_has_no_errors(dictionary: Dictionary) -> None:
    findings = forms.check(form(SUMMARY, TYPE, AMOUNT), dictionary)
    assert findings == []


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "html", "content": "<b>"}, "form_type_refused"),
        ({"type": "button", "label": "x"}, "form_type_refused"),
        ({"type": "iframe", "label": "x"}, "form_type_refused"),
        ({"type": "textfield", "label": "x"}, "form_key_missing"),
        ({"type": "textfield", "key": "colour", "label": "x", "properties": {"label.en": "x"}}, "form_name_undeclared"),
        ({"type": "select", "key": "risk_colour"}, "form_name_not_writable"),
        ({"type": "textfield", "key": "amount"}, "form_type_mismatch"),
        ({"type": "datetime", "subtype": "datetime", "key": "happened_on"}, "form_type_mismatch"),
        ({"type": "filepicker", "key": "photos"}, "form_type_mismatch"),
        ({"type": "textfield", "key": "identity", "validate": {"pattern": "(a"}}, "form_pattern_wrong"),
        ({"type": "number", "key": "amount", "validate": {"min": "much"}}, "form_limit_wrong"),
        ({"type": "textfield", "key": "identity", "properties": {"check": "zodiac"}}, "form_check_unknown"),
        ({"type": "radio", "key": "mediator"}, "form_choices_missing"),
        (
            {"type": "select", "key": "dispute_type", "values": [{"value": "divorce", "label": "离婚"}]},
            "form_choice_undeclared",
        ),
        ({"type": "textfield", "key": "summary", "conditional": {"hide": "= amount >"}}, "form_expression_wrong"),
        ({"type": "textfield", "key": "summary", "conditional": {"hide": "= amonut > 1"}}, "form_expression_name"),
        ({"type": "text", "text": "{{ amonut }}", "properties": {"text.en": "x"}}, "form_expression_name"),
    ],
)
def test_each_slip_is_named(dictionary: Dictionary, component: dict[str, Any], code: str) -> None:
    findings = [each for each in forms.check(form(component), dictionary) if each.severity is Severity.ERROR]
    assert [each.code for each in findings] == [code]
    for language in ("zh", "en"):
        words = sentence(code, findings[0].params, language)
        assert words
        assert "?" not in words
        assert "{" not in words.replace("{{", "")
        assert all(name not in words for name in ("params", "None"))


def test_a_name_twice_at_one_level(dictionary: Dictionary) -> None:
    codes = [each.code for each in forms.check(form(SUMMARY, SUMMARY), dictionary)]
    assert codes == ["form_key_twice"]
    either = {**SUMMARY, "conditional": {"hide": "= amount = 1"}}
    assert forms.check(form(SUMMARY, either), dictionary) == []


def test_words_missing_in_english_are_warnings(dictionary: Dictionary) -> None:
    findings = forms.check(form({**SUMMARY, "description": "写清经过"}, WITNESSES), dictionary)
    assert {each.code for each in findings} == {"form_english_missing"}
    assert {each.severity for each in findings} == {Severity.WARNING}
    assert {each.params["text"] for each in findings} == {"写清经过", "姓名", "未成年", "监护人"}


def test_a_file_that_is_no_form(dictionary: Dictionary) -> None:
    assert [each.code for each in forms.check({"schemaVersion": 19}, dictionary)] == ["form_no_components"]


def test_without_a_dictionary_names_are_not_checked() -> None:
    component = {"type": "textfield", "key": "x", "label": "x", "properties": {"label.en": "x"}}
    assert forms.check(form({**component, "conditional": {"hide": "= y = 1"}}), None) == []
