"""A sealed file: one manifest over everything, and nothing can be changed behind its back."""

import io
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.attachments import keep_file
from app.cases.errors import CaseSealed
from app.cases.services.parties import add_party
from app.core.database import db
from app.core.unit_of_work import run_unit, unit_of_work
from app.definitions.queries import active_release
from app.documents.errors import ArchiveMissing, NothingToSeal, NotSealed
from app.documents.models import Archive
from app.documents.queries import archives_of, dossier
from app.documents.sealing import seal_supplement
from app.documents.services import attach_file
from app.documents.verification import Difference, verify_archives
from app.files.queries import file_by_id
from app.files.services import store
from app.workflow.models import Instance
from tests.functional.conftest import BrowserAs
from tests.functional.documents.conftest import LATER, MEDIATOR, Dispute


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


@pytest.fixture
def sealed(dispute: Dispute) -> Dispute:
    """The file with two made papers, a statement that somebody brought, and the cover, sealed."""
    dispute.ask("documents.make", template="mediation_record")
    run_unit(
        lambda: attach_file(
            dispute.case, upload("陈述.txt", "水是我先放的".encode()), "evidence", actor=MEDIATOR, now=LATER
        )
    )
    dispute.ask("documents.make", template="agreement")
    dispute.ask("documents.make", template="dossier_cover")
    answer = dispute.ask("archive.seal", volume="张三与李四邻里纠纷")
    assert answer["sealed"] is True
    return dispute


def manifest_of(archive: Archive) -> dict[str, Any]:
    file = file_by_id(archive.county_id, archive.manifest_file_id)
    loaded: dict[str, Any] = orjson.loads(store().read(file.hash))
    return loaded


def differences(dispute: Dispute) -> list[tuple[str, str]]:
    found: list[Difference] = verify_archives(dispute.case)
    return [(one.kind, one.name) for one in found]


def test_the_manifest_lists_the_papers_in_the_order_of_the_file(app: Flask, sealed: Dispute) -> None:
    (archive,) = archives_of(sealed.case)
    manifest = manifest_of(archive)
    assert [(item["place"], item["kind"]) for item in manifest["items"]] == [
        (0, "cover"),
        (6, "evidence"),
        (7, "mediation_record"),
        (8, "agreement"),
    ]
    assert [item["number"] for item in manifest["items"]] == [None, 1, 2, 3]
    for item in manifest["items"]:
        assert store().is_whole(item["sha256"])
    assert manifest["case"]["code"] == sealed.case.code
    assert manifest["title"] == "张三与李四邻里纠纷"
    assert manifest["history"] == {"sequence": archive.history_sequence, "hash": archive.history_hash.hex()}
    assert set(manifest["records"]["sections"]) == {"case", "parties", "reports", "risk", "decisions"}
    told = entries(sealed.stream)[0]
    assert told.event == "archive.sealed"
    assert told.payload["manifest_sha256"] == archive.manifest_hash
    assert verify_archives(sealed.case) == []


def test_the_releases_that_the_case_ran_on_stand_there_with_every_file(app: Flask, dispute: Dispute) -> None:
    release = active_release(dispute.county_id, "dispute")
    with unit_of_work():
        db.session.add(
            Instance(
                county_id=dispute.county_id,
                package="dispute",
                process_id="archive",
                release_id=release.id,
                release_number=release.number,
                subject_id=dispute.id,
                state=b"",
                started_at=LATER,
            )
        )
    dispute.ask("documents.make", template="agreement")
    dispute.ask("archive.seal", volume="")
    (kept,) = manifest_of(archives_of(dispute.case)[0])["releases"]
    assert (kept["package"], kept["number"]) == ("dispute", 1)
    assert kept["files"] == dict(release.manifest)
    assert kept["manifest_sha256"] == release.manifest_hash
    assert verify_archives(dispute.case) == []
    tamper(
        "UPDATE definition_files SET content = :content WHERE hash = :hash",
        content=b"<bpmn/>",
        hash=release.manifest["processes/archive.bpmn"],
    )
    assert differences(dispute) == [("definition", "dispute 1: processes/archive.bpmn")]


