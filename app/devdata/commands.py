"""`flask demo …`"""

import click
from flask.cli import AppGroup, with_appcontext

demo_cli = AppGroup("demo", help="Invented counties, for trying out and for measuring.")


@demo_cli.command("crowd")
@click.option("--open", "open_items", type=click.IntRange(1, 5_000_000), required=True, help="open tasks")
@with_appcontext
def crowd_command(open_items: int) -> None:
    """Fill an empty PostgreSQL database with the demo county and very many open tasks, for `flask bench inbox`."""
    from app.devdata.crowd import fill

    fill(open_items)
