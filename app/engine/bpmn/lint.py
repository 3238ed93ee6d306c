"""The check of diagrams."""

from collections.abc import Container, Mapping

from app.engine.bpmn.definition import missing_process, read_processes
from app.engine.bpmn.diagram import Process
from app.engine.bpmn.environment import Dictionary
from app.engine.findings import Finding


def lint(
    files: Mapping[str, bytes],
    dictionary: Dictionary | None,
    *,
    known_forms: Container[str] | None = None,
    known_decisions: Container[str] | None = None,
    known_topics: Container[str] | None = None,
    known_roles: Container[str] | None = None,
) -> list[Finding]:
    return []


def check_for_run(files: Mapping[str, bytes], process_id: str) -> dict[str, Process]:
    processes = read_processes(files)
    if process_id not in processes:
        raise missing_process(process_id)
    return processes
