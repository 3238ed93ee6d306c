"""Check a whole package: settings, dictionary, diagrams, tables, forms, and that they fit each other."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

import orjson

from app.definitions.compiled import Contents, inside
from app.definitions.models import FileKind
from app.definitions.rules import SETTINGS_FILE, Dictionary, FactGroup, PackageSettings
from app.directory.rules import ROLES, split_group
from app.engine import feel
from app.engine.bpmn.check import WeekCalendar, decide_with
from app.engine.bpmn.lint import lint
from app.engine.bpmn.path_tests import Failure, PathTestResult, read_path_test, run_path_test
from app.engine.bpmn.reader import read
from app.engine.dmn import DecisionModel, parse_decisions
from app.engine.dmn.lint import lint_decisions
from app.engine.dmn.name_types import NameType
from app.engine.findings import DefinitionError, EngineError, Finding, Severity
from app.forms.checks import check as check_form
from app.forms.task_fields import form_of


class _Groups(Container[str]):
    """The groups that a package allows: those on its list, or without a list every role that exists here."""

    def __init__(self, settings: PackageSettings) -> None:
        self._settings = settings

    def __contains__(self, group: object) -> bool:
        if not isinstance(group, str) or not self._settings.allows_group(group):
            return False
        return bool(self._settings.roles) or is_role(group)


def is_role(group: str) -> bool:
    """Does somebody here hold such a role, at whatever tier?"""
    return split_group(group)[0] in ROLES


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
    findings += _own_forms(held)
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
    return findings + _case_page(settings, dictionary)


def _case_page(settings: PackageSettings, dictionary: Dictionary | None) -> list[Finding]:
    """Remarks about what the package puts on the case page: names that are declared and not private, known values."""
    if dictionary is None:
        return []
    findings = []
    groups = [*settings.overview, *(group for tab in settings.tabs for group in tab.groups)]
    for code, params in _misplaced(groups, dictionary):
        findings.append(Finding(Severity.ERROR, code, inside(SETTINGS_FILE), params=params))
    for tab, times in Counter(tab.id for tab in settings.tabs).items():
        if times > 1:
            findings.append(Finding(Severity.ERROR, "page_tab_twice", inside(SETTINGS_FILE), params={"tab": tab}))
    return findings


def _misplaced(groups: Iterable[FactGroup], dictionary: Dictionary) -> Iterator[tuple[str, dict[str, object]]]:
    for group in groups:
        for name in group.facts:
            entry = dictionary.get(name)
            if entry is None:
                yield "page_name_unknown", {"name": name}
            elif entry.sensitivity == "private":
                yield "page_name_private", {"name": name}
        for key, chosen in (("dispute_type", group.types), ("procedure", group.procedures)):
            entry = dictionary.get(key)
            for value in chosen:
                if entry is None or entry.label_of(value) is None:
                    yield "page_value_unknown", {"name": key, "value": value}


def _decisions(held: Contents, path: str, content: bytes, findings: list[Finding]) -> DecisionModel | None:
    try:
        model = parse_decisions(content, file=inside(path), resolve_import=held.imported)
    except DefinitionError as error:
        findings += error.findings
        return None
    findings += lint_decisions(model, name_types(held.dictionary))
    return model


def name_types(dictionary: Dictionary | None) -> dict[str, NameType] | None:
    """The declared names as the check of tables wants them; the values of a list are not those of the name."""
    if dictionary is None:
        return None
    return {
        name: NameType(
            entry.type, () if entry.type == "list" else tuple(feel.native(one.value) for one in entry.values)
        )
        for name, entry in dictionary.items()
    }


def _forms(held: Contents, findings: list[Finding]) -> set[str]:
    keys = set()
    for path, content in held.of_kind(FileKind.FORM).items():
        name = path.removeprefix("forms/").removesuffix(".form")
        keys.add(f"{held.package}/{name}")
        try:
            form = orjson.loads(content)
        except orjson.JSONDecodeError:
            form = None
        if isinstance(form, dict):
            findings += check_form(form, held.dictionary, file=path)
        else:
            findings.append(Finding(Severity.ERROR, "form_unreadable", path, params={"form": name}))
    return keys


def _own_forms(held: Contents) -> list[Finding]:
    """Remarks about the forms that diagrams name inside their tasks."""
    findings: list[Finding] = []
    for path, data in held.process_files.items():
        try:
            processes = read(data, path).processes
        except DefinitionError:
            continue  # the check of the diagram tells it
        for process in processes:
            for _, node in process.body.walk():
                findings += [
                    replace(one, element_id=node.id, element_name=node.name, line=node.line)
                    for one in check_form(form_of(node.form_fields), held.dictionary, file=path)
                    if node.form_fields
                ]
    return findings


def _process_ids(held: Contents) -> set[str]:
    try:
        return set(held.process_ids)
    except DefinitionError:
        return set()


def failed_path_tests(held: Contents) -> list[Finding]:
    """What the path tests found wrong, as findings about their files: own tables, virtual clock, no database."""
    return [
        Finding(Severity.ERROR, failure.code, inside(path), params=failure.params)
        for path, content in held.of_kind(FileKind.PATH_TEST).items()
        for failure in play_path_test(held, inside(path).removeprefix("tests/"), content).failures
    ]


def play_path_test(held: Contents, name: str, content: bytes) -> PathTestResult:
    """Play the path test in `content` against the package: `name` is what it is called when it does not say so."""
    calendar = WeekCalendar()
    dictionary = held.dictionary
    try:
        test = read_path_test(content, name=name, main_process=held.settings.main)
        definition = held.process(test.process)
    except DefinitionError as error:
        return PathTestResult(name, tuple(Failure(one.code, one.params) for one in error.findings), None)
    except EngineError as error:
        return PathTestResult(name, (Failure(error.code, error.params),), None)
    return run_path_test(
        definition,
        decide_with(held.decisions, calendar),
        dictionary,
        test,
        shared=frozenset() if dictionary is None else dictionary.case_names | dictionary.party_names,
        calendar=calendar,
        served=held.settings.topics.__contains__,
    )
