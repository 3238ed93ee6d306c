"""Counters know whose: what somebody holds, did, was sent a copy of, started; and cases that wait for an answer.

Colours are told apart no more. The numbers are counted once here; from then on triggers keep them.

Revision ID: 0037
Revises: 0036
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_NEW = ("county_id", "kind", "person_id", "organisation_id", "role", "sensitivity")
_OLD = ("county_id", "organisation_id", "kind", "role", "sensitivity", "risk")
_TYPES = {
    "kind": sa.String(8),
    "role": sa.String(30),
    "sensitivity": sa.String(20),
    "risk": sa.SmallInteger(),
}

_COUNT = """
INSERT INTO counts (county_id, kind, person_id, organisation_id, role, sensitivity, n)
SELECT county_id, 'open', 0, org_id, '', sensitivity, count(*)
FROM work_items WHERE status = 'open' AND org_id IS NOT NULL GROUP BY county_id, org_id, sensitivity
UNION ALL
SELECT i.county_id, 'pool', 0, c.organisation_id, c.role, i.sensitivity, count(*)
FROM work_items i JOIN work_item_candidates c ON c.county_id = i.county_id AND c.work_item_id = i.id
WHERE i.status = 'open' AND i.assignee_id IS NULL GROUP BY i.county_id, c.organisation_id, c.role, i.sensitivity
UNION ALL
SELECT county_id, 'mine', assignee_id, 0, '', '', count(*) FROM work_items
WHERE status = 'open' AND assignee_id IS NOT NULL GROUP BY county_id, assignee_id
UNION ALL
SELECT county_id, 'done', closed_by, 0, '', '', count(*) FROM work_items
WHERE status = 'done' AND closed_by IS NOT NULL GROUP BY county_id, closed_by
UNION ALL
SELECT p.county_id, 'copied', p.person_id, coalesce(i.org_id, 0), '', i.sensitivity, count(*)
FROM work_item_people p JOIN work_items i ON i.county_id = p.county_id AND i.id = p.work_item_id
WHERE p.kind = 'copied' AND p.ended_at IS NULL
GROUP BY p.county_id, p.person_id, coalesce(i.org_id, 0), i.sensitivity
UNION ALL
SELECT county_id, 'started', person_id, organisation_id, '', sensitivity, count(*)
FROM starters GROUP BY county_id, person_id, organisation_id, sensitivity
UNION ALL
SELECT county_id, 'ordered', 0, lead_organisation_id, '', sensitivity, count(*) FROM cases c
WHERE status NOT IN ('archived', 'merged') AND EXISTS (
    SELECT 1 FROM supervision_orders o
    WHERE o.county_id = c.county_id AND o.case_id = c.id AND o.closed_at IS NULL)
