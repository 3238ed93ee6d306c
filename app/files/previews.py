"""Pictures of files for the browser: drawn by a guarded child at the first look, and kept beside the originals."""

import os
from pathlib import Path

from flask import current_app

from app.files.errors import FileGone, NoPreview
from app.files.guarded import Children, NoAnswer
from app.files.models import StoredFile
from app.files.rules import PDF, PHOTOS
from app.files.storage import Store

FONTS = Path(__file__).parents[1] / "documents" / "fonts"
SECONDS = 5.0
WHOLE, SMALL = 2000, 480
"""The longest side of a picture as it is looked at, and in a list."""
MOST_PAGES = 500

_children: Children | None = None


def children() -> Children:
    """The children of this process that draw."""
    global _children
    if _children is None:
        _children = Children(1, seconds=SECONDS, fonts=lambda: FONTS)
    return _children


def _after_fork() -> None:
    global _children
    _children = None


os.register_at_fork(after_in_child=_after_fork)


def can_be_drawn(file: StoredFile) -> bool:
    return file.media_type in PHOTOS or file.media_type == PDF


def picture(file: StoredFile, *, side: int = WHOLE, page: int = 1) -> bytes:
    """A picture of the file as JPEG, of a PDF the page. Raises NoPreview and FileGone."""
    if not can_be_drawn(file) or not 1 <= page <= MOST_PAGES:
        raise NoPreview(name=file.name)
    var = Path(current_app.config["VAR"])
    drawn = place_of(var, file.hash) / f"{side}-{page}.jpg"
    try:
        return drawn.read_bytes()
    except FileNotFoundError:
        pass
    try:
        content = Store(var / "files").read(file.hash)
    except FileNotFoundError:
        raise FileGone from None
    head = {"do": "page" if file.media_type == PDF else "picture", "page": str(page), "side": str(side)}
    try:
        answer, made = children().ask(head, content)
    except NoAnswer:
        raise NoPreview(name=file.name) from None
    if "error" in answer:
        raise NoPreview(name=file.name)
    drawn.parent.mkdir(parents=True, exist_ok=True)
    unfinished = drawn.with_name(f".part-{os.getpid()}-{file.id}-{drawn.name}")
    unfinished.write_bytes(made)
    unfinished.replace(drawn)
    return made


def place_of(var: Path, digest: str) -> Path:
    """The folder of what was drawn from these bytes."""
    return Store(var / "pictures").path(digest)
