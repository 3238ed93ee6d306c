"""Take files in, give their bytes out, drop them, sweep up what nobody names any more."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import select

from app.core.database import db
from app.core.sizes import Size
from app.files import rules
from app.files.errors import FileTooLarge
from app.files.models import StoredFile
from app.files.previews import place_of
from app.files.storage import Store

SWEEP_AFTER = timedelta(days=1)


def store() -> Store:
    return Store(Path(current_app.config["VAR"]) / "files")


def limit() -> int:
    """The most bytes that one file may have."""
    return int(current_app.config.get("FILE_LIMIT", rules.LIMIT))


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
    most = limit()
    content = stream.read(most + 1)
    if len(content) > most:
        raise FileTooLarge(name=name, limit=Size(most))
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


def drop_file(file: StoredFile) -> None:
    """Forget this name of the bytes; a sweep removes them when no other file shares them."""
    db.session.delete(file)
    db.session.flush()


def sweep(*, now: datetime) -> int:
    """Remove bytes that no file has named for a day, with what was drawn from them; returns how many."""
    kept = store()
    named = set(db.session.scalars(select(StoredFile.hash).distinct()))
    gone = 0
    for digest in [one for one in kept.hashes() if one not in named]:
        if kept.remove_older(digest, now - SWEEP_AFTER):
            shutil.rmtree(place_of(Path(current_app.config["VAR"]), digest), ignore_errors=True)
            gone += 1
    return gone
