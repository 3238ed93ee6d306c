"""What is typed into a search for names finds them whatever the case of its letters, on both databases."""

import pytest
from sqlalchemy import select

from app.core.database import any_holds, db
from app.directory.models import Person


@pytest.mark.parametrize(
    ("typed", "logins"),
    [
        ("zhu YOUFU", {"elder"}),
        ("ZHU", {"elder"}),
        ("MEDICAL.MED", {"medical.mediator"}),
        ("LÜ SI", {"medical.mediator"}),
        ("朱有", {"elder"}),
        ("有%福", set()),
        ("medical_mediator", set()),
    ],
)
def test_letters_are_found_in_capital_or_small(county: int, typed: str, logins: set[str]) -> None:
    found = any_holds((Person.login, Person.name, Person.name_en), typed)
    assert set(db.session.scalars(select(Person.login).where(found, ~Person.login.startswith("linjiang")))) == logins
