"""`flask demo seed`: very many cases, each a copy of one that was really played."""

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import orjson
from flask import current_app
from sqlalchemy import Connection, insert, select, text

from app.audit.anchoring import anchor_key, anchor_root
from app.audit.models import Anchor
from app.audit.rules import START
from app.cases.models import CodeSequence
from app.cases.rules import case_code
from app.core import clock
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.locking import insert_for
from app.core.unit_of_work import run_unit
from app.devdata.cases import VARIED, play
from app.devdata.copying import Copier, Ids, Prototype, Row, plain_table, read_prototypes, tables_in_order
from app.devdata.county import COUNTY_ID
from app.devdata.demo import ensure_demo
from app.directory import queries as directory
from app.workflow.counting import fold, recount

CHUNK = 250
ENDED_SHARE = 0.45
OPEN_WEEKS, OLDEST_WEEKS = 3, 120
HEADS_OF_AN_ANCHOR = 5000
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = (
    *("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "超", "秀英", "桂兰"),
    *("国庆", "建国", "志强", "玉兰", "海燕", "小红", "春梅", "文华", "永康", "德明", "家宝", "桂花", "长林", "水根"),
    *("阿毛", "金凤", "银花", "雪梅", "立新", "卫东", "红梅", "建平"),
)

Told = Callable[[int], None]
Head = tuple[str, int, bytes]


@dataclass(frozen=True, slots=True)
class Planned:
    """A copy to be made: of which prototype, how many weeks away, under which code."""

    prototype: int
    weeks: int
    code: str


def seed(cases: int, *, processes: int = 2, seed_number: int = 1963, told: Told = lambda done: None) -> int:
    """Add `cases` cases to the demo county, which is made first where it is not there; returns how many."""
    ensure_demo()
    run_unit(_play_more)
    with db.engine.connect() as connection:
        prototypes = read_prototypes(connection, COUNTY_ID)
    chance = random.Random(seed_number)  # noqa: S311 - invented data
    planned = run_unit(lambda: _plan(prototypes, cases, chance))
    db.session.remove()
    db.engine.dispose()
    chunks = [planned[first : first + CHUNK] for first in range(0, len(planned), CHUNK)]
    heads: list[Head] = []
    done = 0
    sides = 1 if db.engine.dialect.name == "sqlite" else processes
    for made in _made(prototypes, chunks, sides):
        heads += made
        done += len(made)
        told(done)
    run_unit(lambda: _anchor(heads))
    run_unit(recount)
    run_unit(fold)
    _analyze()
    return done


def _play_more() -> None:
    """Stories of other places and kinds, once."""
    places = set(db.session.scalars(text("SELECT place FROM cases")))
    now = clock.now()
    for story in VARIED:
        if story.place not in places:
            play(story, now=now)


def _plan(prototypes: Sequence[Prototype], cases: int, chance: random.Random) -> list[Planned]:
    """Which copies, spread over the past: what has ended lies far back, what is open is young. Takes the codes."""
    county = directory.county(COUNTY_ID)
    zone = ZoneInfo(county.zone)
    ended = [number for number, one in enumerate(prototypes) if one.ended]
    running = [number for number, one in enumerate(prototypes) if not one.ended]
    now, week = clock.now(), timedelta(weeks=1)
    chosen: list[tuple[int, int]] = []
    for _ in range(cases):
        if ended and chance.random() < ENDED_SHARE:
            number, ago = chance.choice(ended), chance.randrange(OLDEST_WEEKS)
        else:
            number, ago = chance.choice(running), min(26, int(chance.expovariate(1 / OPEN_WEEKS)))
        chosen.append((number, (now - prototypes[number].last_at) // week - ago))
    opened = sorted((prototypes[number].opened_at + week * weeks, number, weeks) for number, weeks in chosen)
    years = Counter(at.astimezone(zone).year for at, _number, _weeks in opened)
    last = {year: _take_codes(year, count) for year, count in years.items()}
    planned = []
    for at, number, weeks in opened:
        year = at.astimezone(zone).year
        last[year] += 1
        planned.append(Planned(number, weeks, case_code(county.prefix, year, last[year])))
    return planned


def _take_codes(year: int, count: int) -> int:
    """Keep `count` numbers of a year; returns the last one that was given out before."""
    statement = insert_for(CodeSequence, db.engine.dialect.name).values(county_id=COUNTY_ID, year=year, last=count)
    taken = statement.on_conflict_do_update(
        index_elements=["county_id", "year"], set_={"last": CodeSequence.last + count}
    ).returning(CodeSequence.last)
    return int(db.session.scalar(taken) or 0) - count


def _made(prototypes: Sequence[Prototype], chunks: Sequence[Sequence[Planned]], sides: int) -> Iterator[list[Head]]:
    """The heads of the cases that were written, chunk by chunk, by `sides` processes."""
    if sides == 1:
        writer = _Writer(prototypes, 0, 1)
        for chunk in chunks:
            yield writer.write(chunk)
        return
    fork = multiprocessing.get_context("fork")
    numbers = fork.Queue()
    for number in range(sides):
        numbers.put(number)
    with fork.Pool(sides, initializer=_begin, initargs=(prototypes, numbers, sides)) as pool:
        yield from pool.imap_unordered(_write_chunk, chunks)


class _Writer:
    """Copies and writes; one in each process."""

    def __init__(self, prototypes: Sequence[Prototype], number: int, together: int) -> None:
        ids, chance = Ids(number, together), random.Random(new_id())  # noqa: S311 - invented data
        self._copiers = [Copier(one, ids, chance, _SURNAMES, _GIVEN) for one in prototypes]

    def write(self, chunk: Sequence[Planned]) -> list[Head]:
        copies = [self._copiers[one.prototype].copy(one.code, one.weeks) for one in chunk]
        with db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                _trust(connection)
            for table, rows in tables_in_order(copies):
                _insert(connection, table, rows)
            connection.commit()
        return [one.head for one in copies]


_writer: _Writer | None = None


def _begin(prototypes: Sequence[Prototype], numbers: "multiprocessing.Queue[int]", together: int) -> None:
    global _writer
    _writer = _Writer(prototypes, numbers.get(), together)


def _write_chunk(chunk: Sequence[Planned]) -> list[Head]:
    assert _writer is not None  # noqa: S101 - `_begin` ran in this process
    return _writer.write(chunk)


def _trust(connection: Connection) -> None:
    """Leave out the checks of references, where the account may: the rows are right by their making."""
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def _insert(connection: Connection, name: str, rows: Sequence[Row]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(plain_table(name).insert(), list(rows))
        return
    columns = list(rows[0])
    named = ", ".join(f'"{column}"' for column in columns)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a connection that is open
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _anchor(heads: Sequence[Head]) -> None:
    """Sign the new heads, some thousand at a time, each anchor behind the one before."""
    key, now = anchor_key(current_app.config["VAR"]), clock.now()
    previous = db.session.scalars(
        select(Anchor).where(Anchor.county_id == COUNTY_ID).order_by(Anchor.number.desc()).limit(1)
    ).first()
    number, root = (previous.number, previous.root) if previous else (0, START)
    ordered = sorted(heads)
    rows = []
    for first in range(0, len(ordered), HEADS_OF_AN_ANCHOR):
        part = ordered[first : first + HEADS_OF_AN_ANCHOR]
        packed = orjson.dumps([[stream, sequence, digest.hex()] for stream, sequence, digest in part])
        before, root, number = root, anchor_root(root, packed), number + 1
        rows.append(
            {
                "county_id": COUNTY_ID,
                "id": new_id(),
                "number": number,
                "at": now,
                "heads": packed,
                "previous": before,
                "root": root,
                "signature": key.sign(root),
            }
        )
    if rows:
        db.session.execute(insert(table_of(Anchor)), rows)


def _analyze() -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
