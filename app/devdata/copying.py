"""Copy a case that was really played: every row that belongs to it, under new ids, names, code and time.

What belongs to a case is read from the tables' own references, so that a new table of a case is copied without a word
said here. Times move by whole weeks: days of the week stay, and so do hours.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, func, select

from app.audit import cbor, envelopes
from app.audit.models import HistoryRow, StreamHead
from app.audit.rules import START, payload_digest, row_digest
from app.cases.identities import sealed_identity
from app.cases.models import Case, Party, Report
from app.cases.rules import masked_name
from app.cases.search.models import CaseSearch
from app.cases.search.services import tokens_of
from app.core.database import Base, Json
from app.engine.packing import pack, unpack

_APART = {
    "relations",
    "case_access",
    "cases",
    CaseSearch.__tablename__,
    HistoryRow.__tablename__,
    StreamHead.__tablename__,
}
"""Tables that are no rows of one case alone, and those that are copied in a way of their own."""

_HAPPENED = {"at", "opened_at", "closed_at", "started_at", "finished_at", "received_at", "made_at", "created_at"}

_SOFT = {"instances": "subject_id", "files": "subject_id"}
"""References that no foreign key tells."""

_ISO_DAY = r"(?<![0-9A-Za-z-])(\d{4})-(\d\d)-(\d\d)(?![\d-])"
_CHINESE_DAY = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_ID = r"\d{15,19}"
_LINE = re.compile(r"^\[(\d{16})(?=[,\]])", re.MULTILINE)
_CASE_ID_BITS = 22

MOST = 60
"""Prototypes; more would make the copies no more unlike."""

Row = dict[str, Any]


def plain_table(name: str) -> Table:
    """The table as the database keeps it: JSON stays the bytes that were written."""
    table = Base.metadata.tables[name]
    columns = (
        Column(one.name, LargeBinary() if isinstance(one.type, Json) else one.type, primary_key=one.primary_key)
        for one in table.columns
    )
    return Table(name, MetaData(), *columns)


@dataclass(frozen=True, slots=True)
class Prototype:
    """A played case: its rows by table, parents first, its history, and the words in it that are its own."""

    case: Row
    rows: Mapping[str, Sequence[Row]]
    history: Sequence[Row]
    names: Sequence[str]
    ended: bool
    last_at: datetime
    """When something last happened in it."""

    @property
    def opened_at(self) -> datetime:
        opened: datetime = self.case["opened_at"]
        return opened


def read_prototypes(connection: Connection, county_id: int) -> list[Prototype]:
    """One case of each story of the county, in each status in which it stands; none that is bound to another case."""
    cases, relations = plain_table("cases"), Base.metadata.tables["relations"]
    bound = set(connection.scalars(select(relations.c.other_id).where(relations.c.county_id == county_id)))
    first = (
        select(func.min(cases.c.id))
        .where(cases.c.county_id == county_id, cases.c.status != "merged", cases.c.id.not_in(bound))
        .group_by(cases.c.summary, cases.c.status)
    )
    found = connection.execute(select(cases).where(cases.c.id.in_(first)).order_by(cases.c.id).limit(MOST)).mappings()
    return [_read(connection, dict(row)) for row in found]


def _read(connection: Connection, case: Row) -> Prototype:
    owned: dict[str, list[Row]] = {"cases": [case]}
    ids: dict[str, list[int]] = {"cases": [case["id"]]}
    for table in Base.metadata.sorted_tables:
        if table.name in _APART or table.info.get("derived"):
            continue
        link = _link(table, ids)
        if link is None:
            continue
        column, parents = link
        plain = plain_table(table.name)
        query = select(plain).where(plain.c.county_id == case["county_id"], plain.c[column].in_(parents))
        if table.name == "files":
            query = query.where(plain.c.subject_kind == "case")
        rows = [dict(row) for row in connection.execute(query.order_by(*plain.primary_key.columns)).mappings()]
        if rows:
            owned[table.name] = rows
            ids[table.name] = [row["id"] for row in rows if "id" in row]
    history = plain_table(HistoryRow.__tablename__)
    told = connection.execute(
        select(history)
        .where(history.c.county_id == case["county_id"], history.c.stream == f"case:{case['id']}")
        .order_by(history.c.sequence)
    ).mappings()
    people = [row["name"] for row in owned.get("parties", ()) if row["kind"] == "person" and len(row["name"]) > 1]
    happened = [row[name] for rows in owned.values() for row in rows for name in _HAPPENED & row.keys() if row[name]]
    return Prototype(case, owned, [dict(row) for row in told], people, case["status"] != "open", max(happened))


def _link(table: Table, ids: Mapping[str, Sequence[int]]) -> tuple[str, Sequence[int]] | None:
    """The column by which a table's rows belong to what is known to belong to the case."""
    if table.name in _SOFT:
        return _SOFT[table.name], ids["cases"]
    for constraint in table.foreign_key_constraints:
        parent = constraint.referred_table.name
        if parent in ids and parent != table.name:
            column = next(one.parent.name for one in constraint.elements if one.parent.name != "county_id")
            return column, ids[parent]
    return None


