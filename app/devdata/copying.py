"""Copy a case that was really played: every row that belongs to it, under new ids, names, code and time.

What belongs to a case is read from the tables' own references, so that a new table of a case is copied without a word
said here. Times move by whole weeks: days of the week stay, and so do hours.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Self

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, select

from app.audit import cbor, envelopes
from app.audit.models import HistoryRow, StreamHead
from app.audit.rules import START, payload_digest, row_digest
from app.cases.identities import sealed_identity
from app.cases.models import Case, Party, Report
from app.cases.rules import masked_name
from app.cases.search.models import CaseSearch
from app.cases.search.services import tokens_of
from app.core.database import FOREVER, Base, Json
from app.core.ids import ID_BITS, first_id
from app.devdata.texts import Text, Texts
from app.devdata.volumes import Papers, Volume, read_volumes
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

_BEGUN = (
    "at",
    "opened_at",
    "started_at",
    "received_at",
    "uploaded_at",
    "made_at",
    "created_at",
    "added_at",
    "sealed_at",
)
"""Columns that say when a row was made."""

_AHEAD = {"due_at", "promise_at", "until_at", "follow_up_at", "leased_until", "keep_until", "run_at"}
"""Columns of moments that may lie in the future; all others tell what has happened."""

_SOFT = {"instances": "subject_id", "files": "subject_id"}
"""References that no foreign key tells."""

_MICROSECOND = timedelta(microseconds=1)

Row = dict[str, Any]


@cache
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
    last_at: datetime
    """When something last happened in it."""
    goes_on: bool
    """Whether a process still runs: until the last visit is made and the file is sealed."""
    volumes: Sequence[Volume]

    @property
    def phase(self) -> str:
        """open, after (closed, but still looked after), archived (with a sealed volume) or over."""
        if self.case["status"] == "open":
            return "open"
        if self.goes_on:
            return "after"
        return "archived" if self.volumes else "over"

    @property
    def amount(self) -> str | None:
        """How many yuan it is about, as texts say it."""
        amount: Decimal | None = self.case["amount"]
        return None if amount is None else f"{amount:f}".removesuffix(".00")

    @property
    def opened_at(self) -> datetime:
        opened: datetime = self.case["opened_at"]
        return opened


def read_prototype(connection: Connection, county_id: int, case_id: int) -> Prototype:
    """The case as it stands in the transaction of `connection`."""
    cases = plain_table("cases")
    case = dict(
        connection.execute(select(cases).where(cases.c.county_id == county_id, cases.c.id == case_id)).mappings().one()
    )
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
    people = [
        name
        for row in owned.get("parties", ())
        for name in (row["name"] if row["kind"] == "person" else "", row["guardian_name"], row["agent_name"])
        if len(name) > 1
    ]
    happened = (
        value
        for rows in owned.values()
        for row in rows
        for name, value in row.items()
        if type(value) is datetime and name not in _AHEAD and value.year < FOREVER.year
    )
    goes_on = any(row["status"] == "running" for row in owned.get("instances", ()))
    return Prototype(case, owned, [dict(row) for row in told], people, max(happened), goes_on, read_volumes(owned))


def _beginnings(prototype: Prototype) -> dict[int, datetime]:
    """The moment of each row by its id, never before that of a lower id; what does not say so came with the case."""
    rows = {row["id"]: row for rows in prototype.rows.values() for row in rows if "id" in row}
    begun: dict[int, datetime] = {}
    latest = prototype.opened_at
    for one in sorted(rows):
        told = (rows[one].get(name) for name in _BEGUN)
        latest = max(latest, next(filter(None, told), latest))
        begun[one] = latest
    return begun


def _link(table: Table, ids: Mapping[str, Sequence[int]]) -> tuple[str, Sequence[int]] | None:
    """The column by which a table's rows belong to what is known to belong to the case: one that is never empty."""
    if table.name in _SOFT:
        return _SOFT[table.name], ids["cases"]
    found = []
    for constraint in table.foreign_key_constraints:
        parent = constraint.referred_table.name
        if parent in ids and parent != table.name:
            column = next(one.parent for one in constraint.elements if one.parent.name != "county_id")
            found.append((bool(column.nullable), parent != "cases", column.name, parent))
    if found:
        _empty, _far, name, parent = min(found)
        return name, ids[parent]
    return None