GROUP BY county_id, lead_organisation_id, sensitivity
"""
_COPY_FROM_CASES = """
UPDATE starters SET organisation_id = c.lead_organisation_id, sensitivity = c.sensitivity FROM cases c
WHERE c.county_id = starters.county_id AND c.id = starters.case_id
"""
_COUNT_AS_BEFORE = """
INSERT INTO counts (county_id, organisation_id, kind, role, sensitivity, risk, n)
SELECT county_id, org_id, 'open', '', sensitivity, risk, count(*) FROM work_items
WHERE status = 'open' AND org_id IS NOT NULL GROUP BY county_id, org_id, sensitivity, risk
UNION ALL
SELECT i.county_id, c.organisation_id, 'pool', c.role, i.sensitivity, i.risk, count(*)
FROM work_items i JOIN work_item_candidates c ON c.county_id = i.county_id AND c.work_item_id = i.id
WHERE i.status = 'open' AND i.assignee_id IS NULL
GROUP BY i.county_id, c.organisation_id, c.role, i.sensitivity, i.risk
"""

_PUT_OFF = sa.text("status = 'open' and follow_up_at is not null")


def upgrade() -> None:
    _drop(_before())
    _tables(_NEW)
    op.create_index(
        "ix_work_items_put_off",
        "work_items",
        ["county_id", "assignee_id"],
        postgresql_where=_PUT_OFF,
        sqlite_where=_PUT_OFF,
    )
    op.create_index("ix_starters_case", "starters", ["county_id", "case_id"])
    place = sa.Column("organisation_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("starters", place)
    op.add_column("starters", sa.Column("sensitivity", sa.String(20), server_default="", nullable=False))
    op.execute(_COPY_FROM_CASES)
    op.create_index(
        "ix_starters_place", "starters", ["county_id", "person_id", "sensitivity", "organisation_id", "case_id"]
    )
    op.execute(_COUNT)
    _make(_after())


def downgrade() -> None:
    _drop(_after())
    _tables(_OLD)
    for name in ("ix_starters_place", "ix_starters_case"):
        op.drop_index(name, table_name="starters")
    for name in ("sensitivity", "organisation_id"):
        op.drop_column("starters", name)
    op.drop_index("ix_work_items_put_off", table_name="work_items")
    op.execute(_COUNT_AS_BEFORE)
    _make(_before())


def _tables(key: tuple[str, ...]) -> None:
    op.drop_table("count_deltas")
    op.drop_table("counts")
    for name in ("counts", "count_deltas"):
        columns = [sa.Column(one, _TYPES.get(one, sa.BigInteger()), nullable=False) for one in (*key, "n")]
        made = [sa.PrimaryKeyConstraint(*key, name=op.f("pk_counts"))] if name == "counts" else []
        op.create_table(name, *columns, *made)


_Trigger = tuple[str, str, str, str, str]
_WAITS = "{side}.status = 'open' AND {side}.assignee_id IS NULL"


def _into(key: tuple[str, ...], **told: str) -> str:
    """A delta; what is not told is nobody's, or nothing."""
    empty = {"person_id": "0", "organisation_id": "0", "role": "''", "sensitivity": "''"}
    values = ", ".join((empty | told)[one] for one in (*key, "n"))
    return f"INSERT INTO count_deltas ({', '.join(key)}, n) SELECT {values}"


def _of_office(key: tuple[str, ...], side: str, sign: int) -> str:
    into = _into(
        key,
        county_id=f"{side}.county_id",
        kind="'open'",
        organisation_id=f"{side}.org_id",
        sensitivity=f"{side}.sensitivity",
        risk=f"{side}.risk",
        n=str(sign),
    )
    return f"{into} WHERE {side}.status = 'open' AND {side}.org_id IS NOT NULL;"


def _of_pools(key: tuple[str, ...], side: str, sign: int) -> str:
    into = _into(
        key,
        county_id="c.county_id",
        kind="'pool'",
        organisation_id="c.organisation_id",
        role="c.role",
        sensitivity=f"{side}.sensitivity",
        risk=f"{side}.risk",
        n=str(sign),
    )
    return (
        f"{into} FROM work_item_candidates c WHERE c.county_id = {side}.county_id AND c.work_item_id = {side}.id "
        f"AND {_WAITS.format(side=side)};"
    )


def _of_candidate(key: tuple[str, ...], side: str, sign: int) -> str:
    into = _into(
        key,
        county_id=f"{side}.county_id",
        kind="'pool'",
        organisation_id=f"{side}.organisation_id",
        role=f"{side}.role",
        sensitivity="i.sensitivity",
        risk="i.risk",
        n=str(sign),
    )
    return (
        f"{into} FROM work_items i WHERE i.county_id = {side}.county_id AND i.id = {side}.work_item_id "
        f"AND {_WAITS.format(side='i')};"
    )


def _of_person(kind: str, column: str, status: str, side: str, sign: int) -> str:
    person = f"{side}.{column}"
    into = _into(_NEW, county_id=f"{side}.county_id", kind=f"'{kind}'", person_id=person, n=str(sign))
    return f"{into} WHERE {side}.status = '{status}' AND {person} IS NOT NULL;"


def _own(side: str, sign: int) -> tuple[str, str]:
    return (
        _of_person("mine", "assignee_id", "open", side, sign),
        _of_person("done", "closed_by", "done", side, sign),
    )


def _of_copies(side: str, sign: int) -> str:
    into = _into(
        _NEW,
        county_id=f"{side}.county_id",
        kind="'copied'",
        person_id="p.person_id",
        organisation_id=f"coalesce({side}.org_id, 0)",
        sensitivity=f"{side}.sensitivity",
        n=str(sign),
    )
    return (
        f"{into} FROM work_item_people p WHERE p.county_id = {side}.county_id AND p.work_item_id = {side}.id "
        "AND p.kind = 'copied' AND p.ended_at IS NULL;"
    )


