"""Evidence of a case: brought, described, withdrawn; previews without what was hidden; nothing for strangers."""

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pillow_heif import register_heif_opener
from sqlalchemy import func, select

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.evidence.models import Evidence
from app.cases.models import Case, Party
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import COUNTY_ID, person_named
from app.directory.models import Organisation
from app.documents.queries import dossier
from app.files.models import StoredFile
from tests.functional.conftest import BrowserAs
from tests.pictures import photo

pytestmark = pytest.mark.enable_socket


def scan(pages: int = 2) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 30_000_000)
    return out.getvalue()


@pytest.fixture
def case(played_county: int) -> Case:
    """An open case of the mediator of Hepan, who is assigned to it."""
    mediator_id = person_named("mediator").id
    village = select(Organisation.path).where(Organisation.code == "330681101201").scalar_subquery()
    query = select(Case).where(Case.status == "open", Case.sensitivity == "normal", Case.org_path == village)
    found = db.session.scalars(query.order_by(Case.id).limit(1)).one()
    code = found.code
    db.session.rollback()

    def assign() -> None:
        db.session.scalars(select(Case).where(Case.code == code)).one().mediator_id = mediator_id

    db.session.remove()
    run_unit(assign)
    found = db.session.scalars(select(Case).where(Case.code == code)).one()
    db.session.expunge(found)
    return found


def bring(browser: FlaskClient, case: Case, *files: tuple[bytes, str], **more: Any) -> Any:
    data = {"file": [(io.BytesIO(content), name) for content, name in files], **more}
    headers = data.pop("headers", {})
    return browser.post(f"/cases/{case.code}/evidence", data=data, headers=headers)


def brought(case: Case) -> list[StoredFile]:
    db.session.rollback()
    query = select(StoredFile).join(
        Evidence, (Evidence.county_id == StoredFile.county_id) & (Evidence.file_id == StoredFile.id)
    )
    return list(db.session.scalars(query.where(Evidence.case_id == case.id).order_by(StoredFile.id)))


def test_evidence_is_brought_described_and_withdrawn(case: Case, browser_as: BrowserAs) -> None:
    browser = browser_as("mediator")
    party = db.session.scalars(select(Party).where(Party.case_id == case.id).order_by(Party.id).limit(1)).one()
    assert "data-upload" in browser.get(f"/cases/{case.code}/evidence").text
    files = ((photo(), "院墙.jpg"), (scan(), "工资条.pdf"))
    assert bring(browser, case, *files, caption="院墙外移", party=str(party.id)).status_code == 302
    wall, slip = brought(case)
    page = browser.get(f"/cases/{case.code}/evidence").text
    assert f"/files/{wall.id}/preview" in page
    assert "院墙外移" in page
    assert party.name in page
    assert [one.title_zh for one in dossier(case) if one.file_id == wall.id] == ["证据材料（院墙外移）"]

    address = f"/cases/{case.code}/evidence/{slip.id}"
    assert browser.post(address, data={"caption": "<b>三月工资</b>"}).status_code == 302
    assert "&lt;b&gt;三月工资&lt;/b&gt;" in browser.get(f"/cases/{case.code}/evidence").text
    assert browser.post(f"{address}/withdrawal", data={"reason": " "}).status_code == 422
    assert browser.post(f"{address}/withdrawal", data={"reason": "拿错了"}).status_code == 302
    assert browser.post(f"{address}/withdrawal", data={"reason": "再次"}).status_code == 409
    assert browser.post(address, data={"caption": "x"}).status_code == 409
    page = browser.get(f"/cases/{case.code}/evidence").text
    assert "拿错了" in page
    db.session.rollback()
    assert slip.id not in [one.file_id for one in dossier(case)]
    assert browser.get(f"/files/{slip.id}").status_code == 200
    told = [one.event for one in entries(Stream.case(COUNTY_ID, case.id), limit=6)]
    assert told[:4] == ["evidence.withdrawn", "evidence.described", "file.added", "file.added"]
    timeline = browser.get(f"/cases/{case.code}/timeline").text
    assert "拿错了" in timeline
    assert "evidence." not in timeline


