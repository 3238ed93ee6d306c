"""The two parts of a history row as bytes: the envelope (ids, event, moment) and the payload (names, words, values).

A row tells what one person or thing did at one moment: one event, or several of one step.

Envelope 3 is CBOR [3, moment in microseconds, kind of actor, id of actor or null, event, about, event, about, …]; the
kind, the events and the names in `about` stand as numbers where they are in `BOOK`, as text where they are not. Its
payload is a format byte (0 plain, 1 zstd, 2 deflate, both with a dictionary) and JSON [name of actor, payload, …].
Envelope 2, of older rows, has text in place of the numbers.
Envelope 1, of still older ones, is JSON {"id", "at", "event", "actor", "actor_id", "about"}, its payload a JSON object.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import zstandard

from app.audit import cbor

FORMAT = 3
PLAIN, ZSTD, DEFLATE = 0, 1, 2

BOOK = (
    "person", "system", "party", "channel", "instance", "item", "task", "case", "report", "organisation", "file",
    "document", "decision", "incident", "job", "order", "clock", "relation", "archive", "leave", "deputy",
    "release", "case.opened", "case.routed", "case.restricted", "case.related", "case.reopened", "case.closed",
    "case.sealed", "case.handed_over", "report.received", "stage.entered", "risk.judged", "mediator.assigned",
    "mediator.left", "mediators.ranked", "party.added", "party.changed", "party.left", "party.link_made",
    "file.added", "document.made", "notice.issued", "archive.sealed", "process.started", "process.ended",
    "process.cancelled", "task.completed", "task.claimed", "task.released", "decision.made", "timer.fired",
    "message.received", "action.started", "incident.opened", "incident.closed", "incident.retried",
    "variables.changed", "element.skipped", "supervision.ordered", "supervision.closed", "identity.revealed",
    "history.erased",
)  # fmt: skip
"""Words of envelopes, which are kept as their places here: new ones are added behind, none is moved or taken away."""
_SMALL = 64
"""Up to so many bytes packing makes a payload no smaller."""

_WORDS = zstandard.ZstdCompressionDict(
    b'"reason":""actor":"system","code":"","channel":"window","kind":"dispute","report":"","text":"","place":"",'
    b'"office":"","tier":"county","outcome":"","risk":"green","colour":"","names":["","title":"","number":'
    b'"incident":"","params":{},"decision":"","release":1,"result":{"message":"","values":{"true,"false,"null,'
    b'["",{"end":"end","name":"\xe7\xbb\x93\xe6\x9d\x9f"}]{"code":"","channel":"","kind":""},{"process":"","release":1},'
    b'{"stage":""}]{"name_zh":"","name_en":""}]{"element":"","name":"","name_en":"","values":{"":"2026-01-","":true,"":false,"":null}}]',
    dict_type=zstandard.DICT_TYPE_RAWCONTENT,
)
"""What payloads are full of. Packed payloads are read with these very bytes: they never change."""
_WORDS.precompute_compress(level=3)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a row; the payload is empty where it was erased."""

    event: str
    about: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says."""

    at: datetime
    actor_kind: str
    actor_id: int | None
    told: Sequence[Told]


def envelope(
    at: datetime, actor_kind: str, actor_id: int | None, told: Sequence[tuple[str, Mapping[str, int | str]]]
) -> bytes:
    line: list[object] = [FORMAT, (at - _EPOCH) // _MICROSECOND, _short(actor_kind), actor_id]
    for event, about in told:
        line += [_short(event), {_short(name): value for name, value in about.items()}]
    return cbor.dumps(line)


_PLACES = dict(zip(BOOK, count(), strict=False))


def _short(word: str) -> int | str:
    return _PLACES.get(word, word)


def _word(kept: int | str) -> str:
    """Raises IndexError for a place that the book does not have."""
    return BOOK[kept] if isinstance(kept, int) else kept


def payload(actor_name: str, payloads: Sequence[Mapping[str, Any]]) -> bytes:
    return packed(orjson.dumps([actor_name, *payloads], default=str))


def packed(body: bytes) -> bytes:
    """A payload's JSON as it is kept."""
    if len(body) > _SMALL:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_WORDS.as_bytes())
        smaller = packer.compress(body) + packer.flush()
        if len(smaller) < len(body):
            return bytes([DEFLATE]) + smaller
    return bytes([PLAIN]) + body


def read(kept: bytes, payload: bytes | None) -> Content:
    """What the bytes of a row say, in any format. Raises ValueError, LookupError or TypeError for what says nothing."""
    if kept[:1] == b"{":
        return _read_first(kept, payload)
    form, moment, kind, actor_id, *line = cbor.loads(kept)
    if form not in (2, FORMAT):
        raise ValueError(f"envelope of format {form}")
    kind, events = _word(kind), [_word(event) for event in line[::2]]
    abouts = [{_word(name): value for name, value in about.items()} for about in line[1::2]]
    name, payloads = _payloads(payload, len(events))
    told = [
        Told(event, about, {**body, "actor_name": name} if name else body)
        for event, about, body in zip(events, abouts, payloads, strict=True)
    ]
    return Content(_EPOCH + timedelta(microseconds=moment), kind, actor_id, told)


def _payloads(kept: bytes | None, events: int) -> tuple[str, Sequence[Mapping[str, Any]]]:
    if kept is None:
        return "", [{}] * events
    name, *payloads = orjson.loads(unpacked(kept))
    return name, payloads


def unpacked(kept: bytes) -> bytes:
    """The JSON of a payload as it is kept. Raises ValueError."""
    body = kept[1:]
    if kept[:1] == bytes([DEFLATE]):
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS, zdict=_WORDS.as_bytes()).decompress(body)
        except zlib.error as error:
            raise ValueError("a payload that cannot be unpacked") from error
    if kept[:1] != bytes([ZSTD]):
        return body
    try:
        return zstandard.ZstdDecompressor(dict_data=_WORDS).decompressobj().decompress(body)
    except zstandard.ZstdError as error:
        raise ValueError("a payload that cannot be unpacked") from error


def _read_first(kept: bytes, payload: bytes | None) -> Content:
    told = orjson.loads(kept)
    body = orjson.loads(payload) if payload is not None else {}
    only = Told(told["event"], told.get("about", {}), body)
    return Content(datetime.fromisoformat(told["at"]), told["actor"], told.get("actor_id"), [only])
