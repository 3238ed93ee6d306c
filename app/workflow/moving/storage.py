"""Write what a move changes beside the process itself: open tasks, their candidates, incidents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from app.core.database import db, table_of
from app.engine.bpmn.step import WorkItem as Item
from app.workflow import storage
from app.workflow.candidates import candidate_rows
from app.workflow.environment import World
from app.workflow.item_rows import item_row
from app.workflow.models import Incident, ItemStatus, WorkItem

_items = table_of(WorkItem)
_incidents = table_of(Incident)

DRAWN = (
    "process_id",
    "element_id",
    "stage",
    "scope",
    "inputs",
    "party_id",
    "party_form",
    "groups",
    "name_zh",
    "name_en",
    "form_key",
    "due_at",
    "follow_up_at",
)
"""Columns of an open task that the diagram says; who holds it is for people to change."""

_DATES = ("due_at", "follow_up_at")


def changes_of(old: World, new: World, was: Item | None, now: Item) -> dict[str, Any]:
    """What is to be written because the task is drawn otherwise than before; what was drawn alike stays as it is."""
    after = item_row(new, 0, now, None, "")
    before = {} if was is None else item_row(old, 0, was, None, "")
    return {name: after[name] for name in DRAWN if was is None or before[name] != after[name]}


def open_rows(county_id: int, instance_id: int) -> Sequence[Row[Any]]:
    """The open tasks of a process, with what a diagram says of them."""
    return db.session.execute(
        select(_items.c.id, _items.c.token, *(_items.c[name] for name in DRAWN)).where(
            _items.c.county_id == county_id, _items.c.instance_id == instance_id, _items.c.status == ItemStatus.OPEN
        )
    ).all()


def write_release(county_id: int, instance_id: int, number: int) -> None:
    """Open tasks take their forms from this release now."""
    db.session.execute(
        update(_items)
        .where(_items.c.county_id == county_id, _items.c.instance_id == instance_id, _items.c.status == ItemStatus.OPEN)
        .values(release=number)
    )


def write_items(county_id: int, path: str, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Change open tasks; new groups are looked up at the organisation at `path`."""
    for item_id, values in changes.items():
        if values:
            db.session.execute(
                update(_items).where(_items.c.county_id == county_id, _items.c.id == item_id).values(**values)
            )
    groups = {item_id: tuple(values["groups"]) for item_id, values in changes.items() if "groups" in values}
    if groups:
        storage.delete_candidates(county_id, list(groups))
        storage.insert_candidates(candidate_rows(county_id, path, groups))


def kept_columns(row: Row[Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in these columns, as plain data."""
    found = {name: row._mapping[name] for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


def given_back(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _DATES and value is not None else value
        for name, value in kept.items()
    }


def place_incidents(
    county_id: int, instance_id: int, places: Mapping[str, tuple[str, str, str]]
) -> dict[str, list[str]]:
    """Write where incidents stand now, by the engine's id; returns where those that changed stood before."""
    before: dict[str, list[str]] = {}
    if not places:
        return before
    rows = db.session.execute(
        select(_incidents.c.token, _incidents.c.process_id, _incidents.c.element_id, _incidents.c.element_name).where(
            _incidents.c.county_id == county_id,
            _incidents.c.instance_id == instance_id,
            _incidents.c.token.in_(list(places)),
        )
    ).all()
    for token, *stood in rows:
        process, element, name = places[token]
        if stood != [process, element, name[:200]]:
            before[token] = stood
            db.session.execute(
                update(_incidents)
                .where(
                    _incidents.c.county_id == county_id,
                    _incidents.c.instance_id == instance_id,
                    _incidents.c.token == token,
                )
                .values(process_id=process, element_id=element, element_name=name[:200])
            )
    return before


def open_again(county_id: int, incident_ids: Sequence[int]) -> None:
    """Incidents that a move has closed are open again."""
    db.session.execute(
        update(_incidents)
        .where(_incidents.c.county_id == county_id, _incidents.c.id.in_(incident_ids))
        .values(closed_at=None, closed_by=None)
    )
