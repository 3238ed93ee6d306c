"""What the pages of this room share: who may open them, what their forms post, and what is to choose from."""

from datetime import date

from flask import request

from app.administration.errors import DayUnreadable, NobodyChosen, OfficeMissing, OfficeUnknown
from app.administration.queries import is_keeper, looks_after_people
from app.core.errors import NotFound
from app.core.paging import record_id
from app.core.translations import label, language
from app.directory import queries as directory
from app.directory.models import Organisation, Person
from app.directory.rules import ROLES, Viewer
from app.directory.sessions import current_viewer


def keeper() -> Viewer:
    """Who is signed in, if they administrate the county; what is not theirs is not there."""
    viewer = current_viewer()
    if not is_keeper(viewer):
        raise NotFound
    return viewer


def carer() -> Viewer:
    """Who is signed in, if they administrate the county or head an office."""
    viewer = current_viewer()
    if not looks_after_people(viewer):
        raise NotFound
    return viewer


def given_day(name: str) -> date:
    """The day that a form posts under this name. Raises DayUnreadable."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise DayUnreadable from error


def given_day_if_any(name: str) -> date | None:
    return given_day(name) if request.form.get(name) else None


def chosen_office(county_id: int, name: str) -> Organisation:
    """The office that a form posts, or an address asks for, under this name. Raises OfficeMissing, OfficeUnknown."""
    given = request.values.get(name, "")
    if not given:
        raise OfficeMissing
    try:
        return directory.organisation(county_id, record_id(given))
    except (ValueError, NotFound) as error:
        raise OfficeUnknown from error


def chosen_person(county_id: int, name: str) -> Person | None:
    """The person that a form posts under this name, if one was chosen. Raises NobodyChosen."""
    given = request.form.get(name, "")
    if not given:
        return None
    try:
        return directory.person(county_id, record_id(given))
    except (ValueError, NotFound) as error:
        raise NobodyChosen from error


def role_words(role: str) -> str:
    return ROLES[role][language() == "en"] if role in ROLES else role


def role_options() -> list[tuple[str, str]]:
    return [(role, role_words(role)) for role in ROLES]


def office_options(county_id: int, *, by_code: bool = False) -> list[tuple[str, str]]:
    """Open offices in tree order, each as deep as it lies."""
    return [
        (one.code if by_code else str(one.id), "\u3000" * (one.path.count("/") - 1) + label(one))
        for one in directory.organisations(county_id)
    ]
