"""From folders to releases: what is kept, what is refused, what is active."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.queries import entries
from app.audit.services import Actor, Stream
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries, services
from app.definitions.errors import (
    FileNotInRelease,
    PackageNotActive,
    PackageRefused,
    ReleaseExists,
    SecondPersonNeeded,
    SettingsRefused,
)
from app.definitions.models import DefinitionFile, DefinitionVersion, Release
from app.definitions.queries import ReleaseInfo
from app.directory.services import create_county
from app.engine.findings import EngineError

ROOT = Path(__file__).parents[3]
ERRAND = ROOT / "tests" / "packages" / "processes" / "errand"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OWNER = Actor("person", 5, "何平")


def brought_in(county: int, folder: Path) -> ReleaseInfo:
    return run_unit(lambda: services.import_folder(county, folder, actor=OWNER, now=NOW))


def published(county: int, files: dict[str, bytes]) -> ReleaseInfo:
    return run_unit(lambda: services.publish(county, "errand", files, actor=OWNER, approved_by=6, note="改", now=NOW))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The errand package in a folder of its own, to be spoiled."""
    for part in ("processes", "forms"):
        shutil.copytree(ROOT / "tests" / "packages" / part / "errand", tmp_path / part / "errand")
    return tmp_path / "processes" / "errand"


def test_dispute_package_becomes_release_one(county: int) -> None:
    release = brought_in(county, ROOT / "processes" / "dispute")
    assert (release.package, release.number) == ("dispute", 1)
    assert queries.active_release(county, "dispute") == release
    files = services.files_of(release)
    assert files["processes/dispute.bpmn"] == (ROOT / "processes/dispute/dispute.bpmn").read_bytes()
    assert services.process(release, "dispute").process_id == "dispute"
    assert services.package(release).main == "dispute"
    dictionary = services.dictionary(release)
    assert dictionary is not None
    assert "risk_colour" in dictionary
    assert entries(Stream.package(county, "dispute"))[0].event == "release.published"


def test_second_import_is_refused(county: int) -> None:
    brought_in(county, ERRAND)
    with pytest.raises(ReleaseExists):
        brought_in(county, ERRAND)


def test_publishing_keeps_versions_of_what_changed_only(county: int) -> None:
    first = brought_in(county, ERRAND)
    files = services.files_of(first)
    files["forms/ask.form"] = files["forms/ask.form"].replace("什么事".encode(), "何事".encode())
    second = published(county, files)
    assert second.number == 2
    assert queries.active_release(county, "errand").number == 2
    numbers = dict(
        db.session.execute(select(DefinitionVersion.path, func.max(DefinitionVersion.number)).group_by("path")).all()
    )
    assert numbers["forms/ask.form"] == 2
    assert set(numbers.values()) == {1, 2}
    assert services.form(first, "errand/ask")["components"][0]["label"] == "什么事"
    assert services.form(second, "errand/ask")["components"][0]["label"] == "何事"
    assert db.session.scalars(select(Release.approved_by).where(Release.number == 2)).one() == 6


def test_author_does_not_approve_the_own_release(county: int) -> None:
    files = services.files_of(brought_in(county, ERRAND))
    with pytest.raises(SecondPersonNeeded):
        run_unit(lambda: services.publish(county, "errand", files, actor=OWNER, approved_by=5, note="", now=NOW))


def test_failing_path_test_stops_a_release(county: int) -> None:
    files = services.files_of(brought_in(county, ERRAND))
    path = (
        '[test]\nname = "快"\n[start]\n[[step]]\nat = "ask"\nanswer = {{ what = "茶", price = 60 }}\n'
        '[expect]\nopen = ["{}"]\n'
    )
    files["processes/tests/quick.toml"] = path.format("note").encode()
    with pytest.raises(PackageRefused) as refused:
        published(county, files)
    assert refused.value.findings[0].file == "tests/quick.toml"
    files["processes/tests/quick.toml"] = path.format("approve").encode()
    assert published(county, files).number == 2


def test_counties_share_files_and_what_was_compiled(county: int) -> None:
    run_unit(lambda: create_county(code="990001", name_zh="乙县", name_en="Yi", prefix="YI", county_id=2))
    one, two = brought_in(county, ERRAND), brought_in(2, ERRAND)
    assert one.manifest_hash == two.manifest_hash
    assert services.process(one, "errand") is services.process(two, "errand")
    count = db.session.scalar(select(func.count()).select_from(DefinitionFile))
    assert count == len(set(one.manifest.values()))


def test_refused_diagram_names_file_and_element_and_leaves_nothing(county: int, copied: Path) -> None:
    file = copied / "errand.bpmn"
    file.write_text(file.read_text().replace('camunda:topic="errand.note"', 'camunda:topic="errand.steal"'))
    with pytest.raises(PackageRefused) as refused:
        brought_in(county, copied)
    finding = refused.value.findings[0]
    assert (finding.file, finding.element_id) == ("errand.bpmn", "note")
    assert "errand.bpmn" in str(refused.value)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(DefinitionFile)) == 0
    with pytest.raises(PackageNotActive):
        queries.active_release(county, "errand")


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("errand.bpmn", "errand/ask", "errand/gone"),
        ("errand.bpmn", 'decisionRef="errand_size"', 'decisionRef="gone"'),
        ("errand.bpmn", 'candidateGroups="clerk"', 'candidateGroups="administrator"'),
        ("errand.bpmn", "price * 2", "prize * 2"),
        ("errand.bpmn", "</bpmn:process>", ""),
        ("errand_size.dmn", "&gt; 100", "&gt; 50"),
        ("errand_size.dmn", "&gt; 100", "&gt; &gt;"),
        ("package.toml", 'main = "errand"', 'main = "gone"'),
        ("../../forms/errand/ask.form", '"schemaVersion"', "schemaVersion"),
    ],
)
def test_package_that_does_not_hold_together_is_refused(
    county: int, copied: Path, file: str, before: str, after: str
) -> None:
    path = copied / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(PackageRefused):
        brought_in(county, copied)


def test_broken_dictionary_is_refused_with_its_name(county: int, copied: Path) -> None:
    (copied / "data.toml").write_text("[what]\ntype = 'word'\n")
    with pytest.raises(SettingsRefused, match=r"data\.toml"):
        brought_in(county, copied)


def test_what_a_release_does_not_hold_is_said(county: int) -> None:
    release = brought_in(county, ERRAND)
    with pytest.raises(FileNotInRelease):
        services.form(release, "errand/gone")
    with pytest.raises(FileNotInRelease):
        services.form(release, "other/ask")
    with pytest.raises(FileNotInRelease):
        services.document_template(release, "gone")
    with pytest.raises(EngineError):
        services.decision(release, "gone")


def test_commands_check_and_import(app: Flask, county: int, copied: Path) -> None:
    run = app.test_cli_runner().invoke
    checked = run(args=["processes", "check", str(ERRAND)])
    assert checked.exit_code == 0, checked.output
    file = copied / "errand.bpmn"
    file.write_text(file.read_text().replace("errand/ask", "errand/gone"))
    refused = run(args=["processes", "check", "--json", str(copied)])
    assert refused.exit_code == 1
    assert '"element_id": "ask"' in refused.output
    imported = run(args=["definitions", "import", str(ERRAND)])
    assert imported.exit_code == 0, imported.output
    assert "release 1" in imported.output
    assert run(args=["definitions", "import", str(copied)]).exit_code == 1
