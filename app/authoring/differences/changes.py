"""Two versions of a file, or of a whole package, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.authoring.differences.elements import Element, elements_of
from app.authoring.differences.tables import TableDifference, compare_tables, longest_common
from app.authoring.differences.texts import Line, compare_lines
from app.definitions.compiled import kind_of
from app.definitions.models import FileKind
from app.engine.findings import DefinitionError

_TABLE_PARTS = frozenset({"decisionTable"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that an element or a field says of itself: what, before, now."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """An element of a diagram or a field of a form that was added, removed, changed or moved."""

    change: str
    type: str
    id: str
    name: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDifference:
    """How one file differs: `change` is added, removed or changed; the parts depend on its kind."""

    path: str
    kind: str
    change: str
    elements: tuple[Change, ...] = ()
    tables: tuple[TableDifference, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many elements, fields and rows were added, removed, changed and moved."""
        found = dict.fromkeys(("added", "removed", "changed", "moved"), 0)
        for element in self.elements:
            found[element.change] += 1
        for table in self.tables:
            for row in table.rows:
                found[row.change] += 1
        return {change: count for change, count in found.items() if count}


@dataclass(slots=True)
class _Field:
    type: str
    name: str
    parent: str
    said: dict[str, str] = field(default_factory=dict)


def compare_packages(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[FileDifference]:
    """The files that differ, by path."""
    return [
        compare_files(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]


def compare_files(path: str, old: bytes | None, new: bytes | None) -> FileDifference:
    """How `path` differs; None is a file that is not there. What cannot be read is compared line by line."""
    change = "added" if old is None else "removed" if new is None else "changed"
    before, after = old or b"", new or b""
    kind = kind_of(path)
    try:
        if kind is FileKind.PROCESS:
            elements = _compare_elements(_xml(before, path), _xml(after, path))
            return FileDifference(path, kind, change, elements=elements)
        if kind is FileKind.DECISION:
            return FileDifference(
                path,
                kind,
                change,
                elements=_compare_elements(
                    _xml(before, path, _TABLE_PARTS), _xml(after, path, _TABLE_PARTS), drawn=False
                ),
                tables=tuple(compare_tables(before, after, path)),
            )
        if kind is FileKind.FORM:
            return FileDifference(path, kind, change, elements=_compare_fields(_form(before), _form(after)))
    except (DefinitionError, ValueError):
        pass
    return FileDifference(
        path, kind, change, lines=compare_lines(before.decode(errors="replace"), after.decode(errors="replace"))
    )


def _xml(data: bytes, path: str, without: frozenset[str] = frozenset()) -> Mapping[str, Element]:
    return elements_of(data, path, without) if data else {}


def _compare_elements(
    old: Mapping[str, Element], new: Mapping[str, Element], *, drawn: bool = True
) -> tuple[Change, ...]:
    found = []
    for identity, one in new.items():
        was = old.get(identity)
        if was is None:
            found.append(Change("added", one.type, identity, one.name, _details({}, one.said)))
            continue
        details = list(_details(was.said, one.said))
        if was.type != one.type:
            details.insert(0, Detail("type", was.type, one.type))
        if was.parent != one.parent and was.parent in old and one.parent in new:
            details.append(Detail("inside", was.parent, one.parent))
        if details:
            found.append(Change("changed", one.type, identity, one.name or was.name, tuple(details)))
        elif drawn and was.drawn != one.drawn:
            found.append(Change("moved", one.type, identity, one.name))
    for identity, was in old.items():
        if identity not in new:
            found.append(Change("removed", was.type, identity, was.name))
    return tuple(sorted(found, key=lambda one: _ORDER[one.change]))


_ORDER = {"added": 0, "removed": 1, "changed": 2, "moved": 3}


def _details(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Detail, ...]:
    return tuple(
        Detail(name, old.get(name, ""), new.get(name, ""))
        for name in [*new, *(one for one in old if one not in new)]
        if old.get(name, "") != new.get(name, "")
    )


def _form(data: bytes) -> dict[str, _Field]:
    form = orjson.loads(data) if data else {}
    fields: dict[str, _Field] = {}
    if isinstance(form, dict) and isinstance(form.get("components"), list):
        _fields(form["components"], "", fields)
    return fields


def _fields(components: Sequence[Any], parent: str, fields: dict[str, _Field]) -> None:
    for position, one in enumerate(components):
        if not isinstance(one, dict):
            continue
        identity = str(one.get("id") or one.get("key") or f"{parent}{position}")
        made = _Field(str(one.get("type", "")), _component_name(one), parent)
        _flatten({key: value for key, value in one.items() if key not in ("components", "id")}, "", made.said)
        fields.setdefault(identity, made)
        if isinstance(one.get("components"), list):
            _fields(one["components"], identity, fields)


def _component_name(component: Mapping[str, Any]) -> str:
    """What stands beside it on the form; a component without any words is called by its key."""
    said = (component.get(key) for key in ("label", "dateLabel", "timeLabel", "text", "key"))
    return str(next(filter(None, said), ""))


def _flatten(value: Any, place: str, said: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{place}/{key}" if place else str(key), said)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            _flatten(inner, f"{place} {number}", said)
    else:
        said[place] = value if isinstance(value, str) else orjson.dumps(value).decode()


def _compare_fields(old: Mapping[str, _Field], new: Mapping[str, _Field]) -> tuple[Change, ...]:
    found = []
    kept = [one for one in new if one in old]
    still = set(longest_common([one for one in old if one in new], kept))
    for identity, one in new.items():
        was = old.get(identity)
        if was is None:
            found.append(Change("added", one.type, identity, one.name, _details({}, one.said)))
            continue
        details = _details(was.said, one.said)
        if details:
            found.append(Change("changed", one.type, identity, one.name or was.name, details))
        elif was.parent != one.parent or identity not in still:
            found.append(Change("moved", one.type, identity, one.name))
    found += [Change("removed", was.type, identity, was.name) for identity, was in old.items() if identity not in new]
    return tuple(sorted(found, key=lambda one: _ORDER[one.change]))
