"""What cannot be undercut: the engine without a database, the database without a program."""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy.engine import URL

from app.bench import long_package
from app.definitions.compiled import Contents
from app.definitions.services import read_folder
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import Dictionary, ElementInfo
from app.engine.bpmn.instance import Instance
from app.engine.findings import EngineError

_ROWS = 1000


class Alone:
    """The world of an engine that has none: values in memory, nothing to decide and nobody to ask."""

    zone = ZoneInfo("Asia/Shanghai")
    calendar = None

    def __init__(self, dictionary: Dictionary | None) -> None:
        self.dictionary = dictionary
        self.values: dict[str, dict[str, object]] = {}

    def variables(self, scope: str, /) -> Mapping[str, object]:
        return self.values.get(scope, {})

    def is_shared(self, name: str, /) -> bool:
        return False

    def decide(self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]) -> object:
        raise EngineError("decision_unknown", decision=reference)

    def serves(self, topic: str, /) -> bool:
        return False

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        raise EngineError("topic_unknown", topic=topic)


def alone(folder: Path) -> tuple[ProcessDefinition, Alone]:
    """The main process of the package in `folder`, and a world that knows its dictionary."""
    name, files = read_folder(folder)
    contents = Contents(name, files, dict.fromkeys(files, ""))
    return contents.process(name), Alone(contents.dictionary)


def engine_floor(rounds: int = 5) -> dict[str, float]:
    """Milliseconds of a start, and of a completion of the 40-task case: restore, complete, state; no database."""
    with tempfile.TemporaryDirectory() as folder:
        definition, empty = alone(long_package.write(Path(folder)))
    starts, completions = [], []
    for _ in range(rounds):
        world = Alone(empty.dictionary)
        now = datetime(2026, 3, 2, 1, tzinfo=UTC)
        began = time.perf_counter()
        instance, step = Instance.start(definition, world, now)  # type: ignore[arg-type]
        state = instance.state()
        starts.append(time.perf_counter() - began)
        for number in range(1, long_package.TASKS + 1):
            (item,) = step.opened
            now += timedelta(minutes=1)
            began = time.perf_counter()
            instance = Instance.restore(definition, state, world)  # type: ignore[arg-type]
            step = instance.complete(item.id, long_package.answer(number), now)
            state = instance.state()
            completions.append(time.perf_counter() - began)
            for scope, values in step.variables.items():
                world.values.setdefault(scope, {}).update(values)
    return {"start": _milliseconds(starts), "complete": _milliseconds(completions)}


def database_floor(url: URL, *, reads: int, writes: int, rounds: int = 300) -> float:
    """Milliseconds of a bare transaction: so many reads by key (one locks), so many rows written, one commit."""
    target = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(target) as connection:
        connection.execute("CREATE TABLE floor (id bigint PRIMARY KEY, body bytea NOT NULL)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO floor VALUES (%s, %s)", [(n, b"x" * 300) for n in range(_ROWS)])
        connection.commit()
        spent = []
        for number in range(rounds):
            began = time.perf_counter()
            _transaction(connection.execute, number, reads, writes)
            connection.commit()
            spent.append(time.perf_counter() - began)
        connection.execute("DROP TABLE floor")
    return _milliseconds(spent)


def _transaction(execute: Callable[..., object], number: int, reads: int, writes: int) -> None:
    key = number % _ROWS
    for _ in range(reads - 1):
        execute("SELECT body FROM floor WHERE id = %s", (key,), prepare=True)
    execute("SELECT body FROM floor WHERE id = %s FOR UPDATE", (key,), prepare=True)
    execute("UPDATE floor SET body = %s WHERE id = %s", (b"y" * 300, key), prepare=True)
    for row in range(1, writes):
        execute("INSERT INTO floor VALUES (%s, %s)", (_ROWS + number * writes + row, b"z" * 300), prepare=True)


def _milliseconds(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)
