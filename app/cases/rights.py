"""What somebody's roles are worth in a case: a role counts where it is held, not wherever the case is seen."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select

from app.cases.models import Case
from app.cases.queries import ways_to_see
from app.core.database import db
from app.core.remembered import remembered
from app.directory.access import below_any
from app.directory.rules import READING_ROLES, Viewer


def roles_in(viewer: Viewer, case: Case) -> frozenset[str]:
    """The roles by which this viewer may act in a case that they may see."""
    return remembered(("roles in", viewer, case.id), lambda: _roles_in(viewer, case))


def acts_as(viewer: Viewer, case: Case, *roles: str) -> bool:
    """Whether one of the roles counts in the case."""
    return not roles_in(viewer, case).isdisjoint(roles)


def acts_in(viewer: Viewer, case: Case | None) -> bool:
    """Whether a role counts in the case that is there to act, not only to read; without a case, whether one is held."""
    return not viewer.only_reads() if case is None else bool(roles_in(viewer, case) - READING_ROLES)


def where_they_act(viewer: Viewer, roles: Iterable[str]) -> ColumnElement[bool]:
    """Cases led at or below an office where one of the roles is held, and those that came to its holder as work."""
    wanted = frozenset(roles)
    holder = replace(viewer, roles=tuple(held for held in viewer.roles if held.role in wanted))
    as_work = (way for name, way in ways_to_see(holder).items() if name != "office")
    return or_(below_any(Case.org_path, holder.paths(wanted)), *as_work)


def _roles_in(viewer: Viewer, case: Case) -> frozenset[str]:
    """Roles held over the case are known without asking; for the others the database is asked, all at once."""
    over = frozenset(held.role for held in viewer.roles if case.org_path.startswith(held.path))
    elsewhere = sorted(viewer.role_names() - over)
    if not elsewhere:
        return over
    counts = (where_they_act(viewer, [role]).label(role) for role in elsewhere)
    row = db.session.execute(select(*counts).where(Case.county_id == case.county_id, Case.id == case.id)).one()
    return over | {role for role in elsewhere if getattr(row, role)}
