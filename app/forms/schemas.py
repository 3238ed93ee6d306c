"""One marshmallow field per input: what was typed becomes a typed value, or a sentence about what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

import re2
from flask_babel import gettext as _
from marshmallow import ValidationError, fields

from app.core.texts import one_line, plain_text
from app.forms import rules
from app.forms.components import SEVERAL, Component

LINE = 1_000
PARAGRAPHS = 20_000
"""How many characters a line and a text hold when the form names no limit."""

_EMAIL = re2.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+$")

Check = Callable[[str], str]


class TextField(fields.Field[str]):
    """Text without control characters, within its lengths, in its pattern, brought to normal form by `check`."""

    def __init__(self, component: Component, language: str, today: date | None) -> None:
        super().__init__(allow_none=True)
        self._limits = component.limits
        self._lines = component.type == "textarea"
        self._check = _checks(component, today)
        self._language = language

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(_("A text is expected here."))
        text = plain_text(value) if self._lines else one_line(value)
        most = self._limits.max_length or (PARAGRAPHS if self._lines else LINE)
        if len(text) > most:
            raise ValidationError(
                _("At most %(most)s characters fit here; these are %(count)s.", most=most, count=len(text))
            )
        if self._limits.min_length is not None and len(text) < self._limits.min_length:
            raise ValidationError(_("Please write at least %(least)s characters.", least=self._limits.min_length))
        if self._limits.pattern and not _matches(self._limits.pattern, text):
            raise ValidationError(
                self._limits.pattern_words.in_language(self._language) or _("This is not in the expected form.")
            )
        return self._check(text) if self._check else text


class NumberField(fields.Field[Decimal]):
    """A decimal number; full-width digits and separators between thousands are understood."""

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._limits = component.limits
        self._decimals = component.decimals

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        number = _number(value)
        if self._decimals is not None and -int(number.as_tuple().exponent) > self._decimals:
            if self._decimals == 0:
                raise ValidationError(_("Please give a whole number."))
            raise ValidationError(_("At most %(digits)s decimal places.", digits=self._decimals))
        least, most = _limit(self._limits.min), _limit(self._limits.max)
        if least is not None and number < least:
            raise ValidationError(_("The number must be at least %(least)s.", least=f"{least:f}"))
        if most is not None and number > most:
            raise ValidationError(_("The number must be at most %(most)s.", most=f"{most:f}"))
        return number


class DateField(fields.Field[date]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        written = re.sub(r"[年月/.]", "-", _narrow(value)).removesuffix("日")
        found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written)
        try:
            return date(*(int(part) for part in found.groups())) if found else _no_date()
        except ValueError:
            return _no_date()


class MomentField(fields.Field[datetime]):
    """A date with a time; without an offset it is county time."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__(allow_none=True)
        self._zone = zone

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(_narrow(value))
        except ValueError:
            raise ValidationError(_("Please give a date and a time, such as 2026-03-02 09:30.")) from None
        if not 1850 <= moment.year <= 2200:
            raise ValidationError(_("Please give a date and a time, such as 2026-03-02 09:30."))
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)


class TimeField(fields.Field[time]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        try:
            return value if isinstance(value, time) else time.fromisoformat(_narrow(value))
        except ValueError:
            raise ValidationError(_("Please give a time, such as 09:30.")) from None


class YesNoField(fields.Field[bool]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "on", "1"):
            return True
        if value in ("false", "off", "0"):
            return False
        raise ValidationError(_("Please answer yes or no."))


class ChoiceField(fields.Field[Any]):
    """One of the offered values, matched as it was written into the page; what is offered no more is named."""

    def __init__(self, offered: Collection[object], ended: Mapping[Any, str]) -> None:
        super().__init__(allow_none=True)
        self._offered = {written(value): value for value in offered}
        self._ended = {written(value): word for value, word in ended.items()}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | float | Decimal | bool) or written(value) not in self._offered:
            if isinstance(value, str) and value in self._ended:
                raise ValidationError(_("“%(word)s” is not offered today.", word=self._ended[value]))
            raise ValidationError(_("This choice is not in the list."))
        return self._offered[written(value)]


