"""Where the names of a package are written and read: diagrams, tables, forms, papers, actions, facts of a case page.

Pure; a broken file uses nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from app.authoring.queries import dictionary_of
from app.definitions.compiled import Contents
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.rules import SETTINGS_FILE, Dictionary, Entry, FactGroup
from app.engine.bpmn.checks.names import uses_of
from app.engine.bpmn.diagram import Process
from app.engine.bpmn.reader import read
from app.engine.dmn import DecisionModel, parse_decisions
from app.engine.dmn.metamodel import DecisionTable
from app.engine.feel import compile_expression
from app.engine.findings import EngineError
from app.forms.answers import leaves
from app.forms.checks import expressions_of
from app.forms.components import INPUTS, Component, parse
from app.forms.task_fields import form_of

_ASKED = re.compile(r'"([a-z][a-z0-9_]*)"|values\.([a-z][a-z0-9_]*)')


@dataclass(frozen=True, slots=True)
class Use:
    """A name is read, or written, at an element of a file. `place` is field, condition, script, timer, table …"""

    name: str
    written: bool
    place: str
    path: str
    process_id: str = ""
    element_id: str = ""
    element_name: str = ""
    element_name_en: str = ""
    """Where the file itself says it beside the name."""


@dataclass(frozen=True, slots=True)
class Line:
    """A name with its declaration, if it has one, and its uses."""

    name: str
    entry: Entry | None
    written: tuple[Use, ...]
    read: tuple[Use, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """What is remarkable: undeclared; never written (unless the case or its parties bring it); never read."""
        if self.entry is None:
            return ("undeclared",)
        found = []
        if not self.written and self.entry.source == "process":
            found.append("never_written")
        if not self.read:
            found.append("never_read")
        return tuple(found)


def lines_of(dictionary: Dictionary | None, uses: Iterable[Use]) -> list[Line]:
    """Every declared name in the order of the file, then those that are used without being declared."""
    by_name: dict[str, list[Use]] = {}
    for use in uses:
        by_name.setdefault(use.name, []).append(use)
    declared: Mapping[str, Entry] = dictionary if dictionary is not None else {}
    names = [*declared, *sorted(name for name in by_name if name not in declared)]
    return [_line(name, declared.get(name), by_name.get(name, [])) for name in names]


def _line(name: str, entry: Entry | None, uses: list[Use]) -> Line:
    return Line(name, entry, tuple(one for one in uses if one.written), tuple(one for one in uses if not one.written))


def name_uses(held: Contents) -> list[Use]:
    """Every use of every name, each place once."""
    found = [*_diagrams(held), *_tables(held), *_forms(held), *_papers(held), *_settings(held)]
    return list(dict.fromkeys(found))


def _diagrams(held: Contents) -> Iterator[Use]:
    for path, content in sorted(held.of_kind(FileKind.PROCESS).items()):
        try:
            processes = read(content, path).processes
        except EngineError:
            continue
        for process in processes:
            yield from _process(path, process)


def _process(path: str, process: Process) -> Iterator[Use]:
    for use in uses_of(process):
        yield Use(use.name, use.written, use.place, path, use.process_id, use.element_id, use.element_name)
    for _, node in process.body.walk():
        if node.form_fields:
            for name, written, place, _element, _label in _components(parse(form_of(node.form_fields)).components):
                yield Use(name, written, place, path, process.id, node.id, node.name)


def _tables(held: Contents) -> Iterator[Use]:
    for path, content in sorted(held.of_kind(FileKind.DECISION).items()):
        try:
            model = parse_decisions(content, file=path, resolve_import=held.imported)
            yield from _decisions(held, path, model)
        except EngineError:
            continue


def _decisions(held: Contents, path: str, model: DecisionModel) -> Iterator[Use]:
    declared: Mapping[str, Entry] = dictionary_of(held) or {}
    for decision in model.decisions:
        logic = decision.logic
        asked = {one.expression.text.strip() for one in logic.inputs} if isinstance(logic, DecisionTable) else set()
        for name in model.inputs_of(decision.id):
            if name not in declared and name not in asked:
                continue  # an entry of an item rather than a name
            yield Use(name, False, "table", path, "", decision.id, decision.name or decision.id)
        outputs = [clause.name for clause in logic.outputs if clause.name] if isinstance(logic, DecisionTable) else []
        for name in (*outputs, decision.variable.name or ""):
            if name in declared:  # any other is part of the result only
                yield Use(name, True, "table", path, "", decision.id, decision.name or decision.id)


def _forms(held: Contents) -> Iterator[Use]:
    for path, content in sorted(held.of_kind(FileKind.FORM).items()):
        try:
            form = orjson.loads(content)
        except orjson.JSONDecodeError:
            continue
        if isinstance(form, dict) and isinstance(form.get("components"), list):
            for name, written, place, element, label in _components(parse(form).components):
                yield Use(name, written, place, path, "", element, label)


def _components(components: tuple[Component, ...]) -> Iterator[tuple[str, bool, str, str, str]]:
    """(name, written, place, element, its label); what a list or a group holds is part of its own name."""
    own = {component.key for component in leaves(components)}
    for component in leaves(components):
        if component.type in INPUTS or component.type in ("dynamiclist", "group"):
            written = not component.disabled and component.readonly is not True
            yield component.key, written, "field" if written else "shown", component.id, component.label.zh
    yield from _conditions(components, own)


def _conditions(components: tuple[Component, ...], own: set[str]) -> Iterator[tuple[str, bool, str, str, str]]:
    for component in components:
        for text in expressions_of(component):
            for name in sorted(_names(text) - own):
                yield name, False, "condition", component.id, component.label.zh or component.key
        if component.components:
            yield from _conditions(component.components, own | {one.key for one in leaves(component.components)})


def _papers(held: Contents) -> Iterator[Use]:
    """A paper asks for a value by its name, as a quoted word or as `values.name`."""
    declared: Mapping[str, Entry] = dictionary_of(held) or {}
    for path, content in sorted(held.of_kind(FileKind.DOCUMENT).items()):
        text = content.decode(errors="replace")
        for name in sorted({one for pair in _ASKED.findall(text) for one in pair if one in declared}):
            yield Use(name, False, "paper", path)


def _settings(held: Contents) -> Iterator[Use]:
    """When an action is offered, and which facts the page of a case shows."""
    try:
        settings = held.settings
    except SettingsRefused:
        return
    for action in settings.actions:
        for name in sorted(_names(action.when.removeprefix("="))) if action.when else ():
            yield Use(name, False, "condition", SETTINGS_FILE, "", action.message, action.label.zh, action.label.en)
    yield from _facts("overview", settings.overview)
    for tab in settings.tabs:
        yield from _facts(tab.id, tab.groups)


def _facts(part: str, groups: Iterable[FactGroup]) -> Iterator[Use]:
    for number, group in enumerate(groups, start=1):
        for name in group.facts:
            yield Use(name, False, "shown", SETTINGS_FILE, "", f"{part}-{number}", group.label.zh, group.label.en)


def _names(text: str) -> frozenset[str]:
    try:
        return compile_expression(text).names
    except EngineError:
        return frozenset()
