"""`flask bench …`"""

import os
from typing import Any

import click
import orjson
from flask.cli import AppGroup

bench_cli = AppGroup("bench", help="Measure.")


@bench_cli.command("flow")
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="gunicorn workers of a crowd")
@click.option(
    "--clients",
    type=click.IntRange(1, 64),
    multiple=True,
    default=(4, 16),
    show_default=True,
    help="clients of a crowd",
)
@click.option("--cases", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="cases to weigh")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10, show_default=True, help="how long a crowd plays")
@click.option("--json", "as_json", is_flag=True)
def flow_command(workers: int, clients: tuple[int, ...], cases: int, seconds: float, as_json: bool) -> None:
    """Play cases over HTTP on a PostgreSQL database of its own (BENCH_DATABASE_URL: the server)."""
    from app.bench.flow import LOCAL_SERVER, measure

    server = os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER)
    figures = measure(server=server, workers=workers, clients=clients, cases=cases, seconds=seconds)
    click.echo(orjson.dumps(figures).decode() if as_json else _table(figures))


@bench_cli.command("loop")
@click.option("--turns", type=click.IntRange(20, 100_000), default=2000, show_default=True)
@click.option("--window", type=click.IntRange(4, 1000), default=40, show_default=True, help="turns that are compared")
@click.option("--json", "as_json", is_flag=True)
def loop_command(turns: int, window: int, as_json: bool) -> None:
    """Play one process in circles and compare its last turns with the tenth ones of new processes."""
    from app.bench.flow import LOCAL_SERVER
    from app.bench.loop import as_text, measure

    server = os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER)
    figures = measure(server=server, turns=turns, window=window)
    click.echo(orjson.dumps(figures).decode() if as_json else as_text(figures))


@bench_cli.command("timers")
@click.option("--due", type=click.IntRange(1, 100_000), default=10_000, show_default=True, help="due at one moment")
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def timers_command(due: int, workers: int, as_json: bool) -> None:
    """Let many processes wait for one moment and real workers wake them."""
    from app.bench.flow import LOCAL_SERVER
    from app.bench.timers import as_text, measure

    server = os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER)
    figures = measure(server=server, due=due, workers=workers)
    click.echo(orjson.dumps(figures).decode() if as_json else as_text(figures))


@bench_cli.command("inbox")
@click.option("--open", "open_items", type=click.IntRange(100, 5_000_000), default=1_000_000, show_default=True)
@click.option("--keep", is_flag=True, help="keep the filled database, and take the kept one of the same size")
@click.option("--rounds", type=click.IntRange(1, 1000), default=12, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def inbox_command(open_items: int, keep: bool, rounds: int, as_json: bool) -> None:
    """Look at the inbox and at cases among very many open tasks, as a leader, a mediator, a dispatcher do."""
    from app.bench.flow import LOCAL_SERVER
    from app.bench.inbox import as_text, measure

    server = os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER)
    figures = measure(server=server, open_items=open_items, keep=keep, rounds=rounds)
    click.echo(orjson.dumps(figures).decode() if as_json else as_text(figures))


@bench_cli.command("search")
@click.option("--cases", type=click.IntRange(100, 5_000_000), default=1_000_000, show_default=True)
@click.option("--keep", is_flag=True, help="keep the filled database, and take the kept one of the same size")
@click.option("--samples", type=click.IntRange(1, 1000), default=20, show_default=True, help="of each kind")
@click.option("--json", "as_json", is_flag=True)
def search_command(cases: int, keep: bool, samples: int, as_json: bool) -> None:
    """Search very many cases, as a leader, a dispatcher, a mediator of a village do."""
    from app.bench.flow import LOCAL_SERVER
    from app.bench.search import as_text, measure

    server = os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER)
    figures = measure(server=server, cases=cases, keep=keep, samples=samples)
    click.echo(orjson.dumps(figures).decode() if as_json else as_text(figures))


@bench_cli.command("rules")
@click.option("--rounds", type=click.IntRange(1, 100), default=7, show_default=True, help="rounds; medians are told")
@click.option("--seed", type=int, default=1963, show_default=True, help="of the tables")
@click.option("--json", "as_json", is_flag=True)
def rules_command(rounds: int, seed: int, as_json: bool) -> None:
    """Measure conditions, tables and their check, beside pySFeel, bkflow-feel and zen-engine (extra `peers`)."""
    from app.bench.rules import as_text, measure

    figures = measure(seed=seed, rounds=rounds)
    click.echo(orjson.dumps(figures).decode() if as_json else as_text(figures))


@bench_cli.command("rehearsal")
@click.option("--decisions", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def rehearsal_command(decisions: int, as_json: bool) -> None:
    """Decide logged decisions again by a changed table (PostgreSQL; BENCH_DATABASE_URL: the server)."""
    from app.bench.flow import LOCAL_SERVER
    from app.bench.rehearsal import measure

    figures = measure(server=os.environ.get("BENCH_DATABASE_URL", LOCAL_SERVER), decisions=decisions)
    click.echo(
        orjson.dumps(figures).decode()
        if as_json
        else f"{figures['decisions']} decisions in {figures['seconds']} s ({figures['per_s']}/s), "
        f"{figures['different']} differ, {figures['failed']} fail"
    )


def _table(figures: dict[str, Any]) -> str:
    lines = [
        f"{'':20}{'median ms':>11}{'p95 ms':>9}{'statements':>12}{'commits':>9}{'engine ms':>11}{'database ms':>13}"
    ]
    for kind in ("start", "complete", "complete_six_steps", "claim", "inbox", "open"):
        one = figures[kind]
        lines.append(
            f"{kind:20}{one['median_ms']:>11}{one['p95_ms']:>9}{one['statements']:>12}{one['commits']:>9}"
            f"{one.get('floor_ms', ''):>11}{one.get('database_floor_ms', ''):>13}"
        )
    lines.append(f"{figures['bytes_per_case']} bytes per finished case of six steps ({figures['cases']} cases)")
    for one in figures["throughput"]:
        lines.append(
            f"{one['completions_per_s']} completions and {one['starts_per_s']} starts per second "
            f"({one['clients']} clients, {one['workers']} workers; "
            f"{one['ratio_to_first']} times those of the first size, turn by turn)"
        )
    return "\n".join(lines)
