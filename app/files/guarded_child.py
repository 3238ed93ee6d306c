"""The child that prints documents and draws pictures: it reads fonts, shuts every door, then does what it is asked.

Run as ``python -m app.files.guarded_child FONTS``; speaks length-prefixed JSON and bytes over stdin and stdout.
After the warm-up it may open no file and no socket any more: no template, PDF or picture can read or reach anything.
"""

import io
import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

MEMORY = 2_000 * 1024 * 1024
SECONDS = 5
WARM_UP = """
#set text(font: "Noto Serif SC")
调解 *协议* #image(bytes("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"), format: "svg")
"""


def main() -> None:
    import typst

    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    with tempfile.TemporaryDirectory(prefix="press-") as root:
        compiler = typst.Compiler(
            root=root,
            font_paths=typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(sys.argv[1])]
            ),
            ignore_system_fonts=True,
            package_path=f"{root}/none",
            package_cache_path=f"{root}/none",
        )
        printed = press_one(compiler, {"main.typ": WARM_UP}, "{}")
        count_pages(printed)
        _read_the_decoders()
        draw_page(compiler, printed, 1, 9)
    _shut_the_doors()
    send(outgoing, {"ready": True})
    while (request := receive(incoming)) is not None:
        head, body = request
        _allow_seconds()
        try:
            if head["do"] == "print":
                made = press_one(compiler, json.loads(body), head["data"])
                send(outgoing, {"pages": count_pages(made)}, made)
            elif head["do"] == "page":
                send(outgoing, {}, draw_page(compiler, body, int(head["page"]), int(head["side"])))
            elif head["do"] == "picture":
                send(outgoing, {}, draw_picture(body, int(head["side"])))
            else:
                send(outgoing, {"pages": count_pages(body)})
        except typst.TypstError as error:
            send(outgoing, {"error": str(error.message), "where": str(error.diagnostic)[:2000]})
        except Exception as error:
            send(outgoing, {"error": f"{type(error).__name__}: {error}"[:500], "where": ""})


def press_one(compiler: Any, files: dict[str, str], data: str) -> bytes:
    """The PDF of ``main.typ``. A font that is not there is an error: typst would leave its letters out."""
    pdf, warnings = compiler.compile_with_warnings(
        input={name: text.encode() for name, text in files.items()},
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards="a-2b",
    )
    for warning in warnings:
        if "unknown font family" in warning.message:
            raise ValueError(warning.message)
    return bytes(pdf)


def count_pages(pdf: bytes) -> int:
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def draw_picture(content: bytes, side: int) -> bytes:
    """A picture drawn anew as JPEG."""
    from app.files.pictures import drawn_anew

    return drawn_anew(content, side)


def draw_page(compiler: Any, pdf: bytes, number: int, side: int) -> bytes:
    """A page of a PDF as JPEG. typst draws it, which takes texts only: so the page is written in ASCII first."""
    page, width, height = page_in_ascii(pdf, number)
    scale = side / max(width, height)
    source = f'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("page.pdf", width: {width}pt)'
    png = compiler.compile(
        input={"main.typ": source.encode(), "page.pdf": page}, format="png", ppi=max(9.0, 72 * min(scale, 4.0))
    )
    return draw_picture(bytes(png if isinstance(png, bytes) else png[0]), side)


def page_in_ascii(pdf: bytes, number: int) -> tuple[bytes, float, float]:
    """One page as a PDF without a byte beyond ASCII, with its width and height in points."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Stream, StreamDecodeLevel

    with pikepdf.open(io.BytesIO(pdf)) as source, pikepdf.new() as alone:
        alone.pages.append(source.pages[number - 1])
        left, low, right, high = (float(one) for one in alone.pages[0].mediabox)
        for one in alone.objects:
            if isinstance(one, Stream):
                before, beside = _listed(one.get("/Filter")), _listed(one.get("/DecodeParms"))
                beside += [Dictionary()] * (len(before) - len(beside))
                one.write(
                    one.read_raw_bytes().hex().encode() + b">",
                    filter=Array([Name.ASCIIHexDecode, *before]),
                    decode_parms=Array([Dictionary(), *beside]),
                )
        out = io.BytesIO()
        alone.save(
            out,
            compress_streams=False,
            stream_decode_level=StreamDecodeLevel.none,
            object_stream_mode=ObjectStreamMode.disable,
            fix_metadata_version=False,
        )
    written = out.getvalue()
    first = written.index(b"\n") + 1
    second = written.index(b"\n", first)
    plain = written[:first] + b"%" + b"-" * (second - first - 1) + written[second:]
    return plain, abs(right - left), abs(high - low)


def _read_the_decoders() -> None:
    """Let Pillow load whatever it loads late, for each kind of picture that is drawn."""
    from PIL import Image

    from app.files.pictures import FORMATS, read_heif

    Image.init()
    read_heif()
    upright = Image.Exif()
    upright[0x0112] = 6
    for kind in FORMATS:
        sample = io.BytesIO()
        Image.new("RGB", (9, 5)).save(sample, kind, exif=upright)
        draw_picture(sample.getvalue(), 9)


def _listed(value: Any) -> list[Any]:
    """What a PDF writes alone or as an array."""
    import pikepdf

    return [] if value is None else list(value) if isinstance(value, pikepdf.Array) else [value]


def send(stream: BinaryIO, head: dict[str, object], body: bytes = b"") -> None:
    encoded = json.dumps(head).encode()
    stream.write(len(encoded).to_bytes(4, "big") + len(body).to_bytes(4, "big") + encoded + body)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, str], bytes] | None:
    sizes = stream.read(8)
    if len(sizes) < 8:
        return None
    head = stream.read(int.from_bytes(sizes[:4], "big"))
    return json.loads(head), stream.read(int.from_bytes(sizes[4:], "big"))


def _shut_the_doors() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    os.environ.clear()


def _allow_seconds() -> None:
    """A budget of processor time for one document; the parent's clock is the other guard."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 4 * SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
