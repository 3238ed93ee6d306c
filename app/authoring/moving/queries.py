"""What a person may see of moves: the package's own keepers see the moves, and of cases only those they may open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.authoring import queries as packages
from app.authoring.moving.rules import Gap, gaps, shown_name
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.database import db
from app.core.errors import NotFound
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.models import Release
from app.definitions.queries import ReleaseInfo
from app.directory.rules import Viewer
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.transplant import Reason
from app.engine.findings import EngineError
from app.workflow.moving import queries as moving
from app.workflow.moving.models import Move


@dataclass(frozen=True, slots=True)
class Group:
    """Processes with one outcome for one and the same reasons."""

    outcome: str
    reasons: tuple[Reason, ...]
    looks: tuple[moving.Look, ...]


def move_for(viewer: Viewer, package: str, move_id: int) -> Move:
    """A move of a package that the viewer keeps. Raises NotFound."""
    packages.package_for(viewer, package)
    found = moving.move_of(viewer.county_id, move_id)
    if found.package != package:
        raise NotFound
    return found


def release_numbers(county_id: int, package: str) -> Sequence[int]:
    """All releases of the package, the newest first."""
    return db.session.scalars(
        select(Release.number)
        .where(Release.county_id == county_id, Release.package == package)
        .order_by(Release.number.desc())
    ).all()


def case_codes(viewer: Viewer, subject_ids: Iterable[int | None]) -> Mapping[int, str]:
    """The codes of those cases that the viewer may open."""
    wanted = sorted({one for one in subject_ids if one is not None})
    if not wanted:
        return {}
    rows = db.session.execute(select(Case.id, Case.code).where(Case.id.in_(wanted), visible_cases(viewer)))
    return {row.id: row.code for row in rows}


def groups(run: moving.DryRun) -> list[Group]:
    """The blocked ones first, the largest group first."""
    found: dict[tuple[str, tuple[str, ...]], list[moving.Look]] = {}
    for look in run.looks:
        key = tuple(f"{one.process_id}/{one.element_id}:{one.code}" for one in look.reasons)
        found.setdefault((look.outcome, key), []).append(look)
    order = ("blocked", "mapped", "as_is")
    made = [Group(outcome, looks[0].reasons, tuple(looks)) for (outcome, _), looks in found.items()]
    return sorted(made, key=lambda one: (order.index(one.outcome), -len(one.looks)))


def gaps_of(county_id: int, package: str, run: moving.DryRun, mapping: Mapping[str, str]) -> list[Gap]:
    """What a mapping could help. What is mapped already is offered again, to be changed."""
    held = definitions.contents(run.to)
    new: dict[str, ProcessDefinition] = {}
    for process_id in held.process_ids:
        try:
            new[process_id] = held.process(process_id)
        except EngineError:
            continue  # a process that is not run
    reasons = [(reason, _old(county_id, package, look)) for look in run.looks for reason in look.reasons]
    return gaps(reasons, new, mapping, english=language() == "en")


def steps_of(move: Move, instance_ids: Sequence[int]) -> dict[int, str]:
    """The names of the steps at which these processes stand now."""
    release = definitions.release(move.county_id, move.to_release_id)
    names = {}
    for instance_id, places in moving.places(move.county_id, instance_ids).items():
        names[instance_id] = " · ".join(sorted({_step(release, *place) for place in places} - {""}))
    return names


def _step(release: ReleaseInfo, process_id: str, element_id: str) -> str:
    """A task's name; what only waits or holds others has none here."""
    try:
        element = definitions.contents(release).process(process_id).element(element_id, process_id)
    except EngineError:
        return ""
    is_step = element is not None and element.type.lower().endswith("task")
    return shown_name(element, english=language() == "en") if element is not None and is_step else ""


def _old(county_id: int, package: str, look: moving.Look) -> ProcessDefinition:
    release = definitions.numbered_release(county_id, package, look.from_number)
    return definitions.contents(release).process(look.process_id)
