"""The state does not grow with what is done, and nothing in it is shared, lost, or named in a forbidden way."""

import random
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.engine.bpmn import Instance
from app.engine.bpmn.state import layers_around
from app.engine.bpmn.tokens import Token
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    event_subprocess,
    extension,
    flow,
    items,
    mapping,
    message,
    node,
    process,
    script,
    start,
    timer,
    user,
)

TURNS = 10_000


def turning(task: str, *beside: str, turns: int = TURNS) -> str:
    """A loop over `task` (T) until `n` has reached `turns`."""
    return (
        node("exclusiveGateway", "M") + task + node("exclusiveGateway", "G", default="G_M")
        + chain("M", "T", "G") + flow("G", "M") + flow("G", "last", f"= n &gt;= {turns}")
        + "".join(beside)
    )  # fmt: skip


def alone(task: str) -> bytes:
    return document(process(start(), turning(task), end("last"), chain("S", "M")))


def test_ten_thousand_turns_with_a_person() -> None:
    play = Play(alone(user("T")), n=0)
    instance = Instance.restore(play.definition, play.state, play.environment)
    item, first = play.at("T").id, len(play.state)
    for turn in range(1, TURNS + 1):
        # one instance through all turns, read again from its bytes now and then: that is tested elsewhere every time
        if turn % 500 == 0:
            assert len(instance.state()) < first * 1.2
            instance = Instance.restore(play.definition, instance.state(), play.environment)
        step = instance.complete(item, {"n": turn}, play.now)
        play.environment.keep(step)
        item = step.opened[0].id if step.opened else ""
    assert instance.finished


def test_ten_thousand_turns_in_one_step() -> None:
    play = Play(alone(script("T", "= {n: n + 1}")), n=0)
    assert play.finished
    assert play.value("n") == TURNS


def test_the_turn_of_a_loop_costs_the_same_at_its_end() -> None:
    """Counted in tokens, not in seconds: nothing of the turns before is there."""
    play = Play(alone(user("T")), n=0)
    seen = set()
    for turn in range(1, 200):
        play.complete("T", n=turn)
        instance = Instance.restore(play.definition, play.state, play.environment)
        seen.add(len(instance._run.all_alive()))
    assert seen == {1}


def test_what_is_finished_leaves_although_other_tokens_stay() -> None:
    """Six branches wait in every way, one turns: the finished ancestors of all are gone."""
    inner = start("hs") + user("W", items("parties", "party")) + end("he") + chain("hs", "W", "he")
    xml = document(
        process(
            start(), node("parallelGateway", "F"), chain("S", "F", "A", "M"), chain("F", "B", "E"),
            turning(script("A", "= {n: 0}") + user("T"), turns=2000), script("B", "= {b: 1}"),
            node("subProcess", "H", inner), node("callActivity", "Call", calledElement="Q"),
            node("intermediateCatchEvent", "C", message()), node("eventBasedGateway", "Race"),
            node("receiveTask", "R1", messageRef="m_stop"),
            node("intermediateCatchEvent", "R2", timer("timeDuration", "P9D")),
            node("parallelGateway", "J"), end("last"), end(),
            chain("F", "H", "J"), chain("F", "Call", "J"), chain("F", "C", "J"), chain("F", "Race", "R1", "J", "E"),
            chain("Race", "R2", "E"), boundary("Bo", "T", message("stop"), interrupting=False), chain("Bo", "E"),
            event_subprocess("ES", message(), user("Y"), end("EO"), chain("ES_in", "Y", "EO"), interrupting=False),
        ),
        process(start("qs"), user("U"), end("qe"), chain("qs", "U", "qe"), id="Q"),
    )  # fmt: skip
    play = Play(xml, parties=[1, 2, 3])
    play.complete("T", n=1)
    instance = Instance.restore(play.definition, play.state, play.environment)
    tokens, size = len(instance._run.all_alive()), len(play.state)
    for turn in range(2, 300):
        play.complete("T", n=turn)
    instance = Instance.restore(play.definition, play.state, play.environment)
    assert len(instance._run.all_alive()) == tokens
    assert len(play.state) < size * 1.05
    assert all(token.parent is token.workflow.task_tree for token in instance._run.all_alive())


WRITE = "= {{log: append(log, &quot;{0}&quot;), last: &quot;{0}&quot;}}"


@pytest.mark.parametrize("seed", range(20))
def test_no_update_is_lost_at_a_join_in_whatever_order_branches_end(seed: int) -> None:
    names = "ABCD"
    xml = document(
        process(
            start(), node("parallelGateway", "F"), *(user(name) for name in names),
            *(script(f"{name}2", WRITE.format(name)) for name in names),
            node("parallelGateway", "J"), user("Z"), end(), chain("S", "F"),
            *(chain("F", name, f"{name}2", "J") for name in names), chain("J", "Z", "E"),
        )
    )  # fmt: skip
    order = random.Random(seed).sample(names, len(names))  # noqa: S311 - any order will do
    play = Play(xml, log=[], last="", untouched={"deep": [1]})
    for name in order:
        assert play.opened == sorted(set(names) - set(order[: order.index(name)]))
        play.complete(name, **{f"of_{name}": order.index(name)})
    assert play.opened == ["Z"]
    assert play.value("log") == order
    assert play.value("last") == order[-1]
    assert [play.value(f"of_{name}") for name in order] == [0, 1, 2, 3]
    assert play.value("untouched") == {"deep": [1]}


