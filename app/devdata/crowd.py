"""A county with very many open tasks: 631 organisations, unevenly busy, filled in bulk.

The demo county with its really played cases stands in the midst; the rest are rows made by the database itself.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from app.cases.starters import GATHER
from app.core import clock
from app.core.database import Base, db
from app.core.ids import new_id
from app.core.unit_of_work import run_unit
from app.devdata.county import COUNTY_ID
from app.devdata.demo import ensure_demo
from app.directory import queries, services
from app.directory.models import Organisation
from app.workflow.counting import fold, recount

ORGANISATIONS = 631
VILLAGES_OF_A_TOWN = 24
_SINCE = date(2024, 1, 1)

_PLACES = """
CREATE TEMP TABLE places AS
SELECT o.id, o.path, o.tier, p.id AS parent,
       row_number() OVER (ORDER BY o.path COLLATE "C") AS number,
       CASE WHEN o.parent_id IS NULL THEN 60.0
            ELSE CASE o.tier WHEN 'town' THEN 6.0 ELSE 1.0 END / (1 + abs(hashtext(o.code)) % 40) END AS weight,
       (SELECT a.person_id FROM assignments a WHERE a.county_id = o.county_id AND a.organisation_id = o.id
           AND a.role = 'mediator' ORDER BY a.id LIMIT 1) AS mediator
FROM organisations o LEFT JOIN organisations p ON p.county_id = o.county_id AND p.id = o.parent_id
WHERE o.county_id = :county AND o.kind IN ('government', 'grid')
"""

_SHARES = """
CREATE TEMP TABLE shares AS
SELECT *, round(sum(weight) OVER (ORDER BY number) / sum(weight) OVER () * :open) AS upto FROM places
"""

_DESKS = """
CREATE TEMP TABLE desks AS
SELECT array_agg(id ORDER BY login) AS people FROM people
WHERE county_id = :county AND login IN ('clerk', 'dispatcher', 'leader')
"""

_TOWN_DESK = """
CREATE TEMP TABLE town_desk AS
SELECT a.person_id AS person, o.path FROM people p
JOIN assignments a ON a.county_id = p.county_id AND a.person_id = p.id AND a.role = 'dispatcher'
JOIN organisations o ON o.county_id = a.county_id AND o.id = a.organisation_id
WHERE p.county_id = :county AND p.login = 'linjiang.dispatcher'
"""

_PLAN = """
CREATE TEMP TABLE planned AS
SELECT :base + n AS id, n, s.id AS org_id, s.path, s.tier, s.mediator,
       CASE WHEN n % 100 < 60 THEN 1 WHEN n % 100 < 85 THEN 3 WHEN n % 100 < 97 THEN 4 ELSE 5 END AS risk,
       CASE WHEN n % 97 = 0 THEN 'restricted' ELSE 'normal' END AS sensitivity,
       CASE WHEN n % 10 = 3 THEN timestamptz '9999-01-01 00:00+00'
            ELSE :now + ((hashint4(n) % 86400)::text || ' minutes')::interval END AS due_at,
       :now - ((abs(hashint4(n + 7)) % 129600)::text || ' minutes')::interval AS opened_at,
       CASE WHEN hashint4(n + 13) % 2 = 0 THEN s.mediator END AS assignee_id,
       CASE WHEN n % 20011 = 0 THEN 'medical' WHEN hashint4(n + 21) % 10 > 1 THEN 'neighbour'
            WHEN hashint4(n + 21) % 10 > -2 THEN 'marriage_family' WHEN hashint4(n + 21) % 10 > -6 THEN 'contract'
            WHEN hashint4(n + 21) % 10 > -8 THEN 'housing' ELSE 'compensation' END AS type,
       CASE WHEN abs(hashint4(n + 34)) % 50 < 30 THEN 'mediation' WHEN abs(hashint4(n + 34)) % 50 < 38 THEN 'triage'
            WHEN abs(hashint4(n + 34)) % 50 < 43 THEN 'acceptance' WHEN abs(hashint4(n + 34)) % 50 < 46 THEN 'agreement'
            WHEN abs(hashint4(n + 34)) % 50 < 49 THEN 'performance' ELSE 'archive' END AS stage,
       CASE WHEN n % 2003 = 0 THEN 'petition' WHEN abs(hashint4(n + 55)) % 7 < 4 THEN 'window'
            WHEN abs(hashint4(n + 55)) % 7 < 6 THEN '12345' ELSE 'grid' END AS channel,
       CASE WHEN hashint4(n + 89) % 4 = 0 THEN 100 * (abs(hashint4(n + 3)) % 5000) END AS amount,
       CASE WHEN abs(hashint4(n + 144)) % 10 < 4 THEN s.mediator
            WHEN abs(hashint4(n + 144)) % 10 < 6 THEN d.people[1 + abs(hashint4(n + 233)) % cardinality(d.people)]
            WHEN s.path LIKE t.path || '%' THEN t.person END AS starter,
       CASE WHEN n % 20 < 13 THEN 'mediator' WHEN n % 20 < 16 THEN 'committee_chair'
            WHEN n % 20 < 18 THEN 'dispatcher' ELSE 'clerk' END AS role
