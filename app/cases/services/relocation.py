"""Cases follow the organisation that leads them, when it moves in the tree or goes into another one."""

from sqlalchemy import ColumnElement, Update, case, func, update

from app.cases.models import Case
from app.core.database import db
from app.directory.access import below
from app.directory.models import Organisation


def cases_follow(county_id: int, before: str, path: str, *, closed: bool) -> int:
    """Rewrite the paths of the cases at or below a path; `closed`: of those only on which nobody works any more."""
    below_it = (Case.county_id == county_id, below(Case.org_path, before), *_of_those(closed))
    return _write(update(Case).where(*below_it).values(org_path=path + func.substr(Case.org_path, len(before) + 1)))


def cases_go_to(place: Organisation, target: Organisation, *, closed: bool) -> int:
    """Every case that a place leads, or that happened there, is the other one's; where it was received stays.

    `closed`: only those on which nobody works any more. Returns how many the place led.
    """
    of_those = (Case.county_id == place.county_id, *_of_those(closed))
    there = update(Case).where(*of_those, Case.place_organisation_id == place.id)
    _write(there.values(place_organisation_id=target.id))
    lead = case((Case.lead_organisation_id == place.id, target.id), else_=Case.lead_organisation_id)
    led = update(Case).where(*of_those, Case.org_path == place.path)
    return _write(led.values(org_path=target.path, lead_organisation_id=lead))


def _of_those(closed: bool) -> list[ColumnElement[bool]]:
    return [Case.status != "open"] if closed else []


def _write(change: Update) -> int:
    changed = db.session.execute(change.execution_options(synchronize_session=False))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def straighten_cases(county_id: int) -> int:
    """Put right the path of a case that was opened while its organisation moved; returns how many were wrong."""
    own = (
        Organisation.__table__.select()
        .with_only_columns(Organisation.path)
        .where(Organisation.county_id == Case.county_id, Organisation.id == Case.lead_organisation_id)
        .scalar_subquery()
    )
    put_right = db.session.execute(
        update(Case)
        .where(Case.county_id == county_id, Case.org_path != own)
        .values(org_path=own)
        .execution_options(synchronize_session=False)
    )
    return int(put_right.rowcount)  # type: ignore[attr-defined]
