"""`flask decisions …`"""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from app.core import clock
from app.definitions.checks import name_types
from app.definitions.errors import SettingsRefused
from app.definitions.rules import read_dictionary
from app.directory.calendars import NationalCalendar
from app.engine.dmn import DecisionError, DecisionModel, NameType, describe, lint_decisions, parse_decisions
from app.engine.dmn.conformance import Resolver, run_conformance
from app.engine.feel import Environment, load, to_json
from app.engine.findings import DefinitionError, EngineError, Finding, Severity
from app.engine.words import sentence

decisions_cli = AppGroup("decisions", help="Decision tables: check, try, conformance.")

_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the findings."
)
_SEVERITIES = {
    "zh": {Severity.ERROR: "错误", Severity.WARNING: "提醒", Severity.INFO: "说明"},
    "en": {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"},
}


@decisions_cli.command("tck")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def tck_command(folder: Path, as_json: bool) -> None:
    """Run the conformance vectors (DMN TCK format) anywhere below FOLDER; exit 1 for a failure that is not known."""
    report = run_conformance(folder, replace(_environment(), strict=False))
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        for failure in report.failed:
            why = f"  [{failure.exception}]" if failure.exception else ""
            click.echo(
                f"{failure.folder} {failure.case} {failure.node}: expected {failure.expected}, got {failure.got}{why}"
            )
        share = 100 * report.passed / report.cases if report.cases else 0.0
        click.echo(f"{report.passed} of {report.cases} cases pass ({share:.1f} %).")
    if not report.cases or any(not failure.exception for failure in report.failed):
        raise SystemExit(1)


@decisions_cli.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dictionary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The data dictionary; by default the data.toml beside each file.",
)
@_LANGUAGE
def check_command(files: tuple[Path, ...], dictionary: Path | None, language: str) -> None:
    """Check DMN FILES for everything wrong in them; exit 1 when there is an error."""
    errors = 0
    for path in files:
        names = _names(dictionary or path.parent / "data.toml")
        for finding in _findings(path, names):
            errors += finding.severity is Severity.ERROR
            click.echo(_line(finding, path, language))
    if errors:
        raise SystemExit(1)


@decisions_cli.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--decision", required=True, help="The decision's id or name.")
@click.option("--input", "given", default="{}", help='The inputs as a JSON object; dates as {"$t": "2026-01-31"}.')
@click.option("--trace", "with_trace", is_flag=True, help="Also say why, in words and as JSON.")
@_LANGUAGE
def eval_command(file: Path, decision: str, given: str, with_trace: bool, language: str) -> None:
    """Make a DECISION of FILE and print its result as JSON."""
    try:
        inputs = read_inputs(given)
        made = _model(file).decide(decision, inputs, _environment())
    except DefinitionError as error:
        for finding in error.findings:
            click.echo(_line(finding, file, language), err=True)
        raise SystemExit(1) from None
    except EngineError as error:
        line = error.place.line if isinstance(error, DecisionError) else 0
        click.echo(f"{file}:{line}: {sentence(error.code, error.params, language)}", err=True)
        raise SystemExit(1) from None
    click.echo(json.dumps(to_json(made.result), ensure_ascii=False))
    if with_trace:
        click.echo(describe(made.trace, language))
        click.echo(json.dumps(made.trace.to_json(), ensure_ascii=False, indent=2))


def _environment() -> Environment:
    return Environment(now=clock.now(), zone=ZoneInfo("Asia/Shanghai"), calendar=NationalCalendar())


def _model(path: Path) -> DecisionModel:
    return parse_decisions(path.read_bytes(), file=path.name, resolve_import=Resolver(path.parent))


def read_inputs(text: str) -> Mapping[str, object]:
    """The values in a JSON object given on the command line, as FEEL values."""
    try:
        given = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--input") from None
    if not isinstance(given, dict):
        raise click.BadParameter("not a JSON object", param_hint="--input")
    return {name: load(value) for name, value in given.items()}


def _findings(path: Path, names: Mapping[str, NameType] | None) -> list[Finding]:
    try:
        return lint_decisions(_model(path), names)
    except DefinitionError as error:
        return list(error.findings)


def _names(path: Path) -> Mapping[str, NameType] | None:
    if not path.exists():
        return None
    try:
        return name_types(read_dictionary(path.read_bytes(), path.name))
    except SettingsRefused as error:
        raise click.ClickException(f"{path}: {error}") from None


def _line(finding: Finding, path: Path, language: str) -> str:
    severity = _SEVERITIES[language][finding.severity]
    return f"{path}:{finding.line}: {severity}: {sentence(finding.code, finding.params, language)}"
