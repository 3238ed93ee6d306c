"""`flask demo seed`: very many cases, each a copy of one that was really played."""

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import orjson
from flask import current_app
from sqlalchemy import Connection, insert, select, text

from app.audit.anchoring import anchor_key, anchor_root
from app.audit.models import Anchor
from app.audit.rules import START
from app.cases.models import CodeSequence
from app.cases.rules import case_code
from app.cases.starters import GATHER
from app.core import clock
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.locking import insert_for
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.copying import Copier, Ids, Prototype, Row, plain_table, tables_in_order
from app.devdata.county import COUNTY_ID, PEOPLE
from app.devdata.demo import ensure_demo
from app.devdata.lives import play_life
from app.devdata.matters import MATTERS, Matter
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.files.services import store
from app.workflow.counting import fold, recount

CHUNK = 250
COLOURS = {"green": 60, "yellow": 25, "orange": 12, "red": 3}
PHASES = {"open": 25, "after": 7, "over": 55, "archived": 13}
"""Percent of the copies."""
A_FEW = 3
"""Copies with work for each account on the sign-in page, whatever chance brings; of a small seed a tenth in all."""
RUNNING_WEEKS, OLDEST_WEEKS = 1, 120
"""How long ago something last happened: mostly in this week where a process runs, any time where all is over."""
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
    sides = 1 if db.engine.dialect.name == "sqlite" else processes
    prototypes = _played(sides)
    chance = random.Random(seed_number)  # noqa: S311 - invented data
    planned = run_unit(lambda: _plan(prototypes, cases, chance))
    db.session.remove()
    db.engine.dispose()
    chunks = [planned[first : first + CHUNK] for first in range(0, len(planned), CHUNK)]
    heads: list[Head] = []
    done = 0
    for made in _made(prototypes, chunks, sides):
        heads += made
        done += len(made)
        told(done)
    os.sync()
    run_unit(lambda: _anchor(heads))
    run_unit(lambda: db.session.execute(GATHER))
    run_unit(recount)
    run_unit(fold)
    _analyze()
    return done


def _played(sides: int) -> list[Prototype]:
    """Every matter, played by `sides` processes."""
    play, numbered = partial(_play, now=clock.now()), list(enumerate(MATTERS))
    db.session.remove()
    db.engine.dispose()
    if sides == 1:
        return [one for each in numbered for one in play(each)]
    with multiprocessing.get_context("fork").Pool(sides) as pool:
        return [one for kept in pool.map(play, numbered, chunksize=1) for one in kept]


def _play(numbered: tuple[int, Matter], *, now: datetime) -> list[Prototype]:
    number, matter = numbered
    return play_life(matter, number, now=now)


def _plan(prototypes: Sequence[Prototype], cases: int, chance: random.Random) -> list[Planned]:
    """Which copies, spread over the past: what has ended lies far back, what is open is young. Takes the codes."""
    county = directory.county(COUNTY_ID)
    zone = ZoneInfo(county.zone)
    now, week = clock.now(), timedelta(weeks=1)
    chosen: list[tuple[int, int]] = []
    in_hand = list(_in_hand(prototypes, now))
    wanted = [chance.choice(each) for _ in range(A_FEW) for each in in_hand][: cases // 10]
    for number in (*wanted, *_chosen(prototypes, cases - len(wanted), chance)):
        one = prototypes[number]
        ago = (
            chance.randrange(OLDEST_WEEKS)
            if one.phase in ("over", "archived")
            else int(chance.expovariate(1 / RUNNING_WEEKS))
        )
        chosen.append((number, (now - one.last_at) // week - min(ago, OLDEST_WEEKS)))
    opened = sorted((prototypes[number].opened_at + week * weeks, number, weeks) for number, weeks in chosen)
    years = Counter(at.astimezone(zone).year for at, _number, _weeks in opened)
    last = {year: _take_codes(year, count) for year, count in years.items()}
    planned = []
    for at, number, weeks in opened:
        year = at.astimezone(zone).year
        last[year] += 1
        planned.append(Planned(number, weeks, case_code(county.prefix, year, last[year])))
    return planned


def _in_hand(prototypes: Sequence[Prototype], now: datetime) -> Iterator[list[int]]:
    """For each account on the sign-in page the prototypes with an open task that is theirs, or that they may take."""
    for somebody in PEOPLE:
        if somebody.demo_order is None:
            continue
        who = viewer(somebody.login, now=now)
        found = [number for number, one in enumerate(prototypes) if _has_work(one, who)]
        if found:
            yield found


def _has_work(one: Prototype, who: Viewer) -> bool:
    free = {item["id"] for item in one.rows.get("work_items", ()) if item["status"] == "open"}
    return any(
        item["assignee_id"] == who.person_id for item in one.rows.get("work_items", ()) if item["id"] in free
    ) or any(
        (row["role"], row["organisation_id"]) in who.pools
        for row in one.rows.get("work_item_candidates", ())
        if row["work_item_id"] in free
    )


def _chosen(prototypes: Sequence[Prototype], cases: int, chance: random.Random) -> Iterator[int]:
    """By colour, then by how far they have come, then any: a county has few red cases, and most are over."""
    groups: dict[str, dict[str, list[int]]] = {}
    for number, one in enumerate(prototypes):
        groups.setdefault(one.case["risk_colour"], {}).setdefault(one.phase, []).append(number)
    for colour in _drawn(groups, COLOURS, cases, chance):
        (phase,) = _drawn(groups[colour], PHASES, 1, chance)
        yield chance.choice(groups[colour][phase])


def _drawn(among: Mapping[str, object], shares: Mapping[str, int], times: int, chance: random.Random) -> list[str]:
    return chance.choices(list(among), [shares[one] for one in among], k=times)


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
            for content in (content for one in copies for content in one.contents):
                store().put(content, on_disk=False)
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