class FileField(fields.Field[str]):
    """The id of a file that was stored before for this matter."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__(allow_none=True)
        self._known = known

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if str(value) not in self._known:
            raise ValidationError(_("This file is not here any more. Please choose it again."))
        return str(value)


def field_for(
    component: Component,
    *,
    offered: Collection[object],
    language: str,
    zone: tzinfo,
    today: date | None = None,
    known_files: Collection[str] = (),
    ended: Mapping[Any, str] = MappingProxyType({}),
) -> fields.Field[Any]:
    """The field that reads what was typed into `component`; `offered` are the values of its choices, `ended` the words
    of those that were offered before."""
    kind = component.type
    field: fields.Field[Any]
    if kind in ("textfield", "textarea"):
        field = TextField(component, language, today)
    elif kind == "number":
        field = NumberField(component)
    elif kind == "checkbox":
        field = YesNoField(allow_none=True)
    elif kind == "datetime":
        field = _moment_field(component.subtype, zone)
    elif kind == "filepicker":
        field = FileField(known_files)
    else:
        field = ChoiceField(offered, ended)
    several = kind in SEVERAL or (kind == "filepicker" and component.multiple)
    return fields.List(field, allow_none=True) if several else field


def _moment_field(subtype: str, zone: tzinfo) -> fields.Field[Any]:
    if subtype == "time":
        return TimeField(allow_none=True)
    return MomentField(zone) if subtype == "datetime" else DateField(allow_none=True)


def written(value: object) -> str:
    """A value as it stands in an HTML attribute."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValidationError(_("A number is expected here."))
    text = re.sub(r"[,_\s]", "", unicodedata.normalize("NFKC", str(value)))
    try:
        number = Decimal(text) if len(text) <= 60 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValidationError(_("A number is expected here."))
    if number.adjusted() > 30 or -int(number.as_tuple().exponent) > 20:
        raise ValidationError(_("This number is too long."))
    return number


def _limit(value: str | None) -> Decimal | None:
    try:
        return Decimal(value) if value is not None else None
    except InvalidOperation:
        return None


def _narrow(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip()


def _no_date() -> date:
    raise ValidationError(_("Please give a date that exists, such as 2026-03-02."))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re2.search(pattern, text) is not None
    except re2.error:
        return True


def _checks(component: Component, today: date | None) -> Check | None:
    return number_check(component.check or component.limits.kind, today)


def number_check(kind: str, today: date | None = None) -> Check | None:
    """The check of `identity_number`, `organisation_code`, `phone` or `email`; None for any other kind.

    It returns the number in its normal form or raises ValidationError with a sentence for the reader.
    """
    named: dict[str, Check] = {
        "identity_number": lambda text: rules.identity_number(text, today),
        "organisation_code": rules.organisation_code,
        "phone": rules.phone,
        "email": _email,
    }
    check = named.get(kind)
    if check is None:
        return None

    def run(text: str) -> str:
        try:
            return check(text)
        except rules.WrongNumber as wrong:
            raise ValidationError(_sentence(kind, wrong.reason)) from None

    return run


def _email(text: str) -> str:
    if not _EMAIL.match(text):
        raise ValidationError(_("This is not an e-mail address."))
    return text


def _sentence(check: str, reason: rules.Reason) -> str:
    sentence: str = _("The number does not add up: a digit is wrong, or two are swapped.")
    if reason is rules.Reason.PHONE:
        sentence = _("This is not a telephone number. Example: 138 0571 1234 or 0571-88886666.")
    elif reason is rules.Reason.LENGTH and check == "identity_number":
        sentence = _("An identity number has 18 characters.")
    elif reason is rules.Reason.LENGTH:
        sentence = _("A unified social credit code has 18 characters.")
    elif reason is rules.Reason.REGION:
        sentence = _("The first two digits of the identity number are no province.")
    elif reason is rules.Reason.BIRTH_DATE:
        sentence = _("The birth date in the identity number does not exist.")
    elif reason is rules.Reason.CHARACTERS:
        sentence = _("There is a character that such a number cannot have.")
    return sentence