class Ids:
    """New ids at given moments; `number` of `together` processes that make them side by side.

    Copies of one case are whole weeks apart, so that many rows have the very same moment. When its numbers are used up,
    the next ones stand a little earlier, and those of one case all alike: they never lie ahead, and keep their order.
    """

    _ROUND_MS = 61_007

    def __init__(self, number: int = 0, together: int = 1) -> None:
        self._number, self._step = number, together
        self._next = number + together

    def at(self, moments: Sequence[datetime]) -> list[int]:
        """An id for each of these moments, which do not fall."""
        first, last = self._next, self._next + self._step * (len(moments) - 1)
        rounds = last >> ID_BITS
        if first >> ID_BITS != rounds:
            begin = rounds << ID_BITS
            first = begin + (self._number - begin) % self._step
        self._next = first + self._step * len(moments)
        earlier, mask = timedelta(milliseconds=rounds * self._ROUND_MS), (1 << ID_BITS) - 1
        return [
            first_id(moment - earlier) | (first + self._step * place) & mask for place, moment in enumerate(moments)
        ]


@dataclass(frozen=True, slots=True)
class Copy:
    """The rows of a new case by table, the head of its history, and the bytes of files that it does not share."""

    rows: Mapping[str, Sequence[Row]]
    head: tuple[str, int, bytes]
    contents: Sequence[bytes]