def test_a_sealed_case_refuses_changes(app: Flask, sealed: Dispute) -> None:
    assert sealed.case.status == "archived"
    with pytest.raises(CaseSealed):
        run_unit(lambda: add_party(sealed.case, side="respondent", name="王五", actor=MEDIATOR, now=LATER))
    with pytest.raises(CaseSealed):
        run_unit(lambda: attach_file(sealed.case, upload("a.txt", b"late"), "evidence", actor=MEDIATOR, now=LATER))
    with pytest.raises(CaseSealed):
        sealed.ask("archive.seal", volume="again")
    assert verify_archives(sealed.case) == []


def test_what_comes_later_goes_into_a_supplement(app: Flask, sealed: Dispute) -> None:
    with pytest.raises(NothingToSeal):
        run_unit(lambda: seal_supplement(sealed.case, title="", actor=MEDIATOR, now=LATER))

    def bring() -> None:
        keep_file(
            sealed.case, upload("收条.txt", "今收到300元".encode()), "performance_proof", actor=MEDIATOR, now=LATER
        )
        seal_supplement(sealed.case, title="履行凭证", actor=MEDIATOR, now=LATER)

    run_unit(bring)
    first, second = archives_of(sealed.case)
    assert (first.volume, second.volume) == (1, 2)
    assert [item["kind"] for item in manifest_of(second)["items"]] == ["performance_proof"]
    assert second.history_sequence > first.history_sequence
    assert verify_archives(sealed.case) == []


def test_without_a_sealed_file_there_is_nothing_to_verify_or_to_supplement(app: Flask, dispute: Dispute) -> None:
    with pytest.raises(ArchiveMissing):
        verify_archives(dispute.case)
    with pytest.raises(NotSealed):
        run_unit(lambda: seal_supplement(dispute.case, title="", actor=MEDIATOR, now=LATER))
    with pytest.raises(NothingToSeal):
        dispute.ask("archive.seal", volume="")
    assert dispute.case.status == "closed"


def tamper(statement: str, **values: object) -> None:
    with unit_of_work():
        done = db.session.execute(text(statement), values)
        assert done.rowcount >= 1  # type: ignore[attr-defined]


def test_a_changed_byte_of_a_paper_is_named(app: Flask, sealed: Dispute) -> None:
    paper = next(item for item in dossier(sealed.case) if item.kind == "evidence")
    path = store().path(paper.sha256)
    path.write_bytes(path.read_bytes().replace("我".encode(), "他".encode()))
    assert differences(sealed) == [("file", "陈述.txt")]
    path.unlink()
    assert differences(sealed) == [("file", "陈述.txt")]


def test_a_paper_exchanged_in_the_database_is_named(app: Flask, sealed: Dispute) -> None:
    paper = next(item for item in dossier(sealed.case) if item.kind == "agreement")
    other = store().put(b"another agreement")
    tamper("UPDATE files SET hash = :hash WHERE id = :id", hash=other, id=paper.file_id)
    assert differences(sealed) == [("file", paper.name)]


def test_a_rewritten_manifest_is_named(app: Flask, sealed: Dispute) -> None:
    (archive,) = archives_of(sealed.case)
    manifest = manifest_of(archive)
    manifest["items"] = manifest["items"][:-1]
    forged = store().put(orjson.dumps(manifest))
    tamper("UPDATE files SET hash = :hash WHERE id = :id", hash=forged, id=archive.manifest_file_id)
    assert differences(sealed) == [("manifest", "manifest")]
    tamper("UPDATE archives SET manifest_hash = :hash WHERE id = :id", hash=forged, id=archive.id)
    db.session.expire_all()
    assert differences(sealed) == [("manifest", "manifest")]


