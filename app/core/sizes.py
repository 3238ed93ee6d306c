"""How large a file is, and how large it may be, in the reader's language."""

from flask_babel import ngettext

_STEP = 1024
_UNITS = ("KB", "MB", "GB")


class Size(int):
    """A number of bytes; in a refusal it is told as a size."""


def size_words(count: int) -> str:
    """761 字节, 3.4 KB, 20 MB: in steps of 1,024, with a digit after the point below ten."""
    if count < _STEP:
        return str(ngettext("%(num)s byte", "%(num)s bytes", count))
    value, units = count / _STEP, list(_UNITS)
    while round(value) >= _STEP and len(units) > 1:
        value /= _STEP
        units.pop(0)
    shown = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
    return f"{shown.removesuffix('.0')} {units[0]}"
