"""Ask for a rehearsal, stop it, and do a piece of it."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from app.audit.services import Actor, Stream, record
from app.authoring.errors import NothingToRehearse, RehearsalOver, SpanWrong
from app.authoring.queries import DraftContents, contents_of_files, draft_contents
from app.authoring.rehearsal import queries, story_queries
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.authoring.rehearsal.rules import Borrow, Tally, logged, replay
from app.authoring.rehearsal.walk_tally import WalkTally
from app.authoring.rehearsal.walks import Drawing, Verdict, Walked, rehearse
from app.core.database import db
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.models import FileKind
from app.definitions.rules import Dictionary, is_hidden
from app.definitions.services import manifest_hash
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.engine.bpmn.reader import read
from app.engine.feel import Environment
from app.engine.findings import EngineError
from app.engine.words import sentence
from app.scheduling import services as scheduling
from app.workflow import queries as workflow
from app.workflow import topics
from app.workflow.ports import subject_keeper

JOB = "authoring.rehearsal"
PIECE = 1_000
"""Decisions in one piece; each piece is kept, so that a killed worker loses no more than one."""

WALKS = 20
"""Processes in one piece."""

MOST_DAYS = 3_660
MOST_CASES = 100_000


def ask_for_rehearsal(
    viewer: Viewer, package: str, path: str, reference: str, span: Mapping[str, int], *, actor: Actor, now: datetime
) -> Rehearsal:
    """Have the draft of `path` tried on what happened in `span`, by the worker.

    `reference` names a decision of the file, or a process of the diagram; "" takes the last one.
    Raises NothingToRehearse when the file holds no such decision, SpanWrong for a span out of range.
    """
    _check_span(span)
    contents = draft_contents(viewer.county_id, package)
    asked = Rehearsal(
        county_id=viewer.county_id,
        package=package,
        path=path,
        reference=_reference(contents, path, reference),
        draft_hash="",
        release_number=definitions.active_release(viewer.county_id, package).number,
        span=dict(span),
        asked_by=viewer.person_id,
        asked_by_name=viewer.name,
        asked_at=now,
        status=RehearsalStatus.RUNNING,
        found={},
        done=0,
        last_id=0,
    )
    asked.draft_hash = _tried(contents, asked)
    if asked.walks:
        asked.total = story_queries.count_ended(asked, viewer, _callers(contents, asked.reference))
    else:
        asked.total = queries.count_logged(asked, viewer)
    if asked.total == 0:
        asked.status, asked.finished_at = RehearsalStatus.DONE, now
    db.session.add(asked)
    db.session.flush()
    record(
        Stream.package(viewer.county_id, package),
        "rehearsal.asked",
        actor=actor,
        now=now,
        payload={
            "path": path,
            ("process" if asked.walks else "decision"): asked.reference,
            "span": dict(span),
            ("cases" if asked.walks else "decisions"): asked.total,
        },
        about={"rehearsal": asked.id},
    )
    if asked.total:
        _enqueue(asked, now)
    return asked


def cast_shadow(viewer: Viewer, package: str, path: str, reference: str, *, actor: Actor, now: datetime) -> Rehearsal:
    """Have the draft, as it is now, decide silently beside the active table from now on.

    One shadow for each decision: a new one ends the old. Raises NothingToRehearse.
    """
    contents = draft_contents(viewer.county_id, package)
    reference = _reference(contents, path, reference)
    old = queries.shadow_of(viewer.county_id, package, path, reference)
    if old is not None:
        stop_rehearsal(old, now=now)
    shadow = Rehearsal(
        county_id=viewer.county_id,
        package=package,
        path=path,
        reference=reference,
        draft_hash=contents.hashes.get(path, ""),
        release_number=definitions.active_release(viewer.county_id, package).number,
        span={"onwards": 1},
        asked_by=viewer.person_id,
        asked_by_name=viewer.name,
        asked_at=now,
        status=RehearsalStatus.RUNNING,
        found={},
        total=0,
        done=0,
        last_id=0,
        content=contents.files[path],
    )
    db.session.add(shadow)
    db.session.flush()
    record(
        Stream.package(viewer.county_id, package),
        "shadow.cast",
        actor=actor,
        now=now,
        payload={"path": path, "decision": reference},
        about={"rehearsal": shadow.id},
    )
    return shadow


def _check_span(span: Mapping[str, int]) -> None:
    counted = {name: number for name, number in span.items() if name != "cancelled"}
    (kind, number) = next(iter(counted.items()), ("", 0))
    most = {"days": MOST_DAYS, "cases": MOST_CASES}.get(kind, 0)
    if len(counted) != 1 or not 1 <= number <= most:
        raise SpanWrong(days=MOST_DAYS, cases=MOST_CASES)


def _tried(contents: Contents, asked: Rehearsal) -> str:
    """What is tried: the table, or every diagram, table and name that a walk may need."""
    if not asked.walks:
        return contents.hashes.get(asked.path, "")
    if asked.path not in contents.hashes:
        return ""
    needed = contents.of_kind(FileKind.PROCESS, FileKind.DECISION, FileKind.DICTIONARY)
    return manifest_hash(asked.package, {path: contents.hashes[path] for path in needed})


def _callers(contents: Contents, process_id: str) -> list[str]:
    """The process and those that call it, directly or through others."""
    found = [process_id]
    for one in contents.process_ids:
        try:
            if process_id in contents.process(one).called:
                found.append(one)
        except EngineError:
            continue
    return found


def _process(contents: Contents, path: str, reference: str) -> str:
    content = contents.of_kind(FileKind.PROCESS).get(path, b"")
    try:
        known = [one.id for one in read(content, path).processes]
    except EngineError:
        known = []
    if not known or (reference and reference not in known):
        raise NothingToRehearse(path=path)
    return reference or known[-1]


def _reference(contents: Contents, path: str, reference: str) -> str:
    if path.endswith(".bpmn"):
        return _process(contents, path, reference)
    model = contents.decisions.get(path) if path in contents.of_kind(FileKind.DECISION) else None
    if model is None or not model.decisions or (reference and model.find(reference) is None):
        raise NothingToRehearse(path=path)
    return reference or model.decisions[-1].id


def stop_rehearsal(asked: Rehearsal, *, now: datetime) -> None:
    """End it where it is; what it has found is kept. Raises RehearsalOver."""
    if asked.status != RehearsalStatus.RUNNING:
        raise RehearsalOver
    asked.status, asked.finished_at = RehearsalStatus.STOPPED, now


def fail_rehearsal(county_id: int, rehearsal_id: int, reason: str, *, now: datetime) -> None:
    """The worker could not go on."""
    asked = db.session.get(Rehearsal, (county_id, rehearsal_id))
    if asked is not None and asked.status == RehearsalStatus.RUNNING:
        asked.status, asked.reason, asked.finished_at = RehearsalStatus.FAILED, reason[:500], now


def do_piece(county_id: int, rehearsal_id: int, *, now: datetime) -> bool:
    """Decide the next decisions again and keep what was found, in the caller's transaction; true while more is left."""
    asked = db.session.get(Rehearsal, (county_id, rehearsal_id), with_for_update=True)
    if asked is None or asked.status != RehearsalStatus.RUNNING:
        return False
    began = time.perf_counter()
    viewer = directory.viewer_of_person(county_id, asked.asked_by, now=now)
    contents = _contents(asked)
    if viewer is None or not asked.draft_hash or _tried(contents, asked) != asked.draft_hash:
        asked.status, asked.finished_at = RehearsalStatus.OUTDATED, now
        return False
    try:
        rows, size = (_walk if asked.walks else _decide)(asked, viewer, contents)
    except EngineError as error:
        fail_rehearsal(county_id, rehearsal_id, sentence(error.code, error.params), now=now)
        return False
    asked.done += len(rows)
    asked.milliseconds += round((time.perf_counter() - began) * 1000)
    if rows:
        asked.last_id = rows[-1].id
    if asked.is_shadow:
        asked.total = asked.done
        return len(rows) == size
    if len(rows) < size:
        asked.status, asked.finished_at = RehearsalStatus.DONE, now
        return False
    return True


