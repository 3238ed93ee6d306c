"""Everything in one file: the database as rows, the stored files, the keys. It fits either kind of database.

A zstd-compressed tar: `manifest.json`, then `tables/<name>.jsonl`, `files/<sha256>`, `keys/<name>`. Rows carry the very
bytes of the database, so that every hash in it still holds after a restore.
"""

import base64
import contextlib
import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import orjson
import zstandard
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, inspect, select, text

from app.core.database import Base, Json
from app.files.errors import BackupBroken, TargetNotEmpty, WrongRevision
from app.files.storage import Store

FORMAT = "maplebridge-backup/1"
KEYS = ("secret.key", "anchor.key")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds."""

    tables: Mapping[str, int]
    files: int

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write_backup(target: Path, connection: Connection, var: Path, *, now: datetime) -> Contents:
    """Write everything to `target`, readable by its owner alone.

    `connection` must be at the start of a transaction: its one snapshot is what is written. Files are added after it;
    they never change, so that whatever the rows name is there.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    store = Store(var / "files")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            dumped = {str(table.name): _dump(connection, table, Path(scratch)) for table in _tables()}
            hashes = sorted(set(_named_hashes(connection)) & set(store.hashes()))
            keys = [name for name in KEYS if (var / name).exists()]
            manifest = {
                "format": FORMAT,
                "made_at": now,
                "database": connection.dialect.name,
                "revision": _revision(connection),
                "tables": {name: {"rows": one.rows, "sha256": one.sha256} for name, one in dumped.items()},
                "files": len(hashes),
                "keys": keys,
            }
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with (
                os.fdopen(descriptor, "wb") as out,
                zstandard.ZstdCompressor(level=6).stream_writer(out) as packed,
                tarfile.open(fileobj=packed, mode="w|") as archive,
            ):
                _add(archive, "manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
                for name, one in dumped.items():
                    archive.add(one.path, f"tables/{name}.jsonl", filter=_plain)
                for name in keys:
                    archive.add(var / name, f"keys/{name}", filter=_plain)
                for digest in hashes:
                    archive.add(store.path(digest), f"files/{digest}", filter=_plain)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Contents({name: one.rows for name, one in dumped.items()}, len(hashes))


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of a backup. Raises BackupBroken."""
    with contextlib.closing(_members(source)) as members:
        name, stream = next(members, ("", io.BytesIO()))
        manifest: dict[str, Any] = orjson.loads(stream.read()) if name == "manifest.json" else {}
    if manifest.get("format") != FORMAT:
        raise BackupBroken(reason="it is no backup of this program")
    return manifest


def read_backup(source: Path, connection: Connection, var: Path, *, force: bool) -> Contents:
    """Put everything back: files and keys first, then all rows in the transaction of `connection`.

    The tables must be there, at the revision of the backup. Raises TargetNotEmpty unless `force`, which empties the
    tables first; WrongRevision; BackupBroken for anything that does not give its hash, and then no row is changed.
    """
    manifest = read_manifest(source)
    if _revision(connection) != manifest["revision"]:
        raise WrongRevision(backup=manifest["revision"], database=_revision(connection))
    tables = {table.name: table for table in _tables()}
    if set(tables) != set(manifest["tables"]):
        raise BackupBroken(reason="its tables are not those of this version")
    filled = [name for name, table in tables.items() if connection.execute(select(table).limit(1)).first()]
    if filled and not force:
        raise TargetNotEmpty(tables=", ".join(filled[:3]))
    for table in reversed(tables.values()):
        connection.execute(table.delete())
    try:
        files = _put_back(source, connection, var, tables, manifest)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise BackupBroken(reason=f"it cannot be read to its end: {error}") from error
    return Contents({name: one["rows"] for name, one in manifest["tables"].items()}, files)


def _put_back(
    source: Path, connection: Connection, var: Path, tables: Mapping[str, Table], manifest: Mapping[str, Any]
) -> int:
    store, files, loaded = Store(var / "files"), 0, set()
    for name, stream in _members(source):
        folder, _, rest = name.partition("/")
        if folder == "tables":
            table_name = rest.removesuffix(".jsonl")
            _load(connection, tables[table_name], stream, manifest["tables"][table_name])
            loaded.add(table_name)
        elif folder == "files":
            if store.put(stream.read()) != rest:
                raise BackupBroken(reason=f"the file {rest} does not give its hash")
            files += 1
        elif folder == "keys" and rest in KEYS:
            _put_key(var / rest, stream.read())
    if loaded != set(tables) or files != manifest["files"]:
        raise BackupBroken(reason="it ends too early")
    return files


@dataclass(frozen=True, slots=True)
class _Dumped:
    path: Path
    rows: int
    sha256: str


def _tables() -> list[Table]:
    """The tables as the database keeps them, those that are referred to first; what is derived makes itself again."""
    plain = MetaData()
    return [
        Table(
            table.name,
            plain,
            *(
                Column(
                    column.name,
                    LargeBinary() if isinstance(column.type, Json) else column.type,
                    primary_key=column.primary_key,
                )
                for column in table.columns
            ),
        )
        for table in Base.metadata.sorted_tables
        if not table.info.get("derived")
    ]


def _own_references(name: str) -> list[str]:
    """Columns that refer to rows of the same table: filled when all rows are there."""
    table = Base.metadata.tables[name]
    return sorted(
        {
            element.parent.name
            for constraint in table.foreign_key_constraints
            if constraint.referred_table is table
            for element in constraint.elements
            if element.parent.nullable
        }
    )


def _dump(connection: Connection, table: Table, folder: Path) -> _Dumped:
    path = folder / table.name
    hasher, rows = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    with path.open("wb") as out:
        for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
            line = orjson.dumps([_encoded(value) for value in row]) + b"\n"
            hasher.update(line)
            out.write(line)
            rows += 1
    return _Dumped(path, rows, hasher.hexdigest())


def _load(connection: Connection, table: Table, stream: IO[bytes], expected: Mapping[str, Any]) -> None:
    hasher, rows = hashlib.sha256(), 0
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    later = _own_references(table.name)
    links: list[dict[str, Any]] = []
    batch: list[dict[str, Any]] = []
    for line in stream:
        hasher.update(line)
        row = dict(zip(names, (_decoded(value) for value in orjson.loads(line)), strict=True))
        if any(row[name] is not None for name in later):
            links.append({name: row[name] for name in (*keys, *later)})
            row.update(dict.fromkeys(later))
        batch.append(row)
        rows += 1
        if len(batch) >= _BATCH:
            connection.execute(table.insert(), batch)
            batch = []
    if batch:
        connection.execute(table.insert(), batch)
    for link in links:
        where = [table.c[name] == link[name] for name in keys]
        connection.execute(table.update().where(*where).values({name: link[name] for name in later}))
    if rows != expected["rows"] or hasher.hexdigest() != expected["sha256"]:
        raise BackupBroken(reason=f"the table {table.name} does not give its hash")


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((mark, content),) = value.items()
    if mark == "b":
        return base64.b64decode(content)
    if mark == "t":
        return datetime.fromisoformat(content)
    return date.fromisoformat(content) if mark == "d" else Decimal(content)


def _named_hashes(connection: Connection) -> Iterable[str]:
    files = next(table for table in _tables() if table.name == "files")
    return connection.scalars(select(files.c.hash).distinct())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _members(source: Path) -> Generator[tuple[str, IO[bytes]], None, None]:
    """(name, content) of the archive's plain files in their order; nothing is written anywhere by this."""
    try:
        with (
            source.open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as archive,
        ):
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name, content
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise BackupBroken(reason=f"it cannot be read: {error}") from error


def _put_key(place: Path, content: bytes) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names and ids of whoever made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
