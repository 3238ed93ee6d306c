"""`flask demo …`"""

import time

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


@demo_cli.command("seed")
@click.option("--cases", type=click.IntRange(1, 1_000_000), required=True, help="cases to add")
@click.option("--processes", type=click.IntRange(1, 32), default=2, show_default=True, help="side by side")
@with_appcontext
def seed_command(cases: int, processes: int) -> None:
    """Add very many cases to the demo county: copies of played ones, with names, codes and times of their own.

    The printed papers of a copy are those of the played case and name its people: the history and the sealed volume
    know a paper by the hash of its bytes.
    """
    from app.devdata.seed import seed

    began = time.monotonic()

    def told(done: int) -> None:
        spent = time.monotonic() - began
        click.echo(f"\r{done}/{cases} ({done / spent:.0f}/s)", nl=False, err=True)

    made = seed(cases, processes=processes, told=told)
    click.echo("", err=True)
    click.echo(f"{made} cases in {time.monotonic() - began:.1f} s")
