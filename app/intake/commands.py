"""`flask intake …`"""

import sys
import tomllib
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.errors import Refusal
from app.core.unit_of_work import run_unit, unit_of_work
from app.directory import queries as directory
from app.directory.models import County
from app.intake.imports import Row, read_rows
from app.intake.services import NewReport, Receipt, declared, receive_report

intake_cli = AppGroup("intake", help="Reports from other systems.")


@intake_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, help="The channel that the reports came by, for example 12345.")
@click.option("--county", "county_code", help="Code of the county; not needed when there is only one.")
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file: column = field, for example content = 'text'.",
)
@click.option("--dry-run", is_flag=True, help="Check every row and change nothing.")
def import_command(file: Path, channel: str, county_code: str | None, map_file: Path | None, dry_run: bool) -> None:
    """Import reports from FILE (.csv, .jsonl): each row becomes a report with a case of its own.

    A row with an error is left out and named; a number that came before changes nothing. Exit 1 when a row had errors.
    """
    names = {str(key): str(value) for key, value in tomllib.loads(map_file.read_text()).items()} if map_file else {}
    with unit_of_work(write=False):
        county_id = _county(county_code)
        known = [str(one.value) for one in declared(county_id, "channel").values]
    if channel not in known:
        raise click.ClickException(f'There is no channel "{channel}". Known are: {", ".join(known)}.')
    rows = list(read_rows(file, channel=channel, names=names))
    created = repeated = 0
    errors: list[tuple[int, str]] = []
    with click.progressbar(rows, label="Checking" if dry_run else "Importing", file=sys.stderr) as bar:
        for row in bar:
            if row.report is None:
                errors.extend((row.number, error) for error in row.errors)
                continue
            if dry_run:
                continue
            try:
                receipt = _receive(county_id, row, row.report, channel)
            except Refusal as refusal:
                errors.append((row.number, str(refusal)))
                continue
            created += receipt.created
            repeated += not receipt.created
    for number, message in errors:
        click.echo(f"line {number}: {message}", err=True)
    wrong = len({number for number, _message in errors})
    if dry_run:
        click.echo(f"{len(rows) - wrong} of {len(rows)} rows can be imported; nothing was changed.")
    else:
        click.echo(
            f"{created} reports imported with their cases, {repeated} had come before, {wrong} rows with errors."
        )
    if errors:
        raise SystemExit(1)


def _receive(county_id: int, row: Row, report: NewReport, channel: str) -> Receipt:
    def work() -> Receipt:
        root = directory.organisations(county_id, tier="county", kind="government")[0]
        return receive_report(
            county_id, report, received_by=root, actor=Actor("channel", name=channel), now=clock.now()
        )

    return run_unit(work)


def _county(code: str | None) -> int:
    counties = db.session.scalars(select(County).order_by(County.id)).all()
    chosen = [one for one in counties if code is None or one.code == code]
    if len(chosen) != 1:
        listed = ", ".join(one.code for one in counties) or "none"
        raise click.ClickException(f"Name one county by --county; there are: {listed}.")
    return chosen[0].id
