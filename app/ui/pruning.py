"""A style sheet of others with only the rules that our pages can use: by the classes that the program names anywhere.

A class whose name is put together (`btn-{{ … }}`) keeps every rule that begins like it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parents[1]

_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_ATTRIBUTE = re.compile(r"\[(data-[\w-]+)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_NOT = re.compile(r":not\([^()]*\)")


def words_in(app: Path = APP) -> set[str]:
    """Every word in templates, scripts, style sheets and Python code that could be a class."""
    found: set[str] = set()
    for path in app.rglob("*"):
        if path.suffix in (".html", ".py", ".js", ".css") and "vendor" not in path.parts:
            found.update(_WORD.findall(path.read_text()))
    return found


def pruned(sheet: str, words: set[str]) -> str:
    """The rules of `sheet` of which some selector can match a page that knows these words."""
    beginnings = tuple(word for word in words if word.endswith("-") and len(word) > 2)
    return "".join(_rules(sheet, words, beginnings))


def _rules(sheet: str, words: set[str], beginnings: tuple[str, ...]) -> Iterator[str]:
    for head, body in _blocks(sheet):
        if body is None:
            yield head
        elif head.startswith(("@media", "@supports", "@layer", "@container")):
            inner = "".join(_rules(body, words, beginnings))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            kept = [one for one in _selectors(head) if _may_match(one, words, beginnings)]
            if kept:
                yield f"{','.join(kept)}{{{body}}}"


def _blocks(sheet: str) -> Iterator[tuple[str, str | None]]:
    """(what stands before the brace, what it holds) of each block; (statement, None) for `@charset …;`."""
    at = 0
    while at < len(sheet):
        brace, semicolon = _find(sheet, at, "{"), _find(sheet, at, ";")
        if brace < 0:
            return
        if 0 <= semicolon < brace:
            yield sheet[at : semicolon + 1].strip(), None
            at = semicolon + 1
            continue
        end, depth = brace + 1, 1
        while depth:
            opening, closing = _find(sheet, end, "{"), _find(sheet, end, "}")
            depth += 1 if 0 <= opening < closing else -1
            end = (opening if 0 <= opening < closing else closing) + 1
        yield re.sub(r"/\*.*?\*/", "", sheet[at:brace], flags=re.DOTALL).strip(), sheet[brace + 1 : end - 1]
        at = end


def _find(sheet: str, start: int, mark: str) -> int:
    """Where a mark stands outside of quotes and comments; -1 for nowhere."""
    at = start
    pattern = re.compile(rf"{_QUOTED.pattern}|/\*.*?\*/|({re.escape(mark)})", re.DOTALL)
    while found := pattern.search(sheet, at):
        if found.group(1):
            return found.start(1)
        at = found.end()
    return -1


def _selectors(head: str) -> list[str]:
    """The selectors between commas, those in parentheses left whole."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(head):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(head[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, head[start:])]


def _may_match(selector: str, words: set[str], beginnings: tuple[str, ...]) -> bool:
    plain = _NOT.sub("", selector)
    named = [name.replace("\\", "") for name in _CLASS.findall(_QUOTED.sub("", plain))]
    return all(name in words or name.startswith(beginnings) for name in named) and all(
        name in words for name in _ATTRIBUTE.findall(plain)
    )
