"""Which page edits which kind of file. Editors register themselves; what none takes is edited as text."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.definitions.models import FileKind


@dataclass(frozen=True, slots=True)
class Editor:
    """A page: `endpoint` is a route that takes `package` and `draft_id`, and saves through the draft's own address."""

    kind: str
    endpoint: str
    label: Any = ""


_editors: dict[str, Editor] = {}
_viewers: dict[str, str] = {}

TEXT = Editor("", "authoring.text_editor")

ICONS = {
    FileKind.PROCESS: ("sitemap", _l("Path")),
    FileKind.DECISION: ("table", _l("Rule table")),
    FileKind.FORM: ("forms", _l("Form")),
    FileKind.DOCUMENT: ("file-text", _l("Paper template")),
    FileKind.DICTIONARY: ("book-2", _l("Data dictionary")),
    FileKind.SETTINGS: ("settings", _l("Settings")),
    FileKind.PATH_TEST: ("test-pipe", _l("Path test")),
    FileKind.OTHER: ("file", _l("Other file")),
}


def register(kind: str, endpoint: str, label: Any = "") -> None:
    """Edit files of `kind` on the page `endpoint`; once, in the factory."""
    _editors[kind] = Editor(kind, endpoint, label)


def editor_of(kind: str) -> Editor:
    return _editors.get(kind, TEXT)


def register_comparison(kind: str, endpoint: str) -> None:
    """Show the changes of files of `kind` on the page `endpoint` too (a coloured diagram).

    The route takes `package` and `path`, and as query `old` and `new`: hashes of kept files, "" for none.
    """
    _viewers[kind] = endpoint


def comparison_of(kind: str) -> str:
    return _viewers.get(kind, "")
