"""The dispute package as it is shipped: it checks clean, its path tests pass, everybody can read it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from app.definitions.checks import check_package
from app.definitions.compiled import Contents
from app.definitions.rules import Dictionary
from app.definitions.services import read_folder
from app.engine.bpmn.check import Folder, WeekCalendar, decide_with, play
from app.engine.bpmn.check import read_folder as read_path_tests
from app.engine.dmn.metamodel import DecisionNode, DecisionTable
from app.engine.findings import Severity
from app.engine.words import sentence
from app.forms import check

PACKAGE = Path(__file__).parents[3] / "processes" / "dispute"
FORMS = PACKAGE.parents[1] / "forms" / "dispute"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SETTLING = ("draft_agreement", "record_oral_agreement")
"""Where an agreement is written down: what is asked before counts as before an agreement."""


@cache
def contents() -> Contents:
    name, files = read_folder(PACKAGE)
    return Contents(name, files, {})


@cache
def folder() -> Folder:
    return read_path_tests(PACKAGE)


@cache
def form(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads((FORMS / f"{name}.form").read_bytes())
    return loaded


def dictionary() -> Dictionary:
    read = contents().dictionary
    assert read is not None
    return read


def diagrams() -> list[Path]:
    return sorted(PACKAGE.glob("*.bpmn"))


def user_tasks() -> dict[str, str]:
    """Element id of every user task, with the name of its form."""
    return {
        task.get("id", ""): task.get(f"{CAMUNDA}formKey", "").removeprefix("dispute/")
        for diagram in diagrams()
        for task in etree.parse(diagram).iter(f"{BPMN}userTask")
    }


def properties(element: etree._Element) -> dict[str, str]:
    found = element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
    return {one.get("name", ""): one.get("value", "") for one in found}


def required_fields(name: str) -> set[str]:
    """What must be filled in on every way through a form: required and never hidden."""
    return {
        component["key"]
        for component in form(name)["components"]
        if component.get("validate", {}).get("required") and "conditional" not in component
    }


def test_the_package_checks_clean() -> None:
    assert [
        f"{found.file}:{found.line} {found.element_id}: {sentence(found.code, found.params, 'en')}"
        for found in check_package(contents())
    ] == []


@pytest.mark.parametrize("name", sorted(path.name for path in (PACKAGE / "tests").glob("*.toml")))
def test_path(name: str) -> None:
    result = play(folder(), name)
    assert [sentence(failure.code, failure.params, "en") for failure in result.failures] == []


@pytest.mark.parametrize("name", sorted(path.stem for path in FORMS.glob("*.form")))
def test_form_is_sound_in_both_languages(name: str) -> None:
    found = check(form(name), dictionary(), file=f"{name}.form")
    assert [(one.severity, one.element_id, sentence(one.code, one.params, "en")) for one in found] == []


def test_every_user_task_has_its_form() -> None:
    missing = {task: name for task, name in user_tasks().items() if not (FORMS / f"{name}.form").exists()}
    assert missing == {}


def test_every_form_is_used() -> None:
    used = set(user_tasks().values())
    used |= {action.form.removeprefix("dispute/") for action in contents().settings.actions}
    for diagram in diagrams():
        for task in etree.parse(diagram).iter(f"{BPMN}userTask"):
            used.add(properties(task).get("party.form", "").removeprefix("dispute/"))
    assert {path.stem for path in FORMS.glob("*.form")} - used == set()


def test_party_forms_exist_and_say_nothing_of_risk() -> None:
    for diagram in diagrams():
        for task in etree.parse(diagram).iter(f"{BPMN}userTask"):
            name = properties(task).get("party.form", "").removeprefix("dispute/")
            if name:
                words = orjson.dumps(form(name)).decode()
                assert not [word for word in ("民转刑", "稳控", "风险等级", "群体性") if word in words], name


@pytest.mark.parametrize("diagram", diagrams(), ids=lambda path: path.stem)
def test_everything_named_has_its_english(diagram: Path) -> None:
    silent = [
        element.get("id")
        for element in etree.parse(diagram).iter(f"{BPMN}*")
        if element.get("name") and element.tag != f"{BPMN}message" and not properties(element).get("name.en")
    ]
    assert silent == []


@pytest.mark.parametrize("diagram", diagrams(), ids=lambda path: path.stem)
def test_everything_is_drawn(diagram: Path) -> None:
    root = etree.parse(diagram)
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    process = root.find(f"{BPMN}process")
    assert process is not None
    skipped = {"extensionElements", "documentation", "incoming", "outgoing", "script"}
    meant = {
        element.get("id")
        for element in process.iter(f"{BPMN}*")
        if element is not process
        and (etree.QName(element).localname.endswith(("Task", "Event", "Gateway", "Flow", "Process", "Activity")))
        and etree.QName(element).localname not in skipped
    }
    assert meant - drawn == set()


def test_at_most_five_required_fields_before_an_agreement() -> None:
    forms = user_tasks()
    ways = 0
    for name in folder().tests:
        trail = play(folder(), name).trail
        assert trail is not None
        asked: set[tuple[str, str]] = set()
        for element, _ in trail.visited:
            if element in SETTLING:
                ways += 1
                break
            if element in forms:
                asked |= {(forms[element], field) for field in required_fields(forms[element])}
        else:
            continue
        assert len(asked) <= 5, f"{name}: {sorted(asked)}"
    assert ways >= 5


def test_a_clerk_and_a_doorstep_ask_little() -> None:
    assert required_fields("registration") == {"summary"}
    assert required_fields("doorstep") == {"doorstep_parties", "summary", "doorstep_result"}


DANGER_SIGNS = sorted(str(one.value) for one in dictionary()["danger_signs"].values)


def decide(reference: str, **facts: object) -> Any:
    everything = {**dict.fromkeys(dictionary()), **facts}
    return decide_with(folder().decisions, WeekCalendar())(reference, everything, NOW)


@pytest.mark.parametrize("sign", DANGER_SIGNS)
def test_every_sign_of_danger_is_red_and_told_to_the_police(sign: str) -> None:
    risk = decide("risk", danger_signs=[sign]).result
    assert (risk["risk_colour"], risk["police_report"]) == ("red", True)
    assert len(risk["risk_reasons"]) == 1


@pytest.mark.parametrize(
    ("facts", "colour"),
    [
        ({}, "green"),
        ({"earlier_calls": 1}, "green"),
        ({"earlier_calls": 1, "alcohol": True}, "yellow"),
        ({"earlier_calls": 3, "failed_mediations": 2}, "orange"),
        ({"people_count": 12, "group_petition_talk": True}, "red"),
    ],
)
def test_conduct_is_scored(facts: dict[str, object], colour: str) -> None:
    assert decide("risk", danger_signs=[], **facts).result["risk_colour"] == colour


@pytest.mark.parametrize("kind", sorted(str(one.value) for one in dictionary()["dispute_type"].values))
def test_domestic_violence_is_never_an_ordinary_mediation(kind: str) -> None:
    procedure = decide("procedure", danger_signs=["domestic_violence"], dispute_type=kind, matter="civil").result
    assert (procedure["triage_result"], procedure["mediable"]) == ("hand_over", False)
    guarded = decide(
        "procedure", danger_signs=["domestic_violence"], dispute_type=kind, matter="civil", property_or_custody=True
    ).result
    assert (guarded["triage_result"], guarded["guarded"]) == ("mediate", True)


@pytest.mark.parametrize("reference", ["procedure", "deadlines"])
def test_every_row_names_its_source(reference: str) -> None:
    namespace = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
    rows = list(etree.parse(PACKAGE / f"{reference}.dmn").iter(f"{namespace}rule"))
    assert rows
    assert [row.get("id") for row in rows if not row.findtext(f"{namespace}annotationEntry/{namespace}text")] == []


@pytest.mark.parametrize(
    ("facts", "days", "kind"),
    [
        ({"clock": "mediation", "procedure": "people_mediation"}, 30, "natural"),
        ({"clock": "mediation", "procedure": "people_mediation", "dispute_type": "medical"}, 30, "working"),
        ({"clock": "mediation", "procedure": "labour_mediation", "dispute_type": "wages"}, 15, "natural"),
        ({"clock": "mediation", "procedure": "police_mediation"}, 3, "working"),
        ({"clock": "mediation", "channel": "court", "procedure": "people_mediation"}, 30, "natural"),
        (
            {
                "clock": "mediation",
                "channel": "court",
                "procedure": "people_mediation",
                "court_referral": "after_filing_summary",
            },
            7,
            "natural",
        ),
        ({"clock": "choice"}, 2, "working"),
        ({"clock": "confirmation"}, 30, "natural"),
        ({"clock": "reply", "channel": "petition"}, 15, "natural"),
        ({"clock": "reply", "channel": "12345"}, 5, "working"),
    ],
)
def test_time_limits(facts: dict[str, object], days: int, kind: str) -> None:
    limit = decide("deadlines", **facts).result
    assert (limit["limit_days"], limit["day_kind"]) == (days, kind)
    assert limit["promise_days"] is None or limit["promise_days"] <= limit["limit_days"]


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("老板拖欠三个月工资不给", "wages"),
        ("公司不给交社保还把我辞退了", "labour"),
        ("隔壁邻居把水排到我家院子", "neighbour"),
        ("离婚后他不给孩子抚养费", "marriage_family"),
        ("电动车被汽车撞了，对方不赔", "traffic"),
        ("医院误诊耽误了治疗", "medical"),
        ("借款到期了一直不还", "contract"),
        ("承包地界被挪了一米", "land"),
        ("村里有点事想说说", "unclear"),
        ("丈夫经常动手打我，我想离婚", "marriage_family"),
        ("丈夫酒后打人。", "marriage_family"),
        ("宅基地边界不清，砌墙时起了争执，差点动手。", "land"),
        ("我老婆在菜场和摊主打架，被打伤了手", "compensation"),
        ("隔壁砌院墙挡了采光，吵起来还打了人", "neighbour"),
        ("在网上买的电饭锅坏了，店家不肯退", "consumer"),
        ("办公楼的土地使用期限写错了，想解除租赁", "contract"),
        ("开发商拖着不交房，还要先交物业费", "housing"),
        ("他借了我三万元，答应卖了承包地就还，一直不还", "contract"),
        ("村里把我家二十亩地承包出去没商量", "land"),
        ("面包店试工两天没有给一分钱", "wages"),
        ("出口的货在港口集装箱里泡了水", "other"),
        ("违章停车一天被贴了三次，想申诉", "other"),
    ],
)
def test_type_is_guessed_from_the_words(summary: str, kind: str) -> None:
    assert decide("type", summary=summary).result["suggested_type"] == kind


def test_a_type_set_by_a_person_stays() -> None:
    judged = decide("type", summary="老板拖欠三个月工资不给", dispute_type="neighbour").result
    assert (judged["suggested_type"], judged["dispute_type"]) == ("wages", "neighbour")


def test_findings_would_be_seen() -> None:
    """The check above can fail: a diagram that calls an unknown process is refused."""
    name, files = read_folder(PACKAGE)
    files["processes/dispute.bpmn"] = files["processes/dispute.bpmn"].replace(b'"triage"', b'"nowhere"')
    found = check_package(Contents(name, files, {}))
    assert Severity.ERROR in {one.severity for one in found}


@pytest.mark.parametrize(
    ("decision", "column"),
    [("deadlines", "limit_source"), ("deadlines", "limit_pause"), ("procedure", "other_remedies")],
)
def test_sentences_of_a_table_are_declared_in_both_languages(decision: str, column: str) -> None:
    model = next(one for one in contents().decisions.values() if one.find(decision))
    element = model.find(decision)
    assert isinstance(element, DecisionNode)
    table = element.logic
    assert isinstance(table, DecisionTable)
    position = next(number for number, one in enumerate(table.outputs) if one.name == column)
    told = {row.outputs[position].text.strip('"') for row in table.rules} - {""}
    entry = dictionary()[column]
    assert told == {one.value for one in entry.values}
    assert all(one.label.en.isascii() and one.label.zh == one.value for one in entry.values)
