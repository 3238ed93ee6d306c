"""Traces: which row, on what values, from which decisions below; as data and in words."""

import orjson
import pytest

from app.engine.dmn import Words, describe, in_language, parse_decisions, trace_from_json
from app.engine.feel import Environment
from tests.unit.engine.dmn.dmn_files import decision, file, input_data, literal, table

ROWS = [
    ['"neighbour"', "-", '"village"'],
    ['"labour"', "<= 10", '"town"'],
    ['"labour"', "> 10", '"county"'],
    ['"medical", "traffic"', "[2..10)", '"county"'],
]


def routing() -> bytes:
    logic = table(
        ["dispute_type", "people_count"],
        ["tier"],
        ROWS,
        labels=["纠纷类型", "人数"],
        labels_en=["Dispute type", "People"],
    )
    return file(decision(logic, id="route", name="分流", name_en="Routing"))


def label(expression: str, value: object, language: str) -> str | None:
    labels = {"labour": ("劳动争议", "Labour"), "medical": ("医疗", "Medical"), "traffic": ("交通", "Traffic")}
    found = labels.get(str(value)) if expression == "dispute_type" else None
    return None if found is None else found[language.startswith("en")]


def test_a_hit_in_words(environment: Environment) -> None:
    model = parse_decisions(routing())
    trace = model.decide("route", {"dispute_type": "labour", "people_count": 12}, environment).trace
    assert describe(trace) == "第 3 行命中：纠纷类型 = labour，人数 > 10"
    assert describe(trace, value_label=label) == "第 3 行命中：纠纷类型 = 劳动争议，人数 > 10"
    assert describe(trace, "en", value_label=label) == "Row 3 hit: Dispute type = Labour, People > 10"


def test_lists_and_ranges_in_words(environment: Environment) -> None:
    trace = (
        parse_decisions(routing()).decide("route", {"dispute_type": "traffic", "people_count": 2}, environment).trace
    )
    assert describe(trace, value_label=label) == "第 4 行命中：纠纷类型 为 医疗、交通 之一，2 ≤ 人数 < 10"
    assert (
        describe(trace, "en", value_label=label)
        == "Row 4 hit: Dispute type is one of Medical, Traffic, 2 ≤ People < 10"
    )


def test_no_hit_in_words(environment: Environment) -> None:
    trace = parse_decisions(routing()).decide("route", {"dispute_type": "other", "people_count": 2}, environment).trace
    assert describe(trace) == "没有命中任何一行"
    assert describe(trace, "en") == "No row hit"


def test_the_trace_as_data(environment: Environment) -> None:
    model = parse_decisions(routing(), version="v7")
    trace = model.decide("route", {"dispute_type": "labour", "people_count": 12}, environment).trace
    data = orjson.loads(orjson.dumps(trace.to_json()))
    assert data["decision"] == {"id": "route", "name": "分流", "name_en": "Routing"}
    assert data["version"] == "v7"
    (told,) = data["tables"]
    assert told["hit_policy"] == "UNIQUE"
    assert [clause["value"] for clause in told["inputs"]] == ["labour", 12]
    assert told["inputs"][1] | {"value": 0} == {
        "expression": "people_count",
        "label": "人数",
        "label_en": "People",
        "value": 0,
    }
    (row,) = told["rows"]
    assert (row["number"], row["rule_id"], row["cells"], row["outputs"]) == (
        3,
        "rule3",
        ['"labour"', "> 10"],
        ["county"],
    )


def test_a_kept_trace_can_be_described_again(environment: Environment) -> None:
    model = parse_decisions(routing(), version="v7")
    trace = model.decide("route", {"dispute_type": "labour", "people_count": 12}, environment).trace
    kept = trace_from_json(orjson.loads(orjson.dumps(trace.to_json())))
    assert kept == trace
    assert describe(kept, "en", value_label=label) == "Row 3 hit: Dispute type = Labour, People > 10"


