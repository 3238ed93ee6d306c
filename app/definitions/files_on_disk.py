"""Files as they lie on disk, checked before they belong to anything: does each of them run?

A folder with a `package.toml` is checked as a package. Any other file stands for itself; what it calls is looked for in
its own folder first, then in the folders around it, up to the one that was named.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import orjson
from lxml import etree

from app.definitions.checks import check_package, failed_path_tests, is_role
from app.definitions.compiled import Contents, inside, kind_of
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.rules import SETTINGS_FILE
from app.definitions.services import read_folder
from app.engine.bpmn.diagram import Diagram, Process
from app.engine.bpmn.lint import check_diagram
from app.engine.bpmn.reader import BPMN, read
from app.engine.dmn import parse_decisions
from app.engine.dmn.lint import lint_decisions
from app.engine.dmn.safe_xml import MAX_BYTES, refused, safe_root
from app.engine.findings import DefinitionError, Finding, Severity
from app.forms.checks import check as check_form

DIAGRAMS = (".bpmn", ".bpmn20.xml", ".bpmn.xml", ".bpmn2")
OTHERS = (".dmn", ".dmn11.xml", ".cmmn", ".cmmn10.xml", ".cmmn11.xml", ".form")
_SKIPPED = frozenset({"node_modules"})


class Verdict(StrEnum):
    RUNS = "runs"
    WARNED = "runs with warnings"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """A file with what was found in it."""

    file: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        severities = {one.severity for one in self.findings}
        if Severity.ERROR in severities:
            return Verdict.REFUSED
        return Verdict.WARNED if Severity.WARNING in severities else Verdict.RUNS


def package_folders(path: Path) -> list[Path]:
    """The folders at or below `path` that are packages."""
    return sorted(found.parent for found in path.rglob("package.toml") if not _is_skipped(found.relative_to(path)))


def files_in(path: Path, but: Iterable[Path] = (), *, deep: bool = True) -> list[Path]:
    """The diagrams, tables, cases and forms of a folder, without those of the folders `but`."""
    packages = set(but)
    return [
        found
        for found in sorted(path.rglob("*") if deep else path.glob("*"))
        if found.name.lower().endswith(DIAGRAMS + OTHERS)
        and not _is_skipped(found.relative_to(path))
        and not packages.intersection(found.parents)
        and found.is_file()
    ]


def _is_skipped(path: Path) -> bool:
    return any(part.startswith(".") or part in _SKIPPED for part in path.parts[:-1])


def judge_path(path: Path, *, tests: bool = True) -> list[Judged]:
    """Every file at or below `path` with its verdict; of a single file, what lies beside it is read for its calls."""
    if not path.is_dir():
        return judge([path], [one for one in files_in(path.parent, deep=False) if one != path])
    packages = package_folders(path)
    judged = [one for folder in packages for one in judge_package(folder, tests=tests)]
    return judged + judge(files_in(path, packages))


def judge(files: Sequence[Path], around: Iterable[Path] = ()) -> list[Judged]:
    """Each of `files` with its verdict, in their order; `around` are files that they may call, and no more."""
    read_files = {path: _File(path) for path in (*files, *around)}
    library = _Library(
        (process, path)
        for path, one in read_files.items()
        if one.diagram is not None
        for process in one.diagram.processes
        if process.executable
    )
    found = {path: one.findings(library) for path, one in read_files.items()}
    _refuse_callers(read_files, library, found)
    return [Judged(str(path), tuple(found[path])) for path in files]


def judge_package(folder: Path, *, tests: bool) -> list[Judged]:
    """Each file of the package in `folder` with its verdict; `tests`: its path tests are played."""
    name, files = read_folder(folder)
    held = Contents(name, files, {path: hashlib.sha256(content).hexdigest() for path, content in files.items()})
    try:
        findings = check_package(held)
        findings += failed_path_tests(held) if tests else []
    except SettingsRefused as refusal:
        findings = [Finding(Severity.ERROR, "settings_refused", str(refusal.params["file"]), params=refusal.params)]
    by_file: dict[Path, list[Finding]] = {
        _place(folder, path): [] for path in files if kind_of(path) not in (FileKind.DOCUMENT, FileKind.OTHER)
    }
    for one in findings:
        by_file.setdefault(_place(folder, one.file or SETTINGS_FILE), []).append(one)
    return [Judged(str(path), tuple(found)) for path, found in by_file.items()]


def _place(folder: Path, path: str) -> Path:
    """Where a file of the package lies: its forms and documents are beside its folder."""
    part, _, rest = inside(path).partition("/")
    if part in ("forms", "documents"):
        return folder.parent.parent / part / folder.resolve().name / rest
    return folder / inside(path)


def _refuse_callers(files: "Mapping[Path, _File]", library: "_Library", found: dict[Path, list[Finding]]) -> None:
    """Who calls what is refused is refused too."""
    refused_files = {path for path in found if Judged("", tuple(found[path])).verdict is Verdict.REFUSED}
    changed = True
    while changed:
        changed = False
        for path, one in files.items():
            if path in refused_files or one.diagram is None:
                continue
            for finding, others in one.calls(library):
                if refused_files.issuperset(others):
                    found[path].append(finding)
                    refused_files.add(path)
                    changed = True


class _Library:
    """All processes at hand, by id; of several with one id the nearest is called."""

    def __init__(self, processes: Iterable[tuple[Process, Path]]) -> None:
        self._by_id: dict[str, list[tuple[Process, Path]]] = {}
        for process, path in processes:
            self._by_id.setdefault(process.id, []).append((process, path))

    def nearest(self, process_id: str, path: Path) -> tuple[Process, Path] | None:
        return next(iter(self.equally_near(process_id, path)), None)

    def equally_near(self, process_id: str, path: Path) -> list[tuple[Process, Path]]:
        """The processes with this id that lie as near as any other."""
        found = {one[1]: (-_common(one[1], path), len(one[1].parts)) for one in self._by_id.get(process_id, ())}
        nearest = min(found.values(), default=None)
        return sorted(
            (one for one in self._by_id.get(process_id, ()) if found[one[1]] == nearest), key=lambda one: str(one[1])
        )

    def ids(self) -> Iterable[str]:
        return self._by_id

    def twins(self, process: Process, path: Path) -> list[Path]:
        """Other files of the same folder that hold a process with the same id."""
        found = self._by_id.get(process.id, ())
        return [other for _, other in found if other != path and other.parent == path.parent]


class _Seen(Mapping[str, Process]):
    """The library as one file sees it."""

    def __init__(self, library: _Library, path: Path) -> None:
        self._library = library
        self._path = path

    def __getitem__(self, process_id: str) -> Process:
        found = self._library.nearest(process_id, self._path)
        if found is None:
            raise KeyError(process_id)
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._library.ids())

    def __len__(self) -> int:
        return len(list(self._library.ids()))


def _common(one: Path, other: Path) -> int:
    """How many folders two files share; the file itself is nearest of all."""
    return len(Path(os.path.commonpath((one, other))).parts)


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = b""
        self.diagram: Diagram | None = None
        self.wrong: list[Finding] = []
        try:
            self.data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            self._read(path.stat().st_size)
        except OSError as error:  # it vanished, or may not be read
            self.wrong = [
                Finding(Severity.ERROR, "file_unreadable", path.name, params={"reason": error.strerror or ""})
            ]
        except DefinitionError as error:
            self.wrong = list(error.findings)

    def _read(self, size: int) -> None:
        if size > MAX_BYTES:
            raise refused(self.path.name, "xml_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
        if self._is_form or self._root is None:
            return
        kind = str(self._root.tag)
        if kind == f"{BPMN}definitions":
            self.diagram = read(self.data, self.path.name)
        elif "/CMMN/" in kind:
            raise refused(self.path.name, "cmmn_refused")
        elif "/DMN/" not in kind:
            raise refused(self.path.name, "not_a_diagram", root=kind.rpartition("}")[2])

    @property
    def _is_form(self) -> bool:
        return self.path.name.lower().endswith(".form") or self.data.lstrip()[:1] == b"{"

    @cached_property
    def _root(self) -> etree._Element:
        return safe_root(self.data, self.path.name)

    def findings(self, library: _Library) -> list[Finding]:
        if self.wrong:
            return self.wrong
        if self.diagram is not None:
            findings = check_diagram(self.diagram, self.data, _Seen(library, self.path))
            return [*findings, *self._twins(self.diagram, library), *self._groups(self.diagram)]
        return self._form() if self._is_form else self._decisions()

    def _twins(self, diagram: Diagram, library: _Library) -> Iterator[Finding]:
        for process in diagram.processes:
            for other in library.twins(process, self.path)[:1] if process.executable else ():
                yield Finding(
                    Severity.WARNING,
                    "process_twice",
                    diagram.file,
                    process.line,
                    process.id,
                    process.name,
                    {"other": other.name},
                )

    def _groups(self, diagram: Diagram) -> Iterator[Finding]:
        """Groups of another system, which nobody here belongs to."""
        for process in diagram.processes:
            for _, node in process.body.walk() if process.executable else ():
                groups = node.attributes.get("candidateGroups", "") or node.lane_groups
                if node.type != "userTask" or groups.startswith("=") or "{" in groups:
                    continue
                for group in filter(None, map(str.strip, groups.split(","))):
                    if not is_role(group):
                        params = {"group": group}
                        yield Finding(
                            Severity.WARNING, "group_foreign", diagram.file, node.line, node.id, node.name, params
                        )

    def _decisions(self) -> list[Finding]:
        def beside(wanted: object) -> bytes | None:
            location = self.path.parent / Path(str(getattr(wanted, "location", ""))).name
            return location.read_bytes() if location.is_file() else None

        try:
            model = parse_decisions(self.data, file=self.path.name, resolve_import=beside)
        except DefinitionError as error:
            return list(error.findings)
        return lint_decisions(model)

    def _form(self) -> list[Finding]:
        try:
            form = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            form = None
        if not isinstance(form, dict):
            return [Finding(Severity.ERROR, "form_unreadable", self.path.name, params={"form": self.path.name})]
        return [one for one in check_form(form, None, file=self.path.name) if one.code != "form_english_missing"]

    def calls(self, library: _Library) -> Iterator[tuple[Finding, list[Path]]]:
        """Where the processes are that this file calls by name, with what to say when they are refused."""
        assert self.diagram is not None  # noqa: S101 - told by the caller
        for process in self.diagram.processes:
            for _, node in process.body.walk() if process.executable else ():
                called = library.equally_near(node.called.text, self.path) if node.called is not None else []
                if called and called[0][1] != self.path:
                    params = {"process": called[0][0].id, "file": called[0][1].name}
                    yield (
                        Finding(
                            Severity.ERROR, "called_refused", self.path.name, node.line, node.id, node.name, params
                        ),
                        [place for _, place in called],
                    )
