"""The form that a diagram's own fields make."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.engine.bpmn.diagram import FormField
from app.engine.feel import Environment
from app.forms import AskedForm, FormInvalid, check
from app.forms.task_fields import computed_defaults, form_of

FIELDS = (
    FormField("name", "string", "Full name", constraints={"required": "", "minlength": "2", "maxlength": "5"}),
    FormField("age", "long", "Age", "18", constraints={"min": "0", "max": "120"}),
    FormField("rate", "double"),
    FormField("agreed", "boolean", "Agreed", "true"),
    FormField("born", "date", "Born", "24/12/1999"),
    FormField("kind", "enum", "Kind", "b", choices=(("a", "First"), ("b", ""))),
    FormField("note", "cat", "Note", constraints={"readonly": ""}),
    FormField("total", "long", default="${age * 2}"),
)


def asked(environment: Environment, **variables: object) -> AskedForm:
    return AskedForm(form_of(FIELDS), None, variables, environment)


def posted(**values: str) -> "MultiDict[str, str]":
    return MultiDict({"name": "Li Na", "age": "30", "kind": "a", "agreed": "true", "born": "2000-01-02", **values})


def test_it_is_a_form_without_faults() -> None:
    assert check(form_of(FIELDS), None) == []


def test_it_shows_labels_defaults_and_choices(environment: Environment) -> None:
    page = str(asked(environment).shown({}, language="en"))
    for expected in ("Full name", "First", ">b<", 'value="18"', 'value="1999-12-24"'):
        assert expected in page, expected
    assert "checked" in page
    again = str(asked(environment).shown({"age": Decimal(40), "agreed": False}, language="zh"))
    assert 'value="40"' in again
    assert 'value="18"' not in again
    assert "checked" not in again


def test_what_is_typed_becomes_typed_values(environment: Environment) -> None:
    values = asked(environment).values(posted(rate="1.5", total="7"), language="en")
    assert values == {
        "name": "Li Na",
        "age": Decimal(30),
        "rate": Decimal("1.5"),
        "agreed": True,
        "born": date(2000, 1, 2),
        "kind": "a",
        "total": Decimal(7),
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "L"}, "name"),
        ({"name": "too long"}, "name"),
        ({"age": "121"}, "age"),
        ({"age": "1.5"}, "age"),
        ({"kind": "c"}, "kind"),
        ({"born": "soon"}, "born"),
    ],
)
def test_constraints_are_kept(environment: Environment, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(FormInvalid) as caught:
        asked(environment).values(posted(**wrong), language="en")
    assert set(caught.value.fields) == {field}


def test_defaults_that_are_expressions_are_computed(environment: Environment) -> None:
    variables: dict[str, Any] = {"age": 21}
    assert computed_defaults(FIELDS, variables, environment) == {"total": Decimal(42)}
    assert computed_defaults((FormField("a", "long", default="${gone}"),), {}, environment) in ({}, {"a": None})
