"""What the page of a rehearsal shows of walks: counts, places, reasons, and the cases that would differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.authoring import queries as packages
from app.authoring.rehearsal import story_queries
from app.authoring.rehearsal.models import Rehearsal
from app.authoring.rehearsal.rules import counted_errors
from app.authoring.rehearsal.walk_tally import WalkTally
from app.authoring.rehearsal.walks import Verdict
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.models import FileKind
from app.directory.rules import Viewer
from app.engine.bpmn.diagram import Process
from app.engine.bpmn.reader import read
from app.engine.findings import EngineError


@dataclass(frozen=True, slots=True)
class Stop:
    """An element at which cases would stop: how many miss an answer there, how many are stuck."""

    name: str
    missing: int
    stuck: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Where another way begins: what came then, what would come now."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class DifferentCase:
    """A case that would not go as before, and that the reader may open."""

    code: str
    title: str
    verdict: str
    reason: str
    element: str
    instead_of: str
    error: str


def processes_of(held: Contents) -> dict[str, tuple[str, Process]]:
    """The processes of the package by id, each with its file; a broken file has none."""
    found: dict[str, tuple[str, Process]] = {}
    for path, content in sorted(held.of_kind(FileKind.PROCESS).items()):
        try:
            found |= {one.id: (path, one) for one in read(content, path).processes}
        except EngineError:
            continue
    return found


def process_name(process: Process) -> str:
    return (process.properties.get("name.en", "") if language() == "en" else "") or process.name or process.id


def process_choices(held: Contents) -> list[tuple[str, str]]:
    """(path#process, its words) of every process, the main one first."""
    found = processes_of(held)
    main = held.settings.main
    ordered = sorted(found.items(), key=lambda one: (one[0] != main, one[1][0]))
    return [(f"{path}#{process_id}", process_name(process)) for process_id, (path, process) in ordered]


def shown_walks(viewer: Viewer, asked: Rehearsal, page: int, listed: int) -> Mapping[str, Any]:
    """The values of the template for the walks of a rehearsal."""
    tally = WalkTally.from_json(asked.found)
    held = packages.draft_contents(viewer.county_id, asked.package)
    names = _element_names(viewer, held)
    own = processes_of(held).get(asked.reference)
    stops = [
        Stop(_name(names, place), counts.get("missing", 0), counts.get("stuck", 0))
        for place, counts in tally.stops.items()
    ]
    turns = []
    for way, count in tally.turns.items():
        before, _, after = way.partition(">")
        turns.append(Turn(_name(names, before), _name(names, after), count))
    cases = story_queries.shown_stories(viewer, [one["id"] for one in tally.differing])
    shown = [one for one in tally.differing if one["id"] in cases]
    return {
        "name": process_name(own[1]) if own else asked.reference,
        "tally": tally,
        "stops": sorted(stops, key=lambda one: -(one.missing + one.stuck)),
        "turns": sorted(turns, key=lambda one: -one.count),
        "different": [_case(one, cases[one["id"]], names) for one in shown[(page - 1) * listed : page * listed]],
        "errors": counted_errors([one for one in tally.differing if one["verdict"] == Verdict.STUCK]),
        "unlisted": tally.walked - tally.count(Verdict.SAME) - len(shown),
        "page": page,
        "pages": -(-len(shown) // listed),
    }


def _case(one: Mapping[str, Any], case: tuple[str, str], names: Mapping[str, str]) -> DifferentCase:
    return DifferentCase(
        *case,
        one["verdict"],
        one["reason"],
        _name(names, "/".join(one["place"])),
        _name(names, "/".join(one["instead_of"])),
        str(one["error"].get(language(), "")),
    )


def _element_names(viewer: Viewer, held: Contents) -> dict[str, str]:
    """The words of every element by "process/element": as drafted, and of the active release where it is gone."""
    active = packages.active_release(viewer.county_id, held.package)
    names: dict[str, str] = {}
    for contents in ([definitions.contents(active)] if active else []) + [held]:
        for process_id, (_path, process) in processes_of(contents).items():
            for _, node in process.body.walk():
                english = node.name_en if language() == "en" else ""
                names[f"{process_id}/{node.id}"] = english or node.name or node.id
    return names


def _name(names: Mapping[str, str], place: str) -> str:
    return names.get(place, place.partition("/")[2])
