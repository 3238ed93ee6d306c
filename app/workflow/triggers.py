"""What the database itself keeps right when a work item or its candidates change, whoever changes them.

Every move of a task is an update of its row; a counter or a copy that each of them had to remember would be forgotten
by one. So triggers do both, in the statement and so in the transaction that moves the task, without a round trip:
the deltas of `counting`, and on `work_item_candidates` the sort keys of the pool's list and what of it is restricted.
"""

from collections.abc import Callable

from sqlalchemy import DDL, Table, event

COUNTED = ("county_id", "kind", "person_id", "organisation_id", "role", "sensitivity")
"""What tells one counter from another."""

INTO_DELTAS = f"INSERT INTO count_deltas ({', '.join(COUNTED)}, n)"

_WAITS = "{side}.status = 'open' AND {side}.assignee_id IS NULL"
_RESTRICTED = "{side}.status = 'open' AND {side}.sensitivity <> 'normal'"


def _of_organisation(side: str, sign: int) -> str:
    """A delta for the organisation that leads the item's matter."""
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, 'open', 0, {side}.org_id, '', {side}.sensitivity, {sign} "
        f"WHERE {side}.status = 'open' AND {side}.org_id IS NOT NULL;"
    )


def _of_pools(side: str, sign: int) -> str:
    """A delta for each pool that the item waits in."""
    return (
        f"{INTO_DELTAS} SELECT c.county_id, 'pool', 0, c.organisation_id, c.role, "  # noqa: S608 - our own names only
        f"{side}.sensitivity, {sign} FROM work_item_candidates c "
        f"WHERE c.county_id = {side}.county_id AND c.work_item_id = {side}.id "
        f"AND {_WAITS.format(side=side)};"
    )


def _of_candidate(side: str, sign: int) -> str:
    """A delta for the pool that an item comes into or leaves by its candidate's row."""
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, 'pool', 0, {side}.organisation_id, "  # noqa: S608 - our own names
        f"{side}.role, i.sensitivity, {sign} FROM work_items i "
        f"WHERE i.county_id = {side}.county_id AND i.id = {side}.work_item_id "
        f"AND {_WAITS.format(side='i')};"
    )


def _of_holder(side: str, sign: int) -> str:
    """A delta for the person who holds the item."""
    return _of_person("mine", side, f"{side}.assignee_id", "open", sign)


def _of_doer(side: str, sign: int) -> str:
    """A delta for the person who did it."""
    return _of_person("done", side, f"{side}.closed_by", "done", sign)


def _of_person(kind: str, side: str, person: str, status: str, sign: int) -> str:
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, '{kind}', {person}, 0, '', '', {sign} "
        f"WHERE {side}.status = '{status}' AND {person} IS NOT NULL;"
    )


_IS_COPY = "{side}.kind = 'copied' AND {side}.ended_at IS NULL"


def _of_copies(side: str, sign: int) -> str:
    """A delta for everybody who was sent a copy of the item."""
    return (
        f"{INTO_DELTAS} SELECT p.county_id, 'copied', p.person_id, "  # noqa: S608 - our own names only
        f"coalesce({side}.org_id, 0), '', {side}.sensitivity, {sign} FROM work_item_people p "
        f"WHERE p.county_id = {side}.county_id AND p.work_item_id = {side}.id AND {_IS_COPY.format(side='p')};"
    )


def _of_copy(side: str, sign: int) -> str:
    """A delta for a copy that is sent or taken back."""
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, 'copied', {side}.person_id, "  # noqa: S608 - our own names only
        f"coalesce(i.org_id, 0), '', i.sensitivity, {sign} FROM work_items i "
        f"WHERE i.county_id = {side}.county_id AND i.id = {side}.work_item_id AND {_IS_COPY.format(side=side)};"
    )


_ASKED = ("dispute_type", "stage", "channel", "tier", "amount")
"""What a pool's list is narrowed to."""

_COPY_TO_CANDIDATES = (
    f"UPDATE work_item_candidates SET waiting = ({_WAITS.format(side='NEW')}), "  # noqa: S608 - our own names only
    f"restricted = ({_RESTRICTED.format(side='NEW')}), risk = NEW.risk, due_at = NEW.due_at, "
    f"{', '.join(f'{one} = NEW.{one}' for one in _ASKED)} "
    "WHERE county_id = NEW.county_id AND work_item_id = NEW.id;"
)

_PLAIN = ("risk", "due_at", "subject_id", *_ASKED)
_COPIES = f"{_WAITS.format(side='i')}, {_RESTRICTED.format(side='i')}, {', '.join(f'i.{one}' for one in _PLAIN)}"
_COPIED_INTO = ("waiting", "restricted", *_PLAIN)
_OF_ITEM = "FROM work_items i WHERE i.county_id = NEW.county_id AND i.id = NEW.work_item_id"