def test_the_version_can_be_told_with_the_call(environment: Environment) -> None:
    trace = parse_decisions(routing()).decide(
        "route", {"dispute_type": "neighbour", "people_count": 1}, environment, version="v8"
    )
    assert trace.trace.version == "v8"


def test_required_decisions_are_explained_below(environment: Environment) -> None:
    risk = table(["threat"], ["risk"], [["true", '"red"'], ["false", '"green"']])
    route = table(["risk"], ["tier"], [['"red"', '"county"'], ['not("red")', '"village"']])
    model = parse_decisions(
        file(
            input_data("threat", "boolean"),
            decision(risk, id="risk", requires=["@threat"]),
            decision(route, id="route", requires=["risk"]),
            decision(literal('route + "!"'), id="shout", requires=["route"]),
        )
    )
    made = model.decide("shout", {"threat": True}, environment)
    assert made.result == "county!"
    assert [trace.name for trace in made.trace.required] == ["route"]
    assert [trace.name for trace in made.trace.required[0].required] == ["risk"]
    assert made.trace.required[0].required[0].rows[0].number == 1
    assert describe(made.trace) == (
        "shout = county!\n  route：第 1 行命中：risk = red\n    risk：第 1 行命中：threat = 是"
    )


def test_a_decision_that_many_require_is_told_once(environment: Environment) -> None:
    elements = [decision(literal("1"), id="d0"), decision(literal("d0"), id="d1", requires=["d0"])]
    for n in range(2, 40):
        needed = [f"d{n - 1}", f"d{n - 2}"]
        elements.append(decision(literal(f"{needed[0]} + {needed[1]}"), id=f"d{n}", requires=needed))
    made = parse_decisions(file(*elements)).decide("d39", {}, environment)
    assert len(describe(made.trace).splitlines()) == 40
    data = made.trace.to_json()
    assert len(orjson.dumps(data)) < 20_000
    assert data["required"][1]["repeated"] is True


def test_collect_explains_every_row(environment: Environment) -> None:
    logic = table(["n"], ["doc"], [["> 1", '"a"'], ["> 2", '"b"'], ["> 9", '"c"']], policy="COLLECT")
    trace = parse_decisions(file(decision(logic))).decide("decision", {"n": 3}, environment).trace
    assert [row.number for row in trace.rows] == [1, 2]
    assert describe(trace, "en") == "Row 1 hit: n > 1\nRow 2 hit: n > 2"


def test_a_context_is_told_by_the_labels_of_its_entries(environment: Environment) -> None:
    entry = f'<contextEntry><variable name="dispute_type"/>{literal(chr(34) + "labour" + chr(34))}</contextEntry>'
    made = parse_decisions(file(decision(f"<context>{entry}</context>"))).decide("decision", {}, environment)
    assert describe(made.trace) == "decision：dispute_type = labour"
    told = describe(
        made.trace, value_label=label, name_label=lambda name, _language: {"dispute_type": "纠纷类型"}.get(name)
    )
    assert told == "decision：纠纷类型 = 劳动争议"


def test_lists_in_a_context_are_told_without_brackets(environment: Environment) -> None:
    model = parse_decisions(file(decision(literal('{reasons: ["fire", "flood"], none: [], inner: {a: [1]}}'))))
    trace = model.decide("decision", {}, environment).trace
    assert describe(trace) == "decision：reasons = fire、flood，none = （空），inner = {a: [1]}"
    assert describe(trace, "en") == "decision: reasons = fire, flood, none = (none), inner = {a: [1]}"


def test_a_long_cell_is_cut(environment: Environment) -> None:
    cell = 'contains(? + "' + "|".join(["labour"] * 50) + '", "l")'
    model = parse_decisions(file(decision(table(["x"], ["r"], [[cell, "1"]]))))
    told = describe(model.decide("decision", {"x": "labour"}, environment).trace)
    assert told.startswith('第 1 行命中：x 满足 contains(? + "labour|')
    assert len(told) < 110
    assert told.endswith("…")


