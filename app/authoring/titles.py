"""What the files of a package are called in Chinese and English."""

import re
import tomllib
from collections.abc import Iterator, Mapping

import orjson

from app.authoring.differences.elements import elements_of
from app.authoring.references import References
from app.definitions.compiled import Contents
from app.definitions.models import FileKind
from app.definitions.rules import DICTIONARY_FILE, SETTINGS_FILE, Label
from app.engine.bpmn.reader import read
from app.engine.dmn import parse_decisions
from app.engine.findings import EngineError
from app.forms.answers import leaves
from app.forms.components import parse

_LETTER = re.compile(r'\.with\(\s*"([^"]+)"(?:[^)]*?\benglish:\s*"([^"]*)")?')
_OWN = {SETTINGS_FILE: Label("流程包设置", "Package settings"), DICTIONARY_FILE: Label("数据字典", "Data dictionary")}


def titles_of(held: Contents, references: References) -> Mapping[str, Label]:
    """A title by path; a form or paper without one of its own is called after the step that uses it."""
    titles = dict(_OWN)
    for path, content in held.files.items():
        if path in titles:
            continue
        title = _own(held, path, content)
        if title is None:
            user = next((one for one in references.of(path) if one.element_name), None)
            title = Label(user.element_name, user.element_name_en) if user else None
        if title is not None:
            titles[path] = title
    return titles


def _own(held: Contents, path: str, content: bytes) -> Label | None:
    if path.endswith(".bpmn"):
        return _process(path, content)
    if path.endswith(".dmn"):
        return _decision(held, path, content)
    if path.endswith(".typ"):
        found = _LETTER.search(content.decode(errors="replace"))
        return Label(found[1], found[2] or "") if found else None
    if path in held.of_kind(FileKind.PATH_TEST):
        return _test(content)
    return None


def _process(path: str, content: bytes) -> Label | None:
    try:
        processes = read(content, path).processes
    except EngineError:
        return None
    return Label(processes[0].name, processes[0].properties.get("name.en", "")) if processes else None


def _decision(held: Contents, path: str, content: bytes) -> Label | None:
    try:
        model = parse_decisions(content, file=path, resolve_import=held.imported)
    except EngineError:
        return None
    last = model.decisions[-1] if model.decisions else None
    return Label(last.name, last.name_en) if last else None


def _test(content: bytes) -> Label | None:
    try:
        head = tomllib.loads(content.decode()).get("test")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    name, english = (head.get("name"), head.get("name_en")) if isinstance(head, dict) else (None, None)
    return Label(name, english if isinstance(english, str) else "") if isinstance(name, str) else None


def element_names(held: Contents) -> Mapping[tuple[str, str], Label]:
    """What the elements of diagrams, tables and forms are called, by (path, id); a broken file names nothing."""
    return {(path, element): label for path in held.files for element, label in _elements(held, path) if label.zh}


def _elements(held: Contents, path: str) -> Iterator[tuple[str, Label]]:
    content = held.files[path]
    try:
        if path.endswith((".bpmn", ".dmn")):
            for one in elements_of(content, path).values():
                yield one.id, Label(one.name, one.said.get("name.en", ""))
        elif path.endswith(".form"):
            for component in leaves(parse(orjson.loads(content)).components):
                yield component.id, Label(component.label.zh, component.label.en)
    except (EngineError, orjson.JSONDecodeError, AttributeError, TypeError):
        return