@pytest.mark.parametrize(
    ("statement", "section"),
    [
        ("UPDATE parties SET name = '王五' WHERE name = '李四'", "parties"),
        ("UPDATE reports SET text = '没有争水'", "reports"),
        ("UPDATE cases SET summary = '没有争水' WHERE code = :code", "case"),
        ("DELETE FROM reports", "reports"),
    ],
)
def test_a_changed_record_is_named(app: Flask, sealed: Dispute, statement: str, section: str) -> None:
    tamper(statement, **({"code": sealed.case.code} if ":code" in statement else {}))
    db.session.expire_all()
    assert differences(sealed) == [("record", section)]


def test_a_seal_taken_off_is_named(app: Flask, sealed: Dispute) -> None:
    tamper("UPDATE cases SET status = 'closed' WHERE code = :code", code=sealed.case.code)
    db.session.expire_all()
    assert differences(sealed) == [("record", "case")]


def test_a_paper_slipped_in_behind_the_seal_is_named(app: Flask, sealed: Dispute) -> None:
    run_unit(lambda: keep_file(sealed.case, upload("借条.txt", b"500"), "evidence", actor=MEDIATOR, now=LATER))
    assert differences(sealed) == [("file", "借条.txt")]
    run_unit(lambda: seal_supplement(sealed.case, title="", actor=MEDIATOR, now=LATER))
    assert differences(sealed) == []


def test_an_edited_history_is_named(app: Flask, sealed: Dispute) -> None:
    tamper(
        "UPDATE history SET payload = :payload WHERE stream = :stream AND sequence = 2",
        payload=b'{"name":"x"}',
        stream=sealed.stream.name,
    )
    assert differences(sealed) == [("history", "row 2")]


def test_a_history_cut_off_before_the_seal_is_named(app: Flask, sealed: Dispute) -> None:
    tamper("DELETE FROM history WHERE stream = :stream AND sequence > 3", stream=sealed.stream.name)
    kinds = differences(sealed)
    assert ("history", "volume 1") in kinds
    assert any(name.startswith("row") for _kind, name in kinds)


def test_the_command_says_whole_or_names_what_differs(app: Flask, sealed: Dispute) -> None:
    runner = app.test_cli_runner()
    code = sealed.case.code
    whole = runner.invoke(args=["archive", "verify", code])
    assert whole.exit_code == 0, whole.output
    assert "whole" in whole.output
    paper = next(item for item in dossier(sealed.case) if item.kind == "evidence")
    store().path(paper.sha256).write_bytes(b"x")
    broken = runner.invoke(args=["archive", "verify", code.lower()])
    assert broken.exit_code == 1
    assert "陈述.txt" in broken.output
    assert runner.invoke(args=["archive", "verify", "FX2026-999999-AAA"]).exit_code == 1


def test_the_records_are_for_those_who_keep_or_check_the_file(
    app: Flask, sealed: Dispute, browser_as: BrowserAs
) -> None:
    (archive,) = archives_of(sealed.case)
    kept = manifest_of(archive)["records"]["file"]["file"]
    for login in ("mediator", "chair", "leader", "clerk", "reviewer"):
        assert browser_as(login).get(f"/files/{kept}").status_code == 404
    assert browser_as("leader").get(f"/files/{archive.manifest_file_id}").status_code == 200
    case = sealed.case
    stream, code = Stream.case(case.county_id, case.id), case.code
    assert "records.read" not in {one.event for one in entries(stream)}
    archivist = browser_as("archivist")
    assert b"13805711234" in archivist.get(f"/files/{kept}").data
    db.session.remove()
    told = [one for one in entries(stream) if one.event == "records.read"]
    assert [(one.actor_name, one.payload["name"]) for one in told] == [("孙静", f"{code}-1-records.json")]
    assert "取出了已封存案卷的数据记录" in archivist.get(f"/cases/{code}/timeline").text
    assert verify_archives(case) == []
