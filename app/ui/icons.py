"""The icon font with only the icons that pages use: a few kilobytes instead of five hundred.

The outlines of the others are taken out of the TrueType file; the tables stay in their order, packed as WOFF 1.0.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

APP = Path(__file__).resolve().parents[1]
STYLES, FONT = "icons.css", "icons.woff"

_RULE = re.compile(r"\.ti-([a-z0-9-]+):before\s*\{\s*content:\s*\"\\([0-9a-f]+)\"")
_NAMED = re.compile(r"""(?:\bti-|["'])([a-z0-9]+(?:-[a-z0-9]+)*)(?=["'\s])""")
_KEPT = ("OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post")
_PLAIN_NAMES = struct.pack(">IIhhIIIII", 0x00030000, 0, 0, 0, 0, 0, 0, 0, 0)
"""A `post` table without the names of glyphs."""


def used_icons(known: Iterable[str], app: Path = APP) -> set[str]:
    """The icons that a template, a script or Python code names."""
    named: set[str] = set()
    for path in app.rglob("*"):
        if path.suffix in (".html", ".py", ".js") and "vendor" not in path.parts:
            named.update(_NAMED.findall(path.read_text()))
    return named.intersection(known)


def in_use(source: Path) -> tuple[str, bytes]:
    """The style sheet and the font of the icons in use, from the folder of the whole ones."""
    known = dict(_RULE.findall((source / "tabler-icons.css").read_text()))
    points = {name: int(known[name], 16) for name in sorted(used_icons(known))}
    font = subset((source / "fonts/tabler-icons.ttf").read_bytes(), points.values())
    return style_sheet(points, hashlib.sha256(font).hexdigest()[:12]), font


def style_sheet(points: Mapping[str, int], version: str) -> str:
    head = (
        "/* Tabler Icons, MIT licence, https://github.com/tabler/tabler-icons */\n"
        f'@font-face{{font-family:"tabler-icons";font-display:block;src:url("./{FONT}?v={version}") format("woff")}}\n'
        '.ti{font-family:"tabler-icons" !important;font-style:normal;font-weight:400;font-variant:normal;'
        "text-transform:none;line-height:1;display:inline-block;min-width:1em;-webkit-font-smoothing:antialiased}\n"
    )
    return head + "".join(f'.ti-{name}:before{{content:"\\{point:x}"}}\n' for name, point in points.items())


def subset(font: bytes, points: Iterable[int]) -> bytes:
    """The font as WOFF with the outlines of these characters alone; glyphs keep their numbers."""
    tables = _tables(font)
    glyph_of = _characters(tables["cmap"])
    wanted = {glyph_of[point]: point for point in points if point in glyph_of}
    long_offsets = struct.unpack_from(">h", tables["head"], 50)[0]
    glyphs = struct.unpack_from(">H", tables["maxp"], 4)[0]
    offsets = _offsets(tables["loca"], glyphs, bool(long_offsets))
    outlines, starts = bytearray(), [0]
    for glyph in range(glyphs):
        if glyph == 0 or glyph in wanted:
            outlines += tables["glyf"][offsets[glyph] : offsets[glyph + 1]]
            outlines += bytes(-len(outlines) % 4)
        starts.append(len(outlines))
    tables["glyf"] = bytes(outlines)
    tables["loca"] = struct.pack(f">{glyphs + 1}I", *starts)
    tables["head"] = tables["head"][:50] + struct.pack(">h", 1) + tables["head"][52:]
    tables["cmap"] = _character_map({point: glyph for glyph, point in wanted.items()})
    tables["hmtx"] = _widths(tables["hmtx"], struct.unpack_from(">H", tables["hhea"], 34)[0], {0, *wanted})
    tables["post"] = _PLAIN_NAMES
    return _woff(font[:4], {name: tables[name] for name in _KEPT if name in tables})


def _tables(font: bytes) -> dict[str, bytes]:
    found = {}
    for number in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _sum, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        found[tag.decode("ascii")] = font[offset : offset + length]
    return found


def _characters(cmap: bytes) -> dict[int, int]:
    """Glyph numbers by code point, from the subtable of format 4 or 12."""
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(">H", cmap, 2)[0]):
        offset = struct.unpack_from(">HHI", cmap, 4 + 8 * number)[2]
        kind = struct.unpack_from(">H", cmap, offset)[0]
        if kind == 12:
            for group in range(struct.unpack_from(">I", cmap, offset + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", cmap, offset + 16 + 12 * group)
                found.update((point, glyph + point - first) for point in range(first, last + 1))
        elif kind == 4:
            found.update(_of_segments(cmap[offset:]))
    return found


def _of_segments(table: bytes) -> dict[int, int]:
    segments = struct.unpack_from(">H", table, 6)[0] // 2
    columns = [
        struct.unpack_from(f">{segments}H", table, start)
        for start in (14, 16 + 2 * segments, 16 + 4 * segments, 16 + 6 * segments)
    ]
    found = {}
    for number, (last, first, shift, jump) in enumerate(zip(*columns, strict=True)):
        for point in range(first, min(last, 0xFFFE) + 1):
            if jump == 0:
                glyph = (point + shift) & 0xFFFF
            else:
                at = 16 + 6 * segments + 2 * number + jump + 2 * (point - first)
                glyph = struct.unpack_from(">H", table, at)[0]
                glyph = (glyph + shift) & 0xFFFF if glyph else 0
            if glyph:
                found[point] = glyph
    return found


def _character_map(glyph_of: Mapping[int, int]) -> bytes:
    """A `cmap` with one subtable of format 12."""
    groups = b"".join(struct.pack(">III", point, point, glyph) for point, glyph in sorted(glyph_of.items()))
    table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(glyph_of)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


def _offsets(loca: bytes, glyphs: int, long: bool) -> list[int]:
    if long:
        return list(struct.unpack(f">{glyphs + 1}I", loca))
    return [2 * half for half in struct.unpack(f">{glyphs + 1}H", loca)]


def _widths(hmtx: bytes, whole: int, wanted: set[int]) -> bytes:
    """Widths of the glyphs in use; the others' are noughts, which pack to nothing."""
    kept = bytearray(len(hmtx))
    for glyph in wanted:
        if glyph < whole:
            kept[4 * glyph : 4 * glyph + 4] = hmtx[4 * glyph : 4 * glyph + 4]
        else:
            at = 4 * whole + 2 * (glyph - whole)
            kept[at : at + 2] = hmtx[at : at + 2]
    if whole:
        kept[4 * whole - 4 : 4 * whole] = hmtx[4 * whole - 4 : 4 * whole]
    return bytes(kept)


def _woff(flavour: bytes, tables: Mapping[str, bytes]) -> bytes:
    directory, body = bytearray(), bytearray()
    start = 44 + 20 * len(tables)
    for tag, table in sorted(tables.items()):
        packed = zlib.compress(table, 9)
        stored = packed if len(packed) < len(table) else table
        place = start + len(body)
        directory += struct.pack(">4sIIII", tag.encode(), place, len(stored), len(table), _checksum(tag, table))
        body += stored + bytes(-len(stored) % 4)
    plain = 12 + 16 * len(tables) + sum(len(table) + (-len(table) % 4) for table in tables.values())
    total = start + len(body)
    head = struct.pack(">4s4sIHHIHHIIIII", b"wOFF", flavour, total, len(tables), 0, plain, 1, 0, 0, 0, 0, 0, 0)
    return head + bytes(directory) + bytes(body)


def _checksum(tag: str, table: bytes) -> int:
    if tag == "head":
        table = table[:8] + bytes(4) + table[12:]
    padded = table + bytes(-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
