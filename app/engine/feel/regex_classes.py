"""Escapes and character classes of XPath regular expressions, rewritten for RE2 (XML Schema part 2, appendix G)."""

import re
from dataclasses import dataclass


class PatternError(ValueError):
    """The pattern is malformed, or asks for what RE2 cannot do."""


_HIGHEST = 0x10FFFF
_NAME_START = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"
    r"\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_NAME_PART = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_WORD = r"\p{L}\p{M}\p{N}\p{S}"
_NOT_WORD = r"\p{P}\p{Z}\p{C}"
_SPACE = r" \t\n\r"
_NOT_SPACE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x21-\x{10ffff}"
_SINGLE = frozenset("\\|.?*+(){}-[]^$")
_CONTROL = {"n": r"\n", "r": r"\r", "t": r"\t"}
_SETS = {
    "d": (r"\p{Nd}", r"\P{Nd}"),
    "D": (r"\P{Nd}", r"\p{Nd}"),
    "s": (_SPACE, _NOT_SPACE),
    "S": (_NOT_SPACE, _SPACE),
    "w": (_WORD, _NOT_WORD),
    "W": (_NOT_WORD, _WORD),
    "i": (_NAME_START, None),
    "c": (_NAME_PART, None),
    "I": (None, _NAME_START),
    "C": (None, _NAME_PART),
}
_CATEGORY = re.compile(r"\{([A-Za-z0-9-]+)\}")
_CATEGORY_NAMES = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfo]?")
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "Tibetan": (0x0F00, 0x0FFF),
    "HangulJamo": (0x1100, 0x11FF),
    "Mongolian": (0x1800, 0x18AF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "EnclosedCJKLettersandMonths": (0x3200, 0x32FF),
    "CJKCompatibility": (0x3300, 0x33FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A set of characters as it stands between RE2's brackets: itself and its complement, None if inexpressible."""

    inside: str | None
    outside: str | None
    span: tuple[int, int] | None = None
    """The first and the last character, when it is a range."""


def _span(low: int, high: int) -> Item:
    outside = []
    if low > 0:
        outside.append(rf"\x{{0}}-\x{{{low - 1:X}}}")
    if high < _HIGHEST:
        outside.append(rf"\x{{{high + 1:X}}}-\x{{{_HIGHEST:X}}}")
    return Item(rf"\x{{{low:X}}}-\x{{{high:X}}}", "".join(outside), (low, high))


def _escape(pattern: str, position: int) -> tuple[Item | str, int]:
    """What the escape at `position` stands for, a set or one character, and the place behind it."""
    code = pattern[position + 1 : position + 2]
    if code in _CONTROL:
        return {"n": "\n", "r": "\r", "t": "\t"}[code], position + 2
    if code in _SETS:
        inside, outside = _SETS[code]
        return Item(inside, outside), position + 2
    if code in ("p", "P"):
        item, end = _category(pattern, position + 2)
        return (item if code == "p" else Item(item.outside, item.inside)), end
    if code and code in _SINGLE:
        return code, position + 2
    raise PatternError("unknown escape or back-reference")


def _category(pattern: str, position: int) -> tuple[Item, int]:
    match = _CATEGORY.match(pattern, position)
    if match is None:
        raise PatternError("malformed category")
    name = match[1]
    if _CATEGORY_NAMES.fullmatch(name):
        return Item(rf"\p{{{name}}}", rf"\P{{{name}}}"), match.end()
    block = _BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if block is None:
        raise PatternError("unknown category")
    return _span(*block), match.end()


def escape_outside_class(pattern: str, position: int) -> tuple[str, int]:
    """The escape at `position` as RE2 writes it outside brackets, and the place behind it."""
    meant, end = _escape(pattern, position)
    if isinstance(meant, str):
        return rf"\x{{{ord(meant):X}}}", end
    return (f"[{meant.inside}]" if meant.inside is not None else f"[^{meant.outside}]"), end


def without_spaces(pattern: str) -> str:
    """The pattern of the flag `x`: white space stands for nothing, except inside brackets."""
    pieces = []
    depth = 0
    escaped = False
    for character in pattern:
        if character in " \t\n\r" and depth == 0:
            continue
        if not escaped and character in "[]":
            depth += 1 if character == "[" else -1
        escaped = character == "\\" and not escaped
        pieces.append(character)
    return "".join(pieces)


class CharacterClass:
    """A class in brackets, perhaps with another one subtracted."""

    @staticmethod
    def parse(pattern: str, position: int) -> tuple[str, int]:
        """The class at `position` for RE2, and the place behind it."""
        negated, items, subtracted, end = _parse(pattern, position)
        if subtracted is None:
            inside = _joined(items)
            return f"[{'^' if negated else ''}{inside}]", end
        return _difference(negated, items, *subtracted), end


def _parse(
    pattern: str, position: int, nested: bool = False
) -> tuple[bool, list[Item], tuple[bool, list[Item]] | None, int]:
    position += 1
    negated = pattern.startswith("^", position)
    position += negated
    items: list[Item] = []
    while position < len(pattern):
        character = pattern[position]
        if character == "]":
            if not items:
                raise PatternError("empty class")
            return negated, items, None, position + 1
        if pattern.startswith("-[", position):
            if nested or not items:
                raise PatternError("nested subtraction")
            inner_negated, inner, _, end = _parse(pattern, position + 1, nested=True)
            if not pattern.startswith("]", end):
                raise PatternError("text behind a subtraction")
            return negated, items, (inner_negated, inner), end + 1
        if character == "[":
            raise PatternError("unescaped bracket")
        item, position = _item(pattern, position)
        items.append(item)
    raise PatternError("class not closed")


def _item(pattern: str, position: int) -> tuple[Item, int]:
    low, position = _character(pattern, position)
    if isinstance(low, Item):
        return low, position
    ranged = pattern.startswith("-", position) and not pattern.startswith(("-]", "-["), position)
    if not ranged:
        return _span(ord(low), ord(low)), position
    high, position = _character(pattern, position + 1)
    if isinstance(high, Item) or ord(high) < ord(low):
        raise PatternError("malformed range")
    return _span(ord(low), ord(high)), position


def _character(pattern: str, position: int) -> tuple[Item | str, int]:
    if position >= len(pattern):
        raise PatternError("class not closed")
    if pattern[position] == "\\":
        return _escape(pattern, position)
    return pattern[position], position + 1


def _joined(items: list[Item]) -> str:
    parts = [item.inside for item in items]
    if any(part is None for part in parts):
        raise PatternError("class cannot be expressed")
    return "".join(part for part in parts if part is not None)


def _complement(item: Item) -> str:
    if item.outside is None:
        raise PatternError("class cannot be expressed")
    return item.outside


def _difference(negated: bool, items: list[Item], inner_negated: bool, inner: list[Item]) -> str:
    """`items` without `inner`; RE2 knows unions and complements only, so sets of one kind are joined by De Morgan."""
    if not negated and not inner_negated and all(item.span for item in (*items, *inner)):
        return _difference_of_spans(items, inner)
    if negated and not inner_negated:
        return f"[^{_joined(items)}{_joined(inner)}]"
    if not negated and not inner_negated:
        rest = _joined(inner)
        return "(?:" + "|".join(f"[^{_complement(item)}{rest}]" for item in items) + ")"
    if negated:
        rest = _joined(items)
        return "(?:" + "|".join(f"[^{_complement(item)}{rest}]" for item in inner) + ")"
    pairs = [f"[^{_complement(one)}{_complement(other)}]" for one in items for other in inner]
    return "(?:" + "|".join(pairs) + ")"


def _difference_of_spans(items: list[Item], inner: list[Item]) -> str:
    spans = [item.span for item in items if item.span]
    for removed in inner:
        first, last = removed.span or (0, -1)
        spans = [
            part
            for low, high in spans
            for part in ((low, min(high, first - 1)), (max(low, last + 1), high))
            if part[0] <= part[1]
        ]
    if not spans:
        raise PatternError("empty class")
    return "[" + "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in spans) + "]"
