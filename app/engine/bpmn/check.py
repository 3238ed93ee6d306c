"""`python -m app.engine.bpmn.check processes/dispute [test name …]`: check a package folder and play its path tests.

Exit code 1 when a finding is an error or a test fails. `--en` words it in English, `--trail` prints each way in full,
`--no-tests` checks only.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.engine import feel
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import Calendar, DecisionOutcome, Dictionary
from app.engine.bpmn.lint import lint
from app.engine.bpmn.path_tests import Failure, PathTestResult, read_path_test, run_path_test
from app.engine.bpmn.simulation import Decide
from app.engine.dmn import DecisionModel, Import, parse_decisions
from app.engine.findings import DefinitionError, EngineError, Finding, Severity
from app.engine.words import sentence

ZONE = ZoneInfo("Asia/Shanghai")


class WeekCalendar:
    """Monday to Friday: path tests do not depend on a year's holidays."""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5


@dataclass(frozen=True)
class Folder:
    """A package folder as it lies on disk."""

    files: Mapping[str, bytes]
    tests: Mapping[str, bytes]
    main: str
    dictionary: Dictionary | None
    shared: frozenset[str]
    roles: frozenset[str] | None
    topics: frozenset[str] | None
    forms: frozenset[str] | None
    decisions: Mapping[str, DecisionModel]
    findings: tuple[Finding, ...]


def read_folder(path: Path) -> Folder:
    """Read diagrams, tables, `data.toml`, `package.toml`, `tests/*.toml`, and the names of `forms/<package>/*.form`."""
    files = {one.name: one.read_bytes() for one in sorted(path.iterdir()) if one.suffix in (".bpmn", ".dmn")}
    findings: list[Finding] = []
    names: dict[str, object] | None = None
    if (path / "data.toml").exists():
        names = tomllib.loads((path / "data.toml").read_text())
    settings: dict[str, object] = {}
    if (path / "package.toml").exists():
        settings = tomllib.loads((path / "package.toml").read_text())
    decisions: dict[str, DecisionModel] = {}

    def imported(wanted: Import) -> bytes | None:
        return files.get(Path(wanted.location).name)

    for name, data in files.items():
        if name.endswith(".dmn"):
            try:
                decisions[name] = parse_decisions(data, file=name, resolve_import=imported)
            except DefinitionError as error:
                findings += error.findings
    return Folder(
        files={name: data for name, data in files.items() if name.endswith(".bpmn")},
        tests={one.name: one.read_bytes() for one in sorted((path / "tests").glob("*.toml"))},
        main=str(settings.get("main", path.name)),
        dictionary=frozenset(names) if names is not None else None,
        shared=frozenset(
            name
            for name, entry in (names or {}).items()
            if isinstance(entry, dict) and entry.get("source") in ("case", "party")
        )
        | {"parties"},
        roles=_texts(settings.get("roles")),
        topics=_texts(settings.get("topics")),
        forms=_forms(path),
        decisions=decisions,
        findings=tuple(findings),
    )


def _forms(path: Path) -> frozenset[str] | None:
    folder = path.resolve().parent.parent / "forms" / path.resolve().name
    if not folder.is_dir():
        return None
    return frozenset(f"{folder.name}/{one.stem}" for one in folder.glob("*.form"))


class _Decisions:
    """The decisions of a folder, by id or name."""

    def __init__(self, models: Mapping[str, DecisionModel]) -> None:
        self.models = models

    def __contains__(self, reference: object) -> bool:
        return any(model.find(str(reference)) is not None for model in self.models.values())


def _texts(value: object) -> frozenset[str] | None:
    return frozenset(str(one) for one in value) if isinstance(value, list) else None


def decide_with(decisions: Mapping[str, DecisionModel], calendar: Calendar | None) -> Decide:
    """Decisions by the models of a folder."""

    def decide(reference: str, variables: Mapping[str, object], now: datetime) -> DecisionOutcome:
        for model in decisions.values():
            if model.find(reference) is not None:
                decision = model.decide(reference, variables, feel.Environment(now, ZONE, calendar, strict=True))
                return decision
        raise EngineError("decision_unknown", name=reference)

    return decide


def check_findings(folder: Folder) -> list[Finding]:
    """What was found while reading the folder, and what the check of its diagrams finds."""
    return [
        *folder.findings,
        *lint(
            folder.files,
            folder.dictionary,
            known_forms=folder.forms,
            known_decisions=_Decisions(folder.decisions) if folder.decisions else None,
            known_topics=folder.topics,
            known_roles=folder.roles,
        ),
    ]


def play(folder: Folder, name: str) -> PathTestResult:
    """Play one test file of the folder."""
    calendar = WeekCalendar()
    try:
        test = read_path_test(folder.tests[name], name=name, main_process=folder.main)
        definition = ProcessDefinition.compile(folder.files, test.process)
    except DefinitionError as error:
        failures = [Failure(finding.code, {**finding.params, "file": finding.file}) for finding in error.findings]
        return PathTestResult(name, tuple(failures), None)
    except EngineError as error:
        return PathTestResult(name, (Failure(error.code, error.params),), None)
    return run_path_test(
        definition,
        decide_with(folder.decisions, calendar),
        folder.dictionary,
        test,
        shared=folder.shared,
        calendar=calendar,
        served=None if folder.topics is None else folder.topics.__contains__,
    )


def main(arguments: list[str]) -> int:
    language = "en" if "--en" in arguments else "zh"
    paths = [one for one in arguments if not one.startswith("--")]
    if not paths:
        _say(__doc__ or "")
        return 2
    folder = read_folder(Path(paths[0]))
    wrong = 0
    for finding in check_findings(folder):
        wrong += finding.severity is Severity.ERROR
        where = f"{finding.file}:{finding.line} {finding.element_name or finding.element_id}".strip()
        _say(f"{finding.severity.value:8}{where}: {sentence(finding.code, finding.params, language)}")
    if "--no-tests" not in arguments:
        wrong += _play_all(folder, paths[1:], language, "--trail" in arguments)
    return 1 if wrong else 0


def _play_all(folder: Folder, wanted: list[str], language: str, show_trail: bool) -> int:
    names = [name for name in folder.tests if not wanted or any(one in name for one in wanted)]
    failed = 0
    for name in names:
        result = play(folder, name)
        failed += not result.passed
        _say(f"{'passed' if result.passed else 'FAILED':8}{name}  {result.name}")
        for failure in result.failures:
            _say(f"          {sentence(failure.code, failure.params, language)}")
        if result.trail is not None and (show_trail or not result.passed):
            way = " → ".join(element for element, _ in result.trail.visited)
            _say(f"          {way}")
            for incident in result.trail.incidents.values():
                where = f"{incident.file}:{incident.line} {incident.element_name}"
                _say(f"          ! {where}: {sentence(incident.code, incident.params, language)}")
            _say(f"          open: {', '.join(result.trail.open_at) or '–'}; finished: {result.trail.finished}")
    _say(f"{len(names) - failed} of {len(names)} path tests passed")
    return failed


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
