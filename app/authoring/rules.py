"""What may be a file of a package, what may stand in it, and how changes meet a newer release. Plain values only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import orjson

from app.authoring.errors import ContentRefused, ContentTooLarge, NameRefused, PathRefused
from app.core.sizes import Size
from app.definitions.compiled import kind_of
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.rules import DICTIONARY_FILE, SETTINGS_FILE, read_toml
from app.engine.dmn.safe_xml import safe_root
from app.engine.findings import DefinitionError
from app.engine.words import sentence

MEGABYTE = 1024 * 1024
LIMIT = 2 * MEGABYTE
NEEDED = frozenset({SETTINGS_FILE, DICTIONARY_FILE})

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SEGMENT = re.compile(r"\w[\w.-]{0,79}")
_PLACES = {
    FileKind.PROCESS: "processes/{}.bpmn",
    FileKind.DECISION: "processes/{}.dmn",
    FileKind.FORM: "forms/{}.form",
    FileKind.DOCUMENT: "documents/{}.typ",
    FileKind.PATH_TEST: "processes/tests/{}.toml",
}
_SUFFIXES = {
    "processes": (".bpmn", ".dmn", ".toml", ".md"),
    "forms": (".form", ".json", ".md"),
    "documents": (".typ", ".md"),
}
_BPMN_ROOT = "{http://www.omg.org/spec/BPMN/20100524/MODEL}definitions"

NEW_KINDS = tuple(_PLACES)
"""Kinds of files that a person adds one by one."""


def plain_name(name: str) -> str:
    """`name` when it may name a package or a file. Raises NameRefused."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise NameRefused(name=name[:60])
    return name


def place_of(kind: str, name: str) -> str:
    """The path of a new file of `kind`. Raises NameRefused, PathRefused."""
    if kind not in NEW_KINDS:
        raise PathRefused(path=kind[:40])
    return _PLACES[FileKind(kind)].format(plain_name(name))


def stem(path: str) -> str:
    return PurePosixPath(path).stem


def checked_path(path: str) -> str:
    """`path` when it is a place for a file of a package. Raises PathRefused."""
    parts = path.split("/")
    fits = (
        len(path) <= 200
        and 2 <= len(parts) <= 5
        and path.endswith(_SUFFIXES.get(parts[0], ()))
        and all(_SEGMENT.fullmatch(part) and ".." not in part for part in parts)
    )
    if not fits:
        raise PathRefused(path=path[:200])
    return path


def checked_content(path: str, content: bytes, language: str = "zh") -> bytes:
    """`content` when it may be kept as a draft of `path`, however unfinished. Raises the refusals of contents."""
    if len(content) > LIMIT:
        raise ContentTooLarge(path=path, limit=Size(LIMIT))
    try:
        content.decode()
    except UnicodeDecodeError:
        raise ContentRefused(path=path, reason=sentence("file_not_text", {}, language)) from None
    if kind_of(path) in (FileKind.PROCESS, FileKind.DECISION) and b"<!" in content:
        _refuse_document_type(path, content, language)
    return content


def _refuse_document_type(path: str, content: bytes, language: str) -> None:
    try:
        safe_root(content, path)
    except DefinitionError as error:
        first = error.findings[0]
        if first.code == "xml_doctype":
            raise ContentRefused(path=path, reason=sentence(first.code, first.params, language)) from None


def checked_import(path: str, content: bytes, language: str = "zh") -> bytes:
    """`content` when a file from outside is what its name says. Raises ContentTooLarge, ContentRefused."""
    checked_content(path, content, language)
    kind = kind_of(path)
    reason = ""
    try:
        if kind is FileKind.PROCESS and safe_root(content, path).tag != _BPMN_ROOT:
            reason = sentence("file_no_bpmn", {}, language)
        elif kind is FileKind.DECISION and not _is_dmn(content, path):
            reason = sentence("file_no_dmn", {}, language)
        elif kind is FileKind.FORM and not _is_form(content):
            reason = sentence("file_no_form", {}, language)
        elif path.endswith(".toml"):
            read_toml(content, path)
    except DefinitionError as error:
        reason = sentence(error.findings[0].code, error.findings[0].params, language)
    except SettingsRefused as error:
        reason = str(error.params["reason"])
    if reason:
        raise ContentRefused(path=path, reason=reason)
    return content


def _is_dmn(content: bytes, path: str) -> bool:
    tag = str(safe_root(content, path).tag)
    return tag.endswith("}definitions") and "/spec/DMN/" in tag


def _is_form(content: bytes) -> bool:
    try:
        form = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return isinstance(form, dict) and isinstance(form.get("components"), list)


@dataclass(frozen=True, slots=True)
class Merge:
    """A manifest after changes; `clashes` are paths that the changes and a newer release changed differently."""

    manifest: Mapping[str, str]
    clashes: tuple[str, ...]


def merged(base: Mapping[str, str], changes: Mapping[str, str], active: Mapping[str, str]) -> Merge:
    """Lay `changes` (path to hash, "" takes the file out), made against `base`, over the `active` manifest."""
    manifest = dict(active)
    clashes = []
    for path, digest in sorted(changes.items()):
        now = active.get(path, "")
        if now not in (base.get(path, ""), digest):
            clashes.append(path)
        if digest:
            manifest[path] = digest
        else:
            manifest.pop(path, None)
    return Merge(manifest, tuple(clashes))