def _of_copy(side: str, sign: int) -> str:
    into = _into(
        _NEW,
        county_id=f"{side}.county_id",
        kind="'copied'",
        person_id=f"{side}.person_id",
        organisation_id="coalesce(i.org_id, 0)",
        sensitivity="i.sensitivity",
        n=str(sign),
    )
    return (
        f"{into} FROM work_items i WHERE i.county_id = {side}.county_id AND i.id = {side}.work_item_id "
        f"AND {side}.kind = 'copied' AND {side}.ended_at IS NULL;"
    )


def _of_case(kind: str, person: str, rest: str, side: str, sign: int, *, case: str = "") -> str:
    case = case or side
    into = _into(
        _NEW,
        county_id=f"{side}.county_id",
        kind=f"'{kind}'",
        person_id=person,
        organisation_id=f"{case}.lead_organisation_id",
        sensitivity=f"{case}.sensitivity",
        n=str(sign),
    )
    return f"{into} {rest};"


def _started(side: str, sign: int) -> str:
    into = _into(
        _NEW,
        county_id=f"{side}.county_id",
        kind="'started'",
        person_id=f"{side}.person_id",
        organisation_id=f"{side}.organisation_id",
        sensitivity=f"{side}.sensitivity",
        n=str(sign),
    )
    return f"{into};"


_SOURCES = {
    "reports": ("received_by_id", "case_id"),
    "instances": ("started_by", "subject_id"),
    "initiators": ("person_id", "subject_id"),
}
_COPY_FROM_CASE = (
    "UPDATE starters SET organisation_id = NEW.lead_organisation_id, sensitivity = NEW.sensitivity "
    "WHERE county_id = NEW.county_id AND case_id = NEW.id;"
)


def _sources(added: str, copies: str) -> Iterator[_Trigger]:
    """What adds a starter, with or without the copies of the case."""
    for table, (person, case) in _SOURCES.items():
        begun = f"NEW.{person} IS NOT NULL AND NEW.{case} IS NOT NULL"
        place = copies.format(case=case)
        into = (
            f"INSERT INTO starters (county_id, person_id, case_id{added}) SELECT NEW.county_id, NEW.{person}, "
            f"NEW.{case}{place} WHERE true ON CONFLICT (county_id, person_id, case_id) DO NOTHING;"
        )
        yield table, "started", "INSERT", begun, into
        if table == "reports":
            others = " ".join(
                f"AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.county_id = OLD.county_id "
                f"AND o.{its_case} = OLD.{case} AND o.{its_person} = OLD.{person})"
                for other, (its_person, its_case) in _SOURCES.items()
            )
            taken = (
                f"DELETE FROM starters WHERE county_id = OLD.county_id AND person_id = OLD.{person} "
                f"AND case_id = OLD.{case} {others};"
            )
            yield table, "came_over", "UPDATE", f"{begun} AND OLD.{case} <> NEW.{case}", f"{taken} {into}"


def _ordered(side: str, sign: int) -> str:
    rest = (
        f"FROM cases c WHERE c.county_id = {side}.county_id AND c.id = {side}.case_id "
        f"AND c.status NOT IN ('archived', 'merged') AND {side}.closed_at IS NULL AND NOT EXISTS (SELECT 1 "
        f"FROM supervision_orders o WHERE o.county_id = {side}.county_id AND o.case_id = {side}.case_id "
        f"AND o.id <> {side}.id AND o.closed_at IS NULL)"
    )
    return _of_case("ordered", "0", rest, side, sign, case="c")


def _ordered_case(side: str, sign: int) -> str:
    rest = (
        f"WHERE {side}.status NOT IN ('archived', 'merged') AND EXISTS (SELECT 1 "
        f"FROM supervision_orders o WHERE o.county_id = {side}.county_id AND o.case_id = {side}.id "
        "AND o.closed_at IS NULL)"
    )
    return _of_case("ordered", "0", rest, side, sign)


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


