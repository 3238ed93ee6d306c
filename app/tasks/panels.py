"""Places in the inbox that features fill: tabs of cases, and what a row tells besides."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select

from app.directory.rules import Viewer


def _everybody(_viewer: Viewer) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class CaseTab:
    """A tab that lists cases: those of which `among` holds, and that the viewer may see. `restricted` finds the
    restricted ones of them by an index alone, and perhaps some more.

    `counted` is the kind of the counters that know how many they are (`workflow.counting.counted`), each of the office
    that leads the case and of its sensitivity; the viewer's own, or nobody's in particular. `elsewhere` finds the
    ordinary cases of the tab that other offices lead; without it, the tab holds none of them. `empty` are the words,
    title and text, of a tab with nothing in it.
    """

    name: str
    label: Any
    icon: str
    among: Callable[[Viewer], ColumnElement[bool]]
    restricted: Callable[[Viewer], Select[int]]
    counted: str
    empty: tuple[Any, Any]
    shown_to: Callable[[Viewer], bool] = _everybody
    elsewhere: Callable[[Viewer], Select[int]] | None = None
    order: int = 100


Told = Mapping[int, Markup]
"""What stands in the rows of some cases, by the case's id."""


@dataclass(frozen=True, slots=True)
class RowNote:
    """What a feature tells of cases in the rows of every list; `of` looks at a whole page at once."""

    name: str
    of: Callable[[Viewer, Collection[int]], Told]
    order: int = 100


_tabs: dict[str, CaseTab] = {}
_notes: dict[str, RowNote] = {}


def add_case_tab(tab: CaseTab) -> None:
    _tabs[tab.name] = tab


def add_row_note(note: RowNote) -> None:
    _notes[note.name] = note


def case_tabs(viewer: Viewer) -> list[CaseTab]:
    return [tab for tab in sorted(_tabs.values(), key=lambda tab: tab.order) if tab.shown_to(viewer)]


def case_tab(name: str) -> CaseTab:
    return _tabs[name]


def row_notes(viewer: Viewer, case_ids: Collection[int]) -> dict[int, list[Markup]]:
    """What the features have to tell in the rows of these cases, by case, in their order."""
    told: dict[int, list[Markup]] = {}
    if case_ids:
        for note in sorted(_notes.values(), key=lambda note: note.order):
            for case_id, words in note.of(viewer, case_ids).items():
                told.setdefault(case_id, []).append(words)
    return told
