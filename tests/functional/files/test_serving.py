"""Files over HTTP: only for whom the subject's keeper lets in, and never as a page of ours."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.files import queries, services
from app.files.errors import FileTooLarge, FileTypeFalse
from app.files.models import StoredFile
from tests.pictures import PLACE, photo

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def readers() -> Iterator[set[int]]:
    """The subjects whose files may be read."""
    allowed: set[int] = set()
    queries.register_permission("dossier", lambda file: file.subject_id in allowed)
    yield allowed
    queries._permissions.pop("dossier")


def keep(content: bytes, name: str, subject_id: int = 7, **more: Any) -> StoredFile:
    with unit_of_work():
        return services.take_upload(
            io.BytesIO(content),
            name,
            county_id=1,
            subject_kind=more.pop("subject_kind", "dossier"),
            subject_id=subject_id,
            uploaded_by_id=3,
            uploaded_by="王桂芬",
            now=NOW,
            **more,
        )


def test_the_stored_bytes_come_back_as_an_attachment(app: Flask, readers: set[int]) -> None:
    readers.add(7)
    file = keep(photo(), "水渠 1.jpg")
    answer = app.test_client().get(f"/files/{file.id}")
    assert answer.data == photo()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%B0%B4%E6%B8%A0%201.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_photo_is_shown_drawn_anew(app: Flask, readers: set[int]) -> None:
    readers.add(7)
    file = keep(photo(), "水渠.jpg")
    answer = app.test_client().get(f"/files/{file.id}/view")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert PLACE.encode() not in answer.data
    assert app.test_client().get(f"/files/{file.id}/view").data == answer.data
    with Image.open(io.BytesIO(answer.data)) as shown:
        assert shown.size == (40, 60)


def test_text_is_never_shown_in_place(app: Flask, readers: set[int]) -> None:
    readers.add(7)
    file = keep("先看 <script>alert(1)</script>".encode(), "陈述.txt")
    answer = app.test_client().get(f"/files/{file.id}/view")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_stranger_and_a_wrong_number_look_alike(app: Flask, readers: set[int]) -> None:
    file = keep(photo(), "水渠.jpg")
    browser = app.test_client()
    hidden = browser.get(f"/files/{file.id}")
    nobody = browser.get("/files/12345")
    assert hidden.status_code == nobody.status_code == 404
    assert browser.get(f"/files/{file.id}/view").status_code == 404


def test_a_subject_that_nobody_answers_for_is_refused(app: Flask) -> None:
    file = keep(photo(), "水渠.jpg", subject_kind="orphan")
    assert app.test_client().get(f"/files/{file.id}").status_code == 404


def test_a_false_type_and_a_large_file_leave_nothing(app: Flask) -> None:
    with pytest.raises(FileTypeFalse):
        keep(b"%PDF-1.7\n", "水渠.jpg")
    with pytest.raises(FileTooLarge):
        keep(b"a" * (20 * 1024 * 1024 + 1), "长.txt")
    assert db.session.query(StoredFile).count() == 0


def test_bytes_go_when_the_last_name_has_gone_for_a_day(app: Flask) -> None:
    first, second = keep(photo(), "a.jpg"), keep(photo(), "b.jpg", subject_id=8)
    assert first.hash == second.hash
    assert queries.references(first.hash) == 2
    path = services.store().path(first.hash)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    later = NOW + timedelta(days=3)
    for file in (first, second):
        with unit_of_work():
            services.drop_file(queries.file_by_id(1, file.id))
        services.sweep(now=later)
        assert path.exists() is (file is first)
