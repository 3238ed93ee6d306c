"""Numbers as people write them on paper."""

from datetime import date

import pytest

from app.forms.rules import Reason, WrongNumber, identity_number, organisation_code, phone


@pytest.mark.parametrize(
    "written",
    ["11010519491231002X", "11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_a_right_identity_number_is_brought_to_its_normal_form(written: str) -> None:
    assert identity_number(written) == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("110105194912310021", Reason.CHECK_CHARACTER),
        ("11010519491231012X", Reason.CHECK_CHARACTER),
        ("11010519490231002X", Reason.BIRTH_DATE),
        ("99010519491331002X", Reason.BIRTH_DATE),
        ("01010519491231002X", Reason.REGION),
        ("110105491231002", Reason.LENGTH),
        ("1101051949123100XX", Reason.CHARACTERS),
        ("", Reason.LENGTH),
    ],
)
def test_a_wrong_identity_number_says_what_is_wrong(written: str, reason: Reason) -> None:
    with pytest.raises(WrongNumber) as refused:
        identity_number(written)
    assert refused.value.reason is reason


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(WrongNumber):
        identity_number("11010519491231002X", today=date(1949, 12, 30))
    assert identity_number("11010519491231002X", today=date(1949, 12, 31))


def test_every_changed_digit_of_an_identity_number_is_noticed() -> None:
    right = "11010519491231002X"
    for place in range(17):
        changed = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        with pytest.raises(WrongNumber):
            identity_number(changed)


@pytest.mark.parametrize("written", ["91350100M000100Y43", "91350100m000100y43", "91350100-M000100Y43"])
def test_a_right_organisation_code(written: str) -> None:
    assert organisation_code(written) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("91350100M000100Y44", Reason.CHECK_CHARACTER),
        ("91350100M000101Y43", Reason.CHECK_CHARACTER),
        ("91350100I000100Y43", Reason.CHARACTERS),
        ("M000100Y-4", Reason.LENGTH),
    ],
)
def test_a_wrong_organisation_code_says_what_is_wrong(written: str, reason: Reason) -> None:
    with pytest.raises(WrongNumber) as refused:
        organisation_code(written)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("13805711234", "13805711234"),
        ("138 0571 1234", "13805711234"),
        ("+86 138-0571-1234", "13805711234"),
        ("8613805711234", "13805711234"),
        ("0571-88886666", "0571-88886666"),
        ("(0571) 8888 6666", "0571-88886666"),
        ("（０５７１）８８８８６６６６", "0571-88886666"),
        ("010-65252525", "010-65252525"),
        ("0578-2123456", "0578-2123456"),
        ("0571-88886666-8012", "0571-88886666-8012"),
        ("0571-88886666转8012", "0571-88886666-8012"),
        ("2123456", "2123456"),
        ("400-810-1234", "4008101234"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_a_telephone_number_as_people_write_it(written: str, normal: str) -> None:
    assert phone(written) == normal


@pytest.mark.parametrize(
    "written", ["", "1380571123", "12805711234", "138057112345", "0571-1888666", "call me", "13805711234-1", "110105"]
)
def test_what_is_no_telephone_number(written: str) -> None:
    with pytest.raises(WrongNumber):
        phone(written)
