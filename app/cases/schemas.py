"""What is posted about a party."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from app.core import clock
from app.core.texts import one_line
from app.forms.schemas import number_check

ADULT_GUARDIANSHIP_AGE = 16


def _number(kind: str) -> Callable[[str], None]:
    def run(text: str) -> None:
        check = number_check(kind, clock.now().date())
        if text and check:
            check(text)

    return run


class Line(fields.String):
    """A text of one line, as it is kept."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return one_line(super()._deserialize(value, attr, data, **kwargs))


def _short(length: int, **more: Any) -> Line:
    return Line(load_default="", validate=validate.Length(max=length, error=_l("This is too long.")), **more)


class PartySchema(Schema):
    """A person or an organisation on one side of the matter."""

    class Meta:
        unknown = EXCLUDE

    side = fields.String(
        required=True,
        validate=validate.OneOf(["applicant", "respondent"], error=_l("Please choose a side.")),
        error_messages={"required": _l("Please choose a side.")},
    )
    kind = fields.String(load_default="person", validate=validate.OneOf(["person", "organisation"]))
    name = Line(
        required=True,
        validate=[
            validate.Length(min=1, error=_l("A name, or what the person is called, is needed.")),
            validate.Length(max=80, error=_l("This is too long.")),
        ],
        error_messages={"required": _l("A name, or what the person is called, is needed.")},
    )
    phone = Line(load_default="", validate=_number("phone"))
    address = _short(200)
    age = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 130, error=_l("Please write the age as a number.")),
        error_messages={"invalid": _l("Please write the age as a number.")},
    )
    identity_number = Line(load_default="", validate=_number("identity_number"))
    agent_name = _short(80)
    agent_phone = Line(load_default="", validate=_number("phone"))
    guardian_name = _short(80)
    guardian_phone = Line(load_default="", validate=_number("phone"))

    @validates_schema
    def minors_have_a_guardian(self, data: Mapping[str, Any], **_more: Any) -> None:
        age = data.get("age")
        if age is not None and age < ADULT_GUARDIANSHIP_AGE and not data.get("guardian_name"):
            raise ValidationError(_("Somebody under 16 needs a guardian."), "guardian_name")


def messages_of(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong, by field."""
    found: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return found


def posted_party(form: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """The fields of a party in a posted form, trimmed; an empty age is left out."""
    values: dict[str, Any] = {}
    for name in PartySchema().fields:
        text = form.get(prefix + name)
        if text is not None and (text.strip() or name != "age"):
            values[name] = text.strip()
    return values