def test_what_one_branch_changes_inside_a_value_no_other_branch_sees() -> None:
    """Local inputs and items are copies; the value outside is changed by writing it alone."""
    change = script("X", "= {party: context put(party, &quot;name&quot;, &quot;changed&quot;)}")
    inner = start("hs") + change + user("W") + end("he") + chain("hs", "X", "W", "he")
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("T", extension(mapping({"mine": "= parties"}))),
            node("subProcess", "H", inner + items("parties", "party")), end(),
            chain("S", "F", "T", "E"), chain("F", "H", "E"),
        )
    )  # fmt: skip
    given = [{"name": "a", "list": [1]}, {"name": "b", "list": [2]}]
    play = Play(xml, parties=given)
    assert play.value("parties") == [{"name": "a", "list": [1]}, {"name": "b", "list": [2]}]
    mine = play.at("T").inputs["mine"]
    assert mine == [{"name": "a", "list": [1]}, {"name": "b", "list": [2]}]
    scopes = [play.environment.variables(play.at("W", index).scope)["party"] for index in (0, 1)]
    assert scopes == [{"name": "changed", "list": [1]}, {"name": "changed", "list": [2]}]


NAMES = [
    "typename", "__class__", "__dict__", "__reduce__", "__init__", "", " ", ".", "a.b.c", "a[0]", "$n", "$t", "$c",
    "$r", "名称", "当事人（甲）", "😀", "x" * 1000, "data", "state", "children", "spec", "id", "null", "true",
    "item", "case", "name with spaces", "line\nbreak", "\u0000", "'; drop table cases; --", "constructor", "self",
]  # fmt: skip


@pytest.mark.parametrize(
    "value", [1, Decimal("1.50"), "text", None, True, date(2026, 3, 1), [1, {"": 2}], {"typename": 1}]
)
def test_any_name_and_any_value_of_a_form_comes_back_as_it_was(value: object) -> None:
    inner = start("hs") + user("W") + end("he") + chain("hs", "W", "he")
    xml = document(
        process(start(), user("T"), node("subProcess", "H", inner + items("everything", "one")), end(),
                chain("S", "T", "H", "E"))
    )  # fmt: skip
    play = Play(xml, everything=[dict.fromkeys(NAMES, value)])
    given = dict.fromkeys(NAMES, value)
    item = play.at("T").id
    play.call(lambda instance: instance.complete(item, given, play.now))
    assert {name: play.value(name) for name in NAMES} == dict.fromkeys(NAMES, value)
    play.call(lambda instance: instance.wake(play.now))
    assert play.environment.variables(play.at("W").scope)["one"] == dict.fromkeys(NAMES, value)
    inside = play.at("W").id
    assert play.call(lambda instance: instance.complete(inside, given, play.now)).finished


def test_names_in_local_inputs_and_snapshots_survive_the_state() -> None:
    xml = document(
        process(start(), user("T", extension(mapping({"all": "= everything"}))), end(), chain("S", "T", "E"))
    )
    play = Play(xml, everything=dict.fromkeys(NAMES, Decimal("1.5")))
    instance = Instance.restore(play.definition, play.state, play.environment)
    token = next(token for token in instance._run.all_alive() if token.spec.name == "T")
    assert token.internal_data["inputs"] == {"all": dict.fromkeys(NAMES, Decimal("1.5"))}


def test_nothing_is_pickled_anywhere() -> None:
    """A state is JSON, whatever is in it: who can write one still cannot make the program run anything."""
    words = "pickle|cPickle|dill|cloudpickle|marshal|shelve|jsonpickle|joblib"
    forbidden = re.compile(rf"^\s*(?:import|from) (?:{words})\b|\bPickleType\b", re.MULTILINE)
    assert forbidden.search("import os\nimport pickle as p")
    assert [str(file) for file in Path("app").rglob("*.py") if forbidden.search(file.read_text())] == []


def nested() -> bytes:
    """An item in an item in a call with mappings in an event sub-process."""
    deepest = start("ds") + user("W", items("inner", "small")) + end("de") + chain("ds", "W", "de")
    called = process(
        start("qs"), node("subProcess", "H", deepest + items("outer", "large")), end("qe"), chain("qs", "H", "qe"),
        id="Q",
    )  # fmt: skip
    call = node(
        "callActivity", "Call",
        extension('<camunda:in source="lists" target="outer"/>', '<camunda:in source="few" target="inner"/>'),
        calledElement="Q",
    )  # fmt: skip
    return document(
        process(
            start(), user("T"), end(), chain("S", "T", "E"),
            event_subprocess("ES", message(), call, end("EO"), chain("ES_in", "Call", "EO"), interrupting=False),
        ),
        called,
    )  # fmt: skip


def test_the_scopes_around_a_task_are_read_out_of_its_state() -> None:
    """What a form is shown is what the engine itself sees at that place."""
    play = Play(nested(), lists=[1, 2], few=["a", "b"])
    play.send("note", of_message="m")
    item = play.at("W", 3)
    layers = layers_around(play.state, item.id)
    assert [len(layers), layers[0][0]] == [4, item.scope]
    seen: dict[str, object] = dict(play.environment.variables(""))
    for scope, besides in reversed(layers):
        seen |= {**besides, **play.environment.variables(scope)}
    instance = Instance.restore(play.definition, play.state, play.environment)
    token = instance._run.token(item.id)
    assert isinstance(token, Token)
    view = instance._run.variables(token)
    assert seen == {name: view[name] for name in view}
    assert (seen["small"], seen["large"], seen["of_message"], seen["nrOfInstances"]) == ("b", 2, "m", 2)
    assert layers_around(play.state, "0" * 32) == []
    assert layers_around(play.state, play.at("T").id) == []
