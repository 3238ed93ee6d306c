"""`flask backup` and `flask restore`."""

from pathlib import Path

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.core import clock
from app.core.database import db
from app.core.errors import Refusal
from app.core.locking import write_turn
from app.files.backup import Contents, read_backup, read_manifest, write_backup


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(target: Path) -> None:
    """Write database, files and keys into TARGET (tar.zst). It holds personal data: keep it locked away."""
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    with write_turn(db.engine, write=False), db.engine.connect() as connection, connection.begin():
        held = write_backup(target.resolve(), connection, Path(current_app.config["VAR"]), now=clock.now())
    click.echo(f"{target}: {_words(held)}, {target.stat().st_size // 1024} KiB.")


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace whatever is there.")
def restore_command(source: Path, force: bool) -> None:
    """Put everything from SOURCE back. Stop the web server and the worker first."""
    try:
        manifest = read_manifest(source)
        if manifest["revision"] and not inspect(db.engine).has_table("alembic_version"):
            upgrade(revision=manifest["revision"])
        with write_turn(db.engine, write=True), db.engine.connect() as connection, connection.begin():
            held = read_backup(source, connection, Path(current_app.config["VAR"]), force=force)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if manifest["revision"]:
        upgrade()
    click.echo(f"Put back from {source}: {_words(held)}.")


def _words(held: Contents) -> str:
    return f"{held.rows} rows in {len(held.tables)} tables, {held.files} files"
