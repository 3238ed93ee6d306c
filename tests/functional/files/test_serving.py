"""Files over HTTP: only for whom the subject's keeper lets in, and never as a page of ours."""

import io
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.files import previews, queries, services
from app.files.errors import FileTooLarge, FileTypeFalse
from app.files.guarded import Children
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


def endless_page() -> bytes:
    """A PDF of some kilobytes whose one page draws ten forms, each of which draws ten others, and so on."""
    with pikepdf.new() as pdf:
        form = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form, "BBox": [0, 0, 9, 9]}
        drawn = pdf.make_stream(b"0 0 1 1 re f", **form)
        for _ in range(12):
            drawn = pdf.make_stream(b"/F Do " * 10, **form, Resources={"/XObject": {"/F": drawn}})
        page = pdf.add_blank_page(page_size=(100, 100))
        page.Resources = pikepdf.Dictionary({"/XObject": {"/F": drawn}})
        page.Contents = pdf.make_stream(b"/F Do")
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue() + b"%" + os.urandom(9).hex().encode()


@pytest.fixture
def drawing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Children]:
    """The child that draws, none of which runs yet."""
    own = Children(1, seconds=previews.SECONDS, fonts=lambda: previews.FONTS)
    monkeypatch.setattr(previews, "_children", own)
    yield own
    own.close()


def is_asleep(children: Children) -> bool:
    return list(children._slots.queue) == [None]


def test_what_takes_too_long_to_draw_is_not_tried_again_at_once(
    app: Flask, readers: set[int], drawing: Children
) -> None:
    readers.add(7)
    file = keep(endless_page(), "a.pdf")
    assert app.test_client().get(f"/files/{file.id}/preview").status_code == 422
    assert is_asleep(drawing), "the child was stopped"
    assert app.test_client().get(f"/files/{file.id}/preview").status_code == 422
    assert is_asleep(drawing), "nobody was asked again"
    kept = next(previews.place_of(app.config["VAR"], file.hash).glob("*.jpg"))
    long_ago = kept.stat().st_mtime - previews.LEFT_ALONE
    os.utime(kept, (long_ago, long_ago))
    monday = keep(photo(), "a.jpg")
    kept.write_bytes(b"drawn at last")
    assert app.test_client().get(f"/files/{file.id}/preview").data == b"drawn at last"
    assert app.test_client().get(f"/files/{monday.id}/preview").status_code == 200


def test_one_picture_at_a_time_is_drawn_and_nobody_waits_without_end(
    app: Flask, readers: set[int], drawing: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers.add(7)
    file = keep(photo((61, 41), colour="blue"), "a.jpg")
    shutil.rmtree(previews.place_of(app.config["VAR"], file.hash), ignore_errors=True)
    answers = []

    def look() -> None:
        answers.append(app.test_client().get(f"/files/{file.id}/preview"))

    monkeypatch.setattr(previews, "PATIENCE", 0.01)
    with previews._one_at_a_time():
        look()
        monkeypatch.setattr(previews, "PATIENCE", 30.0)
        monkeypatch.setattr(previews, "_places", threading.BoundedSemaphore(1))
        with previews._places:
            look()
        assert [one.status_code for one in answers] == [503, 503]
        waiting = threading.Thread(target=look)
        waiting.start()
        drawn = previews.place_of(app.config["VAR"], file.hash) / f"{previews.SMALL}-1.jpg"
        drawn.parent.mkdir(parents=True)
        drawn.write_bytes(b"drawn by another")
    waiting.join()
    assert answers[-1].data == b"drawn by another"
    assert is_asleep(drawing)