def test_a_script_sends_one_by_one_and_gets_the_list(case: Case, browser_as: BrowserAs) -> None:
    browser = browser_as("mediator")
    answer = bring(browser, case, (photo(), "a.jpg"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "/preview" in answer.text
    refused = bring(browser, case, (b"MZ\x90\0", "run.exe"), headers={"HX-Request": "true"})
    assert refused.status_code == 415
    assert "run.exe" in refused.text
    assert len(brought(case)) == 1


def test_what_goes_with_a_file_is_asked_before_the_file_that_is_sent_at_once(case: Case, browser_as: BrowserAs) -> None:
    page = browser_as("mediator").get(f"/cases/{case.code}/evidence").text
    form = page[page.index('<form class="upload"') :]
    chosen = form.index('type="file"')
    assert all(form.index(f'name="{name}"') < chosen for name in ("caption", "party", "private"))


def test_what_one_side_gave_in_confidence_stays_with_the_mediator(case: Case, browser_as: BrowserAs) -> None:
    mediator, leader = browser_as("mediator"), browser_as("leader")
    bring(mediator, case, (photo(), "底线.jpg"), caption="最低可让到八千", private="1")
    (secret,) = brought(case)
    assert mediator.get(f"/files/{secret.id}/preview").status_code == 200
    assert "最低可让到八千" in mediator.get(f"/cases/{case.code}/evidence").text
    page = leader.get(f"/cases/{case.code}/evidence").text
    assert "最低可让到八千" not in page
    assert str(secret.id) not in page
    for place in ("", "/view", "/preview"):
        assert leader.get(f"/files/{secret.id}{place}").status_code == 404
    assert leader.post(f"/cases/{case.code}/evidence/{secret.id}", data={}).status_code in (403, 404)
    assert secret.id not in [one.file_id for one in dossier(case)]


@pytest.mark.parametrize("from_the_first", [True, False])
def test_the_timeline_tells_no_word_of_what_was_given_in_confidence(
    case: Case, browser_as: BrowserAs, from_the_first: bool
) -> None:
    mediator = browser_as("mediator")
    bring(mediator, case, (photo(), "底线.jpg"), caption="", **({"private": "1"} if from_the_first else {}))
    (secret,) = brought(case)
    address = f"/cases/{case.code}/evidence/{secret.id}"
    mediator.post(address, data={"caption": "最低可让到八千", "private": "1"})
    mediator.post(f"{address}/withdrawal", data={"reason": "张家又改口了"})
    for path in (f"/cases/{case.code}/timeline", f"/cases/{case.code}"):
        page = browser_as("leader").get(path).text
        for word in ("底线", "八千", "改口"):
            assert word not in page, (path, word)
    assert "保密证据" in browser_as("leader").get(f"/cases/{case.code}/timeline").text


def test_the_photo_of_a_telephone_is_drawn(case: Case, browser_as: BrowserAs) -> None:
    """HEIC, which other browsers cannot show; a broken one is kept, and has no picture."""
    written = io.BytesIO()
    register_heif_opener()
    Image.new("RGB", (640, 400), "green").save(written, "HEIF")
    whole = written.getvalue()
    browser = browser_as("mediator")
    bring(browser, case, (whole, "IMG_0001.HEIC"), (whole[: len(whole) // 2], "IMG_0002.HEIC"))
    good, broken = brought(case)
    assert f"/files/{good.id}/preview" in browser.get(f"/cases/{case.code}/evidence").text
    for address, width in ((f"/files/{good.id}/preview", 480), (f"/files/{good.id}/view", 640)):
        answer = browser.get(address)
        assert answer.headers["Content-Type"] == "image/jpeg"
        with Image.open(io.BytesIO(answer.data)) as drawn:
            assert drawn.width == width
            assert drawn.getpixel((9, 9))[1] > 100  # type: ignore[index]
    assert browser.get(f"/files/{good.id}").data == whole
    assert browser.get(f"/files/{broken.id}/preview").status_code == 422


def test_previews_are_drawn_anew_by_the_child(case: Case, browser_as: BrowserAs) -> None:
    browser = browser_as("mediator")
    polyglot = photo() + b"<script>alert(1)</script>" + bomb()
    bring(browser, case, (polyglot, "a.jpg"), (scan(), "b.pdf"), ("两家争水。".encode(), "c.txt"))
    picture, pdf, text = brought(case)
    for address in (f"/files/{picture.id}/preview", f"/files/{picture.id}/view"):
        answer = browser.get(address)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert b"script" not in answer.data
        with Image.open(io.BytesIO(answer.data)) as drawn:
            assert drawn.size == (40, 60)
            assert not drawn.getexif()
    first = browser.get(f"/files/{pdf.id}/preview")
    with Image.open(io.BytesIO(first.data)) as drawn:
        assert max(drawn.size) == 480
    assert browser.get(f"/files/{pdf.id}/preview?page=2").status_code == 200
    assert browser.get(f"/files/{pdf.id}/preview?page=3").status_code == 422
    assert browser.get(f"/files/{text.id}/preview").status_code == 422
    assert browser.get(f"/files/{text.id}/view").headers["Content-Disposition"].startswith("attachment")
    assert browser.get(f"/files/{picture.id}").headers["Content-Disposition"].startswith("attachment")


def test_what_is_not_taken_is_refused_with_a_word_and_nothing_is_kept(
    app: Flask, case: Case, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_as("mediator")
    monkeypatch.setitem(app.config, "FILE_LIMIT", 300_000)
    huge = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(huge, "PNG")
    for content, name, status in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "plan.svg", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "plan.jpg", 415),
        (b"GIF89a/*<html><script>alert(1)</script>*/=1", "cat.gif", 415),
        (b"GIF89a/*<html><script>alert(1)</script>*/=1", "cat.jpg", 415),
        (b"<html>\n" + scan(), "slip.pdf", 415),
        (bomb(), "wages.xlsx", 422),
        (huge.getvalue(), "huge.png", 422),
        (b"", "empty.jpg", 422),
        (photo() + b"0" * 300_000, "large.jpg", 413),
    ):
        answer = bring(browser, case, (photo(), "good.jpg"), (content, name))
        assert answer.status_code == status, name
        assert name in answer.text
        assert brought(case) == [], name
    assert bring(browser, case).status_code == 422
    beyond = browser.post(
        f"/cases/{case.code}/evidence",
        data={"file": (io.BytesIO(b"0"), "film.mp4")},
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
    )
    assert beyond.status_code == 413
    assert "25" in beyond.text


def test_nobody_else_brings_or_sees(case: Case, browser_as: BrowserAs) -> None:
    bring(browser_as("mediator"), case, (photo(), "a.jpg"))
    (file,) = brought(case)
    stranger = browser_as("dukou.mediator")
    assert stranger.get(f"/cases/{case.code}/evidence").status_code == 404
    assert bring(stranger, case, (photo(), "b.jpg")).status_code == 404
    assert stranger.get(f"/files/{file.id}/preview").status_code == 404
    assert bring(browser_as("reviewer"), case, (photo(), "b.jpg")).status_code in (403, 404)
    other = db.session.scalars(select(Case.code).where(Case.id != case.id, Case.status == "open").limit(1)).one()
    assert browser_as("leader").post(f"/cases/{other}/evidence/{file.id}", data={}).status_code in (403, 404)
    foreign = db.session.scalars(select(Party.id).where(Party.case_id != case.id).limit(1)).one()
    assert bring(browser_as("mediator"), case, (photo(), "c.jpg"), party=str(foreign)).status_code == 404
    code = case.code
    db.session.rollback()

    def seal() -> None:
        db.session.scalars(select(Case).where(Case.code == code)).one().status = "archived"

    db.session.remove()
    run_unit(seal)
    sealed = bring(browser_as("mediator"), case, (photo(), "late.jpg"))
    assert sealed.status_code == 409
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 1


def test_nobody_hides_what_somebody_else_brought(case: Case, browser_as: BrowserAs) -> None:
    """Only the mediator and whoever brought a piece: else it would be gone for everybody, the writer among them."""
    chair, grid = browser_as("chair"), browser_as("justice")
    bring(chair, case, (photo(), "门口.jpg"))
    (piece,) = brought(case)
    address = f"/cases/{case.code}/evidence/{piece.id}"
    form = grid.get(f"/cases/{case.code}/evidence").text.split(f"caption-{piece.id}")[-1].split("</form>")[0]
    assert 'name="private"' not in form
    refused = grid.post(address, data={"caption": "门口", "private": "1"}, headers={"Accept-Language": "en"})
    assert (refused.status_code, "whoever brought a piece" in refused.text) == (403, True)
    assert grid.post(address, data={"caption": "门口"}).status_code == 302
    assert grid.get(f"/files/{piece.id}").status_code == 200
    for allowed in (chair, browser_as("mediator")):
        assert allowed.post(address, data={"caption": "门口", "private": "1"}).status_code == 302
        assert grid.get(f"/files/{piece.id}").status_code == 404
        assert grid.post(address, data={"caption": "x"}).status_code == 404
        assert allowed.post(address, data={"caption": "门口"}).status_code == 302


def test_more_files_than_are_taken_at_once_are_refused_and_none_is_kept(case: Case, browser_as: BrowserAs) -> None:
    browser = browser_as("mediator")
    refused = bring(browser, case, *((b"hello", f"{number}.txt") for number in range(31)))
    assert (refused.status_code, "31" in refused.text, brought(case)) == (422, True, [])
    assert bring(browser, case, *((b"hello", f"{number}.txt") for number in range(30))).status_code == 302
    assert len(brought(case)) == 30
