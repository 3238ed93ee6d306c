"""Tasks follow the organisation that leads their matter, when it moves in the tree or goes into another one."""

from sqlalchemy import ColumnElement, case, delete, func, insert, select, tuple_, update

from app.core.database import db
from app.directory.access import below
from app.directory.models import Organisation
from app.workflow.candidates import candidate_rows
from app.workflow.models import Instance, ItemStatus, Message, WorkItem, WorkItemCandidate

AT_ONCE = 1_000
_SILENTLY = {"synchronize_session": False}


def items_follow(county_id: int, before: str, path: str, *, closed: bool) -> int:
    """Rewrite the paths of the tasks at or below a path; `closed`: of those only on which nobody works any more."""
    rewritten = db.session.execute(
        update(WorkItem)
        .where(WorkItem.county_id == county_id, below(WorkItem.org_path, before), *_of_those(closed))
        .values(org_path=path + func.substr(WorkItem.org_path, len(before) + 1))
        .execution_options(**_SILENTLY)
    )
    return int(rewritten.rowcount)  # type: ignore[attr-defined]


def items_go_to(place: Organisation, target: Organisation, *, closed: bool) -> int:
    """Tasks, processes and waiting messages of a place are the other one's; returns how many tasks there were.

    `closed`: tasks only, and those on which nobody works any more.
    """
    moved = db.session.execute(
        update(WorkItem)
        .where(WorkItem.county_id == place.county_id, WorkItem.org_path == place.path, *_of_those(closed))
        .values(org_path=target.path, org_id=case((WorkItem.org_id == place.id, target.id), else_=WorkItem.org_id))
        .execution_options(**_SILENTLY)
    )
    if closed:
        return int(moved.rowcount)  # type: ignore[attr-defined]
    for model in (Instance, Message):
        db.session.execute(
            update(model)
            .where(model.county_id == place.county_id, model.organisation_id == place.id)
            .values(organisation_id=target.id)
            .execution_options(**_SILENTLY)
        )
    return int(moved.rowcount)  # type: ignore[attr-defined]


def _of_those(closed: bool) -> list[ColumnElement[bool]]:
    return [WorkItem.status != ItemStatus.OPEN] if closed else []


def offer_again(county_id: int, path: str) -> int:
    """Resolve again to whom the open tasks at or below a path are offered; returns for how many it changed.

    Only what differs is written. A task that is no longer offered to anybody by its groups stays with its old ones.
    """
    paths = db.session.scalars(
        select(WorkItem.org_path)
        .where(WorkItem.county_id == county_id, WorkItem.status == ItemStatus.OPEN, below(WorkItem.org_path, path))
        .distinct()
    ).all()
    return sum(_offer_again_at(county_id, one) for one in paths)


def _offer_again_at(county_id: int, path: str) -> int:
    changed = last = 0
    while True:
        rows = db.session.execute(
            select(WorkItem.id, WorkItem.groups)
            .where(
                WorkItem.county_id == county_id,
                WorkItem.status == ItemStatus.OPEN,
                WorkItem.org_path == path,
                WorkItem.id > last,
            )
            .order_by(WorkItem.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return changed
        last = rows[-1].id
        changed += _offer(county_id, path, {row.id: tuple(row.groups) for row in rows})


def _offer(county_id: int, path: str, groups: dict[int, tuple[str, ...]]) -> int:
    names = ("work_item_id", "role", "organisation_id")
    wanted = {
        (one["work_item_id"], one["role"], one["organisation_id"]) for one in candidate_rows(county_id, path, groups)
    }
    present = {
        (row.work_item_id, row.role, row.organisation_id)
        for row in db.session.execute(
            select(WorkItemCandidate.work_item_id, WorkItemCandidate.role, WorkItemCandidate.organisation_id).where(
                WorkItemCandidate.county_id == county_id, WorkItemCandidate.work_item_id.in_(list(groups))
            )
        )
    }
    resolved = {item for item, _role, _place in wanted}
    gone = sorted(one for one in present - wanted if one[0] in resolved)
    new = sorted(wanted - present)
    key = tuple_(WorkItemCandidate.work_item_id, WorkItemCandidate.role, WorkItemCandidate.organisation_id)
    for at in range(0, len(gone), 200):
        db.session.execute(
            delete(WorkItemCandidate)
            .where(WorkItemCandidate.county_id == county_id, key.in_(gone[at : at + 200]))
            .execution_options(**_SILENTLY)
        )
    if new:
        rows = [{"county_id": county_id, **dict(zip(names, one, strict=True))} for one in new]
        db.session.execute(insert(WorkItemCandidate), rows)
    return len({one[0] for one in (*gone, *new)})


def straighten_items(county_id: int) -> int:
    """Put right the path of an open task that was opened while its organisation moved; returns how many were wrong."""
    own = (
        select(Organisation.path)
        .where(Organisation.county_id == WorkItem.county_id, Organisation.id == WorkItem.org_id)
        .scalar_subquery()
    )
    put_right = db.session.execute(
        update(WorkItem)
        .where(
            WorkItem.county_id == county_id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.org_id.is_not(None),
            WorkItem.org_path != own,
        )
        .values(org_path=own)
        .execution_options(**_SILENTLY)
    )
    return int(put_right.rowcount)  # type: ignore[attr-defined]
