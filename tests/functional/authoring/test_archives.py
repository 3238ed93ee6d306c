"""Packages between this database, folders and ZIP files: the same bytes each time, nothing overwritten silently."""

import io
import json
import shutil
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.authoring import queries
from app.authoring.errors import ArchiveRefused, ContentRefused, ContentTooLarge
from app.authoring.publishing import archives
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import read_folder
from tests.functional.authoring.conftest import ERRAND, NOW, Change, actor

FORM = "forms/ask.form"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for part in ("processes", "forms"):
        shutil.copytree(ERRAND.parents[1] / part / "errand", tmp_path / "elsewhere" / part / "errand")
    return tmp_path / "elsewhere" / "processes" / "errand"


def zipped(entries: dict[str, bytes], **more: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def sent(browser: FlaskClient, data: bytes) -> Any:
    return browser.post("/authoring/archive", data={"file": (io.BytesIO(data), "p.zip")})


def test_pack_and_unpack_give_the_same_each_time() -> None:
    name, files = read_folder(ROOT / "processes" / "dispute")
    packed = archives.pack(name, files)
    assert packed == archives.pack(name, dict(reversed(files.items())))
    assert archives.unpack(packed) == (name, files)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 no zip",
        zipped({"readme.txt": b"x"}),
        zipped({"processes/errand/../../../etc/x.toml": b""}),
        zipped({"/processes/errand/x.toml": b""}),
        zipped({"processes\\errand\\x.toml": b""}),
        zipped({"processes/errand/run.sh": b""}),
        zipped({"processes/Errand Two/x.toml": b""}),
        zipped({"processes/a/package.toml": b"", "processes/b/package.toml": b""}),
        zipped({"a/processes/x/a.toml": b"", "b/processes/x/a.toml": b""}),
    ],
)
def test_archive_that_is_no_package_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        archives.unpack(data)