class Copier:
    """Makes copies of one prototype."""

    def __init__(
        self,
        prototype: Prototype,
        ids: Ids,
        chance: random.Random,
        surname_pool: Sequence[str],
        given_pool: Sequence[str],
    ) -> None:
        self._prototype, self._ids, self._chance = prototype, ids, chance
        self._surname_pool, self._given_pool = surname_pool, given_pool
        self._begun = _beginnings(prototype)
        """When each row with an id was made, in the order of the ids."""
        known = {str(prototype.case["code"]), *prototype.names, *map(masked_name, prototype.names)}
        self._texts = Texts(known, prototype.amount)
        self._rows = {
            table: [_RowPlan.read(table, row, self._begun, self._texts) for row in rows]
            for table, rows in prototype.rows.items()
        }
        self._lines = [_Line.read(row, self._texts) for row in prototype.history]
        self._papers = {one.archive["history_sequence"] + 1: Papers(one, self._texts) for one in prototype.volumes}
        """By the number of the line that tells of the sealing."""

    def copy(self, code: str, weeks: int) -> Copy:
        """The case once more, `weeks` earlier (or later), as `code`."""
        shift = timedelta(weeks=weeks)
        moments = [moment + shift for moment in self._begun.values()]
        new_ids = dict(zip(self._begun, self._ids.at(moments), strict=True))
        new = {str(old): str(made) for old, made in new_ids.items()} | {str(self._prototype.case["code"]): code}
        new |= self._new_names() | self._new_amount()
        change = _Change(new_ids, shift, self._texts.words(new, shift))
        rows = {table: [self._row(table, plan.made(change)) for plan in each] for table, each in self._rows.items()}
        rows["cases"][0]["code"] = code
        rows[CaseSearch.__tablename__] = [_search_row(rows)]
        case_id = rows["cases"][0]["id"]
        told, head, contents = self._history(f"case:{case_id}", change, rows)
        county_id = self._prototype.case["county_id"]
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
        return Copy(rows, head, contents)

    def _new_names(self) -> dict[str, str]:
        """A name for everybody. Whose masks are alike stay namesakes: a text does not tell which of them it means."""
        masks = dict.fromkeys(map(masked_name, self._prototype.names))
        surnames = dict(zip(masks, self._chance.sample(self._surname_pool, len(masks)), strict=True))
        words: dict[str, str] = {}
        for name in self._prototype.names:
            mask = masked_name(name)
            given = [one for one in self._given_pool if len(one) == min(len(name) - 1, 2)]
            free = [full for one in given if (full := surnames[mask] + one) not in words.values()]
            words[name] = self._chance.choice(free)
            words[mask] = masked_name(words[name])
        return words

    def _new_amount(self) -> dict[str, str]:
        """From a third to three times as much, in hundreds."""
        amount = self._prototype.amount
        if amount is None:
            return {}
        return {amount: str(100 * max(round(float(amount) * 3 ** self._chance.uniform(-1, 1) / 100), 1))}

    def _row(self, table: str, made: Row) -> Row:
        if table == "parties":
            made |= self._party(made)
        elif table == "reports" and made["source_number"] is not None:
            made["source_number"] = f"{made['source_number']}-{made['id']}"[-80:]
        return made

    def _party(self, party: Row) -> Row:
        changed: Row = {"link_hash": None}
        if party["kind"] == "person":
            changed["phone"] = f"13{self._chance.randrange(10**9):09d}"
        if party["identity_cipher"] is not None or (party["kind"] == "person" and self._chance.random() < 0.5):
            changed |= sealed_identity(party["id"], self._identity_number()) | {"identity_kind": "identity_card"}
        return changed

    def _identity_number(self) -> str:
        """A number of the right form, of a birthday in a district that does not exist."""
        born = date(1945, 1, 1) + timedelta(days=self._chance.randrange(22_000))
        body = f"990681{born:%Y%m%d}{self._chance.randrange(1000):03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return body + "10X98765432"[total % 11]

    def _history(
        self, stream: str, change: "_Change", rows: Mapping[str, Sequence[Row]]
    ) -> tuple[list[Row], tuple[str, int, bytes], list[bytes]]:
        """The history again, hashed again, under new salts; volumes are sealed again on their way."""
        previous, made = START, []
        contents: list[bytes] = []
        salts = self._chance.randbytes(16 * len(self._lines))
        for number, line in enumerate(self._lines):
            row, envelope = line.row, line.envelope(change)
            payload, salt, digest = row["payload"], None, row["payload_hash"]
            if payload is not None:
                sealed = self._papers.get(row["sequence"])
                told = None if line.payload is None else line.payload.filled(change.words)
                if sealed is not None:
                    told = told or envelopes.unpacked(payload).decode()
                    anew = sealed.reseal(rows, change.ids, change.words, previous)
                    told = told.replace(sealed.volume.archive["manifest_hash"], anew.manifest_hash)
                    contents += anew.contents
                if told is not None:
                    payload = envelopes.packed(told.encode())
                salt = salts[16 * number : 16 * number + 16]
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
        return made, (stream, made[-1]["sequence"] if made else 0, previous), contents


def _search_row(rows: Mapping[str, Sequence[Row]]) -> Row:
    """Under what the copy is found: its people have names of their own."""
    case = Case(**rows["cases"][0])
    beside: list[Party | Report] = [Party(**one) for one in rows.get("parties", ())]
    beside += [Report(**one) for one in rows.get("reports", ())]
    return {
        "county_id": case.county_id,
        "case_id": case.id,
        "tokens": tokens_of(case, beside),
        "org_path": case.org_path,
    }


