"""Is a sealed file still what it was? Everything is computed again, and what differs is named."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from app.audit.models import HistoryRow
from app.audit.queries import Entry, told
from app.audit.rules import START, is_whole
from app.audit.services import Stream
from app.cases.attachments import RECORDS, SUBJECT_KIND
from app.cases.models import Case
from app.core.database import db
from app.definitions.models import DefinitionFile
from app.documents.errors import ArchiveMissing
from app.documents.manifest import canonical, digest, records_of
from app.documents.models import Archive
from app.documents.queries import MANIFEST, archives_of, made_file_ids, sealed_file_ids
from app.files.models import StoredFile
from app.files.queries import files_of
from app.files.services import store


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it was sealed: `kind` is manifest, file, record, history or definition; `name` says which one."""

    volume: int
    kind: str
    name: str
    detail: str


def verify_archives(case: Case) -> list[Difference]:
    """Everything that differs in the volumes of a case; empty when all is whole. Raises ArchiveMissing."""
    volumes = archives_of(case)
    if not volumes:
        raise ArchiveMissing
    chain = _Chain(case)
    found: list[Difference] = []
    for archive in volumes:
        found += _verify(case, archive, chain)
    if not any(one.kind == "manifest" for one in found):
        found += _unsealed(case, volumes[-1].volume)
    if chain.broken_at:
        found.append(
            Difference(volumes[-1].volume, "history", f"row {chain.broken_at}", "the chain of hashes breaks here")
        )
    return found


def _unsealed(case: Case, volume: int) -> Iterator[Difference]:
    """A seal that was taken off, and files in none of the volumes: whatever comes later is a supplement."""
    if case.status != "archived":
        yield Difference(volume, "record", "case", "the case is no longer marked as sealed")
    known = sealed_file_ids(case) | made_file_ids(case)
    for file in files_of(case.county_id, SUBJECT_KIND, case.id):
        if file.id not in known and file.kind not in (MANIFEST, RECORDS):
            yield Difference(volume, "file", file.name, "it stands in no sealed volume")


def _verify(case: Case, archive: Archive, chain: "_Chain") -> Iterator[Difference]:
    volume = archive.volume
    content = _bytes_of(archive.county_id, archive.manifest_file_id)
    if content is None or digest(content) != archive.manifest_hash:
        yield Difference(volume, "manifest", "manifest", "its bytes are gone or do not give the hash that was kept")
        return
    witnessed = chain.sealed.get(volume)
    if witnessed is None:
        yield Difference(volume, "history", f"volume {volume}", "the history does not tell of this sealing")
    elif witnessed != archive.manifest_hash:
        yield Difference(volume, "manifest", "manifest", "the history knows another manifest")
    sealed = orjson.loads(content)
    yield from _files(volume, archive.county_id, sealed)
    yield from _records(case, volume, sealed)
    yield from _history(volume, archive, sealed, chain)
    yield from _definitions(volume, sealed)


def _files(volume: int, county_id: int, sealed: Mapping[str, Any]) -> Iterator[Difference]:
    rows = {
        str(file.id): file
        for file in db.session.scalars(
            select(StoredFile).where(
                StoredFile.county_id == county_id, StoredFile.id.in_([int(one["file"]) for one in sealed["items"]])
            )
        )
    }
    for item in [*sealed["items"], {**sealed["records"]["file"], "title": "records"}]:
        if not store().is_whole(item["sha256"]):
            yield Difference(volume, "file", item["name"], f"{item['title']}: its bytes are gone or changed")
        row = rows.get(item["file"])
        if "kind" in item and (row is None or row.hash != item["sha256"]):
            yield Difference(volume, "file", item["name"], f"{item['title']}: the database names other bytes, or none")


def _records(case: Case, volume: int, sealed: Mapping[str, Any]) -> Iterator[Difference]:
    kept_file = sealed["records"]["file"]
    if not store().is_whole(kept_file["sha256"]):
        return
    kept = orjson.loads(store().read(kept_file["sha256"]))
    present = orjson.loads(canonical(records_of(case)))
    for section, expected in sealed["records"]["sections"].items():
        rows, now = kept.get(section, []), present.get(section, [])
        if digest(canonical(rows)) != expected:
            yield Difference(volume, "record", section, "the records' file does not give the hash in the manifest")
        if section == "decisions":
            known = {row["id"] for row in rows}
            now = [row for row in now if row["id"] in known]
        if rows != now:
            yield Difference(volume, "record", section, _changed(rows, now))


def _changed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    if len(before) != len(after):
        return f"{len(before)} rows were sealed, {len(after)} are there"
    names = sorted({name for old, new in zip(before, after, strict=True) for name in old if old[name] != new.get(name)})
    return f"changed since: {', '.join(names)}"


def _history(volume: int, archive: Archive, sealed: Mapping[str, Any], chain: "_Chain") -> Iterator[Difference]:
    sequence, hash_ = sealed["history"]["sequence"], sealed["history"]["hash"]
    if archive.history_sequence != sequence or archive.history_hash.hex() != hash_:
        yield Difference(volume, "history", f"row {sequence}", "the archive's row names another head than its manifest")
    found = chain.hashes.get(sequence)
    if found is None:
        yield Difference(volume, "history", f"row {sequence}", "rows of the sealed history are missing")
    elif found.hex() != hash_:
        yield Difference(volume, "history", f"row {sequence}", "the history was rewritten")


def _definitions(volume: int, sealed: Mapping[str, Any]) -> Iterator[Difference]:
    wanted = {
        digest_: f"{release['package']} {release['number']}: {path}"
        for release in sealed["releases"]
        for path, digest_ in release["files"].items()
    }
    found = {
        row.hash: row.content
        for row in db.session.execute(
            select(DefinitionFile.hash, DefinitionFile.content).where(DefinitionFile.hash.in_(sorted(wanted)))
        )
    }
    for digest_, name in sorted(wanted.items(), key=lambda one: one[1]):
        if digest_ not in found or digest(found[digest_]) != digest_:
            yield Difference(volume, "definition", name, "the file of the release is gone or changed")


class _Chain:
    """The case's history computed again: the hash of each row, where it first breaks, what it says of seals."""

    def __init__(self, case: Case) -> None:
        self.hashes: dict[int, bytes] = {}
        self.sealed: dict[int, str] = {}
        self.broken_at = 0
        stream = Stream.case(case.county_id, case.id)
        previous, expected = START, 1
        rows = db.session.scalars(
            select(HistoryRow)
            .where(HistoryRow.county_id == stream.county_id, HistoryRow.stream == stream.name)
            .order_by(HistoryRow.sequence)
        )
        for row in rows:
            whole = row.sequence == expected and is_whole(previous, row)
            if not whole and not self.broken_at:
                self.broken_at = row.sequence
            self.hashes[row.sequence] = row.hash
            previous, expected = row.hash, row.sequence + 1
            if row.payload is not None:
                with suppress(ValueError, LookupError, TypeError):
                    self._remember_seals(told(row))

    def _remember_seals(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            if entry.event == "archive.sealed":
                self.sealed[int(entry.payload["volume"])] = str(entry.payload["manifest_sha256"])


def _bytes_of(county_id: int, file_id: int) -> bytes | None:
    file = db.session.get(StoredFile, (county_id, file_id))
    if file is None:
        return None
    try:
        return store().read(file.hash)
    except FileNotFoundError:
        return None
