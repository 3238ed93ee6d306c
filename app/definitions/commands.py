"""`flask definitions …` and `flask processes …`"""

from collections import Counter
from pathlib import Path

import click
import orjson
from flask.cli import AppGroup

from app.definitions.files_on_disk import Judged, Verdict, judge_path
from app.engine.findings import Finding, Severity
from app.engine.words import sentence

definitions_cli = AppGroup("definitions", help="Packages of diagrams, tables and forms.")
processes_cli = AppGroup("processes", help="Diagrams and packages on disk, before they are brought in.")

ANYTHING = click.Path(exists=True, path_type=Path)
VERDICTS = {
    "zh": {Verdict.RUNS: "可以运行", Verdict.WARNED: "可以运行，有提醒", Verdict.REFUSED: "不能运行"},
    "en": {Verdict.RUNS: "runs", Verdict.WARNED: "runs with warnings", Verdict.REFUSED: "refused"},
}


@processes_cli.command("check")
@click.argument("paths", nargs=-1, required=True, type=ANYTHING)
@click.option("--json", "as_json", is_flag=True, help="One object per file: file, verdict, findings.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--tests/--no-tests", default=True, show_default=True, help="Play the path tests of packages too.")
def check_command(paths: tuple[Path, ...], as_json: bool, language: str, tests: bool) -> None:
    """Tell of each file in PATHS whether it runs; exit 1 when one is refused.

    A folder is read together, so that called processes are found. A folder with a package.toml is a package: its path
    tests are played too.
    """
    judged = [one for path in paths for one in judge_path(path, tests=tests)]
    if as_json:
        told = [
            {"file": one.file, "verdict": one.verdict, "findings": [_finding(each, language) for each in one.findings]}
            for one in judged
        ]
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=str).decode())
    else:
        _tell_judged(judged, language)
    if not judged:
        raise click.ClickException("There is no diagram, table or form in these folders.")
    if any(one.verdict is Verdict.REFUSED for one in judged):
        raise SystemExit(1)


def _tell_judged(judged: list[Judged], language: str) -> None:
    words = VERDICTS[language]
    for one in judged:
        click.echo(f"{one.file}: {words[one.verdict]}")
        for finding in one.findings:
            if finding.severity is not Severity.INFO:
                where = f"{finding.line or ''} {finding.element_name or finding.element_id}".strip()
                said = sentence(finding.code, finding.params, language)
                click.echo(f"    {finding.severity.value:8}{where + ': ' if where else ''}{said}")
    counts = Counter(one.verdict for one in judged)
    click.echo(" · ".join(f"{words[verdict]} {counts[verdict]}" for verdict in Verdict))


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
