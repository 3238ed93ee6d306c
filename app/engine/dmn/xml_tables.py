"""Decision tables read from XML (DMN 1.5, chapter 8)."""

from __future__ import annotations

from lxml import etree

from app.engine.dmn.metamodel import (
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputClause,
    OutputClause,
    Place,
    Rule,
    Text,
)
from app.engine.dmn.safe_xml import line_of, place_of, tidy
from app.engine.dmn.xml_elements import ElementReader

MAX_ROWS = 5_000
MAX_CELLS = 100_000


class TableReader(ElementReader):
    """Reads `decisionTable` with its clauses and rules."""

    def table(self, element: etree._Element, place: Place, type_ref: str) -> DecisionTable:
        raw_policy = (element.get("hitPolicy") or "UNIQUE").upper().replace("_", " ")
        raw_aggregation = element.get("aggregation")
        policy, aggregation = HitPolicy.UNIQUE, None
        try:
            policy = HitPolicy(raw_policy)
            aggregation = Aggregation(raw_aggregation.upper()) if raw_aggregation else None
        except ValueError:
            self.error("table_policy_unknown", place, policy=raw_policy, aggregation=raw_aggregation or "")
        inputs = tuple(
            self.input_clause(child, number, place)
            for number, child in enumerate(self.children(element, "input"), start=1)
        )
        outputs = tuple(
            self.output_clause(child, number, place)
            for number, child in enumerate(self.children(element, "output"), start=1)
        )
        annotation_names = [tidy(child.get("name")) for child in self.children(element, "annotation")]
        rules = tuple(
            self.rule(child, number, len(inputs), len(outputs), annotation_names, place)
            for number, child in enumerate(self.children(element, "rule"), start=1)
        )
        if len(rules) > MAX_ROWS or len(rules) * (len(inputs) + len(outputs)) > MAX_CELLS:
            self.error("table_too_large", place, rows=len(rules), limit=MAX_ROWS, cells=MAX_CELLS)
        if not outputs:
            self.error("table_no_output", place)
        return DecisionTable(
            inputs, outputs, rules, policy, aggregation if policy is HitPolicy.COLLECT else None, type_ref, place
        )

    def input_clause(self, element: etree._Element, number: int, owner: Place) -> InputClause:
        place = place_of(element, owner=owner)
        expression = self.child(element, "inputExpression")
        text = self.text(expression, place)
        variable = next((value for key, value in element.attrib.items() if str(key).endswith("}inputVariable")), "")
        return InputClause(
            number,
            text or Text("", place),
            self.type_ref(expression.get("typeRef"), expression) if expression is not None else "",
            tidy(element.get("label")),
            self.english(element),
            tidy(str(variable)),
            self.text(self.child(element, "inputValues"), place),
            place,
        )

    def output_clause(self, element: etree._Element, number: int, owner: Place) -> OutputClause:
        place = place_of(element, owner=owner)
        return OutputClause(
            number,
            tidy(element.get("name")),
            self.type_ref(element.get("typeRef"), element),
            tidy(element.get("label")),
            self.english(element),
            self.text(self.child(element, "outputValues"), place),
            self.text(self.child(element, "defaultOutputEntry"), place),
            place,
        )

    def rule(
        self,
        element: etree._Element,
        number: int,
        inputs: int,
        outputs: int,
        annotation_names: list[str],
        owner: Place,
    ) -> Rule:
        tests: list[Text] = []
        results: list[Text] = []
        notes: list[str] = []
        input_tag, output_tag, note_tag = self.ns + "inputEntry", self.ns + "outputEntry", self.ns + "annotationEntry"
        description = ""
        table_name = owner.element_name
        for child in element.iterchildren():
            tag = child.tag
            if tag in (input_tag, output_tag):
                inner = child.find(self.text_tag)
                content = (inner.text or "").strip() if inner is not None else ""
                text = Text(
                    content,
                    Place(line_of(child), child.get("id") or "", table_name),
                    child.get("expressionLanguage") or self.language,
                )
                (tests if tag == input_tag else results).append(text)
            elif tag == note_tag:
                inner = child.find(self.text_tag)
                notes.append((inner.text or "").strip() if inner is not None else "")
            elif tag == self.ns + "description":
                description = (child.text or "").strip()
        place = place_of(element, owner=owner)
        if len(tests) != inputs or len(results) != outputs:
            self.error(
                "table_row_width", place, row=number, inputs=len(tests), outputs=len(results), of_inputs=inputs,
                of_outputs=outputs,
            )  # fmt: skip
        annotations = [(annotation_names[i] if i < len(annotation_names) else "", note) for i, note in enumerate(notes)]
        if description:
            annotations.append(("", description))
        return Rule(
            number,
            tuple(tests),
            tuple(results),
            tuple(note for note in annotations if note[1]),
            self.english(element),
            place,
        )
