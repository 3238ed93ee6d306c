"""Measure the search among very many cases: what a leader, a dispatcher and a mediator of a village look for."""

import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateIndex, DropIndex

from app.bench.client import Failed
from app.bench.inbox import fill, person, signed_in_browser
from app.bench.place import environment_for, own_database
from app.bench.server import SERVER_MS, STATEMENTS, create_bench_app
from app.cases.search.models import CaseSearch
from app.cases.search.rules import case_numbers
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.memory import keep_what_is_there
from app.directory.rules import Viewer

PEOPLE = {"county_leader": "leader", "dispatcher": "dispatcher", "village_mediator": "mediator"}
SIDES = 2
SAMPLES = 20

_PARTIES = """
INSERT INTO parties (county_id, id, case_id, side, kind, name, phone, address, identity_kind, identity_tail,
                     agent_name, agent_phone, guardian_name, guardian_phone)
SELECT county_id, :base + 2 * (row_number() OVER ()) + side, id,
       CASE side WHEN 0 THEN 'applicant' ELSE 'respondent' END, 'person',
       substr('王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗',
              1 + (abs(hashint8(id + side)::bigint) % 20 * (abs(hashint8(id * 5 + side)::bigint) % 20) / 20)::int, 1)
       || substr('伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰春海建国志文晓红少小新永世家',
                 1 + (abs(hashint8(id * 3 + side)::bigint) % 40)::int, 1)
       || substr('伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚英华玉兰春海国文红燕萍鹏飞云龙凤梅松',
                 1 + (abs(hashint8(id * 7 + side)::bigint) % 44)::int, 1),
       '13' || lpad((abs(hashint8(id * 11 + side)::bigint) % 1000000000)::text, 9, '0'), '', '', '', '', '', '', ''
FROM cases CROSS JOIN (VALUES (0), (1)) AS sides (side)
WHERE code LIKE 'ZZ%' AND county_id = :county
"""

_INDEX_OF_WORDS = next(one for one in table_of(CaseSearch).indexes if one.name == "ix_case_search_tokens")
_RARE = "欧阳若兰"
_RENAMED = """
UPDATE parties SET name = :name WHERE side = 'applicant' AND case_id IN
    (SELECT id FROM cases WHERE code LIKE 'ZZ%' ORDER BY id LIMIT 3)
"""

_INDEX = """
SELECT c.county_id, c.id, c.org_path, c.code, c.place, c.summary, array_agg(p.name), array_agg(p.phone)
FROM cases c JOIN parties p ON p.county_id = c.county_id AND p.case_id = c.id
WHERE c.code LIKE 'ZZ%%' AND c.id %% %s = %s GROUP BY c.county_id, c.id
"""


def measure(*, server: str, cases: int, keep: bool = False, samples: int = SAMPLES) -> dict[str, Any]:
    """Fill a database with `cases` cases, or take the kept one of that size, and search it."""
    name = f"maplebridge_bench_search_{cases}" if keep else ""
    with own_database(server, name, keep=keep) as (url, found), tempfile.TemporaryDirectory() as var:
        environment = environment_for(url, Path(var))
        began = time.perf_counter()
        if not found:
            fill(environment, cases)
        os.environ.update(environment)
        app = create_bench_app()
        keep_what_is_there()  # as gunicorn.conf.py does
        with app.app_context():
            try:
                if not found:
                    _fill_people_and_index()
                filled = time.perf_counter() - began
                figures = _look(app, samples)
            finally:
                db.session.remove()
                db.engine.dispose()
    return {"cases": cases, "fill_s": None if found else round(filled, 1)} | figures


def _fill_people_and_index() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE parties DISABLE TRIGGER USER"))
        county = connection.scalar(text("SELECT id FROM counties LIMIT 1"))
        connection.execute(text(_PARTIES), {"base": new_id() + (1 << 24), "county": county})
        connection.execute(text(_RENAMED), {"name": _RARE})
        connection.execute(text("ALTER TABLE parties ENABLE TRIGGER USER"))
        connection.execute(DropIndex(_INDEX_OF_WORDS))
        connection.commit()
    db.engine.dispose()
    with multiprocessing.get_context("fork").Pool(SIDES) as pool:
        pool.map(_index_part, range(SIDES))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET maintenance_work_mem = '512MB'"))
        connection.execute(CreateIndex(_INDEX_OF_WORDS))
        connection.execute(text("VACUUM ANALYZE"))


