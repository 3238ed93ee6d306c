"""What a file is, told by its bytes: the name is only asked whether it agrees."""

import io
import zipfile
from pathlib import PurePath

from app.files.errors import FileEmpty, FileTypeFalse, FileTypeUnknown, FileUnreadable
from app.files.pictures import opened

MEGABYTE = 1024 * 1024
LIMIT = 20 * MEGABYTE
MOST_ENTRIES = 3_000
MOST_UNPACKED = 200 * MEGABYTE
MOST_RATIO = 200
_END_SIZE = 22

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
PDF, TEXT = "application/pdf", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MP4, M4A, MP3, WAV, AMR = "video/mp4", "audio/mp4", "audio/mpeg", "audio/wav", "audio/amr"

EXTENSIONS: dict[str, tuple[str, ...]] = {
    JPEG: ("jpg", "jpeg", "jfif"),
    PNG: ("png",),
    WEBP: ("webp",),
    HEIC: ("heic", "heif"),
    PDF: ("pdf",),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    TEXT: ("txt", "text", "log", "csv", "md"),
    MP4: ("mp4", "mov", "m4v", "3gp"),
    M4A: ("m4a",),
    MP3: ("mp3",),
    WAV: ("wav",),
    AMR: ("amr",),
}
RASTER = frozenset({JPEG, PNG, WEBP})
PHOTOS = RASTER | {HEIC}
"""Pictures that are drawn anew for the browser."""
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"})


def plain_name(name: str) -> str:
    """The last part of a file name, without anything a file system or a header could trip over."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*')
    stem, dot, extension = kept.strip(" .").rpartition(".")
    if not dot:
        return kept.strip(" .")[:120] or "file"
    return f"{stem[:110] or 'file'}.{extension[:9]}"


def media_type(name: str, content: bytes) -> str:
    """The media type of `content`, agreed with the extension of `name`.

    Raises FileEmpty, FileTypeUnknown for what is not taken, FileTypeFalse when the name says something else, and
    FileUnreadable for a picture that cannot be opened or an archive that unpacks to too much. A photo under another
    photo's extension is taken for what it is.
    """
    if not content:
        raise FileEmpty(name=name)
    found = _by_content(name, content)
    if found is None:
        raise FileTypeUnknown(name=name)
    extension = PurePath(name).suffix.removeprefix(".").lower()
    claimed = next((kind for kind, names in EXTENSIONS.items() if extension in names), None)
    if extension and claimed is None:
        raise FileTypeUnknown(name=name)
    if claimed is not None and claimed != found and not {claimed, found} <= PHOTOS:
        raise FileTypeFalse(name=name, type=EXTENSIONS[found][0].upper())
    if found in RASTER:
        _check_picture(name, content)
    return found


def named_for(name: str, kind: str) -> str:
    """`name` with an extension that fits its media type."""
    path = PurePath(name)
    if path.suffix.removeprefix(".").lower() in EXTENSIONS[kind]:
        return name
    return f"{path.stem if path.suffix else name}.{EXTENSIONS[kind][0]}"


def _check_picture(name: str, content: bytes) -> None:
    try:
        with opened(content) as picture:
            picture.verify()
    except Exception as error:
        # Pillow raises whatever its decoders stumble over; all of it means the same to the reader.
        raise FileUnreadable(name=name) from error


def _by_content(name: str, content: bytes) -> str | None:
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(content[8:12])
    if content[4:8] == b"ftyp":
        return HEIC if content[8:12] in _HEIC_BRANDS else M4A if content[8:11] == b"M4A" else MP4
    if head.startswith(b"PK\x03\x04"):
        return _office(name, content)
    if head.startswith(b"#!AMR"):
        return AMR
    if head.startswith(b"ID3") or (head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return MP3
    return TEXT if _is_text(content) else None


def has_a_short_directory(content: bytes) -> bool:
    """Whether the list of what an archive holds is short enough to be read at all (its size stands at the end)."""
    tail = content[-(_END_SIZE + 0xFFFF) :]
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + _END_SIZE or tail[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        return False
    return int.from_bytes(tail[end + 12 : end + 16], "little") <= MOST_ENTRIES * 300


def _office(name: str, content: bytes) -> str | None:
    if not has_a_short_directory(content):
        raise FileUnreadable(name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
                raise FileUnreadable(name=name)
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileUnreadable(name=name) from error
    if any(part.lower().endswith("vbaproject.bin") for part in names):
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else None


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:100_000]
        strange = sum(1 for character in sample if ord(character) < 32 and character not in "\t\r\n\f")
        return strange == 0 and not sample.lstrip("\ufeff \t\r\n").startswith(("<", "MZ", "#!"))
    return False
