"""`flask instances …`"""

from collections import Counter
from typing import Any

import click
import orjson
from flask.cli import AppGroup

from app.audit.services import SYSTEM
from app.core import clock
from app.core.errors import Refusal
from app.core.unit_of_work import run_unit
from app.engine.words import sentence
from app.workflow.moving import jobs, queries, services
from app.workflow.moving.models import MoveResult
from app.workflow.moving.rules import read_mapping

instances_cli = AppGroup("instances", help="Running processes.")

LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
COUNTY = click.option("--county", "county_id", type=int, default=1, show_default=True)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="The result as JSON.")


@instances_cli.command("move")
@click.option("--package", required=True)
@click.option("--to", "to_number", type=click.IntRange(1), required=True, help="Number of the release to go to.")
@click.option("--from", "from_number", type=click.IntRange(1), help="Only the processes of this release.")
@click.option("--map", "lines", multiple=True, metavar="OLD=NEW", help="What stands for an element or a process.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen; nothing is written.")
@AS_JSON
@COUNTY
@LANGUAGE
def move_command(
    package: str,
    to_number: int,
    from_number: int | None,
    lines: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    county_id: int,
    language: str,
) -> None:
    """Move the running processes of PACKAGE to another release; exit 1 when some are blocked or have failed."""
    asked: dict[str, Any] = {"to_number": to_number, "from_number": from_number, "mapping": _mapping(lines)}
    try:
        told = _try(county_id, package, asked, language) if dry_run else _move(county_id, package, asked, language)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _show(told, as_json)
    if any(told["counts"].get(name) for name in (MoveResult.BLOCKED, MoveResult.FAILED)):
        raise SystemExit(1)


@instances_cli.command("undo")
@click.argument("move_id", type=int)
@AS_JSON
@COUNTY
@LANGUAGE
def undo_command(move_id: int, as_json: bool, county_id: int, language: str) -> None:
    """Take back what the move MOVE_ID moved and what has not gone on since."""
    try:
        run_unit(
            lambda: services.undo_all(queries.move_of(county_id, move_id), actor=SYSTEM, now=clock.now(), enqueue=False)
        )
        _work_through(county_id, move_id)
        _show(run_unit(lambda: _result(county_id, move_id, language)), as_json)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _mapping(lines: tuple[str, ...]) -> dict[str, str]:
    try:
        return read_mapping(lines)
    except ValueError as error:
        raise click.BadParameter(f"“{error}” is not OLD=NEW", param_hint="--map") from error


def _try(county_id: int, package: str, asked: dict[str, Any], language: str) -> dict[str, Any]:
    run = run_unit(lambda: queries.dry_run(county_id, package, **asked, now=clock.now(), limit=1_000_000))
    told = [
        {
            "instance": str(one.instance_id),
            "from": one.from_number,
            "outcome": one.outcome,
            "reasons": [sentence(reason.code, reason.params, language) for reason in one.reasons],
        }
        for one in run.looks
    ]
    return {"move": None, "to": run.to.number, "counts": _counted(told), "processes": told}


def _move(county_id: int, package: str, asked: dict[str, Any], language: str) -> dict[str, Any]:
    def begin() -> int:
        return services.begin_move(county_id, package, **asked, actor=SYSTEM, now=clock.now(), enqueue=False).id

    move_id = run_unit(begin)
    _work_through(county_id, move_id)
    return run_unit(lambda: _result(county_id, move_id, language))


def _work_through(county_id: int, move_id: int) -> None:
    while jobs.work_through(county_id, move_id, limit=jobs.BATCH):
        pass
    run_unit(lambda: services.end_if_done(queries.move_of(county_id, move_id), now=clock.now()))


def _result(county_id: int, move_id: int, language: str) -> dict[str, Any]:
    move = queries.move_of(county_id, move_id)
    told = [
        {
            "instance": str(one.instance_id),
            "from": one.from_number,
            "outcome": one.status,
            "reasons": [
                reason.get("words") or sentence(reason["code"], reason["params"], language) for reason in one.reasons
            ],
        }
        for one in queries.moved_instances(move, limit=1_000_000)
    ]
    return {"move": str(move.id), "to": move.to_number, "counts": _counted(told), "processes": told}


def _counted(told: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(str(one["outcome"]) for one in told))


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    by_reason = Counter((one["outcome"], *one["reasons"]) for one in told["processes"])
    for (outcome, *reasons), count in by_reason.most_common():
        click.echo(f"{count:6} {outcome}{''.join(f'{chr(10)}       {reason}' for reason in reasons)}")
    if told["move"]:
        click.echo(f"move {told['move']}: flask instances undo {told['move']} takes it back")
