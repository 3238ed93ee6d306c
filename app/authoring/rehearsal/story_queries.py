"""Read the stories of ended processes: history, stays, logged decisions, and the values that are left."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.engine import Row

from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.authoring.dictionary.uses import name_uses
from app.authoring.queries import ROLES as KEEPING_ROLES
from app.authoring.rehearsal.models import Rehearsal
from app.authoring.rehearsal.party_stories import PARTIES, PartyTale
from app.authoring.rehearsal.rules import given_of
from app.authoring.rehearsal.stories import Act, Decided, Doing, Passage, Place, Story
from app.authoring.rehearsal.walks import Drawing
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.database import db
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.queries import Kept
from app.directory.access import below_any
from app.directory.rules import CASE_ROLES, Viewer
from app.engine.bpmn.step import ROOT
from app.engine.feel import from_json, to_json
from app.workflow import queries as workflow
from app.workflow import scopes
from app.workflow.errors import ValuesWrong
from app.workflow.models import Decision, Instance, InstanceStatus, WorkItem
from app.workflow.ports import subject_keeper
from app.workflow.typed_values import typed_values

MOST_ENTRIES = 5_000
HIDDEN = "•••"
_HINDRANCES = {
    "process.moved": "moved",
    "process.move_undone": "moved",
    "element.skipped": "repaired",
    "process.restarted_before": "repaired",
}


def _ended(
    columns: Select[*tuple[Any, ...]], asked: Rehearsal, viewer: Viewer, processes: Collection[str]
) -> Select[Any]:
    """Ended processes about cases of the offices that the viewer answers for; and those about no case."""
    states = [InstanceStatus.FINISHED, *([InstanceStatus.CANCELLED] if "cancelled" in asked.span else [])]
    paths = viewer.paths((*CASE_ROLES, *KEEPING_ROLES))
    query = (
        columns.select_from(Instance)
        .outerjoin(Case, and_(Case.county_id == Instance.county_id, Case.id == Instance.subject_id))
        .where(
            Instance.county_id == viewer.county_id,
            Instance.package == asked.package,
            Instance.process_id.in_(processes),
            Instance.status.in_(states),
            Instance.finished_at <= asked.asked_at,
            or_(Instance.subject_id.is_(None), below_any(Case.org_path, paths)),
        )
    )
    if "days" in asked.span:
        query = query.where(Instance.finished_at >= asked.asked_at - timedelta(days=asked.span["days"]))
    return query


def _in_span(
    columns: Select[*tuple[Any, ...]], asked: Rehearsal, viewer: Viewer, processes: Collection[str]
) -> Select[Any]:
    query = _ended(columns, asked, viewer, processes)
    if "cases" not in asked.span:
        return query
    newest = (
        _ended(select(Instance.id), asked, viewer, processes)
        .order_by(Instance.finished_at.desc(), Instance.id.desc())
        .limit(asked.span["cases"])
        .subquery()
    )
    return query.where(Instance.id.in_(select(newest.c.id)))


def count_ended(asked: Rehearsal, viewer: Viewer, processes: Collection[str]) -> int:
    """How many processes the rehearsal walks."""
    return int(db.session.scalar(_in_span(select(func.count()), asked, viewer, processes)) or 0)


def next_ended(asked: Rehearsal, viewer: Viewer, processes: Collection[str], *, limit: int) -> Sequence[Row[Any]]:
    """The next processes after `asked.last_id`, as `story_of` wants them."""
    columns = select(
        Instance.id,
        Instance.process_id,
        Instance.release_id,
        Instance.subject_id,
        Instance.status,
        Instance.started_at,
        Instance.finished_at,
        Instance.variables,
        func.coalesce(Case.lead_organisation_id, Instance.organisation_id).label("office"),
    )
    query = _in_span(columns, asked, viewer, processes).where(Instance.id > asked.last_id)
    return db.session.execute(query.order_by(Instance.id).limit(limit)).all()


def shown_stories(viewer: Viewer, instance_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """(case code, title) by process, for the cases which the viewer may open."""
    rows = db.session.execute(
        select(Instance.id, Case.code, Case.title)
        .join(Case, and_(Case.county_id == Instance.county_id, Case.id == Instance.subject_id))
        .where(Instance.county_id == viewer.county_id, Instance.id.in_(instance_ids), visible_cases(viewer))
    )
    return {row.id: (row.code, row.title) for row in rows}


def story_of(county_id: int, row: Row[Any], ran_on: Drawing, held: Contents, zone: ZoneInfo) -> Story:
    """What is recorded of an ended process of the release `held`."""
    told, whole = _told(county_id, row)
    root = dict(scopes.read(row.variables).get(ROOT, {}))
    dictionary = held.dictionary
    shared: frozenset[str] = frozenset()
    if row.subject_id is not None and dictionary is not None:
        shared = dictionary.case_names | dictionary.party_names
        facts = subject_keeper().load(county_id, row.subject_id).variables
        root |= {name: facts.get(name) for name in shared}
    stays = workflow.visits_of(county_id, row.id)
    passages = tuple(Passage((one.process_id, one.element_id), one.left, one.how == "completed") for one in stays)
    reader = _Reader(held, root, zone, _items(county_id, row.id))
    parties = PartyTale(root.get(PARTIES), told)
    acts = [act for entry in told for act in (*reader.acts(entry), *parties.acts(entry))]
    acts += _unsaid(ran_on, passages)
    visited = Counter(one.place for one in passages)
    written = Counter(name for act in acts if act.doing != Doing.NOTED for name in act.values)
    for use in _uses(held):
        if use.written and (times := visited[(use.process_id, use.element_id)]):
            written[use.name] += times
    hindrance = next((_HINDRANCES[entry.event] for entry in told if entry.event in _HINDRANCES), "")
    return Story(
        row.id,
        row.process_id,
        row.office,
        row.started_at,
        row.finished_at,
        row.status == InstanceStatus.CANCELLED,
        tuple(sorted(acts, key=lambda one: one.at)),
        passages,
        tuple(_decided(county_id, row.id)),
        root,
        written,
        shared,
        _start_event(ran_on, passages),
        reader.given,
        {PARTIES: parties.first} if PARTIES in shared else {},
        _failures(ran_on, passages),
        hindrance or reader.hindrance or ("" if whole else "too_long"),
    )


_named: Kept[tuple[str, ...], Any] = Kept(16)


def _uses(held: Contents) -> Any:
    key = (held.package, *sorted(held.hashes.values()))
    kept = _named.get(key)
    return kept if kept is not None else _named.keep(key, name_uses(held))


def _told(county_id: int, row: Row[Any]) -> tuple[list[Entry], bool]:
    """What the history tells of the process from its start on, oldest first; whether that is all.

    In the order of the history: what was done in one request has one time.
    """
    stream = (
        Stream(county_id, f"instance:{row.id}") if row.subject_id is None else Stream.case(county_id, row.subject_id)
    )
    found: list[Entry] = []
    before = None
    while len(found) < MOST_ENTRIES:
        page = entries(stream, before=before)
        for one in page:
            if one.event == "process.started" and one.about.get("instance") == row.id:
                return [one, *found[::-1]], True
            if one.about.get("instance") == row.id or one.event.startswith("party."):
                found.append(one)
        if not page:
            return found[::-1], True
        before = page[-1].sequence
    return found[::-1], False


def _items(county_id: int, instance_id: int) -> Mapping[int, tuple[Place, int]]:
    """The place of each task, and how many were opened there before it."""
    rows = db.session.execute(
        select(WorkItem.id, WorkItem.process_id, WorkItem.element_id)
        .where(WorkItem.county_id == county_id, WorkItem.instance_id == instance_id)
        .order_by(WorkItem.opened_at, WorkItem.id)
    )
    found: dict[int, tuple[Place, int]] = {}
    counts: dict[Place, int] = {}
    for row in rows:
        place = (row.process_id, row.element_id)
        found[row.id] = (place, counts.get(place, 0))
        counts[place] = counts.get(place, 0) + 1
    return found


def _decided(county_id: int, instance_id: int) -> Iterator[Decided]:
    rows = db.session.execute(
        select(Decision.reference, Decision.at, Decision.result, Decision.trace)
        .where(Decision.county_id == county_id, Decision.instance_id == instance_id)
        .order_by(Decision.id)
    )
    for row in rows:
        yield Decided(row.reference, row.at, given_of(row.trace or {}), row.result)


class _Reader:
    """Makes acts of what the history tells."""

    def __init__(
        self, held: Contents, values: Mapping[str, object], zone: ZoneInfo, items: Mapping[int, tuple[Place, int]]
    ) -> None:
        self._dictionary = held.dictionary
        self._values = values
        self._zone = zone
        self._items = items
        self.given: Mapping[str, object] | None = None
        self.hindrance = ""

    def acts(self, entry: Entry) -> Iterator[Act]:
        if entry.event in ("task.completed", "message.received", "variables.changed") and not entry.payload:
            self.hindrance = "erased"
            return
        match entry.event:
            case "process.started":
                self.given = self._typed(entry.payload["values"]) if "values" in entry.payload else None
            case "task.completed":
                item = self._items.get(int(entry.about.get("item", 0)))
                if item is None:
                    self.hindrance = "erased"
                    return
                (process_id, element_id), number = item
                values = self._typed(entry.payload.get("values", {}))
                yield Act(entry.at, Doing.ANSWERED, element_id, process_id, values, number)
            case "message.received":
                values = self._typed(entry.payload.get("values", {}))
                yield Act(entry.at, Doing.RECEIVED, entry.payload["message"], "", values)
            case "action.started":
                yield Act(entry.at, Doing.BEGUN, entry.payload["element"])
            case "timer.fired":
                yield Act(entry.at, Doing.WOKEN)
            case "variables.changed":
                yield Act(entry.at, Doing.CHANGED, "", "", self._typed(entry.payload.get("new", {})))

    def _typed(self, values: Mapping[str, Any]) -> dict[str, object]:
        """The values with their types: as they are stored where they are still the same, or by the dictionary."""
        found: dict[str, object] = {}
        for name, value in values.items():
            known = self._values.get(name)
            if value == HIDDEN or (known is not None and to_json(known) == value):
                found[name] = known
                continue
            try:
                found |= typed_values(self._dictionary, {name: value}, self._zone)
            except ValuesWrong:
                found[name] = from_json(value)
        return found


def _unsaid(ran_on: Drawing, passages: Sequence[Passage]) -> Iterator[Act]:
    """Signals that came and conditions that came true: the history has no line for them, but they were passed."""
    for one in passages:
        node = ran_on.node(one.place) if one.completed else None
        if node is None or not node.events or node.type.endswith(("ThrowEvent", "startEvent", "endEvent")):
            continue
        if node.event.kind == "signal" and node.event.name:
            yield Act(one.left, Doing.SIGNALLED, node.event.name)
        elif node.event.kind == "conditional":
            yield Act(one.left, Doing.WOKEN)


def _start_event(ran_on: Drawing, passages: Sequence[Passage]) -> str:
    starts = {start.element_id for start in ran_on.definition.starts}
    own = ran_on.definition.process_id
    return next((one.place[1] for one in passages if one.place[0] == own and one.place[1] in starts), "")


def _failures(ran_on: Drawing, passages: Sequence[Passage]) -> dict[Place, tuple[tuple[Any, str], ...]]:
    """Boundary error events that were passed: their tasks failed then."""
    found: dict[Place, tuple[tuple[Any, str], ...]] = {}
    for one in passages:
        node = ran_on.node(one.place)
        if node is not None and node.attached_to and node.events and node.event.kind == "error" and one.completed:
            place = (one.place[0], node.attached_to)
            found[place] = (*found.get(place, ()), (one.left, node.event.name or ""))
    return found


def drawing_of_release(county_id: int, release_id: int) -> Contents:
    """The package as it was when the process began, or as it was moved to."""
    return definitions.contents(definitions.release(county_id, release_id))
