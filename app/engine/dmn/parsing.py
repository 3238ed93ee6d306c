"""From the bytes of a DMN file to a model that decides."""

from __future__ import annotations

from collections.abc import Callable

from app.engine.dmn.metamodel import Import
from app.engine.dmn.requirement_graphs import DecisionModel
from app.engine.dmn.xml_interchange import read_definitions
from app.engine.findings import DefinitionError, Finding, Severity

ResolveImport = Callable[[Import], bytes | None]
"""Given an import (its namespace and location), the bytes of the file, or None."""

MAX_IMPORT_DEPTH = 16


def parse_decisions(
    data: bytes, *, file: str = "", resolve_import: ResolveImport | None = None, version: str = ""
) -> DecisionModel:
    """Read and compile a DMN file of version 1.1 to 1.5, and those that it imports.

    :param file: the file's name for findings. :param version: what traces call the version of the file.
    :param resolve_import: finds imported DMN files; imports of other kinds are ignored.
    :raises DefinitionError: the file is not safe XML, not DMN, or its tables do not hold together; the findings say
        where. Expressions that cannot be compiled do not raise: they are `findings` of the model (see
        `lint_decisions`) and errors when they are needed.
    """
    return _Parsing(resolve_import, version).parse(data, file, ())


class _Parsing:
    """One file with all that it imports; what is imported twice is read once."""

    def __init__(self, resolve_import: ResolveImport | None, version: str) -> None:
        self._resolve_import = resolve_import
        self._version = version
        self._known: dict[str, DecisionModel] = {}

    def parse(self, data: bytes, file: str, above: tuple[str, ...]) -> DecisionModel:
        definitions = read_definitions(data, file=file)
        way = (*above, definitions.namespace)
        models = [
            (imported.name, self._imported(imported, file, way))
            for imported in definitions.imports
            if "DMN" in imported.import_type
        ]
        return DecisionModel(definitions, models, self._version)

    def _imported(self, imported: Import, file: str, way: tuple[str, ...]) -> DecisionModel:
        if imported.namespace in way or len(way) > MAX_IMPORT_DEPTH:
            raise _refused(imported, file, "dmn_import_cycle")
        known = self._known.get(imported.namespace)
        if known is None:
            content = self._resolve_import(imported) if self._resolve_import is not None else None
            if content is None:
                raise _refused(imported, file, "dmn_import_missing")
            known = self.parse(content, imported.location or imported.namespace, way)
            self._known[imported.namespace] = known
        return known


def _refused(imported: Import, file: str, code: str) -> DefinitionError:
    place = imported.place
    params = {"name": imported.name, "namespace": imported.namespace}
    return DefinitionError(
        [Finding(Severity.ERROR, code, file, place.line, place.element_id, place.element_name, params)]
    )