MANY = 'matches(?, "(fire|(gas|water).{0,6}leak|' + "|".join(f"word{n}" for n in range(9)) + ')")'


@pytest.mark.parametrize(
    ("cell", "value", "chinese", "english"),
    [
        ("null", None, "类型 未填", "Kind is not given"),
        ("not(null)", "labour", "类型 已填", "Kind is given"),
        ('"labour", null', "labour", "类型 = 劳动争议（或未填）", "Kind = Labour (or not given)"),
        ('not("medical")', "labour", "类型 ≠ 医疗", "Kind ≠ Medical"),
        ('not("medical", null)', "labour", "类型 ≠ 医疗（且已填）", "Kind ≠ Medical (and given)"),
        ('matches(?, "(wages|pay)")', "my pay", "类型 提到：pay、wages", "Kind mentions one of: pay, wages"),
        (
            MANY,
            "word7",
            "类型 提到：word7、fire、gas/water…leak、word0、word1、word2、word3、word4 等，另有 3 个词",
            "Kind mentions one of: word7, fire, gas/water…leak, word0, word1, word2, word3, word4 and 3 more",
        ),
        ('matches(?, "[a-z]+")', "labour", '类型 满足 matches(?, "[a-z]+")', 'Kind satisfies matches(?, "[a-z]+")'),
    ],
)
def test_conditions_in_words(
    environment: Environment, cell: str, value: str | None, chinese: str, english: str
) -> None:
    logic = table(["kind"], ["r"], [[cell, "1"]], labels=["类型"], labels_en=["Kind"])
    trace = parse_decisions(file(decision(logic))).decide("decision", {"kind": value}, environment).trace
    known = {"labour": ("劳动争议", "Labour"), "medical": ("医疗", "Medical")}

    def word(_name: str, one: object, language: str) -> str | None:
        return known[str(one)][language == "en"] if str(one) in known else None

    assert describe(trace, value_label=word) == f"第 1 行命中：{chinese}"
    assert describe(trace, "en", value_label=word) == f"Row 1 hit: {english}"


@pytest.mark.parametrize(
    ("cell", "chinese", "english"),
    [
        ('"labour"', "劳动争议", "Labour"),
        ('"labour", "medical", null', "劳动争议、医疗、未填", "Labour, Medical, not given"),
        ('not("labour", "medical")', "不是 劳动争议、医疗", "not Labour, Medical"),
        ("not(null)", "已填", "given"),
        ("true", "是", "yes"),
        (">= 10", "≥ 10", "≥ 10"),
        ("[2..10)", "≥ 2 且 < 10", "≥ 2 and < 10"),
        ("< 2, > 5", "< 2 或 > 5", "< 2 or > 5"),
        ('["labour", "medical"]', "劳动争议、医疗", "Labour, Medical"),
        ('matches(?, "wages|pay")', "提到：wages、pay", "mentions one of: wages, pay"),
        ("? > other", "? > other", "? > other"),
    ],
)
def test_a_cell_under_the_head_of_its_column(cell: str, chinese: str, english: str) -> None:
    known = {"labour": ("劳动争议", "Labour"), "medical": ("医疗", "Medical")}

    def word(_name: str, one: object, language: str) -> str | None:
        return known[str(one)][language == "en"] if str(one) in known else None

    assert Words("zh", word).cell("kind", cell) == chinese
    assert Words("en", word).cell("kind", cell) == english


def test_of_what_is_kept_in_both_languages_the_readers_is_told(environment: Environment) -> None:
    model = parse_decisions(file(decision(literal('{basis: "法", basis_en: "Law", other: null}'))))
    trace = model.decide("decision", {}, environment).trace
    assert describe(trace) == "decision：basis = 法，other = （空）"
    assert describe(trace, "en") == "decision: basis = Law, other = (none)"
    assert in_language(["zh", "en"], english=True) == [("zh", "en")]
    assert in_language(["zh", "en"], english=False) == [("zh", "zh")]
