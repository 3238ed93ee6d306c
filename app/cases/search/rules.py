"""From a text to tokens, and from what somebody types to what must be found: plain values in, plain values out.

Chinese is cut into pairs of neighbouring characters, so that a name of two characters is found; everything else into
words. A token is kept as a number of 32 bits, salted by the county.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, islice, product

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+")
_EMPTY = frozenset("的了着吗呢")
"""Particles: no name holds them, and the pairs around them tell nothing."""

SUMMARY_CHARACTERS = 48
"""How much of the first account is indexed: who reads on has found the case by then."""
TAIL = 4
"""The digits by which a telephone is found, at least."""
MOST_WORDS = 8
MOST_WAYS = 16

_FIRST, _WHOLE = "^", "="
_IDENTITY = re.compile(r"\d{17}[\dx]|\d{15}")
_CODE_PART = re.compile(r"[a-z]{1,6}\d{4}(-[0-9a-z-]*)?|\d{1,6}-[0-9a-z]{1,3}")
_CODE_WORDS = re.compile(r"(?:[a-z]{1,6}\d{4})?-?(\d{1,6})?(?:-([0-9a-z]{3}))?$")


def normalised(text: str) -> str:
    """One form for full and half width, capital and small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> Iterator[str]:
    """The tokens of a text, as words."""
    for run in _RUN.finditer(normalised(text)):
        found = run[0]
        if run["han"] is None:
            yield found
        else:
            yield from _pairs(found)


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1) if not _EMPTY.intersection(run[at : at + 2]))


def name_words(name: str) -> Iterator[str]:
    """A name is found by its surname, by each pair of its characters, and as a whole."""
    plain = normalised(name).strip()
    if plain:
        yield _FIRST + plain[0]
        yield _WHOLE + plain
        yield from words(plain)


def phone_words(phone: str) -> Iterator[str]:
    digits = _digits(phone)
    if len(digits) >= TAIL:
        yield digits[-TAIL:]


def code_words(code: str) -> Iterator[str]:
    """`FX2026-000123-7KQ` is found by 000123, 123 and 7KQ."""
    for part in normalised(code).split("-")[1:]:
        yield part
        if part.isdigit():
            yield part.lstrip("0") or "0"


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def case_numbers(
    county_id: int, *, code: str, place: str, summary: str, people: Iterable[tuple[str, str]]
) -> list[int]:
    """The tokens under which a case is found; `people` are names with their telephones."""
    found = {*code_words(code), *words(place), *words(summary[:SUMMARY_CHARACTERS])}
    for name, phone in people:
        found.update(name_words(name))
        found.update(phone_words(phone))
    return sorted(numbers(county_id, found))


def numbers(county_id: int, found: Iterable[str]) -> set[int]:
    salt = county_id & 0xFFFFFFFF
    return {zlib.crc32(word.encode(), salt) - 0x80000000 for word in found}


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a case may be meant: all `words`, and beyond them what an index alone does not tell."""

    words: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()

    def and_also(self, other: "Way") -> "Way":
        return Way(
            self.words | other.words,
            self.codes | other.codes,
            self.tails | other.tails,
            self.identities | other.identities,
        )


def sieve(way: Way) -> frozenset[str]:
    """Two of the words of a way, at most; surnames come last, for every tenth case has the same."""
    return frozenset(sorted(way.words, key=lambda word: (word.startswith(_FIRST), word))[:2])


def ways(text: str) -> Sequence[Way]:
    """The ways in which a case may be what `text` means; none when it says nothing that could be found."""
    terms = [list(_ways_of_term(term)) for term in terms_of(text)]
    meant = [one for one in terms if one]
    if not meant:
        return []
    found = (_together(each) for each in product(*meant))
    return list(dict.fromkeys(islice(found, MOST_WAYS)))


def _together(each: Iterable[Way]) -> Way:
    whole = Way()
    for one in each:
        whole = whole.and_also(one)
    return whole


def terms_of(text: str) -> list[str]:
    """What somebody typed, word by word."""
    return normalised(text).split()[:MOST_WORDS]


def _ways_of_term(term: str) -> Iterator[Way]:
    if _IDENTITY.fullmatch(term):
        yield Way(identities=frozenset({term.upper()}))
        return
    if len(term) == 1 and _RUN.fullmatch(term) and not term.isascii():
        yield Way(frozenset({_FIRST + term}))
        return
    if _CODE_PART.fullmatch(term):
        number, last = parts.groups("") if (parts := _CODE_WORDS.match(term)) else ("", "")
        yield Way(frozenset(filter(None, (number.lstrip("0"), last))), codes=frozenset({term.upper()}))
    plain = frozenset(words(term))
    if plain:
        yield Way(plain)
    digits = _digits(term)
    if len(digits) > TAIL and digits == term.replace("-", ""):
        yield Way(frozenset({digits[-TAIL:]}), tails=frozenset({digits}))


def exact(way: Way, text: str) -> Way | None:
    """The same way, with each word that may be somebody's whole name taken for that; None when none may be."""
    names = {_WHOLE + term for term in terms_of(text) if 2 <= len(term) <= 12 and not any(map(str.isdigit, term))}
    return replace(way, words=way.words | names) if names else None


def marked(text: str, wanted: str) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is what was asked for; of a long run its pairs are marked too."""
    plain = text.casefold()
    hits = [False] * len(text)
    if len(plain) == len(text):
        for piece in sought(wanted):
            at = plain.find(piece)
            while at >= 0:
                hits[at : at + len(piece)] = [True] * len(piece)
                at = plain.find(piece, at + 1)
    pieces, at = [], 0
    for hit, run in groupby(hits):
        end = at + sum(1 for _ in run)
        pieces.append((text[at:end], hit))
        at = end
    return pieces


@lru_cache(maxsize=256)
def sought(wanted: str) -> frozenset[str]:
    """The pieces of text by which something is recognised as what was asked for."""
    found = set[str]()
    for term in terms_of(wanted):
        found.add(term)
        found.update(words(term))
    return frozenset(found)


def excerpt(text: str, wanted: str, around: int = 40) -> str:
    """The part of a long text in which what was asked for stands first."""
    plain = text.casefold()
    found = [at for piece in sought(wanted) if (at := plain.find(piece)) >= 0]
    first = max(0, min(found, default=0) - around // 2)
    part = text[first : first + 2 * around]
    return ("…" if first else "") + part + ("…" if first + len(part) < len(text) else "")
