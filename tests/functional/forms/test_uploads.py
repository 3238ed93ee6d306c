"""Files that come with a form: kept as the right paper, named in the form, refused beside their field."""

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict

from app import forms
from app.audit.queries import entries
from app.audit.services import Actor, Stream
from app.core.unit_of_work import run_unit
from app.engine.feel import Environment
from app.files.queries import files_of
from app.forms import FormInvalid

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ENVIRONMENT = Environment(now=NOW, zone=ZoneInfo("Asia/Shanghai"))
STREAM = Stream.case(1, 77)
FORM: dict[str, Any] = {
    "components": [
        {
            "type": "filepicker",
            "id": "a",
            "key": "supplied",
            "multiple": True,
            "properties": {"document.kind": "= kind"},
        },
        {"type": "filepicker", "id": "b", "key": "receipt", "properties": {"document.kind": "performance_proof"}},
        {"type": "filepicker", "id": "c", "key": "anything"},
    ]
}


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def take(*uploads: tuple[str, FileStorage]) -> "MultiDict[str, str]":
    return run_unit(
        lambda: forms.take_uploads(
            FORM,
            MultiDict([("supplied", "5")]),
            MultiDict(uploads),
            stream=STREAM,
            subject_kind="case",
            subject_id=77,
            variables={"kind": "identity"},
            environment=ENVIRONMENT,
            actor=Actor("person", 3, "王桂芬"),
            now=NOW,
        )
    )


def test_files_become_ids_in_their_fields_and_papers_of_their_kind(app: Flask, county: int) -> None:
    posted = take(
        ("supplied", upload("身份证.txt", b"front")),
        ("supplied", upload("户口本.txt", b"page")),
        ("receipt", upload("收条.txt", b"300")),
        ("anything", upload("a.txt", b"x")),
        ("anything", upload("", b"")),
        ("not_in_the_form", upload("b.txt", b"y")),
    )
    kept = files_of(county, "case", 77)
    assert [(file.name, file.kind) for file in kept] == [
        ("身份证.txt", "identity"),
        ("户口本.txt", "identity"),
        ("收条.txt", "performance_proof"),
        ("a.txt", "evidence"),
    ]
    ids = [str(file.id) for file in kept]
    values = forms.read(FORM, posted, dictionary=None, variables={}, environment=ENVIRONMENT, known_files={"5", *ids})
    assert values == {"supplied": ["5", ids[0], ids[1]], "receipt": ids[2], "anything": ids[3]}
    told = entries(STREAM)
    assert [line.event for line in told] == ["file.added"] * 4
    assert told[0].payload["sha256"] == kept[-1].hash


def test_a_refused_file_is_told_beside_its_field(app: Flask, county: int) -> None:
    with pytest.raises(FormInvalid) as refusal:
        take(("supplied", upload("身份证.jpg", b"%PDF-1.7")), ("receipt", upload("收条.txt", b"300")))
    assert list(refusal.value.fields) == ["supplied"]
    assert "身份证.jpg" in refusal.value.fields["supplied"][0]
    assert refusal.value.typed["supplied"] == ["5"]
    assert refusal.value.typed["receipt"]