def _shared(key: tuple[str, ...], colour: tuple[str, ...]) -> Iterator[_Trigger]:
    """What both know; before, the colour was told apart."""
    waited = f"(({_WAITS.format(side='OLD')}) OR ({_WAITS.format(side='NEW')}))"
    yield (
        "work_items",
        "counted",
        "UPDATE",
        _changed("status", "org_id", "sensitivity", *colour),
        f"{_of_office(key, 'OLD', -1)} {_of_office(key, 'NEW', 1)}",
    )
    yield (
        "work_items",
        "pooled",
        "UPDATE",
        f"{waited} AND {_changed('status', 'assignee_id', *colour, 'sensitivity')}",
        f"{_of_pools(key, 'OLD', -1)} {_of_pools(key, 'NEW', 1)}",
    )
    yield "work_item_candidates", "offered", "INSERT", "", _of_candidate(key, "NEW", 1)
    yield "work_item_candidates", "withdrawn", "DELETE", "", _of_candidate(key, "OLD", -1)


def _before() -> Iterator[_Trigger]:
    yield "work_items", "opened", "INSERT", "", _of_office(_OLD, "NEW", 1)
    yield "work_items", "deleted", "DELETE", "", _of_office(_OLD, "OLD", -1)
    yield from _shared(_OLD, ("risk",))
    yield from _sources("", "")


def _after() -> Iterator[_Trigger]:
    for name, moment, side, sign in (("opened", "INSERT", "NEW", 1), ("deleted", "DELETE", "OLD", -1)):
        yield "work_items", name, moment, "", " ".join((_of_office(_NEW, side, sign), *_own(side, sign)))
    (held, did), (holds, done) = _own("OLD", -1), _own("NEW", 1)
    yield (
        "work_items",
        "held",
        "UPDATE",
        _changed("status", "assignee_id", "closed_by"),
        f"{held} {holds} {did} {done}",
    )
    sent = f"{_of_copies('OLD', -1)} {_of_copies('NEW', 1)}"
    yield "work_items", "sent", "UPDATE", _changed("org_id", "sensitivity"), sent
    yield from _shared(_NEW, ())
    yield "work_item_people", "joined", "INSERT", "", _of_copy("NEW", 1)
    people = _changed("ended_at", "person_id", "work_item_id")
    yield "work_item_people", "changed", "UPDATE", people, f"{_of_copy('OLD', -1)} {_of_copy('NEW', 1)}"
    yield "work_item_people", "left", "DELETE", "", _of_copy("OLD", -1)
    yield "starters", "came", "INSERT", "", _started("NEW", 1)
    yield "starters", "went", "DELETE", "", _started("OLD", -1)
    moved = _changed("organisation_id", "sensitivity")
    yield "starters", "moved", "UPDATE", moved, f"{_started('OLD', -1)} {_started('NEW', 1)}"
    copies = "".join(
        f", coalesce((SELECT {column} FROM cases c WHERE c.county_id = NEW.county_id AND c.id = NEW.{{case}}), {nothing})"
        for column, nothing in (("lead_organisation_id", "0"), ("sensitivity", "''"))
    )
    yield from _sources(", organisation_id, sensitivity", copies)
    yield "cases", "told_starters", "INSERT", "", _COPY_FROM_CASE
    yield "cases", "moved_starters", "UPDATE", _changed("lead_organisation_id", "sensitivity"), _COPY_FROM_CASE
    moved = _changed("lead_organisation_id", "sensitivity", "status")
    yield "cases", "ordered", "UPDATE", moved, f"{_ordered_case('OLD', -1)} {_ordered_case('NEW', 1)}"
    yield "supervision_orders", "came", "INSERT", "", _ordered("NEW", 1)
    closed = f"{_ordered('OLD', -1)} {_ordered('NEW', 1)}"
    yield "supervision_orders", "changed", "UPDATE", _changed("closed_at"), closed
    yield "supervision_orders", "went", "DELETE", "", _ordered("OLD", -1)


def _drop(triggers: Iterator[_Trigger]) -> None:
    for table, name, *_ in triggers:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_{name}")
        else:
            op.execute(f"DROP FUNCTION {table}_{name}() CASCADE")


def _make(triggers: Iterator[_Trigger]) -> None:
    for table, name, moment, condition, body in triggers:
        trigger = f"{table}_{name}"
        if op.get_bind().dialect.name == "sqlite":
            when = f"WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')} " if condition else ""
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER {moment} ON {table} FOR EACH ROW {when}BEGIN {body} END"
            )
            continue
        when = f"WHEN ({condition}) " if condition else ""
        op.execute(
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {body} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE OR REPLACE TRIGGER {trigger} AFTER {moment} ON {table} FOR EACH ROW {when}"
            f"EXECUTE FUNCTION {trigger}()"
        )
