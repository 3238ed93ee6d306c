"""The press prints Chinese, and nothing that a template tries harms anybody."""

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from app.documents.errors import DocumentBroken, FontsMissing
from app.documents.press import Press

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    shared = Press()
    yield shared
    shared.close()


HEAD = '#let data = json(bytes(sys.inputs.data))\n#set text(font: "Noto Serif SC")\n'


def test_chinese_is_printed_with_embedded_fonts(press: Press) -> None:
    printed = press.print(HEAD + "= 人民调解协议书\n#data.name *乙方* 夔", {"name": "张三"})
    assert printed.pages == 1
    with pikepdf.open(io.BytesIO(printed.pdf)) as pdf:
        fonts = {str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()}
        assert len(fonts) == 2
        assert all("NotoSerif" in font for font in fonts)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "2"
            assert metadata["pdfaid:conformance"] == "B"


def test_the_second_document_is_quick(press: Press) -> None:
    press.print(HEAD, {})
    took = []
    for _ in range(5):
        began = time.monotonic()
        press.print(HEAD + "一页", {})
        took.append(time.monotonic() - began)
    assert min(took) < 1


def test_what_people_typed_is_only_text(press: Press) -> None:
    evil = '#read("/etc/passwd") #panic() ]]} $ \\ <script>'
    assert press.print(HEAD + "#data.name", {"name": evil}).pages == 1


def test_a_template_imports_what_stands_beside_it(press: Press) -> None:
    beside = {"base.typ": HEAD + "#let hello = [甲方]"}
    assert press.print('#import "base.typ": *\n#hello #data.name', {"name": "乙"}, beside=beside).pages == 1
    with pytest.raises(DocumentBroken, match="not found"):
        press.print('#import "other.typ": *', {}, beside=beside)


def test_a_slip_is_named_with_its_place(press: Press) -> None:
    with pytest.raises(DocumentBroken) as error:
        press.print(HEAD + "\n#data.nobody", {"name": "x"}, name="agreement")
    assert "nobody" in str(error.value)
    assert "agreement" in str(error.value)
    assert "4:6" in error.value.where or "4 │" in error.value.where


def test_a_font_that_is_not_there_is_an_error_and_no_empty_page(press: Press) -> None:
    with pytest.raises(DocumentBroken, match="unknown font"):
        press.print('#set text(font: "SimSun")\n调解', {})


def test_behind_the_shut_doors_nothing_opens() -> None:
    probe = """
import socket
from app.files.guarded_child import _shut_the_doors
_shut_the_doors()
for attempt in (lambda: open("/etc/hostname"), lambda: socket.socket()):
    try:
        attempt()
        print("open")
    except OSError:
        print("shut")
"""
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["shut", "shut"]


@pytest.mark.parametrize(
    "source",
    [
        '#read("/etc/passwd")',
        '#read("../../../../../../etc/passwd")',
        '#include "/proc/self/environ"',
        '#image("/etc/hostname")',
        '#import "@preview/example:0.1.0": add',
        '#import ("@pre" + "view/cetz:0.3.1")',
        '#plugin("x.wasm")',
        "#while true {}",
        '#let s = "a"; #for i in range(60) { s = s + s }',
        "#for i in range(600) { pagebreak() }",
        "#let f(x) = f(x); #f(1)",
    ],
)
def test_a_hostile_template_gets_nothing(press: Press, source: str) -> None:
    began = time.monotonic()
    with pytest.raises(DocumentBroken):
        press.print(source, {})
    assert time.monotonic() - began < 60
    assert press.print(HEAD + "还在", {}).pages == 1


def test_an_endless_document_is_stopped() -> None:
    press = Press(seconds=1.0)
    try:
        press.print(HEAD, {})
        began = time.monotonic()
        with pytest.raises(DocumentBroken, match="too long"):
            press.print("#for i in range(100000) { for j in range(100000) { let x = calc.pow(2, 3) } }", {})
        assert time.monotonic() - began < 20
        assert press.print(HEAD, {}).pages == 1
    finally:
        press.close()


def test_pages_of_a_pdf_that_somebody_sent(press: Press) -> None:
    two = press.print(HEAD + "一 #pagebreak() 二", {})
    assert press.pages(two.pdf) == 2
    with pytest.raises(DocumentBroken):
        press.pages(b"%PDF-1.7 nothing")


def test_missing_fonts_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing, match="make setup"):
        Press(fonts=tmp_path).print("x", {})
