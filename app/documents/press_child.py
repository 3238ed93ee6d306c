"""The child that makes PDFs: fonts are read, then every door is shut, then it prints what it is given.

Run as ``python -m app.documents.press_child FONTS``; speaks length-prefixed JSON and bytes over stdin and stdout.
After the warm-up it may open no file and no socket any more: neither a template nor a PDF can read or reach anything.
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
        count_pages(press_one(compiler, {"main.typ": WARM_UP}, "{}"))
    _shut_the_doors()
    send(outgoing, {"ready": True})
    while (request := receive(incoming)) is not None:
        head, body = request
        _allow_seconds()
        try:
            if head["do"] == "print":
                made = press_one(compiler, json.loads(body), head["data"])
                send(outgoing, {"pages": count_pages(made)}, made)
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