def _decide(asked: Rehearsal, viewer: Viewer, contents: DraftContents) -> tuple[Sequence[Row[Any]], int]:
    """The next decisions again by the draft; what was found, and how many a piece holds."""
    county_id = asked.county_id
    rows = queries.next_logged(asked, viewer, limit=PIECE)
    tally = Tally.from_json(asked.found)
    model = contents.decisions[asked.path]
    zone, calendar = directory.zone_of(county_id), CountyCalendar(county_id)
    seen = queries.shown_cases(viewer, [row.id for row in rows])
    for row in rows:
        one = logged(row.id, row.at, row.office, row.result, row.trace or {})
        borrow = _borrower(county_id, row, contents.dictionary, sees_case=row.id in seen)
        tally.add(replay(one, model, asked.reference, lambda at: Environment(at, zone, calendar=calendar), borrow))
    asked.found = tally.to_json()
    return rows, PIECE


def _walk(asked: Rehearsal, viewer: Viewer, contents: DraftContents) -> tuple[Sequence[Row[Any]], int]:
    """The next ended processes again on the draft; what was found, and how many a piece holds."""
    rows = story_queries.next_ended(asked, viewer, _callers(contents, asked.reference), limit=WALKS)
    tally = WalkTally.from_json(asked.found)
    for row in rows:
        tally.add(walk_again(asked.county_id, row, contents))
    asked.found = tally.to_json()
    return rows, WALKS


