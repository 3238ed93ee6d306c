"""Reading DMN files: the XML of DMN 1.1 to 1.5 (chapter 12) into the metamodel, safely.

A document type is refused before anything is expanded, nothing is fetched, size and depth are bounded.
What Camunda Modeler adds (`camunda:inputVariable`, `camunda:properties`) is read where it has a meaning here.
"""

from __future__ import annotations

from lxml import etree

from app.engine.dmn.metamodel import (
    BoxedContext,
    BoxedExpression,
    BoxedList,
    BusinessKnowledgeModel,
    Conditional,
    ContextEntry,
    DecisionNode,
    DecisionService,
    Definitions,
    Filter,
    FunctionDefinition,
    GraphElement,
    InputData,
    Invocation,
    ItemDefinition,
    Iterator,
    LiteralExpression,
    Place,
    Relation,
)
from app.engine.dmn.safe_xml import line_of, place_of, refused, safe_root, tidy
from app.engine.dmn.xml_tables import TableReader
from app.engine.findings import DefinitionError

MAX_NESTING = 60


def read_definitions(data: bytes, *, file: str = "") -> Definitions:
    """Read one DMN file.

    :raises DefinitionError: not XML, a document type, too large or too deep, not DMN, or a table whose rows do not
        fit its columns; the findings carry the lines.
    """
    return _Reader(safe_root(data, file), file).definitions()