def _index_part(part: int) -> None:
    with db.engine.connect() as reading, db.engine.connect() as writing:
        source: Any = reading.connection.driver_connection
        target: Any = writing.connection.driver_connection
        with (
            source.cursor(name="cases") as cursor,
            target.cursor() as sink,
            sink.copy("COPY case_search (county_id, case_id, tokens, org_path) FROM STDIN") as copy,
        ):
            cursor.execute(_INDEX, (SIDES, part))
            for county, case, path, code, place, summary, names, phones in cursor:
                people = zip(names, phones, strict=True)
                found_by = case_numbers(county, code=code, place=place, summary=summary, people=people)
                copy.write_row((county, case, found_by, path))
        target.commit()


def _wanted(connection: Connection, who: Viewer, samples: int) -> Mapping[str, Sequence[str]]:
    """What is looked for: each kind as often as there are samples, spread over all cases."""
    paths = [held.path for held in who.roles]
    own = connection.execute(
        text(
            "SELECT c.code, c.place, p.name, p.phone FROM cases c JOIN parties p ON p.county_id = c.county_id "
            "AND p.case_id = c.id WHERE c.code LIKE 'ZZ%' AND c.org_path LIKE :path ORDER BY hashint8(p.id) LIMIT :most"
        ),
        {"path": f"{paths[0]}%", "most": samples},
    ).all()
    return {
        "rare_name": [_RARE, "若兰", "欧阳若"],
        "common_name": [row.name for row in own],
        "surname_and_place": [f"{row.name[0]} {row.place.split('村')[0]}" for row in own],
        "phone_tail": [row.phone[-4:] for row in own],
        "longer_tail": [row.phone[-6:] for row in own],
        "code_tail": [row.code.split("-", 1)[1] for row in own],
        "code_end": [row.code[-3:] for row in own],
        "place": [row.place for row in own],
        "common_word": ["漏水", "协商", "调解", "王", "漏水 报过警"],
        "nothing": ["龘靐", "王 龘靐", "99999999"],
    }


def _look(app: Flask, samples: int) -> dict[str, Any]:
    people: dict[str, dict[str, Any]] = {}
    for kind, login in PEOPLE.items():
        who = person(login)
        browser = signed_in_browser(app, who)
        with db.engine.connect() as connection:
            wanted = _wanted(connection, who, samples)
        people[kind] = dict(_searched(browser, wanted))
    with db.engine.connect() as connection:
        size = connection.execute(
            text(
                "SELECT pg_total_relation_size('case_search'), pg_relation_size('ix_case_search_tokens'), "
                "(SELECT count(*) FROM case_search)"
            )
        ).one()
    return {
        "p95_ms": max(one["p95_ms"] for each in people.values() for one in each.values()),
        "statements": max(one["statements"] for each in people.values() for one in each.values()),
        "bytes_per_case": round(size[0] / max(1, size[2])),
        "index_bytes_per_case": round(size[1] / max(1, size[2])),
        "people": people,
    }


def _searched(browser: FlaskClient, wanted: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, texts in wanted.items():
        spent: list[float] = []
        statements = 0
        for one in (*texts[:2], *texts):
            answer = browser.get("/search", query_string={"q": one})
            if answer.status_code != 200:
                raise Failed(f"/search?q={one}: {answer.status_code}")
            spent.append(float(answer.headers[SERVER_MS]))
            statements = max(statements, int(answer.headers[STATEMENTS]))
        ordered = sorted(spent[2:])
        yield (
            kind,
            {
                "median_ms": round(statistics.median(ordered), 1),
                "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
                "statements": statements,
            },
        )


def as_text(figures: dict[str, Any]) -> str:
    """The figures as a table."""
    kinds = list(next(iter(figures["people"].values())))
    lines = [f"{'p95 ms':18}" + "".join(f"{who:>18}" for who in figures["people"])]
    lines += [
        f"{kind:18}" + "".join(f"{each[kind]['p95_ms']:>18}" for each in figures["people"].values()) for kind in kinds
    ]
    lines.append(
        f"{figures['cases']} cases; {figures['bytes_per_case']} bytes of index per case, at most "
        f"{figures['statements']} statements"
    )
    return "\n".join(lines)
