"""Files that come with a form: kept first, then named in the form by their ids."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from app.audit.services import Actor, Stream, record
from app.core.errors import Refusal
from app.core.translations import words_of
from app.engine.feel import Environment
from app.files.errors import FileRefused
from app.files.models import StoredFile
from app.files.services import take_upload
from app.forms.answers import from_posted
from app.forms.components import Component, parse
from app.forms.conditions import shown, value_or_null
from app.forms.errors import FormInvalid, TooManyAtOnce

EVIDENCE = "evidence"
MOST_FILES = 30


def take_uploads(
    form: Mapping[str, Any],
    posted: "MultiDict[str, str]",
    uploads: "MultiDict[str, FileStorage]",
    *,
    stream: Stream,
    subject_kind: str,
    subject_id: int,
    variables: Mapping[str, object],
    environment: Environment,
    actor: Actor,
    now: datetime,
) -> "MultiDict[str, str]":
    """Keep the uploads of a posted form, and return the form with their ids in the file fields, for `read`.

    Only fields that the form has are looked at. What a file is in the file of the case comes from the component's
    property `document.kind` (a kind such as ``identity``, or FEEL after ``=``), else it is evidence. Raises FormInvalid
    with the field's name when a file is refused.
    """
    parsed = parse(form)
    answered = MultiDict(posted)
    errors: dict[str, list[str]] = {}
    chosen = list(_chosen(form, uploads))
    if len(chosen) > MOST_FILES:
        refusal = TooManyAtOnce(most=MOST_FILES, number=len(chosen))
        raise FormInvalid({chosen[0][0]: [_words(refusal)]}, from_posted(parsed, answered))
    for name, component, upload in chosen:
        try:
            file = take_upload(
                upload.stream,
                upload.filename or "",
                county_id=stream.county_id,
                subject_kind=subject_kind,
                subject_id=subject_id,
                kind=kind_of(component, variables, environment),
                uploaded_by_id=actor.person_id,
                uploaded_by=actor.name,
                now=now,
            )
        except FileRefused as refusal:
            errors.setdefault(name, []).append(_words(refusal))
            continue
        record_added(stream, file, actor=actor, now=now)
        answered.add(name, str(file.id))
    if errors:
        raise FormInvalid(errors, from_posted(parsed, answered))
    return answered


def _chosen(
    form: Mapping[str, Any], uploads: "MultiDict[str, FileStorage]"
) -> Iterator[tuple[str, Component, FileStorage]]:
    """The files that were chosen in fields which the form has."""
    for name, upload in uploads.items(multi=True):
        component = picker(form, name) if upload.filename else None
        if component is not None:
            yield name, component, upload


def record_added(stream: Stream, file: StoredFile, *, actor: Actor, now: datetime) -> None:
    """Write the new file into the history of its subject, with the hash of its bytes."""
    payload = {"name": file.name, "kind": file.kind, "size": file.size, "sha256": file.hash}
    record(stream, "file.added", actor=actor, now=now, payload=payload, about={"file": file.id})


def picker(form: Mapping[str, Any], name: str) -> Component | None:
    """The file field of a form that is posted under this name."""
    key = name.rsplit(".", 1)[-1]
    return next((one for one in parse(form).walk() if one.type == "filepicker" and one.key == key), None)


def kind_of(component: Component, variables: Mapping[str, object], environment: Environment) -> str:
    """What a file of this field is in the file of the case."""
    if component.document.startswith("="):
        return shown(value_or_null(component.document[1:], variables, environment))[:40] or EVIDENCE
    return component.document[:40] or EVIDENCE


def _words(refusal: Refusal) -> str:
    return str(words_of(refusal))
