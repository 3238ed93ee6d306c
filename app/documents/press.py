"""Prints documents in guarded children (`app.files.guarded`) that live on from one document to the next."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from app.documents.errors import DocumentBroken, FontsMissing
from app.files.guarded import Children, NoAnswer
from app.files.previews import FONTS

SECONDS = 5.0
MOST_BYTES = 20 * 1024 * 1024
MOST_PAGES = 500
MOST_SOURCE = 1_000_000
MAIN = "main.typ"


class Printed(NamedTuple):
    pdf: bytes
    pages: int


class Press:
    """At most `size` children that print."""

    def __init__(self, size: int = 1, *, seconds: float = SECONDS, fonts: Path = FONTS) -> None:
        self._fonts = fonts
        self._children = Children(size, seconds=seconds, fonts=self._font_folder)

    def print(
        self, source: str, data: Mapping[str, Any], *, name: str = "", beside: Mapping[str, str] | None = None
    ) -> Printed:
        """The PDF/A-2b of a typst text, to which `data` is `sys.inputs.data`, as JSON.

        `beside` holds the texts that it may import by their file name. It sees no file, no package and no network.
        Raises DocumentBroken, which names the place of a slip, for whatever cannot be printed within the limits
        (5 s, 20 MB, 500 pages), and FontsMissing.
        """
        files = {**(beside or {}), MAIN: source}
        if sum(map(len, files.values())) > MOST_SOURCE:
            raise DocumentBroken(name=name, reason="the template is too long", where="")
        head = {"do": "print", "data": json.dumps(data, ensure_ascii=False)}
        answer, pdf = self._ask(head, json.dumps(files).encode(), name)
        pages = int(str(answer["pages"]))
        if len(pdf) > MOST_BYTES or pages > MOST_PAGES:
            raise DocumentBroken(name=name, reason=f"too large: {pages} pages, {len(pdf)} bytes", where="")
        return Printed(pdf, pages)

    def pages(self, pdf: bytes, *, name: str = "") -> int:
        """How many pages a PDF has that somebody sent. Raises DocumentBroken."""
        answer, _body = self._ask({"do": "pages"}, pdf, name)
        return int(str(answer["pages"]))

    def close(self) -> None:
        """Stop the children; the press may be used again."""
        self._children.close()

    def _ask(self, head: Mapping[str, str], body: bytes, name: str) -> tuple[dict[str, object], bytes]:
        try:
            answer, content = self._children.ask(head, body)
        except NoAnswer as error:
            raise DocumentBroken(name=name, reason=str(error), where="") from error
        if "error" in answer:
            raise DocumentBroken(name=name, reason=str(answer["error"]), where=str(answer.get("where", "")))
        return answer, content

    def _font_folder(self) -> Path:
        if not any(self._fonts.glob("*.ttf")):
            raise FontsMissing
        return self._fonts


_press: Press | None = None


def press() -> Press:
    """The press of this process."""
    global _press
    if _press is None:
        _press = Press()
    return _press


def _after_fork() -> None:
    global _press
    _press = None


os.register_at_fork(after_in_child=_after_fork)
