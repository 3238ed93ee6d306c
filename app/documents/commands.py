"""`flask archive …`"""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.core.errors import Refusal
from app.core.unit_of_work import unit_of_work
from app.documents.queries import archives_of
from app.documents.verification import verify_archives

archive_cli = AppGroup("archive", help="Sealed files of cases.")


@archive_cli.command("verify")
@click.argument("code")
def verify_command(code: str) -> None:
    """Compute a sealed file again; exit 1 and name everything that differs."""
    with unit_of_work(write=False):
        case = db.session.scalars(select(Case).where(Case.code == code.strip().upper())).one_or_none()
        if case is None:
            raise click.ClickException(f"There is no case {code}.")
        try:
            differences = verify_archives(case)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
        volumes = archives_of(case)
        items = sum(archive.items for archive in volumes)
    for difference in differences:
        click.echo(f"volume {difference.volume}  {difference.kind}  {difference.name}: {difference.detail}")
    if differences:
        click.echo(f"{len(differences)} differences.")
        raise SystemExit(1)
    click.echo(f"{code}: {len(volumes)} volumes with {items} papers are whole.")