FROM generate_series(1, :open) AS n
CROSS JOIN desks d
CROSS JOIN town_desk t
JOIN shares s ON s.number =
    width_bucket((n * 611953::bigint % :open)::int, (SELECT array_agg(upto::int ORDER BY number) FROM shares)) + 1
"""
"""Matters of all offices come one among the other, as in life: a prime number times `n` takes every turn once."""

_INSTANCES = """
INSERT INTO instances (county_id, id, package, process_id, release_id, release_number, subject_id, status, stage, state,
                       steps, waiting_hash, active, optional, started_at, started_by)
SELECT :county, id, 'dispute', 'dispute', :release, 1, id, 'running', 'mediation', '', 1, '', '[]', '[]', opened_at,
       starter
FROM planned
"""

_INITIATORS = """
INSERT INTO initiators (county_id, person_id, instance_id, subject_id)
SELECT :county, mediator, id, id FROM planned WHERE n % 7 = 4 AND mediator IS NOT NULL
"""

_CASES = """
INSERT INTO cases (county_id, id, code, status, report_kind, channel, title, summary, place, dispute_type, tier,
                   risk_colour, risk_reasons, sensitivity, stage, danger, lead_organisation_id, org_path,
                   received_by_id, place_organisation_id, assisting_ids, mediator_id, facts, opened_at, amount)
SELECT :county, id, 'ZZ' || 2020 + n / 1000000 || '-' || lpad((n % 1000000)::text, 6, '0') || '-' ||
           upper(substr(md5(n::text), 1, 3)), 'open', 'dispute', channel, '邻里纠纷 ' || n,
       (ARRAY['院墙外移', '楼上漏水', '拖欠工资', '宅基地界址不清', '广场舞噪音', '杂物堵路', '借款逾期'])[1 + n % 7]
           || '，' || (ARRAY['雨水倒灌', '多次争吵', '对方拒绝见面', '村里劝过一次', '已报过警'])[1 + n % 5]
           || '，双方协商未果，请求调解。',
       (ARRAY['临江镇', '云岭乡', '柳河街道', '东湖镇', '西塘镇', '南山街道', '北岸乡', '白沙镇', '石门镇'])
           [5 + hashint4(n) % 5]
           || (ARRAY['河畔', '石桥', '渡口', '前村', '后山', '大塘', '新桥'])[1 + n % 7] || '村' || (n % 40) || '组',
       type, tier,
       (ARRAY['green', 'blue', 'yellow', 'orange', 'red'])[risk], '[]', sensitivity, stage, false, org_id, path,
       org_id, org_id, '[]', assignee_id, '{}', opened_at, amount
FROM planned
"""

_ITEMS = """
INSERT INTO work_items (county_id, id, instance_id, subject_id, token, package, process_id, element_id, release,
                        title_zh, title_en, name_zh, name_en, stage, form_key, scope, inputs, status, assignee_id,
                        party_form, org_id, org_path, sensitivity, risk, dispute_type, channel, tier, amount, groups,
                        opened_at, due_at, closed_by_name)
SELECT :county, id, id, id, id::text, 'dispute', 'mediation', 'hold_session', 1, '邻里纠纷 ' || n, '',
       '组织调解', 'Hold a session', stage, 'dispute/hold_session', '', '{}', 'open', assignee_id, '', org_id,
       path, sensitivity, risk, type, channel, tier, amount, '["mediator"]', opened_at, due_at, ''
