"""Files put into a form that is not sent yet: kept with the draft, the case's once it is sent, gone with the draft."""

import io
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.files.models import StoredFile
from app.tasks.drafts.queries import FILES
from app.tasks.drafts.services import drop_left_over
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.pictures import picture

NAME = "界石.png"


@pytest.fixture
def visits(app: Flask, played_county: int, browser_as: BrowserAs) -> tuple[FlaskClient, str, list[int]]:
    """Zhu Youfu with a visit to the site, claimed; the case's code; that task and another visit that waits."""
    elder = browser_as("elder")
    code = db.session.scalars(select(Case.code).where(Case.summary.like("宅基地边界不清%"))).one()
    db.session.remove()
    for _ in range(2):
        assert elder.post(f"/cases/{code}/optional/site_visit").status_code == 302
    found = select(WorkItem.id).where(WorkItem.element_id == "site_visit").order_by(WorkItem.id)
    items = list(db.session.scalars(found))
    db.session.remove()
    assert elder.post(f"/tasks/{items[0]}/claim").status_code == 302
    return elder, code, items


def shot() -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture("PNG")), NAME


def put(browser: FlaskClient, item: int, field: str = "site_photo") -> str:
    answer = browser.post(f"/tasks/{item}/draft/files", data={field: shot()})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["name"] == NAME
    return str(answer.json["id"])


def save(browser: FlaskClient, item: int, **typed: str) -> None:
    assert browser.post(f"/tasks/{item}/draft", data={**typed, "_draft": "0"}).status_code == 200


def kept() -> list[StoredFile]:
    db.session.remove()
    return list(db.session.scalars(select(StoredFile).where(StoredFile.subject_kind == FILES)))


def test_a_chosen_file_is_there_again_and_goes_to_the_case_with_the_form(
    visits: tuple[FlaskClient, str, list[int]], browser_as: BrowserAs
) -> None:
    elder, code, (item, _other) = visits
    file = put(elder, item)
    save(elder, item, site_found="界石还在原处。", site_photo=file)
    again = browser_as("elder")
    page = again.get(f"/tasks/{item}").text
    assert NAME in page
    assert f'value="{file}" checked' in page
    assert again.get(f"/files/{file}").status_code == 200
    for login in ("mediator", "leader", "yunling.mediator"):
        assert browser_as(login).get(f"/files/{file}").status_code == 404, login
    assert NAME not in elder.get(f"/cases/{code}/evidence").text
    done = again.post(f"/tasks/{item}/completion", data={"_draft": "1", "site_found": "在。", "site_photo": file})
    assert done.status_code == 302, done.text
    assert kept() == []
    stored = db.session.scalars(select(StoredFile).where(StoredFile.id == int(file))).one()
    assert stored.subject_kind == "case"
    told = [one for one in entries(Stream.case(1, stored.subject_id)) if one.event == "file.added"]
    assert told[0].payload["name"] == NAME
    assert browser_as("mediator").get(f"/files/{file}").status_code == 200


def test_a_number_that_is_written_down_opens_no_file(
    visits: tuple[FlaskClient, str, list[int]], browser_as: BrowserAs
) -> None:
    """Two of the same group with the same task before them: what one has not sent is not the other's."""
    elder, _code, (item, _other) = visits
    file = put(elder, item)
    assert elder.post(f"/tasks/{item}/release").status_code == 302
    wang = browser_as("mediator")
    save(wang, item, site_photo=file)
    assert wang.get(f"/files/{file}").status_code == 404
    assert wang.post(f"/tasks/{item}/claim").status_code == 302
    assert NAME not in wang.get(f"/tasks/{item}").text
    sent = wang.post(f"/tasks/{item}/completion", data={"site_found": "在。", "site_photo": file})
    assert sent.status_code == 422
    assert elder.get(f"/files/{file}").status_code == 200