def walk_again(county_id: int, row: Row[Any], contents: Contents) -> Walked:
    """An ended process on the draft. Raises EngineError when the draft itself cannot run."""
    zone, calendar = directory.zone_of(county_id), CountyCalendar(county_id)

    def drawing(held: Contents) -> Drawing:
        process = held.process(row.process_id)
        return Drawing(process, held.decisions, held.dictionary, zone, calendar, _outputs_of)

    held = story_queries.drawing_of_release(county_id, row.release_id)
    draft = drawing(contents)
    try:
        ran_on = drawing(held)
    except EngineError:
        return Walked(row.id, row.office, Verdict.UNCOMPARED, reason="release_unreadable")
    return rehearse(story_queries.story_of(county_id, row, ran_on, held, zone), ran_on, draft)


def _outputs_of(topic: str) -> Sequence[str]:
    served = topics.registered(topic)
    return tuple(served.outputs) if served is not None else ()


def _contents(asked: Rehearsal) -> DraftContents:
    """The drafted package; a shadow keeps the table that it was cast with."""
    held = draft_contents(asked.county_id, asked.package)
    if asked.content is None:
        return held
    return contents_of_files(asked.package, {**held.files, asked.path: asked.content})


def _borrower(county_id: int, row: Any, dictionary: Dictionary | None, *, sees_case: bool) -> Borrow:
    """Present values of names that were not kept with a decision, as far as whoever asks may see them."""
    instance_id, subject_id = row.instance_id, row.subject_id

    def borrow(names: Sequence[str]) -> Mapping[str, object]:
        values: dict[str, object] = dict(workflow.variables_by_scope(county_id, instance_id).get("", {}))
        if subject_id is not None:
            values |= subject_keeper().load(county_id, subject_id).variables
        return {name: values.get(name) for name in names if not hidden(name)}

    def hidden(name: str) -> bool:
        entry = dictionary.get(name) if dictionary is not None else None
        return is_hidden(entry, about_case=subject_id is not None, sees_case=sees_case)

    return borrow


def _enqueue(asked: Rehearsal, now: datetime) -> None:
    scheduling.enqueue(asked.county_id, JOB, {"rehearsal": asked.id}, now=now)


def go_on(county_id: int, rehearsal_id: int, *, now: datetime) -> bool:
    """One piece, and the next one put down if there is more; returns whether there is."""
    more = do_piece(county_id, rehearsal_id, now=now)
    if more:
        scheduling.enqueue(county_id, JOB, {"rehearsal": rehearsal_id}, now=now)
    return more