FROM planned
"""

_CANDIDATES = """
INSERT INTO work_item_candidates (county_id, work_item_id, role, organisation_id, waiting, restricted, risk,
                                  due_at, subject_id, dispute_type, stage, channel, tier, amount)
SELECT :county, id, role, CASE WHEN role IN ('dispatcher', 'clerk') AND n % 3 > 0 THEN :root ELSE org_id END,
       assignee_id IS NULL, sensitivity <> 'normal', risk, due_at, id, type, stage, channel, tier, amount
FROM planned
UNION ALL
SELECT :county, id, 'leader', :root, assignee_id IS NULL, sensitivity <> 'normal', risk, due_at, id,
       type, stage, channel, tier, amount
FROM planned WHERE n % 50 = 7
UNION ALL
SELECT :county, id, 'reviewer', :root, assignee_id IS NULL, sensitivity <> 'normal', risk, due_at, id,
       type, stage, channel, tier, amount
FROM planned WHERE n <= 3
"""

_COPIES = """
INSERT INTO work_item_people (county_id, id, work_item_id, subject_id, person_id, kind, reason, added_by, added_at)
SELECT :county, id, id, id, starter, 'copied', '', starter, opened_at
FROM planned WHERE n % 100 = 9 AND starter IS NOT NULL
"""

_ORDERS = """
INSERT INTO supervision_orders (county_id, id, case_id, card, demand, ordered_by, ordered_at)
SELECT :county, id, id, 'yellow', '三日内答复', '', opened_at FROM planned WHERE n % 5000 = 11
"""


def fill(open_items: int) -> None:
    """Put the county with its offices and `open_items` open tasks into an empty database."""
    Base.metadata.create_all(db.engine)
    ensure_demo()
    run_unit(_more_offices)
    now = clock.now()
    release = db.session.scalar(text("SELECT release_id FROM active_releases LIMIT 1"))
    root = queries.organisations(COUNTY_ID, tier="county", kind="government")[0].id
    values: dict[str, Any] = {
        "county": COUNTY_ID,
        "open": open_items,
        "base": new_id() + (1 << 22),
        "now": now,
        "release": release,
        "root": root,
    }
    db.session.remove()
    with db.engine.connect() as connection:
        _write(connection, values)
    run_unit(recount)
    run_unit(fold)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _write(connection: Connection, values: dict[str, Any]) -> None:
    """The rows, without the triggers that would follow each: what they keep is made once for all."""
    watched = (
        *("work_items", "work_item_candidates", "work_item_people", "instances", "initiators", "starters", "cases"),
        "supervision_orders",
    )
    for table in watched:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    connection.execute(text("SET LOCAL work_mem = '256MB'"))
    for statement in (
        _PLACES,
        _SHARES,
        _DESKS,
        _TOWN_DESK,
        _PLAN,
        _INSTANCES,
        _INITIATORS,
        _CASES,
        _ITEMS,
        _CANDIDATES,
        _COPIES,
        _ORDERS,
    ):
        named = text(statement)
        connection.execute(named, {name: value for name, value in values.items() if name in named._bindparams})
    connection.execute(GATHER)
    connection.commit()
    for table in watched:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    connection.commit()


def _more_offices() -> None:
    """Towns with their villages until there are 631 organisations; each village has a mediator."""
    root = queries.organisations(COUNTY_ID, tier="county", kind="government")[0]
    there = len(queries.organisations(COUNTY_ID))
    town: Organisation | None = None
    for number in range(ORGANISATIONS - there):
        if town is None or number % (VILLAGES_OF_A_TOWN + 1) == 0:
            town = _office(root, "town", number)
            continue
        village = _office(town, "village", number)
        person = services.create_person(COUNTY_ID, login=f"mediator.{number}", name=f"调解员{number}")
        services.assign_role(person, "mediator", village, from_date=_SINCE)
    db.session.flush()


def _office(parent: Organisation, tier: str, number: int) -> Organisation:
    names = {"code": f"9{number:011d}", "name_zh": f"第{number}号单位", "name_en": f"Office {number}"}
    return services.create_organisation(COUNTY_ID, parent=parent, tier=tier, kind="government", **names)