def test_nobody_else_sends_it(visits: tuple[FlaskClient, str, list[int]], browser_as: BrowserAs) -> None:
    elder, _code, (item, other) = visits
    file = put(elder, item)
    wang = browser_as("mediator")
    assert wang.post(f"/tasks/{other}/claim").status_code == 302
    wrong = wang.post(f"/tasks/{other}/completion", data={"site_found": "在。", "site_photo": file})
    assert wrong.status_code == 422
    assert wang.post(f"/tasks/{item}/draft/files", data={"site_photo": shot()}).status_code == 409
    stranger = browser_as("yunling.mediator")
    assert stranger.post(f"/tasks/{item}/draft/files", data={"site_photo": shot()}).status_code == 404
    assert [str(one.id) for one in kept()] == [file]


def test_what_is_no_file_of_the_form_is_not_kept(visits: tuple[FlaskClient, str, list[int]]) -> None:
    elder, _code, (item, _other) = visits
    for data in ({"site_found": shot()}, {"nothing": shot()}, {"site_photo": "1"}, {}):
        assert elder.post(f"/tasks/{item}/draft/files", data=data).status_code == 422, data
    false = {"site_photo": (io.BytesIO(b"MZ\x90 a program"), "界石.png")}
    assert elder.post(f"/tasks/{item}/draft/files", data=false).status_code == 415
    assert kept() == []


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def test_what_is_two_things_at_once_is_refused_or_lies_still(visits: tuple[FlaskClient, str, list[int]]) -> None:
    """Pictures with a page, a script or a program in them, bombs, and names that lead elsewhere."""
    elder, _code, (item, _other) = visits
    page, png = b"<html><script>alert(1)</script></html>", picture("PNG")
    for name, content in (
        ("a.png", page),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.html", png + page),
        ("a.png", b"GIF89a/*" + page),
        ("a.jpg", zipped(a=b"x")),
        ("a.docx", zipped(**{"word__document.xml": b"0" * 60_000_000})),
        ("a.xlsx", zipped(**{"xl__workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'a'>]>" + b"0" * 30_000_000})),
        ("a.png", png[:60]),
        ("a.png", b""),
    ):
        refused = elder.post(f"/tasks/{item}/draft/files", data={"site_photo": (io.BytesIO(content), name)})
        assert refused.status_code in (415, 422), (name, content[:20], refused.status_code)
    assert kept() == []
    head = b'--x\r\nContent-Disposition: form-data; name="site_photo"; filename="a.png"\r\n\r\n'
    body = head + png + b"0" * 40_000_000 + b"\r\n--x--\r\n"
    of_form = "multipart/form-data; boundary=x"
    large = elder.post(f"/tasks/{item}/draft/files", data=body, content_type=of_form)
    assert large.status_code == 413
    assert kept() == []
    for name in ("../../etc/a.png", "a\tb.png", "<img src=x>.png", "界" * 3_000 + ".png"):
        both = {"site_photo": (io.BytesIO(png + page + zipped(a=b"x")), name)}
        taken = elder.post(f"/tasks/{item}/draft/files", data=both)
        assert taken.status_code == 200, name
        assert taken.json is not None
        assert not set('/\r\n<>"') & set(taken.json["name"])
        assert len(taken.json["name"]) <= 120
        shown = elder.get(taken.json["url"])
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert page not in shown.data, "it is drawn anew"
        assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_it_goes_with_the_draft(visits: tuple[FlaskClient, str, list[int]]) -> None:
    elder, _code, (item, other) = visits
    file = put(elder, item)
    save(elder, item, site_found="在。")
    done = elder.post(f"/tasks/{item}/completion", data={"_draft": "1", "site_found": "在。"})
    assert done.status_code == 302, done.text
    assert kept() == []
    assert elder.get(f"/files/{file}").status_code == 404
    assert elder.post(f"/tasks/{other}/claim").status_code == 302
    put(elder, other)
    db.session.remove()
    run_unit(drop_left_over)
    assert len(kept()) == 1
    db.session.remove()
    run_unit(lambda: setattr(db.session.get(WorkItem, (1, other)), "status", "cancelled"))
    db.session.remove()
    run_unit(drop_left_over)
    assert kept() == []
