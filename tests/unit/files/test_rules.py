"""A file is what its bytes are."""

import io
import zipfile

import pytest
from PIL import Image

from app.files import rules
from app.files.errors import FileEmpty, FileRefused, FileTypeFalse, FileTypeUnknown, FileUnreadable
from app.files.pictures import drawn_anew
from app.files.rules import DOCX, HEIC, JPEG, MP3, PDF, PNG, TEXT, WEBP, XLSX, media_type, plain_name
from tests.pictures import PLACE, photo, picture


def office(*parts: str, filling: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part, filling)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("水渠.jpg", picture(), JPEG),
        ("水渠.JPEG", picture(), JPEG),
        ("截图.png", picture("PNG"), PNG),
        ("a.webp", picture("WEBP"), WEBP),
        ("renamed.png", picture("JPEG"), JPEG),
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + b"\0" * 20, HEIC),
        ("协议.pdf", b"%PDF-1.7\n...%%EOF", PDF),
        ("申请书.docx", office("[Content_Types].xml", "word/document.xml"), DOCX),
        ("工资.xlsx", office("xl/workbook.xml"), XLSX),
        ("录音.mp3", b"ID3\x04" + b"\0" * 30, MP3),
        ("陈述.txt", "两家争水，已有三日。".encode(), TEXT),
        ("陈述.txt", "两家争水，已有三日。".encode("gb18030"), TEXT),
        ("no extension", picture(), JPEG),
    ],
)
def test_what_is_taken(name: str, content: bytes, expected: str) -> None:
    assert media_type(name, content) == expected


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("photo.jpg", b"%PDF-1.7\n", FileTypeFalse),
        ("photo.jpg", b"MZ\x90\0\x03\0\0\0", FileTypeUnknown),
        ("agreement.pdf", picture(), FileTypeFalse),
        ("page.txt", b"<html><script>alert(1)</script>", FileTypeUnknown),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", FileTypeUnknown),
        ("run.exe", b"MZ\x90\0", FileTypeUnknown),
        ("letter.html", b"dear sir", FileTypeUnknown),
        ("empty.pdf", b"", FileEmpty),
        ("broken.jpg", b"\xff\xd8\xff\xe0 nothing", FileUnreadable),
        ("broken.docx", b"PK\x03\x04 nothing", FileUnreadable),
        ("macros.docx", office("word/document.xml", "word/vbaProject.bin"), FileTypeUnknown),
        ("some.zip", office("readme.txt"), FileTypeUnknown),
        ("bomb.docx", office("word/document.xml", filling=b"0" * 30_000_000), FileUnreadable),
    ],
)
def test_what_is_refused(name: str, content: bytes, refusal: type[FileRefused]) -> None:
    with pytest.raises(refusal) as error:
        media_type(name, content)
    assert name in str(error.value)


def test_an_archive_of_endless_entries_is_refused_before_its_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = office(*(str(number) for number in range(20_000)))

    def never(*_args: object) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(rules.zipfile, "ZipFile", never)
    with pytest.raises(FileUnreadable):
        media_type("a.docx", endless)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(FileUnreadable):
        media_type("bomb.png", bomb.getvalue())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\水渠.jpg", "水渠.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("长" * 300 + ".jpg", "长" * 110 + ".jpg"),
    ],
)
def test_names_are_made_plain(written: str, kept: str) -> None:
    assert plain_name(written) == kept


def test_a_picture_is_drawn_anew_without_what_it_carried() -> None:
    original = photo((40, 20))
    assert PLACE.encode() in original
    drawn = drawn_anew(original + b"<script>tail</script>", 2000)
    assert PLACE.encode() not in drawn
    assert b"script" not in drawn
    with Image.open(io.BytesIO(drawn)) as shown:
        assert shown.format == "JPEG"
        assert shown.size == (20, 40)


def test_a_large_picture_becomes_smaller_and_a_transparent_one_white() -> None:
    with Image.open(io.BytesIO(drawn_anew(picture(size=(4000, 1000)), 1000))) as shown:
        assert shown.size == (1000, 250)
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(io.BytesIO(drawn_anew(clear.getvalue(), 2000))) as shown:
        assert shown.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [("a.png", JPEG, "a.jpg"), ("a", PDF, "a.pdf"), ("a.JPG", JPEG, "a.JPG"), ("a.b.txt", TEXT, "a.b.txt")],
)
def test_the_extension_follows_the_content(name: str, kind: str, expected: str) -> None:
    assert rules.named_for(name, kind) == expected
