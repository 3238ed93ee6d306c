"""Names of people and offices are one line, and read as they are written."""

import pytest

from app.directory.places.errors import PlaceNameMissing
from app.directory.places.rules import checked_place_name
from app.directory.staff.errors import NameMissing
from app.directory.staff.rules import checked_name


def test_a_name_is_one_line() -> None:
    for checked in (checked_name, checked_place_name):
        assert checked(" 河畔\r\n村\u3000\u202e调解\x00委 ") == "河畔 村 调解委"


def test_nothing_that_shows_is_no_name() -> None:
    with pytest.raises(NameMissing):
        checked_name(" \n\u202e ")
    with pytest.raises(PlaceNameMissing):
        checked_place_name("\x07")