class Ids:
    """New ids at the moments of the old ones; `number` of `together` processes that make them side by side.

    When the numbers of a moment are used up, the next ones stand a little later: copies of one case are whole weeks
    apart, so that many rows have the very same moment.
    """

    _ROUND_MS = 61_007

    def __init__(self, number: int = 0, together: int = 1) -> None:
        self._next, self._step = number, together

    def like(self, old: int, shift: timedelta) -> int:
        moment = (old >> _CASE_ID_BITS) + int(shift.total_seconds() * 1000)
        self._next += self._step
        rounds, number = self._next >> _CASE_ID_BITS, self._next & ((1 << _CASE_ID_BITS) - 1)
        return (max(moment, 1) + rounds * self._ROUND_MS << _CASE_ID_BITS) | number


@dataclass(frozen=True, slots=True)
class Copy:
    """The rows of a new case by table, and the head of its history."""

    rows: Mapping[str, Sequence[Row]]
    head: tuple[str, int, bytes]


@dataclass(slots=True)
class Copier:
    """Makes copies of one prototype."""

    prototype: Prototype
    ids: Ids
    chance: random.Random
    surname_pool: Sequence[str]
    given_pool: Sequence[str]
    _pattern: re.Pattern[str] = field(init=False)
    _fixed: set[object] = field(init=False, default_factory=set)
    """Values in which nothing is to be replaced."""

    def __post_init__(self) -> None:
        words = {str(self.prototype.case["code"]), *self.prototype.names, *map(masked_name, self.prototype.names)}
        known = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        self._pattern = re.compile(f"{_ISO_DAY}|{_CHINESE_DAY}|{_ID}|{known}")

    def copy(self, code: str, weeks: int) -> Copy:
        """The case once more, `weeks` earlier (or later), as `code`."""
        shift = timedelta(weeks=weeks)
        new_ids = self._new_ids(shift)
        words = {str(old): str(new) for old, new in new_ids.items()} | {str(self.prototype.case["code"]): code}
        for name in self.prototype.names:
            words[name] = self.chance.choice(self.surname_pool) + self.chance.choice(self.given_pool)
            words.setdefault(masked_name(name), masked_name(words[name]))
        change = _Change(new_ids, shift, self._substitution(words, shift), self._fixed)
        rows = {table: [self._row(table, row, change) for row in each] for table, each in self.prototype.rows.items()}
        rows["cases"][0]["code"] = code
        rows[CaseSearch.__tablename__] = [_search_row(rows)]
        case_id = rows["cases"][0]["id"]
        told, head = self._history(f"case:{case_id}", change)
        county_id = self.prototype.case["county_id"]
        rows[StreamHead.__tablename__] = [
            {
                "county_id": county_id,
                "stream": head[0],
                "sequence": head[1],
                "hash": head[2],
                "anchored_sequence": head[1],
            }
        ]
        rows[HistoryRow.__tablename__] = told
        return Copy(rows, head)

    def _new_ids(self, shift: timedelta) -> dict[int, int]:
        old = sorted({row["id"] for rows in self.prototype.rows.values() for row in rows if "id" in row})
        return {one: self.ids.like(one, shift) for one in old}

    def _substitution(self, words: Mapping[str, str], shift: timedelta) -> Callable[[str], str]:
        def moved(found: re.Match[str]) -> str:
            if found[1]:
                return (date(int(found[1]), int(found[2]), int(found[3])) + shift).isoformat()
            if found[4]:
                day = date(int(found[4]), int(found[5]), int(found[6])) + shift
                return f"{day.year}年{day.month}月{day.day}日"
            return words.get(found[0], found[0])

        return lambda text: self._pattern.sub(moved, text)

    def _row(self, table: str, row: Row, change: "_Change") -> Row:
        made = {name: change.value(value) for name, value in row.items()}
        if table == "instances":
            made["state"] = _repacked(row["state"], change, always=True)
            made["variables"] = _repacked(row["variables"], change)
        elif table == "visits":
            made["log"] = change.log(row["log"])
        elif table == "parties":
            made |= self._party(made)
        elif table == "reports" and made["source_number"] is not None:
            made["source_number"] = f"{made['source_number']}-{made['id']}"[-80:]
        return made

    def _party(self, party: Row) -> Row:
        changed: Row = {"link_hash": None}
        if party["kind"] == "person":
            changed["phone"] = f"13{self.chance.randrange(10**9):09d}"
        if party["identity_cipher"] is not None or (party["kind"] == "person" and self.chance.random() < 0.5):
            changed |= sealed_identity(party["id"], self._identity_number()) | {"identity_kind": "identity_card"}
        return changed

    def _identity_number(self) -> str:
        """A number of the right form, of a birthday in a district that does not exist."""
        born = date(1945, 1, 1) + timedelta(days=self.chance.randrange(22_000))
        body = f"990681{born:%Y%m%d}{self.chance.randrange(1000):03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return body + "10X98765432"[total % 11]

    def _history(self, stream: str, change: "_Change") -> tuple[list[Row], tuple[str, int, bytes]]:
        """The rows again, hashed again, under new salts."""
        previous, made = START, []
        salts = self.chance.randbytes(16 * len(self.prototype.history))
        for number, row in enumerate(self.prototype.history):
            form, moment, *line = cbor.loads(row["envelope"])
            envelope = cbor.dumps([form, moment + change.microseconds, *(change.plain(one) for one in line)])
            payload, salt, digest = row["payload"], None, row["payload_hash"]
            if payload is not None:
                name, *told = orjson.loads(change.text(envelopes.unpacked(payload).decode()))
                payload, salt = envelopes.payload(name, told), salts[16 * number : 16 * number + 16]
                digest = payload_digest(salt, payload)
            previous = row_digest(previous, envelope, digest)
            made.append(
                row
                | {
                    "stream": stream,
                    "envelope": envelope,
                    "payload": payload,
                    "salt": salt,
                    "payload_hash": None if payload is not None else digest,
                    "hash": previous,
                }
            )
        return made, (stream, made[-1]["sequence"] if made else 0, previous)


