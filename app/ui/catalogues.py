"""Compile the translation catalogues of every package: ``python -m app.ui.catalogues``."""

import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[1]


def stale_catalogues(app: Path = APP) -> list[Path]:
    """The ``.po`` files below ``app`` whose compiled form is missing or older."""
    stale = []
    for source in sorted(app.glob("**/translations/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            stale.append(source)
    return stale


def compile_catalogues(app: Path = APP) -> list[Path]:
    """Compile what is stale and return the sources; a malformed catalogue raises babel's ``PoFileError``."""
    stale = stale_catalogues(app)
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


def main() -> None:
    compiled = compile_catalogues()
    if compiled:
        sys.stdout.write(f"Compiled {len(compiled)} translation catalogues.\n")


if __name__ == "__main__":
    main()
