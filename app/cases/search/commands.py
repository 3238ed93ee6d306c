"""`flask search …`"""

import click
from flask.cli import AppGroup

from app.cases.search.services import rebuild

search_cli = AppGroup("search", help="The index by which cases are found.")


@search_cli.command("rebuild")
@click.option("--missing", is_flag=True, help="only cases that are not indexed yet")
def rebuild_command(missing: bool) -> None:
    """Index every case again, while people work."""
    click.echo(f"{rebuild(missing=missing)} cases indexed.")
