"""What pages load of the icon font and of the big style sheet: everything that is used, and little besides."""

import struct
import zlib
from pathlib import Path

import pytest

from app.directory.registers.rules import ICONS
from app.ui import icons
from app.ui.pruning import pruned, words_in

ROOT = Path(__file__).resolve().parents[3]
WHOLE = ROOT / "node_modules/@tabler/icons-webfont/dist"
VENDOR = ROOT / "app/ui/static/vendor"


@pytest.fixture(scope="module")
def gathered() -> tuple[str, bytes]:
    if not WHOLE.exists():
        pytest.skip("the front-end packages are not installed")
    return icons.in_use(WHOLE)


def tables(woff: bytes) -> dict[str, bytes]:
    found = {}
    for number in range(struct.unpack_from(">H", woff, 12)[0]):
        tag, start, packed, plain, _sum = struct.unpack_from(">4sIIII", woff, 44 + 20 * number)
        stored = woff[start : start + packed]
        found[tag.decode()] = zlib.decompress(stored) if packed < plain else stored
        assert len(found[tag.decode()]) == plain
    return found


def test_every_named_icon_has_its_outline(gathered: tuple[str, bytes]) -> None:
    sheet, font = gathered
    for name in ("inbox", "arrow-left", "clock-exclamation", "hand-grab", "text-size"):
        assert f".ti-{name}:before" in sheet
    assert [name for name in ICONS if f".ti-{name}:before" not in sheet] == [], "what registers offer"
    assert ".ti-zodiac-virgo:" not in sheet
    assert len(font) < 60_000
    found = tables(font)
    assert struct.unpack_from(">I", font, 8)[0] == len(font)
    groups = struct.unpack_from(">I", found["cmap"], 24)[0]
    assert groups == sheet.count(":before")
    offsets = struct.unpack(f">{len(found['loca']) // 4}I", found["loca"])
    for number in range(groups):
        glyph = struct.unpack_from(">III", found["cmap"], 28 + 12 * number)[2]
        assert offsets[glyph + 1] > offsets[glyph]
    assert offsets[-1] == len(found["glyf"])


def test_rules_stay_for_what_a_page_may_hold() -> None:
    sheet = (
        '@charset "utf-8";:root{--a:1}a:hover{x:y}.btn,.gone{x:1}.btn-danger{x:2}.gone .btn{x:3}'
        ".btn:not(.gone){x:4}[data-bs-theme=dark] a{x:5}@media (min-width:1px){.gone{x:6}.card{x:7}}"
        '@media print{.gone{x:8}}.card::before{content:"} .gone{"}@font-face{font-family:q}/* .card{ */'
    )
    assert pruned(sheet, {"btn", "btn-", "card"}) == (
        '@charset "utf-8";:root{--a:1}a:hover{x:y}.btn{x:1}.btn-danger{x:2}.btn:not(.gone){x:4}'
        '@media (min-width:1px){.card{x:7}}.card::before{content:"} .gone{"}@font-face{font-family:q}'
    )


def test_the_big_sheet_shrinks_to_a_fraction() -> None:
    path = VENDOR / "tabler/tabler.min.css"
    if not path.exists():
        pytest.skip("the front-end packages are not installed")
    whole = path.read_text()
    small = pruned(whole, words_in())
    assert len(small) < len(whole) / 4
    assert ".form-control" in small
    assert small.count("{") == small.count("}")
