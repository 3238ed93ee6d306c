"""The translation catalogues of every package: compiled, and asked for what they lack.

``python -m app.ui.catalogues`` compiles what is stale; with ``--missing`` it prints, in the form of a catalogue, the
messages that no catalogue translates.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

APP = Path(__file__).resolve().parents[1]

FUNCTIONS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


@dataclass(frozen=True, order=True)
class Message:
    """A sentence that users read, and where it first stands.

    `context` tells apart two meanings of one English word, such as the name of a person and of an office.
    """

    id: str
    plural: str
    file: str
    line: int
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.id


def sources(app: Path = APP) -> list[Path]:
    return sorted(app.glob("*/translations/*/LC_MESSAGES/*.po"))


def compile_catalogues(app: Path = APP) -> list[Path]:
    """Compile the catalogues whose compiled form is missing or older, and return their sources.

    A malformed catalogue raises babel's ``PoFileError``.
    """
    stale = [source for source in sources(app) if _is_stale(source)]
    if stale:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for source in stale:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
            # Written beside and moved into place: a server that starts at this moment never reads half a file.
            unfinished = source.with_suffix(".mo.part")
            with unfinished.open("wb") as file:
                write_mo(file, catalogue)
            unfinished.replace(source.with_suffix(".mo"))
    return stale


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns


def messages(app: Path = APP) -> list[Message]:
    """Every message in Python files, templates and refusals below ``app``, once each, in order of place."""
    found: dict[tuple[str, str], Message] = {}
    for message in sorted([*_marked_messages(app), *_refusals(app)], key=lambda m: (m.file, m.line)):
        found.setdefault(message.key, message)
    return list(found.values())


def _marked_messages(app: Path) -> Iterator[Message]:
    from babel.messages.extract import extract_from_dir

    extracted = extract_from_dir(
        str(app),
        method_map=[("**.py", "python"), ("**/templates/**.*", "jinja2.ext:babel_extract")],
        options_map={"**/templates/**.*": {"silent": "false"}},
        keywords=FUNCTIONS,
    )
    for file, line, words, _comments, context in extracted:
        singular, plural = (words, "") if isinstance(words, str) else (words[0], words[1])
        yield Message(singular, plural, file, line, context or "")


def _refusals(app: Path) -> Iterator[Message]:
    """The docstrings of the classes in ``errors.py`` files: the sentences that refused people read.

    The engine's errors are worded in ``engine/words``.
    """
    for path in sorted(one for one in app.glob("**/errors.py") if one.relative_to(app).parts[0] != "engine"):
        for node in ast.parse(path.read_text()).body:
            sentence = ast.get_docstring(node) if isinstance(node, ast.ClassDef) else None
            if sentence:
                yield Message(sentence, "", str(path.relative_to(app)), node.lineno)


def untranslated(app: Path = APP, locale: str = "zh_CN") -> list[Message]:
    """The messages that no catalogue of ``locale`` translates; a fuzzy entry is no translation."""
    from babel.messages.pofile import read_po

    known: set[tuple[str, str]] = set()
    for source in sources(app):
        if source.parts[-3] == locale:
            with source.open("rb") as file:
                for entry in read_po(file, locale=locale):
                    key = entry.id if isinstance(entry.id, str) else entry.id[0]
                    words = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
                    if key and words and all(words) and not entry.fuzzy:
                        known.add((entry.context or "", key))
    return [message for message in messages(app) if message.key not in known]


def main() -> None:
    if "--missing" in sys.argv[1:]:
        for message in untranslated():
            plural = f"msgid_plural {_quoted(message.plural)}\nmsgstr[0] " if message.plural else "msgstr "
            context = f"msgctxt {_quoted(message.context)}\n" if message.context else ""
            place = f"#: {message.file}:{message.line}"
            sys.stdout.write(f'{place}\n{context}msgid {_quoted(message.id)}\n{plural}""\n\n')
        return
    compiled = compile_catalogues()
    if compiled:
        sys.stdout.write(f"Compiled {len(compiled)} translation catalogues.\n")


def _quoted(text: str) -> str:
    from babel.messages.pofile import escape

    return str(escape(text))


if __name__ == "__main__":
    main()
