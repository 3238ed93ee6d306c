"""Which file of a package uses which: read from diagrams, tables, papers and settings; a broken file uses nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from app.definitions.compiled import Contents
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.rules import SETTINGS_FILE
from app.engine.bpmn.diagram import Code, Diagram, Node
from app.engine.bpmn.reader import read
from app.engine.dmn import parse_decisions
from app.engine.findings import EngineError

_TYPST_IMPORT = re.compile(r'#(?:import|include)\s+"([\w./-]+\.typ)"')


@dataclass(frozen=True, slots=True)
class Reference:
    """`path` uses `target` at an element."""

    path: str
    target: str
    element_id: str = ""
    element_name: str = ""
    element_name_en: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class References:
    """Every use in a package, the decisions by file, and the topics that the diagrams ask for."""

    uses: tuple[Reference, ...]
    topics: frozenset[str]
    decisions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needed_decisions: frozenset[str] = frozenset()

    def of(self, target: str) -> list[Reference]:
        """Who uses the file `target`, itself left out."""
        return [one for one in self.uses if one.target == target and one.path != target]


def references_of(held: Contents) -> References:
    """Read every file of `held`; what cannot be read uses nothing."""
    diagrams = _diagrams(held)
    processes = {process.id: path for path, diagram in diagrams.items() for process in diagram.processes}
    decisions = _decisions(held)
    homes = {name: path for path, names in decisions.items() for name in names}
    uses: list[Reference] = []
    topics: set[str] = set()
    needed: set[str] = set()
    for path, diagram in diagrams.items():
        for process in diagram.processes:
            for _, node in process.body.walk():
                topics |= _topics(node)
                if reference := node.attributes.get("decisionRef", ""):
                    needed.add(reference)
                for target in _targets(held.package, node, processes, homes):
                    uses.append(Reference(path, target, node.id, node.name, node.name_en))
    uses += _imports(held)
    uses += _settings(held, processes)
    return References(tuple(uses), frozenset(topics), decisions, frozenset(needed))


def _diagrams(held: Contents) -> dict[str, Diagram]:
    diagrams = {}
    for path, content in held.of_kind(FileKind.PROCESS).items():
        try:
            diagrams[path] = read(content, path)
        except EngineError:
            continue
    return diagrams


def _decisions(held: Contents) -> dict[str, frozenset[str]]:
    names = {}
    for path, content in held.of_kind(FileKind.DECISION).items():
        try:
            model = parse_decisions(content, file=path, resolve_import=held.imported)
        except EngineError:
            continue
        names[path] = frozenset(name for node in model.decisions for name in (node.id, node.name) if name)
    return names


def _topics(node: Node) -> set[str]:
    found = {node.attributes.get("topic", ""), *(event.topic for event in node.events)}
    return {topic for topic in found if topic}


def _targets(package: str, node: Node, processes: Mapping[str, str], homes: Mapping[str, str]) -> Iterator[str]:
    for key in (node.attributes.get("formKey", ""), node.properties.get("party.form", "")):
        owner, _, name = key.rpartition("/")
        if owner == package:
            yield f"forms/{name}.form"
    if (reference := node.attributes.get("decisionRef", "")) in homes:
        yield homes[reference]
    if node.called is not None and node.called.text in processes:
        yield processes[node.called.text]
    if "documents.make" in _topics(node):
        for name, value in node.inputs:
            if name == "template" and isinstance(value, Code):
                yield f"documents/{value.text}.typ"


def _imports(held: Contents) -> Iterator[Reference]:
    for path, content in held.of_kind(FileKind.DOCUMENT).items():
        for name in _TYPST_IMPORT.findall(content.decode(errors="replace")):
            yield Reference(path, f"documents/{PurePosixPath(name).name}")
    for path, content in held.of_kind(FileKind.DECISION).items():
        for found in re.findall(rb'locationURI="([^"]+)"', content):
            yield Reference(path, f"processes/{PurePosixPath(found.decode(errors='replace')).name}")


def _settings(held: Contents, processes: Mapping[str, str]) -> Iterator[Reference]:
    try:
        settings = held.settings
    except SettingsRefused:
        return
    if settings.main in processes:
        yield Reference(SETTINGS_FILE, processes[settings.main], "main")
    for action in settings.actions:
        owner, _, name = action.form.rpartition("/")
        if owner == held.package:
            yield Reference(SETTINGS_FILE, f"forms/{name}.form", action.message, action.label.zh, action.label.en)
