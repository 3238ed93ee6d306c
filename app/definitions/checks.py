"""Check a whole package: settings, dictionary, diagrams, tables, forms, and that they fit each other."""

from collections.abc import Container

import orjson

from app.definitions.compiled import Contents, inside
from app.definitions.models import FileKind
from app.definitions.rules import SETTINGS_FILE, PackageSettings
from app.engine.bpmn.lint import lint
from app.engine.dmn import DecisionModel, parse_decisions
from app.engine.findings import DefinitionError, Finding, Severity


class _Groups(Container[str]):
    """The groups that a package allows."""

    def __init__(self, settings: PackageSettings) -> None:
        self._settings = settings

    def __contains__(self, group: object) -> bool:
        return isinstance(group, str) and self._settings.allows_group(group)


def check_package(held: Contents) -> list[Finding]:
    """Every remark about the package. Raises SettingsRefused when `package.toml` or `data.toml` cannot be read."""
    settings, dictionary = held.settings, held.dictionary
    findings: list[Finding] = []
    decisions: set[str] = set()
    for path, content in held.of_kind(FileKind.DECISION).items():
        model = _decisions(held, path, content, findings)
        if model is not None:
            decisions |= {node.id for node in model.decisions}
    forms = _forms(held, findings)
    findings += lint(
        held.process_files,
        dictionary,
        known_forms=forms,
        known_decisions=decisions,
        known_topics=settings.topics,
        known_roles=_Groups(settings),
    )
    if not any(path.endswith(".bpmn") for path in held.files):
        findings.append(Finding(Severity.ERROR, "package_without_process", inside(SETTINGS_FILE)))
    elif settings.main not in _process_ids(held):
        findings.append(
            Finding(Severity.ERROR, "package_main_missing", inside(SETTINGS_FILE), params={"process": settings.main})
        )
    for action in settings.actions:
        if action.form and action.form not in forms:
            findings.append(
                Finding(Severity.ERROR, "package_form_missing", inside(SETTINGS_FILE), params={"form": action.form})
            )
    return findings


def _decisions(held: Contents, path: str, content: bytes, findings: list[Finding]) -> DecisionModel | None:
    try:
        model = parse_decisions(content, file=inside(path), resolve_import=held.imported)
    except DefinitionError as error:
        findings += error.findings
        return None
    findings += model.findings
    return model


def _forms(held: Contents, findings: list[Finding]) -> set[str]:
    keys = set()
    for path, content in held.of_kind(FileKind.FORM).items():
        name = path.removeprefix("forms/").removesuffix(".form")
        keys.add(f"{held.package}/{name}")
        try:
            broken = not isinstance(orjson.loads(content), dict)
        except orjson.JSONDecodeError:
            broken = True
        if broken:
            findings.append(Finding(Severity.ERROR, "form_unreadable", path, params={"form": name}))
    return keys


def _process_ids(held: Contents) -> set[str]:
    try:
        return set(held.process_ids)
    except DefinitionError:
        return set()
