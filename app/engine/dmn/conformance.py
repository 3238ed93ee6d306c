"""Running conformance vectors in the format of the DMN Technology Compatibility Kit (`testCases` files)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lxml import etree

from app.engine.dmn.metamodel import DecisionService, Import
from app.engine.dmn.parsing import parse_decisions
from app.engine.dmn.requirement_graphs import DecisionModel
from app.engine.dmn.safe_xml import safe_root, tidy
from app.engine.feel import DateTime, Environment, TemporalError, Time, parse_temporal
from app.engine.feel.values import kind
from app.engine.findings import EngineError

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBERS = frozenset({"decimal", "integer", "int", "long", "short", "double", "float"})
_TEMPORAL = frozenset({"date", "dateTime", "time", "duration", "dayTimeDuration", "yearMonthDuration"})
_TOLERANCE = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Failure:
    """A result node that came out otherwise. `exception` names a known limit of this engine, if that is why."""

    folder: str
    case: str
    node: str
    expected: str
    got: str
    exception: str = ""

    def to_json(self) -> dict[str, str]:
        found = {
            "folder": self.folder,
            "case": self.case,
            "node": self.node,
            "expected": self.expected,
            "got": self.got,
        }
        return {**found, "exception": self.exception} if self.exception else found


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run; a case is one result node."""

    cases: int
    failed: tuple[Failure, ...]

    @property
    def passed(self) -> int:
        return self.cases - len(self.failed)

    def to_json(self) -> dict[str, object]:
        return {"cases": self.cases, "passed": self.passed, "failed": [failure.to_json() for failure in self.failed]}


def run_conformance(folder: Path, environment: Environment) -> Report:
    """Run every `testCases` file below `folder`.

    :param environment: its strict mode should be off: the kit expects null where a value cannot be had.
    """
    cases, failed = 0, []
    for path in sorted(folder.rglob("*.xml")):
        try:
            root = safe_root(path.read_bytes(), path.name)
        except EngineError:
            continue
        if etree.QName(root).localname != "testCases":
            continue
        for failure in _run_file(path, root, environment):
            cases += 1
            if failure is not None:
                failed.append(failure)
    return Report(cases, tuple(failed))


def _run_file(path: Path, root: etree._Element, environment: Environment) -> Iterator[Failure | None]:
    name = root.findtext("{*}modelName") or ""
    model: DecisionModel | None = None
    refusal = ""
    try:
        model = parse_decisions(
            (path.parent / name.strip()).read_bytes(), file=name, resolve_import=Resolver(path.parent)
        )
    except (EngineError, OSError) as error:
        refusal = f"{type(error).__name__}: {error}"
    for case in root.iterfind("{*}testCase"):
        given = {tidy(node.get("name")): _value(node) for node in case.iterfind("{*}inputNode")}
        for node in case.iterfind("{*}resultNode"):
            expected_node = node.find("{*}expected")
            expected = _value(expected_node) if expected_node is not None else None
            got: object = None
            problem = refusal
            if model is not None:
                try:
                    got = _decide(model, case, node, given, environment)
                except EngineError as error:
                    problem = str(error)
            if expected is None if problem else same(got, expected):
                yield None
            else:
                yield Failure(
                    path.parent.name, case.get("id") or "", node.get("name") or "", repr(expected)[:200],
                    (problem or repr(got))[:200], _known_limit(model, node),
                )  # fmt: skip


class Resolver:
    """Finds imported files in a folder by the namespace that they declare, or by their name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] | None = None

    def __call__(self, wanted: Import) -> bytes | None:
        if self._files is None:
            self._files = {}
            for path in sorted(self._folder.glob("*.dmn")):
                try:
                    namespace = safe_root(path.read_bytes(), path.name).get("namespace")
                except EngineError:
                    continue
                self._files.setdefault(namespace or "", path)
        found = self._files.get(wanted.namespace)
        return found.read_bytes() if found is not None else None


def _decide(
    model: DecisionModel, case: etree._Element, node: etree._Element, given: Mapping[str, object], env: Environment
) -> object:
    wanted = tidy(node.get("name"))
    if case.get("type") in ("decisionService", "bkm"):
        result = model.decide(tidy(case.get("invocableName")), given, env).result
        service = model.find(tidy(case.get("invocableName")))
        several = isinstance(service, DecisionService) and len(service.output_decisions) > 1
        return result[wanted] if several and isinstance(result, dict) and wanted in result else result
    return model.decide(wanted, given, env).result


def _value(node: etree._Element) -> object:
    """The value that an input or expected node holds."""
    if node.get(_XSI + "nil") == "true":
        return None
    components = node.findall("{*}component")
    if components:
        return {tidy(part.get("name")): _value(part) for part in components}
    listed = node.find("{*}list")
    if listed is not None:
        if listed.get(_XSI + "nil") == "true":
            return None
        return [_value(item) for item in listed.iterfind("{*}item")]
    value = node.find("{*}value")
    if value is None or value.get(_XSI + "nil") == "true":
        return None
    text = value.text or ""
    type_ = (value.get(_XSI + "type") or "string").rpartition(":")[2]
    if type_ in _NUMBERS:
        return _number(text.strip())
    if type_ == "boolean":
        return text.strip() in ("true", "1")
    if type_ in _TEMPORAL:
        try:
            return parse_temporal(text.strip())
        except TemporalError:
            return text
    return text


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def same(got: object, expected: object) -> bool:
    """Whether two values are equal as the kit compares them: numbers to eight decimals."""
    if got is None or expected is None:
        return got is expected
    if isinstance(got, Decimal) and isinstance(expected, Decimal):
        return abs(got - expected) <= _TOLERANCE * max(Decimal(1), abs(expected))
    if isinstance(got, list) and isinstance(expected, list):
        return len(got) == len(expected) and all(same(one, other) for one, other in zip(got, expected, strict=True))
    if isinstance(got, dict) and isinstance(expected, dict):
        return got.keys() == expected.keys() and all(same(got[key], expected[key]) for key in got)
    if kind(got) != kind(expected):
        return False
    if isinstance(got, (Time, DateTime)) and isinstance(expected, (Time, DateTime)):
        return (got.offset is None) == (expected.offset is None) and got == expected
    return got == expected


def _known_limit(model: DecisionModel | None, node: etree._Element) -> str:
    """Why a failure is a stated limit of this engine, or ""."""
    if model is None:
        return ""
    wanted = tidy(node.get("name"))
    element = model.find(wanted)
    if element is None:
        return ""
    texts = [use.text.text for use in model.uses.get(element.id, [])]
    for required in model.required_by(element):
        texts.extend(use.text.text for use in required.model.uses.get(required.element.id, []))
    names = {element.name, *(required.element.name for required in model.required_by(element))}
    foreign = any(finding.code == "dmn_function_kind" and finding.element_name in names for finding in model.findings)
    if foreign or any("external" in text for text in texts):
        return "external functions are not run"
    if any(name in text for text in texts for name in ("matches(", "replace(", "split(")):
        return "regular expressions are linear-time: no back-references" if _refers_back(texts) else ""
    return ""


def _refers_back(texts: list[str]) -> bool:
    return any(f"\\{digit}" in text for text in texts for digit in range(1, 10))
