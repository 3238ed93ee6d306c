"""Names that can follow a dot in an expression: components of types, entries of contexts, columns, outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from app.engine.dmn.metamodel import (
    BoxedContext,
    BusinessKnowledgeModel,
    DecisionNode,
    DecisionTable,
    Definitions,
    ItemDefinition,
    Relation,
    Rule,
    Text,
)


def spoken_names(definitions: Definitions) -> set[str]:
    """All names of parts of values in a file, wherever they are declared."""
    names: set[str] = set()
    for item in definitions.item_definitions.values():
        names.update(_of_type(item))
    for element in definitions.elements:
        if isinstance(element, DecisionNode | BusinessKnowledgeModel):
            names.update(_of_logic(element.logic))
    return names


def _of_type(item: ItemDefinition) -> Iterator[str]:
    for part in item.components:
        yield part.name
        yield from _of_type(part)


def _of_logic(value: object) -> Iterator[str]:
    if isinstance(value, DecisionTable):
        yield from (clause.name for clause in value.outputs)
        return
    if isinstance(value, BoxedContext):
        yield from (entry.name for entry in value.entries)
    elif isinstance(value, Relation):
        yield from (column.name for column in value.columns)
    if isinstance(value, tuple):
        for part in value:
            yield from _of_logic(part)
    elif is_dataclass(value) and not isinstance(value, Text | Rule):
        for field in fields(value):
            yield from _of_logic(getattr(value, field.name))
