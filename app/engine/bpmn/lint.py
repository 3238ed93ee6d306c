"""The check of diagrams: everything that would not run, or not as drawn, with its place and a way out."""

from __future__ import annotations

from collections.abc import Container, Mapping

from app.engine.bpmn.checks import compensation, events, foreign, messages, names, naming, structure, tasks
from app.engine.bpmn.checks.context import Context, Known
from app.engine.bpmn.diagram import Diagram, Process
from app.engine.bpmn.environment import Dictionary
from app.engine.bpmn.reader import is_diagram, read
from app.engine.dmn.safe_xml import line_of, safe_root
from app.engine.findings import DefinitionError, Finding, Severity


def lint(
    files: Mapping[str, bytes],
    dictionary: Dictionary | None,
    *,
    known_forms: Container[str] | None = None,
    known_decisions: Container[str] | None = None,
    known_topics: Container[str] | None = None,
    known_roles: Container[str] | None = None,
) -> list[Finding]:
    """Check the `*.bpmn` files of one package together.

    `files` maps paths to contents. `dictionary` holds the declared names; without it (None) names are not checked, and
    a finding of severity info says so. The known forms, decisions, topics and roles are checked where given.
    Returns findings by file and line; empty when all is well. Never raises for what a file contains.
    """
    diagrams, findings = _read(files)
    known = Known(dictionary, known_forms, known_decisions, known_topics, known_roles)
    processes = {process.id: process for diagram in diagrams for process in diagram.processes}
    for diagram in diagrams:
        findings += _file(diagram, files[diagram.file])
        for process in () if diagram.camunda_8 else diagram.processes:
            findings += _process(process, processes, known, with_names=True)
    findings += _twice(diagrams)
    if dictionary is None and diagrams:
        findings.append(Finding(Severity.INFO, "names_not_checked"))
    return sorted(findings, key=lambda one: (one.file, one.line, one.code))


def check_diagram(diagram: Diagram, data: bytes, processes: Mapping[str, Process]) -> list[Finding]:
    """Check one file that belongs to no package: no dictionary, no words in two languages.

    `processes` are all that it may call. A process that is not executable is an error when the file holds no other.
    """
    findings = _file(diagram, data)
    some_run = any(process.executable for process in diagram.processes)
    for process in () if diagram.camunda_8 else diagram.processes:
        if process.executable:
            findings += _process(process, processes, Known(), with_names=False)
        else:
            severity = Severity.INFO if some_run else Severity.ERROR
            findings.append(
                Finding(severity, "process_not_executable", diagram.file, process.line, process.id, process.name)
            )
    return sorted(findings, key=lambda one: (one.line, one.code))


def check_for_run(files: Mapping[str, bytes], process_id: str) -> dict[str, Process]:
    """The processes that `process_id` may reach, itself first. Raises DefinitionError when one of them cannot run."""
    diagrams, findings = _read(files)
    everything: dict[str, tuple[Process, Diagram]] = {}
    for diagram in diagrams:
        for process in diagram.processes:
            everything.setdefault(process.id, (process, diagram))
    if process_id not in everything:
        raise DefinitionError(findings or [Finding(Severity.ERROR, "process_missing", params={"process": process_id})])
    processes = {one: process for one, (process, _) in everything.items()}
    reached: dict[str, Process] = {}
    ahead = [process_id]
    while ahead:
        current = ahead.pop(0)
        if current in reached or current not in processes:
            continue
        reached[current] = processes[current]
        for _, node in processes[current].body.walk():
            if node.called is not None:
                literal = not node.called.text.startswith("=") and "{" not in node.called.text
                ahead += [node.called.text] if literal else list(processes)
    findings = []
    checked: set[str] = set()
    for process, diagram in (everything[one] for one in reached):
        if diagram.file not in checked:
            checked.add(diagram.file)
            findings += _file(diagram, files[diagram.file])
        findings += _process(process, processes, Known(), with_names=False)
    wrong = [one for one in findings if one.severity is Severity.ERROR]
    if wrong:
        raise DefinitionError(wrong)
    return reached


def _read(files: Mapping[str, bytes]) -> tuple[list[Diagram], list[Finding]]:
    diagrams: list[Diagram] = []
    findings: list[Finding] = []
    for path, data in files.items():
        if not is_diagram(path):
            continue
        try:
            diagrams.append(read(data, path))
        except DefinitionError as error:
            findings += error.findings
    return diagrams, findings


def _file(diagram: Diagram, data: bytes) -> list[Finding]:
    if diagram.camunda_8:
        return foreign.check_file(diagram)
    findings = [
        Finding(Severity.ERROR, "element_not_run", diagram.file, line, element_id, name, {"type": tag})
        for tag, element_id, name, line in diagram.unsupported
    ]
    findings += foreign.check_file(diagram)
    if not diagram.processes:
        findings.append(Finding(Severity.ERROR, "no_process", diagram.file))
    seen: set[str] = set()
    for element in safe_root(data, diagram.file).iter():
        identity = element.get("id") if isinstance(element.tag, str) else None
        if identity is None or not element.tag.startswith("{http://www.omg.org/spec/BPMN/"):
            continue
        if identity in seen:
            name = element.get("name") or ""
            findings.append(Finding(Severity.ERROR, "id_twice", diagram.file, line_of(element), identity, name))
        seen.add(identity)
    return findings


def _process(process: Process, processes: Mapping[str, Process], known: Known, *, with_names: bool) -> list[Finding]:
    context = Context(process, processes, known)
    if not process.executable:
        if with_names:
            context.warn("process_not_executable")
        else:
            context.error("process_not_executable")
        return context.findings
    foreign.check(context)
    structure.check(context)
    events.check(context)
    messages.check(context)
    compensation.check(context)
    tasks.check(context)
    names.check(context)
    if with_names:
        naming.check(context)
    return context.findings


def _twice(diagrams: list[Diagram]) -> list[Finding]:
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    for diagram in diagrams:
        for process in diagram.processes:
            if process.id in seen:
                params = {"other": seen[process.id]}
                findings.append(
                    Finding(
                        Severity.ERROR, "process_twice", process.file, process.line, process.id, process.name, params
                    )
                )
            seen.setdefault(process.id, process.file)
    return findings
