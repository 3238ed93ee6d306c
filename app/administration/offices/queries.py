"""The tree with its counts, and what hangs on one office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select, text

from app.cases.models import Case
from app.core.database import db
from app.directory.access import below
from app.directory.models import Organisation
from app.directory.places.queries import children_of, people_at, people_by_place, whole_tree
from app.workflow.models import ItemStatus, WorkItem

_OPEN_TASKS = text(
    """SELECT organisation_id, sum(n) AS n FROM (
        SELECT organisation_id, n FROM counts WHERE county_id = :county AND kind = 'open'
        UNION ALL SELECT organisation_id, n FROM count_deltas WHERE county_id = :county AND kind = 'open'
    ) AS both_of_them GROUP BY organisation_id"""
)


@dataclass(slots=True)
class Node:
    """A place of the tree with how many people have a role there, how many tasks are open, and what lies below.

    `successor` is where a closed one went.
    """

    place: Organisation
    people: int
    tasks: int
    children: list["Node"] = field(default_factory=list)
    hit: bool = False
    open: bool = False
    successor: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What still hangs on an office."""

    offices: int
    people: int
    cases: int
    tasks: int

    @property
    def any(self) -> bool:
        return bool(self.offices or self.people or self.cases or self.tasks)


def tree(county_id: int, *, search: str, today: date, closed: bool = False) -> list[Node]:
    """The open places as a tree, the closed ones on wish; with a search only what fits, and the way to it."""
    people = people_by_place(county_id, today)
    tasks: Mapping[int, int] = {
        row.organisation_id: int(row.n) for row in db.session.execute(_OPEN_TASKS, {"county": county_id})
    }
    nodes: dict[int, Node] = {}
    roots: list[Node] = []
    places = whole_tree(county_id, closed=closed)
    by_id = {one.id: one for one in places}
    for place in places:
        node = nodes[place.id] = Node(place, people.get(place.id, 0), tasks.get(place.id, 0))
        node.successor = by_id.get(place.successor_id or 0)
        above = nodes.get(place.parent_id or 0)
        (above.children if above else roots).append(node)
    if not search:
        for root in roots:
            root.open = True
            _open_to_closed(root)
        return roots
    return [root for root in roots if _keep(root, search.lower())]


def _open_to_closed(node: Node) -> bool:
    """Open the way to every closed place; whether there is one at this node or below."""
    below = [_open_to_closed(child) for child in node.children]
    node.open = node.open or any(below)
    return any(below) or node.place.closed_at is not None


def _keep(node: Node, search: str) -> bool:
    place = node.place
    node.hit = any(search in one.lower() for one in (place.name_zh, place.name_en, place.code))
    node.children = [child for child in node.children if _keep(child, search)]
    node.open = bool(node.children)
    return node.hit or bool(node.children)


def load_of(place: Organisation, today: date) -> Load:
    """What must be handed over before the office can be closed."""
    cases = select(func.count()).select_from(Case).where(Case.county_id == place.county_id, Case.status == "open")
    tasks = (
        select(func.count())
        .select_from(WorkItem)
        .where(
            WorkItem.county_id == place.county_id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.org_path == place.path,
        )
    )
    return Load(
        len(children_of(place)),
        len(people_at(place, today)),
        int(db.session.scalar(cases.where(Case.org_path == place.path)) or 0),
        int(db.session.scalar(tasks) or 0),
    )


def rows_below(place: Organisation) -> int:
    """How many cases and tasks a move of this place would rewrite."""
    found = 0
    for model in (Case, WorkItem):
        query = select(func.count()).select_from(model).where(model.county_id == place.county_id)
        found += int(db.session.scalar(query.where(below(model.org_path, place.path))) or 0)
    return found


def targets(place: Organisation) -> Sequence[Organisation]:
    """Where the place could go: every open one that does not lie in it."""
    return [one for one in whole_tree(place.county_id) if not one.path.startswith(place.path)]
