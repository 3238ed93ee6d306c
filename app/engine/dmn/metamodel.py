"""What a DMN file says, read into plain values: the metamodel of DMN 1.5, chapters 6 to 8, and clause 7.3.

Nothing here evaluates. `xml_interchange` builds these objects, `requirement_graphs` and its neighbours run them,
`lint` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    """DMN 1.5, 8.2.10. The values are those of the XML attribute."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(StrEnum):
    """DMN 1.5, 8.2.10: what COLLECT does with the outputs of its hits."""

    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its line (from 1, 0 is unknown), the id of the nearest element that has one, its name."""

    line: int = 0
    element_id: str = ""
    element_name: str = ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Text:
    """One piece of FEEL (or of another language, which is then refused)."""

    text: str
    place: Place = NOWHERE
    language: str = ""


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """DMN 1.5, 7.3.2: a type, made of a base type or of components, possibly a collection, possibly constrained."""

    name: str
    type_ref: str = ""
    is_collection: bool = False
    allowed_values: Text | None = None
    type_constraint: Text | None = None
    components: tuple[ItemDefinition, ...] = ()
    function_result: str | None = None
    function_parameters: tuple[tuple[str, str], ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class InformationItem:
    """DMN 1.5, 7.3.4: a name with a type: a variable, a parameter, a column."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """DMN 1.5, 7.3.6."""

    text: Text
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class InputClause:
    """DMN 1.5, 8.3.2. `number` counts the inputs from 1."""

    number: int
    expression: Text
    type_ref: str = ""
    label: str = ""
    label_en: str = ""
    variable: str = ""
    allowed_values: Text | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class OutputClause:
    """DMN 1.5, 8.3.3. `number` counts the outputs from 1."""

    number: int
    name: str = ""
    type_ref: str = ""
    label: str = ""
    label_en: str = ""
    allowed_values: Text | None = None
    default: Text | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Rule:
    """DMN 1.5, 8.3.4. `number` is the row as people count it, from 1."""

    number: int
    tests: tuple[Text, ...]
    outputs: tuple[Text, ...]
    annotations: tuple[tuple[str, str], ...] = ()
    annotation_en: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """DMN 1.5, chapter 8."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ContextEntry:
    name: str
    type_ref: str
    value: BoxedExpression | None


@dataclass(frozen=True, slots=True)
class BoxedContext:
    """DMN 1.5, 10.2.1.4. An entry without a name is the result."""

    entries: tuple[ContextEntry, ...]
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Invocation:
    """DMN 1.5, 7.3.7 and 10.2.1.3."""

    called: BoxedExpression | None
    bindings: tuple[tuple[str, BoxedExpression | None], ...]
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """DMN 1.5, 7.3.9 and 10.2.1.7. `kind` is FEEL, Java or PMML; only FEEL is evaluated."""

    parameters: tuple[InformationItem, ...]
    body: BoxedExpression | None
    kind: str = "FEEL"
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class BoxedList:
    """DMN 1.5, 10.2.1.5."""

    items: tuple[BoxedExpression | None, ...]
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Relation:
    """DMN 1.5, 10.2.1.6."""

    columns: tuple[InformationItem, ...]
    rows: tuple[tuple[BoxedExpression | None, ...], ...]
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Conditional:
    """DMN 1.5, 10.2.1.8."""

    condition: BoxedExpression | None
    then: BoxedExpression | None
    otherwise: BoxedExpression | None
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Filter:
    """DMN 1.5, 10.2.1.9."""

    source: BoxedExpression | None
    match: BoxedExpression | None
    type_ref: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Iterator:
    """DMN 1.5, 10.2.1.10: `kind` is "for", "some" or "every"."""

    kind: str
    variable: str
    source: BoxedExpression | None
    body: BoxedExpression | None
    type_ref: str = ""
    place: Place = NOWHERE


BoxedExpression = (
    LiteralExpression
    | DecisionTable
    | BoxedContext
    | Invocation
    | FunctionDefinition
    | BoxedList
    | Relation
    | Conditional
    | Filter
    | Iterator
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An href: the namespace of the file ("" is this file) and the id inside it."""

    namespace: str
    element_id: str


@dataclass(frozen=True, slots=True)
class InputData:
    """DMN 1.5, 6.3.11."""

    id: str
    name: str
    variable: InformationItem
    name_en: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """DMN 1.5, 6.3.7: a decision with what it requires and the logic that makes it."""

    id: str
    name: str
    variable: InformationItem
    logic: BoxedExpression | None
    information: tuple[Reference, ...] = ()
    knowledge: tuple[Reference, ...] = ()
    name_en: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class BusinessKnowledgeModel:
    """DMN 1.5, 6.3.9."""

    id: str
    name: str
    variable: InformationItem
    logic: FunctionDefinition | None
    knowledge: tuple[Reference, ...] = ()
    name_en: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DecisionService:
    """DMN 1.5, 6.3.10."""

    id: str
    name: str
    variable: InformationItem
    output_decisions: tuple[Reference, ...]
    encapsulated_decisions: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    input_data: tuple[Reference, ...]
    name_en: str = ""
    place: Place = NOWHERE


GraphElement = InputData | DecisionNode | BusinessKnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Import:
    """DMN 1.5, 6.3.3: another file whose elements are read as `name.element`."""

    name: str
    namespace: str
    import_type: str
    location: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Definitions:
    """One DMN file."""

    name: str
    namespace: str
    file: str
    elements: tuple[GraphElement, ...]
    item_definitions: Mapping[str, ItemDefinition] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()
    expression_language: str = ""