_COPY_FROM_ITEM = {
    "postgresql": f"SELECT {_COPIES} INTO {', '.join(f'NEW.{one}' for one in _COPIED_INTO)} {_OF_ITEM}; RETURN NEW;",
    "sqlite": f"UPDATE work_item_candidates SET ({', '.join(_COPIED_INTO)}) = "  # noqa: S608 - our own names only
    f"(SELECT {_COPIES} {_OF_ITEM}) "
    "WHERE county_id = NEW.county_id AND work_item_id = NEW.work_item_id AND role = NEW.role "
    "AND organisation_id = NEW.organisation_id;",
}


def changed(*columns: str) -> str:
    """The condition of a trigger: one of these columns is another one than before."""
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


_WAITED_OR_WAITS = f"(({_WAITS.format(side='OLD')}) OR ({_WAITS.format(side='NEW')}))"
_LISTED = " OR ".join(f"({one.format(side=side)})" for one in (_WAITS, _RESTRICTED) for side in ("OLD", "NEW"))

_AFTER = (
    ("work_items", "opened", "INSERT", "", f"{_of_organisation('NEW', 1)} {_of_holder('NEW', 1)} {_of_doer('NEW', 1)}"),
    (
        "work_items",
        "deleted",
        "DELETE",
        "",
        f"{_of_organisation('OLD', -1)} {_of_holder('OLD', -1)} {_of_doer('OLD', -1)}",
    ),
    (
        "work_items",
        "counted",
        "UPDATE",
        changed("status", "org_id", "sensitivity"),
        f"{_of_organisation('OLD', -1)} {_of_organisation('NEW', 1)}",
    ),
    (
        "work_items",
        "held",
        "UPDATE",
        changed("status", "assignee_id", "closed_by"),
        f"{_of_holder('OLD', -1)} {_of_holder('NEW', 1)} {_of_doer('OLD', -1)} {_of_doer('NEW', 1)}",
    ),
    (
        "work_items",
        "sent",
        "UPDATE",
        changed("org_id", "sensitivity"),
        f"{_of_copies('OLD', -1)} {_of_copies('NEW', 1)}",
    ),
    (
        "work_items",
        "pooled",
        "UPDATE",
        f"{_WAITED_OR_WAITS} AND {changed('status', 'assignee_id', 'sensitivity')}",
        f"{_of_pools('OLD', -1)} {_of_pools('NEW', 1)}",
    ),
    (
        "work_items",
        "copied",
        "UPDATE",
        f"({_LISTED}) AND {changed('status', 'assignee_id', 'risk', 'sensitivity', 'due_at', *_ASKED)}",
        _COPY_TO_CANDIDATES,
    ),
    ("work_item_candidates", "offered", "INSERT", "", _of_candidate("NEW", 1)),
    ("work_item_candidates", "withdrawn", "DELETE", "", _of_candidate("OLD", -1)),
    ("work_item_people", "joined", "INSERT", "", _of_copy("NEW", 1)),
    (
        "work_item_people",
        "changed",
        "UPDATE",
        changed("ended_at", "person_id", "work_item_id"),
        f"{_of_copy('OLD', -1)} {_of_copy('NEW', 1)}",
    ),
    ("work_item_people", "left", "DELETE", "", _of_copy("OLD", -1)),
)


def statements(dialect: str, table: str) -> list[str]:
    """What makes the triggers that watch `table`, in the words of a database."""
    made = []
    for watched, name, moment, condition, body in _AFTER:
        if watched == table:
            made += trigger(dialect, table, name, moment, condition, body)
    if table == "work_item_candidates":
        words = _sqlite if dialect == "sqlite" else _postgresql
        moment = "AFTER INSERT" if dialect == "sqlite" else "BEFORE INSERT"
        made += words(table, "filled", moment, "", _COPY_FROM_ITEM[dialect])
    return made


def created_with(table: Table, make: Callable[[str, str], list[str]]) -> None:
    """Have a table made together with its triggers: `make` gives their statements for a dialect and a table's name."""
    for dialect in ("sqlite", "postgresql"):
        for statement in make(dialect, table.name):
            made = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", made)


def trigger(dialect: str, table: str, name: str, moment: str, condition: str, body: str) -> list[str]:
    """What makes one trigger that does `body` after each row of a kind of change for which `condition` holds."""
    if dialect == "sqlite":
        return _sqlite(table, name, f"AFTER {moment}", condition, body)
    return _postgresql(table, name, f"AFTER {moment}", condition, f"{body} RETURN NULL;")


def _sqlite(table: str, name: str, moment: str, condition: str, body: str) -> list[str]:
    when = f"WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')} " if condition else ""
    return [f"CREATE TRIGGER IF NOT EXISTS {table}_{name} {moment} ON {table} FOR EACH ROW {when}BEGIN {body} END"]


def _postgresql(table: str, name: str, moment: str, condition: str, body: str) -> list[str]:
    function, when = f"{table}_{name}", f"WHEN ({condition}) " if condition else ""
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE OR REPLACE TRIGGER {function} {moment} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {function}()",
    ]
