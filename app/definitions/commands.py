"""`flask definitions …` and `flask processes …`"""

import hashlib
from pathlib import Path

import click
import orjson
from flask.cli import AppGroup

from app.audit.services import SYSTEM
from app.core import clock
from app.core.unit_of_work import run_unit
from app.definitions.checks import check_package, play_path_tests
from app.definitions.compiled import Contents
from app.definitions.errors import PackageRefused, SettingsRefused
from app.definitions.services import import_folder, read_folder
from app.engine.bpmn.path_tests import PathTestResult
from app.engine.findings import Finding, Severity
from app.engine.words import sentence

definitions_cli = AppGroup("definitions", help="Packages of diagrams, tables and forms.")
processes_cli = AppGroup("processes", help="Package folders, before they are brought in.")

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@definitions_cli.command("import")
@click.argument("folder", type=FOLDER)
@click.option("--county", "county_id", type=int, default=1, show_default=True)
def import_command(folder: Path, county_id: int) -> None:
    """Bring the package in FOLDER (processes/<package>) in as release 1 of a county."""
    try:
        made = run_unit(lambda: import_folder(county_id, folder, actor=SYSTEM, now=clock.now()))
    except PackageRefused as refusal:
        _tell_findings(refusal.findings, "en")
        raise SystemExit(1) from refusal
    except SettingsRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{made.package}: release {made.number} with {len(made.manifest)} files is active.")


@processes_cli.command("check")
@click.argument("paths", nargs=-1, required=True, type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Findings and results as JSON.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--tests/--no-tests", default=True, show_default=True, help="Play the path tests too.")
def check_command(paths: tuple[Path, ...], as_json: bool, language: str, tests: bool) -> None:
    """Check the packages in PATHS and play their path tests; exit 1 when something is wrong."""
    wrong = False
    told = []
    for folder in paths:
        name, files = read_folder(folder)
        held = Contents(name, files, {path: hashlib.sha256(content).hexdigest() for path, content in files.items()})
        try:
            findings = check_package(held)
        except SettingsRefused as refusal:
            findings = [Finding(Severity.ERROR, "settings_refused", str(refusal.params["file"]), params=refusal.params)]
            results: list[PathTestResult] = []
        else:
            results = play_path_tests(held) if tests else []
        wrong = wrong or any(one.severity is Severity.ERROR for one in findings)
        wrong = wrong or not all(one.passed for one in results)
        if as_json:
            told.append(
                {
                    "package": name,
                    "findings": [_finding(one, language) for one in findings],
                    "path_tests": [_result(one, language) for one in results],
                }
            )
        else:
            click.echo(f"{name}: {len(files)} files")
            _tell_findings(findings, language)
            _tell_results(results, language)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=str).decode())
    if wrong:
        raise SystemExit(1)


def _tell_findings(findings: "list[Finding] | tuple[Finding, ...]", language: str) -> None:
    for one in findings:
        where = f"{one.file}:{one.line} {one.element_name or one.element_id}".strip()
        click.echo(f"{one.severity.value:8}{where}: {sentence(one.code, one.params, language)}")


def _tell_results(results: list[PathTestResult], language: str) -> None:
    for result in results:
        click.echo(f"{'passed' if result.passed else 'FAILED':8}{result.name}")
        for failure in result.failures:
            click.echo(f"          {sentence(failure.code, failure.params, language)}")
    if results:
        click.echo(f"{sum(one.passed for one in results)} of {len(results)} path tests passed")


def _finding(one: Finding, language: str) -> dict[str, object]:
    return {
        "severity": one.severity.value,
        "code": one.code,
        "file": one.file,
        "line": one.line,
        "element_id": one.element_id,
        "element_name": one.element_name,
        "sentence": sentence(one.code, one.params, language),
    }


def _result(one: PathTestResult, language: str) -> dict[str, object]:
    failures = [sentence(failure.code, failure.params, language) for failure in one.failures]
    return {"name": one.name, "passed": one.passed, "failures": failures}
