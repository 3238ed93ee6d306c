"""Take files in, give their bytes out, drop them, sweep up what nobody names any more."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import select

from app.core.database import db
from app.files import rules
from app.files.errors import FileTooLarge
from app.files.models import StoredFile
from app.files.storage import Store

SWEEP_AFTER = timedelta(days=1)


def store() -> Store:
    return Store(Path(current_app.config["VAR"]) / "files")


def take_upload(
    stream: IO[bytes],
    name: str,
    *,
    county_id: int,
    subject_kind: str,
    subject_id: int,
    kind: str = "",
    uploaded_by_id: int | None,
    uploaded_by: str,
    now: datetime,
) -> StoredFile:
    """Keep what somebody sent, if its content is of a kind that is taken and agrees with its name.

    Raises FileTooLarge and the other refusals of `rules.media_type`; nothing is kept then.
    """
    name = rules.plain_name(name)
    limit = int(current_app.config.get("FILE_LIMIT", rules.LIMIT))
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge(name=name, limit=limit // rules.MEGABYTE)
    media_type = rules.media_type(name, content)
    return keep_content(
        content,
        rules.named_for(name, media_type),
        media_type,
        county_id=county_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        kind=kind,
        uploaded_by_id=uploaded_by_id,
        uploaded_by=uploaded_by,
        now=now,
    )


def keep_content(
    content: bytes,
    name: str,
    media_type: str,
    *,
    county_id: int,
    subject_kind: str,
    subject_id: int,
    kind: str = "",
    uploaded_by_id: int | None = None,
    uploaded_by: str = "",
    now: datetime,
) -> StoredFile:
    """Keep bytes that the system itself made."""
    file = StoredFile(
        county_id=county_id,
        hash=store().put(content),
        size=len(content),
        media_type=media_type,
        name=name,
        subject_kind=subject_kind,
        subject_id=subject_id,
        kind=kind,
        uploaded_by_id=uploaded_by_id,
        uploaded_by=uploaded_by,
        uploaded_at=now,
    )
    db.session.add(file)
    db.session.flush()
    return file


def picture(file: StoredFile) -> bytes:
    """The file's picture drawn anew for the browser; made at the first look and kept beside the originals."""
    drawn = Store(Path(current_app.config["VAR"]) / "pictures").path(file.hash)
    if not drawn.exists():
        content = rules.picture_for_the_browser(store().read(file.hash))
        drawn.parent.mkdir(parents=True, exist_ok=True)
        unfinished = drawn.with_name(f".part-{file.id}")
        unfinished.write_bytes(content)
        unfinished.replace(drawn)
    return drawn.read_bytes()


def drop_file(file: StoredFile) -> None:
    """Forget this name of the bytes; a sweep removes them when no other file shares them."""
    db.session.delete(file)
    db.session.flush()


def sweep(*, now: datetime) -> int:
    """Remove bytes that no file has named for a day; returns how many."""
    kept = store()
    named = set(db.session.scalars(select(StoredFile.hash).distinct()))
    return sum(kept.remove_older(digest, now - SWEEP_AFTER) for digest in list(kept.hashes()) if digest not in named)