def _search_row(rows: Mapping[str, Sequence[Row]]) -> Row:
    """Under what the copy is found: its people have names of their own."""
    case = Case(**rows["cases"][0])
    beside: list[Party | Report] = [Party(**one) for one in rows.get("parties", ())]
    beside += [Report(**one) for one in rows.get("reports", ())]
    return {"county_id": case.county_id, "case_id": case.id, "tokens": tokens_of(case, beside)}


@dataclass(frozen=True, slots=True)
class _Change:
    """From the played case to its copy: ids, times, words."""

    ids: Mapping[int, int]
    shift: timedelta
    text: Callable[[str], str]
    fixed: set[object]

    @property
    def microseconds(self) -> int:
        return self.shift // timedelta(microseconds=1)

    def value(self, value: Any) -> Any:
        """A column's value."""
        kind = type(value)
        if kind is int:
            return self.ids.get(value, value)
        if kind is datetime:
            return value if value.year == 9999 else value + self.shift
        if kind is date:
            return value + self.shift
        if kind is str:
            return value if value in self.fixed else self._words(value)
        if kind is bytes and value not in self.fixed and (value[:1] in (b"{", b"[", b'"') or value.isdigit()):
            return self._json(value)
        return value

    def _words(self, value: str) -> str:
        changed = self.text(value)
        if changed == value:
            self.fixed.add(value)
        return changed

    def _json(self, value: bytes) -> bytes:
        """JSON of a column; a digest or salt may begin like it and is left as it is."""
        try:
            changed = self.text(value.decode()).encode()
        except UnicodeDecodeError:
            changed = value
        if changed == value:
            self.fixed.add(value)
        return changed

    def plain(self, value: Any) -> Any:
        """A part of an envelope: ids and their names."""
        if isinstance(value, dict):
            return {name: self.plain(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        return self.value(value)

    def log(self, log: str) -> str:
        """Visits: each line begins with its moment."""
        return self.text(_LINE.sub(lambda found: f"[{int(found[1]) + self.microseconds}", log))


def _repacked(kept: bytes | None, change: _Change, *, always: bool = False) -> bytes | None:
    """A format byte with JSON behind it, under zstd (`always`, or where the byte is not 0)."""
    if not kept:
        return kept
    packed = always or kept[0] != 0
    body = unpack(kept[1:]) if packed else kept[1:]
    changed = change.text(body.decode()).encode()
    if changed == body:
        return kept
    return kept[:1] + (pack(changed) if packed else changed)


def tables_in_order(copies: Sequence[Copy]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of many copies, table by table, what is referred to first."""
    for table in Base.metadata.sorted_tables:
        rows = [row for one in copies for row in one.rows.get(table.name, ())]
        if rows:
            yield table.name, rows
