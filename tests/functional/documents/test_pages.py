"""The tab of the file: what is there, what may be put in, and by whom."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from app.core.database import db
from app.devdata.county import PASSWORD
from app.directory.models import Person
from app.documents.queries import archives_of, dossier
from tests.functional.documents.conftest import Dispute


def browser_of(app: Flask, login: str) -> FlaskClient:
    browser = app.test_client()
    assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302
    return browser


def login_with(role: str, dispute: Dispute) -> str:
    """Somebody who holds the role where this case is."""
    from app.directory.models import Assignment, Organisation

    return str(
        db.session.query(Person.login)
        .join(Assignment, (Assignment.person_id == Person.id) & (Assignment.county_id == Person.county_id))
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .filter(Assignment.role == role)
        .order_by(Organisation.path)
        .first()[0]
    )


def test_papers_stand_there_in_order_and_open(app: Flask, dispute: Dispute) -> None:
    dispute.ask("documents.make", template="agreement")
    dispute.ask("documents.make", template="registration")
    browser = browser_of(app, login_with("archivist", dispute))
    page = browser.get(f"/cases/{dispute.case.code}/file")
    assert page.status_code == 200
    links = html.fromstring(page.text).xpath("//table//a")
    assert [link.text for link in links] == ["受理登记表", "调解协议书"]
    paper = browser.get(links[1].get("href"))
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.data.startswith(b"%PDF")


def test_a_stranger_sees_neither_the_page_nor_the_paper(app: Flask, dispute: Dispute) -> None:
    dispute.ask("documents.make", template="agreement")
    paper = dossier(dispute.case)[0]
    nobody = app.test_client()
    assert nobody.get(f"/files/{paper.file_id}").status_code == 302
    owner = browser_of(app, login_with("process_owner", dispute))
    assert owner.get(f"/cases/{dispute.case.code}/file").status_code == 404
    assert owner.get(f"/files/{paper.file_id}").status_code == 404


def test_a_photo_is_put_into_the_file(app: Flask, dispute: Dispute) -> None:
    browser = browser_of(app, login_with("clerk", dispute))
    address = f"/cases/{dispute.case.code}/file"
    sent = browser.post(address, data={"kind": "identity", "file": (io.BytesIO(b"front"), "身份证.txt")})
    assert sent.status_code == 302
    assert "身份证明（身份证.txt）" in browser.get(address).text
    db.session.rollback()
    assert [item.kind for item in dossier(dispute.case)] == ["identity"]


def test_papers_are_sent_one_by_one_and_the_list_comes_back(app: Flask, dispute: Dispute) -> None:
    browser = browser_of(app, login_with("clerk", dispute))
    address, part = f"/cases/{dispute.case.code}/file", {"HX-Request": "true"}
    page = html.fromstring(browser.get(address).text)
    assert page.xpath("//form[@data-upload='paper-list']//input[@capture='environment']")
    data = {"kind": "identity", "file": (io.BytesIO(b"front"), "身份证.txt")}
    sent = browser.post(address, data=data, headers=part)
    assert sent.status_code == 200
    assert "身份证明（身份证.txt）" in sent.text
    assert "<html" not in sent.text
    wrong = {"kind": "identity", "file": (io.BytesIO(b"MZ\x90\0 program"), "照片.txt")}
    refused = browser.post(address, data=wrong, headers=part)
    assert refused.status_code >= 400
    assert html.fromstring(refused.text).xpath("count(.//p[contains(., '不接收')])") == 1
    assert "<html" not in refused.text


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("identity", b"MZ\x90\0 program", "不接收“照片.txt”这种文件"),
        ("cover", b"x", "请至少选择一个文件"),
        ("nonsense", b"x", "请至少选择一个文件"),
        ("identity", None, "请至少选择一个文件"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(
    app: Flask, dispute: Dispute, kind: str, content: bytes | None, words: str
) -> None:
    browser = browser_of(app, login_with("clerk", dispute))
    data: dict[str, object] = {"kind": kind}
    if content is not None:
        data["file"] = (io.BytesIO(content), "照片.txt")
    answer = browser.post(f"/cases/{dispute.case.code}/file", data=data)
    assert answer.status_code >= 400
    assert words in answer.text
    assert dossier(dispute.case) == []


def test_after_sealing_only_the_archivist_adds_and_it_is_a_supplement(app: Flask, dispute: Dispute) -> None:
    dispute.ask("documents.make", template="agreement")
    dispute.ask("archive.seal", volume="")
    address = f"/cases/{dispute.case.code}/file"

    def late() -> dict[str, object]:
        return {"kind": "performance_proof", "file": (io.BytesIO(b"300"), "收条.txt")}

    clerk = browser_of(app, login_with("clerk", dispute))
    assert clerk.post(address, data=late()).status_code == 403
    archivist = browser_of(app, login_with("archivist", dispute))
    assert archivist.post(address, data=late()).status_code == 302
    db.session.rollback()
    assert [archive.volume for archive in archives_of(dispute.case)] == [1, 2]
    checked = archivist.get(f"{address}/verification")
    assert "均与封卷时一致" in checked.text
    manifest = html.fromstring(checked.text).xpath("//a[contains(text(), '封卷清单')]/@href")
    assert archivist.get(manifest[0]).status_code == 200
