"""Pictures of files for the browser: drawn by a guarded child at the first look, and kept beside the originals."""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from app.core.errors import Overcrowded
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
MOST_WAITING = 6
"""How many wait for pictures at once, as many as one browser asks for; the other threads go on with other work."""
PATIENCE = 10.0
"""Seconds for which somebody waits while pictures of others are drawn."""
LEFT_ALONE = 600.0
"""Seconds for which what could not be drawn is not tried again."""

_children: Children | None = None
_turn, _places = threading.Lock(), threading.BoundedSemaphore(MOST_WAITING)


def children() -> Children:
    """The children of this process that draw."""
    global _children
    if _children is None:
        _children = Children(1, seconds=SECONDS, fonts=lambda: FONTS)
    return _children


def _after_fork() -> None:
    global _children, _turn, _places
    _children, _turn, _places = None, threading.Lock(), threading.BoundedSemaphore(MOST_WAITING)


os.register_at_fork(after_in_child=_after_fork)


def can_be_drawn(file: StoredFile) -> bool:
    return file.media_type in PHOTOS or file.media_type == PDF


def picture(file: StoredFile, *, side: int = WHOLE, page: int = 1) -> bytes:
    """A picture of the file as JPEG, of a PDF the page. Raises NoPreview, FileGone, Overcrowded."""
    if not can_be_drawn(file) or not 1 <= page <= MOST_PAGES:
        raise NoPreview(name=file.name)
    var = Path(current_app.config["VAR"])
    drawn = place_of(var, file.hash) / f"{side}-{page}.jpg"
    kept = _kept(file, drawn)
    if kept is not None:
        return kept
    head = {"do": "page" if file.media_type == PDF else "picture", "page": str(page), "side": str(side)}
    with _one_at_a_time():
        kept = _kept(file, drawn)
        return kept if kept is not None else _drawn(file, drawn, head, Store(var / "files"))


def _kept(file: StoredFile, drawn: Path) -> bytes | None:
    """What was drawn before, None where nobody has tried. Raises NoPreview where it was tried in vain lately."""
    try:
        made, at = drawn.read_bytes(), drawn.stat().st_mtime
    except FileNotFoundError:
        return None
    if not made and time.time() - at < LEFT_ALONE:
        raise NoPreview(name=file.name)
    return made or None


def _drawn(file: StoredFile, drawn: Path, head: Mapping[str, str], store: Store) -> bytes:
    """Draw it and keep it; an empty picture stands for what cannot be drawn."""
    try:
        content = store.read(file.hash)
    except FileNotFoundError:
        raise FileGone from None
    try:
        answer, made = children().ask(head, content)
    except NoAnswer:
        answer, made = {"error": ""}, b""
    made = b"" if "error" in answer else made
    drawn.parent.mkdir(parents=True, exist_ok=True)
    unfinished = drawn.with_name(f".part-{os.getpid()}-{file.id}-{drawn.name}")
    unfinished.write_bytes(made)
    unfinished.replace(drawn)
    if not made:
        raise NoPreview(name=file.name)
    return made


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A picture that takes long holds up other pictures, not everybody who works at this moment. Raises Overcrowded."""
    turn, places = _turn, _places
    if not places.acquire(blocking=False):
        raise Overcrowded
    try:
        if not turn.acquire(timeout=PATIENCE):
            raise Overcrowded
        try:
            yield
        finally:
            turn.release()
    finally:
        places.release()


def place_of(var: Path, digest: str) -> Path:
    """The folder of what was drawn from these bytes."""
    return Store(var / "pictures").path(digest)
