"""Decisions by DMN 1.5: files in, decisions with their explanation out. Pure, and usable alone.

English labels: Camunda Modeler keeps extension properties, so a decision, an input, an output or a rule carries its
English name as `<extensionElements><camunda:properties><camunda:property name="name.en" value="…"/>`; the names and
labels of the file itself are Chinese (or whatever its owners speak).
"""

from app.engine.dmn.description import Words, describe, in_language
from app.engine.dmn.errors import DecisionError, TableContradictionError, TableOverlapError
from app.engine.dmn.lint import lint_decisions
from app.engine.dmn.metamodel import HitPolicy, Import
from app.engine.dmn.name_types import NameType
from app.engine.dmn.parsing import parse_decisions
from app.engine.dmn.requirement_graphs import DecisionModel
from app.engine.dmn.trace import Decision, InputTrace, OutputTrace, RowTrace, TableTrace, Trace, trace_from_json
from app.engine.dmn.undecided import possible_rows

__all__ = [
    "Decision",
    "DecisionError",
    "DecisionModel",
    "HitPolicy",
    "Import",
    "InputTrace",
    "NameType",
    "OutputTrace",
    "RowTrace",
    "TableContradictionError",
    "TableOverlapError",
    "TableTrace",
    "Trace",
    "Words",
    "describe",
    "in_language",
    "lint_decisions",
    "parse_decisions",
    "possible_rows",
    "trace_from_json",
]
