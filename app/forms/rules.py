"""Checks of Chinese identity numbers, organisation codes and telephone numbers: text in, verdict out.

Each check returns the written number in its normal form, or raises `WrongNumber` with the reason.
"""

import re
from datetime import date
from enum import StrEnum


class Reason(StrEnum):
    LENGTH = "length"
    CHARACTERS = "characters"
    REGION = "region"
    BIRTH_DATE = "birth_date"
    CHECK_CHARACTER = "check_character"
    PHONE = "phone"


class WrongNumber(ValueError):
    """The text is no such number; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
# First two digits: GB/T 2260 provinces, 81 to 83 residence permits of Hong Kong, Macao and Taiwan, 9x foreigners.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_ORGANISATION_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(010|02\d)([2-8]\d{7})|(0[3-9]\d{2})([2-8]\d{6,7})")
_LOCAL = re.compile(r"[2-8]\d{6,7}")
_SERVICE = re.compile(r"[48]00\d{7}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|-)\s*(\d{1,6})$", re.IGNORECASE)


def identity_number(text: str, today: date | None = None) -> str:
    """The 18 characters of a citizen identity number by GB 11643; a birth date after `today` is wrong."""
    number = _squeezed(text).upper()
    if len(number) != 18:
        raise WrongNumber(Reason.LENGTH)
    if not (number[:17].isascii() and number[:17].isdigit() and number[17] in _IDENTITY_CHECKS):
        raise WrongNumber(Reason.CHARACTERS)
    if number[:2] not in _PROVINCES and number[0] != "9":
        raise WrongNumber(Reason.REGION)
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise WrongNumber(Reason.BIRTH_DATE) from None
    if born.year < 1850 or (today is not None and born > today):
        raise WrongNumber(Reason.BIRTH_DATE)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _IDENTITY_WEIGHTS, strict=True))
    if _IDENTITY_CHECKS[total % 11] != number[17]:
        raise WrongNumber(Reason.CHECK_CHARACTER)
    return number


def organisation_code(text: str) -> str:
    """The 18 characters of a unified social credit code by GB 32100."""
    code = _squeezed(text).upper()
    if len(code) != 18:
        raise WrongNumber(Reason.LENGTH)
    if any(character not in _ORGANISATION_CHARACTERS for character in code):
        raise WrongNumber(Reason.CHARACTERS)
    total = sum(
        _ORGANISATION_CHARACTERS.index(character) * weight
        for character, weight in zip(code[:17], _ORGANISATION_WEIGHTS, strict=True)
    )
    if _ORGANISATION_CHARACTERS[-total % 31] != code[17]:
        raise WrongNumber(Reason.CHECK_CHARACTER)
    return code


def phone(text: str) -> str:
    """A mobile number as its 11 digits, a landline as ``0571-88886666`` (with ``-8012`` for an extension).

    Local numbers of seven or eight digits, 400 and 800 numbers and foreign numbers with ``+`` are accepted.
    """
    written = text.translate(_FULL_WIDTH).strip()
    extension = ""
    if not _plain_phone(written):
        found = _EXTENSION.search(written)
        if found:
            extension = "-" + found[1]
            written = written[: found.start()]
    number = _plain_phone(written)
    if number is None or (extension and _MOBILE.fullmatch(number)):
        raise WrongNumber(Reason.PHONE)
    return number + extension


def _plain_phone(written: str) -> str | None:
    digits = re.sub(r"[\s()\-–—.]", "", written)
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return None
    if found := _LANDLINE.fullmatch(digits):
        area, rest = (found[1], found[2]) if found[1] else (found[3], found[4])
        return f"{area}-{rest}"
    kinds = (_MOBILE, _LOCAL, _SERVICE, _FOREIGN)
    return digits if any(kind.fullmatch(digits) for kind in kinds) else None


def _squeezed(text: str) -> str:
    """Without the spaces and hyphens people put between groups, full-width characters made narrow."""
    return re.sub(r"[\s\-–—]", "", text.translate(_FULL_WIDTH))