@dataclass(frozen=True, slots=True)
class _Change:
    """From the played case to its copy: ids, times, words."""

    ids: Mapping[int, int]
    shift: timedelta
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _RowPlan:
    """A row of the played case, and which of its columns are other in a copy: looked at once for all copies."""

    row: Row
    ids: list[tuple[str, int]] = field(default_factory=list)
    times: list[tuple[str, date]] = field(default_factory=list)
    texts: list[tuple[str, Text]] = field(default_factory=list)
    numbers: list[tuple[str, Text]] = field(default_factory=list)
    bodies: list[tuple[str, "_Body"]] = field(default_factory=list)

    @classmethod
    def read(cls, table: str, row: Row, ids: Collection[int], texts: Texts) -> Self:
        plan = cls(row)
        for name, value in row.items():
            kind = type(value)
            if kind is int and value in ids:
                plan.ids.append((name, value))
            elif (kind is datetime and value.year != FOREVER.year) or kind is date:
                plan.times.append((name, value))
            elif kind is Decimal and (told := texts.read(f"{value:f}".removesuffix(".00"))):
                plan.numbers.append((name, told))
            elif kind is str and (told := texts.read(value)):
                plan.texts.append((name, told))
            elif kind is bytes and (body := _read_body(table, name, value, texts)):
                plan.bodies.append((name, body))
        return plan

    def made(self, change: _Change) -> Row:
        """The row of a copy."""
        made = dict(self.row)
        for name, old in self.ids:
            made[name] = change.ids[old]
        for name, moment in self.times:
            made[name] = moment + change.shift
        for name, text in self.texts:
            made[name] = text.filled(change.words)
        for name, text in self.numbers:
            made[name] = Decimal(text.filled(change.words))
        for name, body in self.bodies:
            made[name] = body.made(change)
        return made


@dataclass(frozen=True, slots=True)
class _Body:
    """Bytes of a column: JSON, for an instance behind a byte of format and often packed."""

    form: bytes
    packed: bool
    text: Text

    def made(self, change: _Change) -> bytes:
        body = self.text.filled(change.words).encode()
        return self.form + (pack(body) if self.packed else body)


def _read_body(table: str, name: str, value: bytes, texts: Texts) -> _Body | None:
    """None where nothing is replaced; a digest or salt may begin like JSON, and is left as it is."""
    form, packed = b"", False
    if not value:
        return None
    if table == "instances" and name in ("state", "variables"):
        form, packed, value = value[:1], name == "state" or value[:1] != b"\0", value[1:]
    elif value[:1] not in (b"{", b"[", b'"') and not value.isdigit():
        return None
    try:
        text = texts.read((unpack(value) if packed else value).decode())
    except UnicodeDecodeError:
        return None
    return None if text is None else _Body(form, packed, text)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the history: what its envelope says, decoded once, and its payload where a copy says something else."""

    row: Row
    form: int
    moment: int
    told: Sequence[Any]
    payload: Text | None

    @classmethod
    def read(cls, row: Row, texts: Texts) -> Self:
        form, moment, *told = cbor.loads(row["envelope"])
        payload = None if row["payload"] is None else texts.read(envelopes.unpacked(row["payload"]).decode())
        return cls(row, form, moment, [_read_part(one, texts) for one in told], payload)

    def envelope(self, change: _Change) -> bytes:
        parts = (_part(one, change) for one in self.told)
        return cbor.dumps([self.form, self.moment + change.shift // _MICROSECOND, *parts])


def _read_part(part: Any, texts: Texts) -> Any:
    """A part of an envelope with its texts looked through."""
    if isinstance(part, dict):
        return {name: _read_part(one, texts) for name, one in part.items()}
    return (texts.read(part) or part) if isinstance(part, str) else part


def _part(part: Any, change: _Change) -> Any:
    kind = type(part)
    if kind is int:
        return change.ids.get(part, part)
    if kind is dict:
        return {name: _part(one, change) for name, one in part.items()}
    return part.filled(change.words) if kind is Text else part


def tables_in_order(copies: Sequence[Copy]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of many copies, table by table, what is referred to first."""
    for table in Base.metadata.sorted_tables:
        rows = [row for one in copies for row in one.rows.get(table.name, ())]
        if rows:
            yield table.name, rows
