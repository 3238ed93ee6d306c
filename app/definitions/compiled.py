"""What one manifest holds: its files, read and compiled as they are asked for, safe to share between threads."""

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import orjson

from app.definitions.models import FileKind
from app.definitions.rules import (
    DICTIONARY_FILE,
    SETTINGS_FILE,
    Dictionary,
    PackageSettings,
    read_dictionary,
    read_settings,
)
from app.engine.bpmn.checks.foreign import is_foreign_form
from app.engine.bpmn.definition import Element, ProcessDefinition
from app.engine.bpmn.messages import MessageStart, message_keeps, message_starts
from app.engine.bpmn.reader import read
from app.engine.bpmn.timers import Duration
from app.engine.dmn import DecisionModel, Import, parse_decisions
from app.engine.findings import EngineError
from app.forms.task_fields import form_of

_KINDS = {
    ".bpmn": FileKind.PROCESS,
    ".dmn": FileKind.DECISION,
    ".form": FileKind.FORM,
    ".typ": FileKind.DOCUMENT,
}


def kind_of(path: str) -> FileKind:
    """The kind of a file by its path inside the package."""
    if path == DICTIONARY_FILE:
        return FileKind.DICTIONARY
    if path == SETTINGS_FILE:
        return FileKind.SETTINGS
    if path.startswith("processes/tests/"):
        return FileKind.PATH_TEST
    return _KINDS.get(PurePosixPath(path).suffix, FileKind.OTHER)


def inside(path: str) -> str:
    """The path as findings name it: inside the package's own folder."""
    return path.removeprefix("processes/")


class Contents:
    """The files of a release under their paths (`processes/…`, `forms/…`, `documents/…`), and what they mean."""

    def __init__(self, package: str, files: Mapping[str, bytes], hashes: Mapping[str, str]) -> None:
        self.package = package
        self.files = dict(files)
        self.hashes = dict(hashes)
        self._lock = threading.RLock()
        self._processes: dict[str, ProcessDefinition] = {}
        self._forms: dict[str, dict[str, Any]] = {}
        self._own_forms: dict[str, dict[str, Any]] = {}

    def of_kind(self, *kinds: FileKind) -> dict[str, bytes]:
        """The files of these kinds, by path."""
        return {path: content for path, content in self.files.items() if kind_of(path) in kinds}

    @cached_property
    def process_files(self) -> dict[str, bytes]:
        """The diagrams, named as findings name them."""
        return {inside(path): content for path, content in self.of_kind(FileKind.PROCESS).items()}

    @cached_property
    def settings(self) -> PackageSettings:
        """Raises SettingsRefused when `package.toml` is missing or wrong."""
        return read_settings(self.files.get(SETTINGS_FILE, b""), SETTINGS_FILE)

    @cached_property
    def dictionary(self) -> Dictionary | None:
        """The declared names; None for a package without a dictionary, whose names are not checked."""
        content = self.files.get(DICTIONARY_FILE)
        return None if content is None else read_dictionary(content, DICTIONARY_FILE)

    def process(self, process_id: str) -> ProcessDefinition:
        """The compiled process, with those that it calls. Raises DefinitionError."""
        with self._lock:
            if process_id not in self._processes:
                self._processes[process_id] = ProcessDefinition.compile(self.process_files, process_id)
            return self._processes[process_id]

    @cached_property
    def decisions(self) -> dict[str, DecisionModel]:
        """The decision models by file. Raises DefinitionError for the first that cannot be read."""
        return {
            path: parse_decisions(content, file=inside(path), resolve_import=self.imported)
            for path, content in self.of_kind(FileKind.DECISION).items()
        }

    def imported(self, wanted: Import) -> bytes | None:
        """The file of this package that another one imports."""
        return self.files.get(f"processes/{PurePosixPath(wanted.location).name}")

    @cached_property
    def process_ids(self) -> tuple[str, ...]:
        """The ids of the processes in the diagrams. Raises DefinitionError for a file that is no XML."""
        return tuple(one.id for path, data in self.process_files.items() for one in read(data, path).processes)

    @cached_property
    def message_starts(self) -> dict[str, list[MessageStart]]:
        """Messages that begin a process of this package. Raises DefinitionError for a file that is no XML."""
        return message_starts(self.process_files)

    @cached_property
    def message_keeps(self) -> dict[str, tuple[Duration, ...]]:
        """Messages that are kept for a latecomer. Raises DefinitionError for a file that is no XML."""
        return message_keeps(self.process_files)

    def decision(self, reference: str) -> tuple[DecisionModel, str]:
        """The model that holds the decision, and the hash of its file. Raises EngineError `decision_unknown`."""
        with self._lock:
            for path, model in self.decisions.items():
                if model.find(reference) is not None:
                    return model, self.hashes[path]
        raise EngineError("decision_unknown", name=reference)

    def form(self, key: str) -> dict[str, Any]:
        """The form `<package>/<name>`. Raises KeyError."""
        package, _, name = key.rpartition("/")
        if package and package != self.package:
            raise KeyError(key)
        with self._lock:
            if name not in self._forms:
                self._forms[name] = orjson.loads(self.files[f"forms/{name}.form"])
            return self._forms[name]

    def task_form(self, key: str, element: Element | None) -> Mapping[str, Any] | None:
        """The form of a task: the one that its key or its form reference names, else the diagram's own fields.

        A key of another system (`embedded:app:forms/ask.html`) stands for the form of that name in the package. None
        for a task without a form. Raises KeyError for a key of ours that names nothing.
        """
        if key and not is_foreign_form(key):
            return self.form(key)
        named = self._named_form(key) or self._named_form(element.form_ref if element else "")
        if named is not None or element is None or not element.form_fields:
            return named
        place = f"{element.process_id}/{element.id}"
        with self._lock:
            if place not in self._own_forms:
                self._own_forms[place] = form_of(element.form_fields)
            return self._own_forms[place]

    def _named_form(self, key: str) -> Mapping[str, Any] | None:
        """The package's form with this file name or this id."""
        name = PurePosixPath(key.rpartition(":")[2]).stem
        if not name:
            return None
        if f"forms/{name}.form" in self.files:
            return self.form(f"{self.package}/{name}")
        for path in self.of_kind(FileKind.FORM):
            form = self.form(f"{self.package}/{path.removeprefix('forms/').removesuffix('.form')}")
            if form.get("id") == key:
                return form
        return None

    def document(self, name: str) -> bytes:
        """The document template. Raises KeyError."""
        return self.files[f"documents/{name}.typ"]
