"""Cases follow the organisation that leads them, when it moves in the tree or goes into another one."""

from sqlalchemy import case, func, update

from app.cases.models import Case
from app.core.database import db
from app.directory.access import below
from app.directory.models import Organisation


def cases_follow(county_id: int, before: str, path: str) -> int:
    """Rewrite the paths of all cases at or below a path; returns how many there were."""
    rewritten = db.session.execute(
        update(Case)
        .where(Case.county_id == county_id, below(Case.org_path, before))
        .values(org_path=path + func.substr(Case.org_path, len(before) + 1))
        .execution_options(synchronize_session=False)
    )
    return int(rewritten.rowcount)  # type: ignore[attr-defined]


def cases_go_to(place: Organisation, target: Organisation) -> int:
    """Every case that a place leads, or that happened there, is the other one's; where it was received stays."""
    moved = db.session.execute(
        update(Case)
        .where(Case.county_id == place.county_id, Case.org_path == place.path)
        .values(
            org_path=target.path,
            lead_organisation_id=case(
                (Case.lead_organisation_id == place.id, target.id), else_=Case.lead_organisation_id
            ),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Case)
        .where(Case.county_id == place.county_id, Case.place_organisation_id == place.id)
        .values(place_organisation_id=target.id)
        .execution_options(synchronize_session=False)
    )
    return int(moved.rowcount)  # type: ignore[attr-defined]


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
