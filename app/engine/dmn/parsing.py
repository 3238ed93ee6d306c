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
    return _parse(data, file, resolve_import, version, ())


def _parse(
    data: bytes, file: str, resolve_import: ResolveImport | None, version: str, above: tuple[str, ...]
) -> DecisionModel:
    definitions = read_definitions(data, file=file)
    models = {}
    for imported in definitions.imports:
        if "DMN" not in imported.import_type:
            continue
        refused = Finding(
            Severity.ERROR, "dmn_import_missing", file, imported.place.line, imported.place.element_id, imported.name,
            {"name": imported.name, "namespace": imported.namespace},
        )  # fmt: skip
        if imported.namespace in above or imported.namespace == definitions.namespace or len(above) > MAX_IMPORT_DEPTH:
            raise DefinitionError([_with_code(refused, "dmn_import_cycle")])
        content = resolve_import(imported) if resolve_import is not None else None
        if content is None:
            raise DefinitionError([refused])
        models[imported.name] = _parse(
            content, imported.location or imported.namespace, resolve_import, version, (*above, definitions.namespace)
        )
    return DecisionModel(definitions, models, version)


def _with_code(finding: Finding, code: str) -> Finding:
    return Finding(
        finding.severity, code, finding.file, finding.line, finding.element_id, finding.element_name, finding.params
    )