class _Reader(TableReader):
    nesting = 0

    # -- the file

    def definitions(self) -> Definitions:
        items = {}
        for child in self.children(self.root, "itemDefinition"):
            definition = self.item_definition(child)
            items[definition.name] = definition
        elements: list[GraphElement] = []
        for child in self.root.iterchildren():
            element = self.graph_element(child)
            if element is not None:
                elements.append(element)
        seen: dict[str, GraphElement] = {}
        for element in elements:
            if element.id in seen:
                self.error("dmn_duplicate_id", element.place, other=seen[element.id].name)
            seen.setdefault(element.id, element)
        if self.findings:
            raise DefinitionError(self.findings)
        return Definitions(
            tidy(self.root.get("name")),
            self.namespace,
            self.file,
            tuple(elements),
            items,
            self.imports,
            self.language,
        )

    def graph_element(self, element: etree._Element) -> GraphElement | None:
        tag = element.tag
        if not isinstance(tag, str) or not tag.startswith(self.ns):
            return None
        kind = tag[len(self.ns) :]
        if kind not in ("decision", "inputData", "businessKnowledgeModel", "decisionService"):
            return None
        name = tidy(element.get("name"))
        place = place_of(element, name=name)
        identity = element.get("id") or name
        if not name:
            self.error("dmn_name_missing", place, kind=kind)
            name = identity
        variable = self.item(self.child(element, "variable"), name)
        name_en = self.english(element)
        if kind == "inputData":
            return InputData(identity, name, variable, name_en, place)
        knowledge = self.references(element, "knowledgeRequirement", "requiredKnowledge")
        if kind == "decision":
            information = self.references(element, "informationRequirement", "requiredDecision", "requiredInput")
            logic = self.only_expression(element, place)
            return DecisionNode(identity, name, variable, logic, information, knowledge, name_en, place)
        if kind == "businessKnowledgeModel":
            body = self.child(element, "encapsulatedLogic")
            function = self.function(body, place) if body is not None else None
            return BusinessKnowledgeModel(identity, name, variable, function, knowledge, name_en, place)
        return DecisionService(
            identity,
            name,
            variable,
            tuple(self.reference(child) for child in self.children(element, "outputDecision")),
            tuple(self.reference(child) for child in self.children(element, "encapsulatedDecision")),
            tuple(self.reference(child) for child in self.children(element, "inputDecision")),
            tuple(self.reference(child) for child in self.children(element, "inputData")),
            name_en,
            place,
        )

    def item_definition(self, element: etree._Element) -> ItemDefinition:
        ref = self.child(element, "typeRef")
        function = self.child(element, "functionItem")
        result: str | None = None
        parameters: tuple[tuple[str, str], ...] = ()
        if function is not None:
            result = self.type_ref(function.get("outputTypeRef"), function)
            parameters = tuple(
                (tidy(child.get("name")), self.type_ref(child.get("typeRef"), child))
                for child in self.children(function, "parameters")
            )
        return ItemDefinition(
            tidy(element.get("name")),
            self.type_ref(ref.text if ref is not None else "", element),
            element.get("isCollection") == "true",
            self.text(self.child(element, "allowedValues")),
            self.text(self.child(element, "typeConstraint")),
            tuple(self.item_definition(child) for child in self.children(element, "itemComponent")),
            result,
            parameters,
            place_of(element),
        )

    # -- boxed expressions

    def expression_children(self, element: etree._Element) -> list[etree._Element]:
        return [child for child in element.iterchildren() if child.tag in self.expressions]

    def only_expression(self, element: etree._Element | None, place: Place) -> BoxedExpression | None:
        if element is None:
            return None
        found = self.expression_children(element)
        if len(found) > 1:
            self.error("dmn_more_than_one_expression", place)
        return self.expression(found[0], place) if found else None

    def inner(self, element: etree._Element, name: str, place: Place) -> BoxedExpression | None:
        return self.only_expression(self.child(element, name), place)

    def expression(self, element: etree._Element, owner: Place) -> BoxedExpression | None:
        self.nesting += 1
        try:
            if self.nesting > MAX_NESTING:
                raise refused(self.file, "xml_too_deep", line=line_of(element), limit=MAX_NESTING)
            return self._expression(element, owner)
        finally:
            self.nesting -= 1

    def _expression(self, element: etree._Element, owner: Place) -> BoxedExpression | None:
        kind = self.expressions[str(element.tag)]
        place = place_of(element, owner=owner)
        type_ref = self.type_ref(element.get("typeRef"), element)
        if kind == "literalExpression":
            text = self.text(element, place)
            return LiteralExpression(text, type_ref) if text is not None else None
        if kind == "decisionTable":
            return self.table(element, place, type_ref)
        if kind == "context":
            return self.context(element, place, type_ref)
        if kind == "invocation":
            bindings = []
            for binding in self.children(element, "binding"):
                parameter = self.child(binding, "parameter")
                name = tidy(parameter.get("name")) if parameter is not None else ""
                bindings.append((name, self.only_expression(binding, place)))
            return Invocation(self.only_expression(element, place), tuple(bindings), type_ref, place)
        if kind == "functionDefinition":
            return self.function(element, owner)
        if kind == "list":
            items = tuple(self.expression(child, owner) for child in self.expression_children(element))
            return BoxedList(items, type_ref, place)
        if kind == "relation":
            columns = tuple(self.item(child) for child in self.children(element, "column"))
            rows = tuple(
                tuple(self.expression(cell, owner) for cell in self.expression_children(row))
                for row in self.children(element, "row")
            )
            return Relation(columns, rows, type_ref, place)
        if kind == "conditional":
            return Conditional(
                self.inner(element, "if", place),
                self.inner(element, "then", place),
                self.inner(element, "else", place),
                type_ref,
                place,
            )
        if kind == "filter":
            return Filter(self.inner(element, "in", place), self.inner(element, "match", place), type_ref, place)
        body = self.inner(element, "return" if kind == "for" else "satisfies", place)
        variable = tidy(element.get("iteratorVariable"))
        return Iterator(kind, variable, self.inner(element, "in", place), body, type_ref, place)

    def context(self, element: etree._Element, place: Place, type_ref: str) -> BoxedContext:
        entries = []
        for child in self.children(element, "contextEntry"):
            variable = self.item(self.child(child, "variable"))
            entries.append(ContextEntry(variable.name, variable.type_ref, self.only_expression(child, place)))
        return BoxedContext(tuple(entries), type_ref, place)

    def function(self, element: etree._Element, owner: Place) -> FunctionDefinition:
        place = place_of(element, owner=owner)
        return FunctionDefinition(
            tuple(self.item(child) for child in self.children(element, "formalParameter")),
            self.only_expression(element, place),
            element.get("kind") or "FEEL",
            self.type_ref(element.get("typeRef"), element),
            place,
        )