def test_bomb_link_and_oversize_are_refused() -> None:
    bomb = zipped({f"documents/errand/d{number}.typ": b" " * 1_900_000 for number in range(40)})
    assert len(bomb) < 200_000
    with pytest.raises(ArchiveRefused, match="60 MB"):
        archives.unpack(bomb)
    link = zipfile.ZipInfo("processes/errand/link.toml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveRefused):
        archives.unpack(out.getvalue())
    with pytest.raises(ArchiveRefused, match="20 MB"):
        archives.unpack(b"x" * (20 * 1024 * 1024 + 1))
    with pytest.raises(ContentTooLarge):
        archives.unpack(zipped({"documents/errand/d.typ": b" " * 3_000_000}))
    with pytest.raises(ContentRefused):
        archives.unpack(zipped({"processes/errand/errand.bpmn": b"<html/>"}))


def test_an_archive_of_endless_entries_is_refused_before_its_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = zipped(dict.fromkeys((f"{number:0200d}" for number in range(6_000)), b""))

    def never(*_args: object) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(archives.zipfile, "ZipFile", never)
    with pytest.raises(ArchiveRefused):
        archives.unpack(endless)


def test_unknown_package_comes_in_as_drafts(county: int, browser_as: Any) -> None:
    name, files = read_folder(ERRAND)
    owner = browser_as("owner")
    assert sent(owner, archives.pack(name, files)).status_code == 303
    assert queries.active_release(county, "errand") is None
    assert queries.draft_contents(county, "errand").files == files
    assert owner.get("/authoring/errand").status_code == 200
    assert "跑腿" in owner.get("/authoring/").text
    assert sent(browser_as("clerk"), archives.pack(name, files)).status_code == 404


def test_known_package_gets_drafts_of_what_differs(errand: int, browser_as: Any) -> None:
    name, files = read_folder(ERRAND)
    files[FORM] = files[FORM].replace("什么事".encode(), "何事".encode())
    del files["processes/nap.bpmn"]
    owner = browser_as("owner")
    assert sent(owner, archives.pack(name, files)).status_code == 303
    assert [one.path for one in queries.open_drafts(errand, "errand")] == [FORM]
    assert "processes/nap.bpmn" in queries.draft_contents(errand, "errand").files
    taken = owner.get("/authoring/errand/archive")
    assert archives.unpack(taken.data)[1][FORM] == files[FORM]
    assert archives.unpack(owner.get("/authoring/errand/archive?release=1").data)[1] == read_folder(ERRAND)[1]


def test_draft_in_the_way_of_an_archive_stays_in_the_history(errand: int, change: Change) -> None:
    draft = change(FORM, "什么事", "啥事")
    name, files = read_folder(ERRAND)
    files[FORM] = files[FORM].replace("什么事".encode(), "何事".encode())
    run_unit(lambda: archives.bring_in(errand, name, files, actor=actor("admin"), now=NOW))
    held = [queries.revision_content(draft, line.id) for line in queries.revisions_of(draft)]
    assert held[0] == files[FORM]
    assert any("啥事".encode() in content for content in held)


def test_commands_carry_a_package_from_one_place_to_the_other(
    app: Flask, errand: int, copied: Path, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    target = tmp_path / "out"
    written = run(args=["definitions", "export", "errand", str(target)])
    assert written.exit_code == 0, written.output
    assert read_folder(target / "processes" / "errand") == read_folder(ERRAND)
    assert run(args=["definitions", "export", "errand", str(target)]).output == written.output
    assert run(args=["definitions", "import", str(target / "processes/errand")]).exit_code == 0
    assert run(args=["definitions", "diff", str(target / "processes/errand"), "errand@1"]).exit_code == 0

    form = copied.parents[1] / "forms" / "errand" / "ask.form"
    form.write_text(form.read_text().replace("什么事", "何事"))
    (copied / "nap.bpmn").unlink()
    table = copied / "errand_size.dmn"
    table.write_text(table.read_text().replace("&gt; 100", "&gt;   100"))
    silent = run(args=["definitions", "import", str(copied)])
    assert silent.exit_code == 1
    assert "--replace" in silent.output
    assert definitions.active_release(errand, "errand").number == 1
    told = run(args=["definitions", "diff", str(copied)])
    assert told.exit_code == 1
    assert "removed  processes/nap.bpmn" in told.output
    assert "何事" in told.output
    as_json = json.loads(run(args=["definitions", "diff", str(copied), "errand", "--json"]).output)
    assert [one["path"] for one in as_json["files"]] == [FORM, "processes/errand_size.dmn", "processes/nap.bpmn"]
    row = as_json["files"][1]["tables"][0]["rows"][0]
    assert (row["change"], row["cells"][0]) == ("changed", {"old": "> 100", "new": ">   100"})

    zip_file = tmp_path / "errand.zip"
    zip_file.write_bytes(archives.pack(*read_folder(copied)))
    drafted = run(args=["definitions", "import", str(zip_file), "--draft", "owner"])
    assert drafted.exit_code == 0, drafted.output
    db.session.rollback()
    assert [one.path for one in queries.open_drafts(errand, "errand")] == [
        FORM,
        "processes/errand_size.dmn",
        "processes/nap.bpmn",
    ]
    assert "processes/nap.bpmn" not in queries.draft_contents(errand, "errand").files
    db.session.rollback()
    replaced = run(args=["definitions", "import", str(zip_file), "--replace", "--note", "从测试环境带来"])
    assert replaced.exit_code == 0, replaced.output
    db.session.rollback()
    assert definitions.active_release(errand, "errand").number == 2
    refused = run(args=["definitions", "export", "errand", str(target)])
    assert refused.exit_code == 1
    assert "changed  forms/ask.form" in refused.output
    assert run(args=["definitions", "export", "errand", str(target), "--replace"]).exit_code == 0
    assert not (target / "processes/errand/nap.bpmn").exists()


def test_broken_package_does_not_replace(app: Flask, errand: int, copied: Path) -> None:
    file = copied / "errand.bpmn"
    file.write_text(file.read_text().replace("errand/ask", "errand/gone"))
    refused = app.test_cli_runner().invoke(args=["definitions", "import", str(copied), "--replace"])
    assert refused.exit_code == 1
    assert "errand/gone" in refused.output
    assert definitions.active_release(errand, "errand").number == 1
