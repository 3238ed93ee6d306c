"""Reading files: what is refused, and what Camunda Modeler adds."""

import time

import pytest

from app.engine.dmn import HitPolicy, parse_decisions
from app.engine.dmn.metamodel import DecisionTable
from app.engine.findings import DefinitionError
from tests.unit.engine.dmn.dmn_files import MODEL_13, decision, file, literal, property_, table


def refusal(data: bytes) -> str:
    with pytest.raises(DefinitionError) as caught:
        parse_decisions(data, file="bad.dmn")
    (finding,) = caught.value.findings
    assert finding.file == "bad.dmn"
    return finding.code


BOMB = """<?xml version="1.0"?>
<!DOCTYPE definitions [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="&c;"/>"""


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        BOMB.replace('"1.0"?', '"1.0" encoding="UTF-16"?').encode("utf-16"),
        b'<!DOCTYPE definitions SYSTEM "http://127.0.0.1:9/x.dtd">' + file(),
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    ],
)
def test_a_document_type_is_refused(data: bytes) -> None:
    assert refusal(data) == "xml_doctype"


def test_broken_xml_is_refused_with_its_line() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_decisions(b"<definitions>\n<decision>\n</definitions>")
    assert (caught.value.findings[0].code, caught.value.findings[0].line) == ("xml_broken", 3)


def test_the_document_type_is_located() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_decisions(b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<x>&a;</x>')
    assert caught.value.findings[0].line == 2


@pytest.mark.parametrize("data", [b"", b"not xml", b"\x00\x01", b"\xff\xfe<"])
def test_what_is_not_xml_is_refused(data: bytes) -> None:
    assert refusal(data) == "xml_broken"


def test_a_large_file_is_refused_at_once() -> None:
    data = file() + b" " * (50 * 1024 * 1024)
    started = time.process_time()
    assert refusal(data) == "xml_too_large"
    assert time.process_time() - started < 0.5


def test_another_language_is_refused() -> None:
    assert refusal(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>') == "dmn_not_a_model"


def test_deep_nesting_is_refused() -> None:
    deep = literal("1")
    for _ in range(70):
        deep = f"<context><contextEntry>{deep}</contextEntry></context>"
    assert refusal(file(decision(deep))) == "xml_too_deep"
    for _ in range(200):
        deep = f"<context><contextEntry>{deep}</contextEntry></context>"
    assert refusal(file(decision(deep))) == "xml_broken"


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    assert refusal(file(decision(table(["a", "b"], ["r"], [["-", "1"]])))) == "table_row_width"


def test_an_unknown_hit_policy_is_refused() -> None:
    assert refusal(file(decision(table(["a"], ["r"], [["-", "1"]], policy="LAST")))) == "table_policy_unknown"


def test_an_id_used_twice_is_refused() -> None:
    assert refusal(file(decision(literal("1")), decision(literal("2")))) == "dmn_duplicate_id"


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        MODEL_13,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_standard_is_read(namespace: str) -> None:
    model = parse_decisions(file(decision(table(["a"], ["r"], [["-", "1"]])), namespace=namespace))
    (node,) = model.decisions
    assert isinstance(node.logic, DecisionTable)
    assert node.logic.hit_policy is HitPolicy.UNIQUE


def test_names_are_found_by_id_and_by_name_with_inner_space_made_single() -> None:
    model = parse_decisions(file(decision(literal("1"), id="d", name="Which  office", name_en="Office")))
    assert model.find("d") is model.find("Which office") is model.decisions[0]
    assert model.decisions[0].name_en == "Office"
    assert model.find("nothing") is None


def test_annotations_and_english_labels_are_kept() -> None:
    logic = table(["a"], ["r"], [["-", "1"]], labels=["甲"], labels_en=["A"]).replace(
        '<rule id="rule1">',
        "<annotation name='Basis'/><rule id='rule1'><description>说明</description>" + property_("name.en", "Note"),
    )
    logic = logic.replace(
        "</outputEntry></rule>", "</outputEntry><annotationEntry><text>法</text></annotationEntry></rule>"
    )
    (node,) = parse_decisions(file(decision(logic))).decisions
    assert isinstance(node.logic, DecisionTable)
    assert node.logic.inputs[0].label_en == "A"
    assert node.logic.rules[0].annotations == (("Basis", "法"), ("", "说明"))
    assert node.logic.rules[0].annotation_en == "Note"


def test_another_expression_language_is_a_finding() -> None:
    logic = '<literalExpression expressionLanguage="juel"><text>${a}</text></literalExpression>'
    model = parse_decisions(file(decision(logic)))
    assert [finding.code for finding in model.findings] == ["dmn_language_unknown"]
