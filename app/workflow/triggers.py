"""What the database itself keeps right when a work item or its candidates change, whoever changes them.

Every move of a task is an update of its row; a counter or a copy that each of them had to remember would be forgotten
by one. So triggers do both, in the statement and so in the transaction that moves the task, without a round trip:
the deltas of `counting`, and on `work_item_candidates` the sort keys of the pool's list and what of it is restricted.
"""

_INTO = "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n)"

_WAITS = "{side}.status = 'open' AND {side}.assignee_id IS NULL"
_RESTRICTED = "{side}.status = 'open' AND {side}.sensitivity <> 'normal'"


def _of_organisation(side: str, sign: int) -> str:
    """A delta for the organisation that leads the item's matter."""
    return (
        f"{_INTO} SELECT {side}.county_id, {side}.org_id, 'open', '', {side}.sensitivity, {side}.risk, {sign} "
        f"WHERE {side}.status = 'open' AND {side}.org_id IS NOT NULL;"
    )


def _of_pools(side: str, sign: int) -> str:
    """A delta for each pool that the item waits in."""
    return (
        f"{_INTO} SELECT c.county_id, c.organisation_id, 'pool', c.role, "  # noqa: S608 - our own names only
        f"{side}.sensitivity, {side}.risk, {sign} FROM work_item_candidates c "
        f"WHERE c.county_id = {side}.county_id AND c.work_item_id = {side}.id "
        f"AND {_WAITS.format(side=side)};"
    )


def _of_candidate(side: str, sign: int) -> str:
    """A delta for the pool that an item comes into or leaves by its candidate's row."""
    return (
        f"{_INTO} SELECT {side}.county_id, {side}.organisation_id, "  # noqa: S608 - our own names only
        f"'pool', {side}.role, i.sensitivity, i.risk, {sign} FROM work_items i "
        f"WHERE i.county_id = {side}.county_id AND i.id = {side}.work_item_id "
        f"AND {_WAITS.format(side='i')};"
    )


_COPY_TO_CANDIDATES = (
    f"UPDATE work_item_candidates SET waiting = ({_WAITS.format(side='NEW')}), "  # noqa: S608 - our own names only
    f"restricted = ({_RESTRICTED.format(side='NEW')}), risk = NEW.risk, due_at = NEW.due_at "
    "WHERE county_id = NEW.county_id AND work_item_id = NEW.id;"
)

_COPIES = f"{_WAITS.format(side='i')}, {_RESTRICTED.format(side='i')}, i.risk, i.due_at"
_OF_ITEM = "FROM work_items i WHERE i.county_id = NEW.county_id AND i.id = NEW.work_item_id"

_COPY_FROM_ITEM = {
    "postgresql": f"SELECT {_COPIES} INTO NEW.waiting, NEW.restricted, NEW.risk, NEW.due_at {_OF_ITEM}; RETURN NEW;",
    "sqlite": "UPDATE work_item_candidates SET (waiting, restricted, risk, due_at) = "  # noqa: S608 - our own names only
    f"(SELECT {_COPIES} {_OF_ITEM}) "
    "WHERE county_id = NEW.county_id AND work_item_id = NEW.work_item_id AND role = NEW.role "
    "AND organisation_id = NEW.organisation_id;",
}


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


_POOL_KEYS = ("status", "assignee_id", "risk")
_WAITED_OR_WAITS = f"(({_WAITS.format(side='OLD')}) OR ({_WAITS.format(side='NEW')}))"
_LISTED = " OR ".join(f"({one.format(side=side)})" for one in (_WAITS, _RESTRICTED) for side in ("OLD", "NEW"))

_AFTER = (
    ("work_items", "opened", "INSERT", "", _of_organisation("NEW", 1)),
    ("work_items", "deleted", "DELETE", "", _of_organisation("OLD", -1)),
    (
        "work_items",
        "counted",
        "UPDATE",
        _changed("status", "org_id", "sensitivity", "risk"),
        f"{_of_organisation('OLD', -1)} {_of_organisation('NEW', 1)}",
    ),
    (
        "work_items",
        "pooled",
        "UPDATE",
        f"{_WAITED_OR_WAITS} AND {_changed(*_POOL_KEYS, 'sensitivity')}",
        f"{_of_pools('OLD', -1)} {_of_pools('NEW', 1)}",
    ),
    (
        "work_items",
        "copied",
        "UPDATE",
        f"({_LISTED}) AND {_changed(*_POOL_KEYS, 'sensitivity', 'due_at')}",
        _COPY_TO_CANDIDATES,
    ),
    ("work_item_candidates", "offered", "INSERT", "", _of_candidate("NEW", 1)),
    ("work_item_candidates", "withdrawn", "DELETE", "", _of_candidate("OLD", -1)),
)


def statements(dialect: str, table: str) -> list[str]:
    """What makes the triggers that watch `table`, in the words of a database."""
    sqlite = dialect == "sqlite"
    made = []
    for watched, name, moment, condition, body in _AFTER:
        if watched == table:
            words = _sqlite if sqlite else _postgresql
            made += words(table, name, f"AFTER {moment}", condition, body if sqlite else f"{body} RETURN NULL;")
    if table == "work_item_candidates":
        words = _sqlite if sqlite else _postgresql
        made += words(table, "filled", "AFTER INSERT" if sqlite else "BEFORE INSERT", "", _COPY_FROM_ITEM[dialect])
    return made


def _sqlite(table: str, name: str, moment: str, condition: str, body: str) -> list[str]:
    when = f"WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')} " if condition else ""
    return [f"CREATE TRIGGER IF NOT EXISTS {table}_{name} {moment} ON {table} FOR EACH ROW {when}BEGIN {body} END"]


def _postgresql(table: str, name: str, moment: str, condition: str, body: str) -> list[str]:
    function, when = f"{table}_{name}", f"WHEN ({condition}) " if condition else ""
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE OR REPLACE TRIGGER {function} {moment} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {function}()",
    ]
