"""Gateways choose, split and join as BPMN 2.0.2, 13.4 says."""

import pytest

from app.engine.bpmn import ProcessDefinition, lint
from app.engine.findings import DefinitionError
from app.engine.words import sentence
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    chain,
    document,
    end,
    flow,
    message,
    node,
    process,
    script,
    start,
    timer,
    user,
)


def choice(default: str = "") -> bytes:
    return document(
        process(
            start(),
            node("exclusiveGateway", "G", **({"default": default} if default else {})),
            user("A"),
            user("B"),
            end(),
            chain("S", "G"),
            flow("G", "A", "= x &gt; 1"),
            flow("G", "B", "${x == 1}"),
            chain("A", "E"),
            chain("B", "E"),
        )
    )


@pytest.mark.parametrize(("x", "taken"), [(5, ["A"]), (1, ["B"])])
def test_an_exclusive_gateway_takes_the_first_flow_whose_condition_holds(x: int, taken: list[str]) -> None:
    assert Play(choice(), x=x).opened == taken


def test_no_condition_true_is_an_incident_and_a_default_flow_avoids_it() -> None:
    play = Play(choice(), x=0)
    assert play.failed == ["G"]
    assert play.last.incidents[0].code == "no_condition_true"
    assert Play(choice(default="G_A"), x=0).opened == ["A"]


def test_a_condition_that_is_no_boolean_is_an_incident() -> None:
    xml = document(
        process(
            start(), node("exclusiveGateway", "G", default="G_B"), user("A"), user("B"), end(),
            chain("S", "G"), flow("G", "A", "= x"), flow("G", "B"), chain("A", "E"), chain("B", "E"),
        )
    )  # fmt: skip
    assert Play(xml, x="yes").last.incidents[0].code == "condition_is_no_boolean"
    assert Play(xml, x=None).opened == ["B"]


def bare(kind: str, *conditions: str, default: str = "") -> bytes:
    """A gateway with a flow to A, B, C … for each condition; an empty one has none."""
    names = "ABCD"[: len(conditions)]
    flows = "".join(flow("G", name, given) for name, given in zip(names, conditions, strict=True))
    tasks = "".join(user(name) + chain(name, "E") for name in names)
    given = {"default": default} if default else {}
    return document(process(start(), node(kind, "G", **given), tasks, end(), chain("S", "G"), flows))


def codes(xml: bytes) -> dict[str, str]:
    return {one.code: str(one.severity) for one in lint({"p.bpmn": xml}, None) if one.element_id == "G"}


def test_the_last_flow_out_of_an_exclusive_gateway_may_do_without_a_condition() -> None:
    """As Camunda 7 runs it, with the same warning."""
    xml = bare("exclusiveGateway", "= x = 1", "")
    assert codes(xml)["flow_is_default"] == "warning"
    assert "condition_missing" not in codes(xml)
    assert Play(xml, x=1).opened == ["A"]
    assert Play(xml, x=2).opened == ["B"]


@pytest.mark.parametrize(
    ("conditions", "default"),
    [
        (("", "= x = 1"), ""),  # asked in its turn it hides the one behind it, taken for the default it does not
        (("= x = 1", "", ""), ""),
        (("= x = 1", "", "= x = 2"), "G_A"),
        (("= x = 1", ""), "G_A"),
    ],
)
def test_otherwise_it_is_refused(conditions: tuple[str, ...], default: str) -> None:
    xml = bare("exclusiveGateway", *conditions, default=default)
    assert codes(xml)["condition_missing"] == "error"
    with pytest.raises(DefinitionError):
        ProcessDefinition.compile({"p.bpmn": xml}, "P")


def test_out_of_an_inclusive_gateway_a_flow_without_condition_is_taken_every_time() -> None:
    xml = bare("inclusiveGateway", "", "= x = 1", "", default="G_C")
    assert codes(xml)["flow_always_taken"] == "warning"
    assert Play(xml, x=1).opened == ["A", "B"]
    assert Play(xml, x=2).opened == ["A"]


def parallel() -> bytes:
    return document(
        process(
            start(), node("parallelGateway", "F"), user("A"), user("B"), node("parallelGateway", "J"), user("Z"), end(),
            chain("S", "F", "A", "J", "Z", "E"), chain("F", "B", "J"),
        )
    )  # fmt: skip


def test_a_parallel_join_waits_for_every_branch() -> None:
    play = Play(parallel())
    assert play.opened == ["A", "B"]
    play.complete("B")
    assert play.opened == ["A"]
    play.complete("A")
    assert play.opened == ["Z"]
    assert play.complete("Z").ended_by == "E"
    assert play.finished


def test_values_of_parallel_branches_are_not_lost_at_the_join() -> None:
    play = Play(parallel(), n=0, nested={"k": 1})
    play.complete("A", n=1, nested={"k": 2})
    play.complete("B", other=5)
    assert (play.value("n"), play.value("nested"), play.value("other")) == (1, {"k": 2}, 5)


def test_two_flows_from_one_source_are_two_tokens_for_a_join() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("parallelGateway", "J"), user("Z"), end(),
            chain("S", "F"), flow("F", "J", id="one"), flow("F", "J", id="two"), chain("J", "Z", "E"),
        )
    )  # fmt: skip
    assert Play(xml).opened == ["Z"]


def test_a_join_in_a_loop_works_in_every_turn_and_keeps_excess_tokens() -> None:
    xml = document(
        process(
            start(), node("exclusiveGateway", "M"), node("parallelGateway", "F"), user("A"), user("B"),
            node("parallelGateway", "J"), node("exclusiveGateway", "G", default="G_M"), end(),
            chain("S", "M", "F", "A", "J", "G"), chain("F", "B", "J"), flow("G", "M"), flow("G", "E", "= stop"),
        )
    )  # fmt: skip
    play = Play(xml)
    for turn in range(5):
        play.complete("A", stop=turn == 4)
        assert play.opened == ["B"]
        play.complete("B")
    assert play.finished


def inclusive() -> bytes:
    return document(
        process(
            start(), node("inclusiveGateway", "F", default="F_C"), user("A"), user("B"), user("C"),
            node("inclusiveGateway", "J"), user("Z"), end(),
            chain("S", "F"), flow("F", "A", "= x &gt; 1"), flow("F", "B", "= x &gt; 2"), flow("F", "C"),
            chain("A", "J"), chain("B", "J"), chain("C", "J"), chain("J", "Z", "E"),
        )
    )  # fmt: skip


@pytest.mark.parametrize(("x", "branches"), [(0, ["C"]), (2, ["A"]), (3, ["A", "B"])])
def test_an_inclusive_join_waits_for_what_was_started_and_no_more(x: int, branches: list[str]) -> None:
    play = Play(inclusive(), x=x)
    assert play.opened == branches
    for branch in branches:
        assert "Z" not in play.opened
        play.complete(branch)
    assert play.opened == ["Z"]


def test_an_inclusive_join_sees_a_branch_that_ends_elsewhere() -> None:
    xml = document(
        process(
            start(), node("inclusiveGateway", "F"), user("A"), user("B"), node("exclusiveGateway", "G", default="G_J"),
            node("inclusiveGateway", "J"), user("Z"), end(), end("E2"),
            chain("S", "F"), flow("F", "A", "= true"), flow("F", "B", "= true"), chain("A", "J"), chain("B", "G"),
            flow("G", "J"), flow("G", "E2", "= away"), chain("J", "Z", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("A")
    assert play.opened == ["B"]
    play.complete("B", away=True)
    assert play.opened == ["Z"]


def test_an_inclusive_join_does_not_wait_for_a_token_that_may_come_where_one_is_already() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("T"), user("U"), node("exclusiveGateway", "G", default="G_M"),
            node("exclusiveGateway", "M"), user("B"), node("inclusiveGateway", "J"), user("Z"), end(),
            chain("S", "F", "T", "M", "J", "Z", "E"), chain("F", "U", "G"), flow("G", "M"), flow("G", "B", "= b"),
            chain("B", "J"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("T")
    assert play.opened == ["U", "Z"]
    play.complete("U", b=True)
    play.complete("B")
    assert play.opened == ["Z", "Z"]


def race() -> bytes:
    return document(
        process(
            start(), node("eventBasedGateway", "G"),
            node("intermediateCatchEvent", "M", message()),
            node("intermediateCatchEvent", "T1", timer("timeDuration", "P3D")),
            node("intermediateCatchEvent", "T2", timer("timeDuration", "P1D")),
            script("A", "= {way: &quot;message&quot;}"), script("B", "= {way: &quot;three&quot;}"),
            script("C", "= {way: &quot;one&quot;}"), end(),
            chain("S", "G", "M", "A", "E"), chain("G", "T1", "B", "E"), chain("G", "T2", "C", "E"),
        )
    )  # fmt: skip


def test_behind_an_event_gateway_the_first_event_wins() -> None:
    play = Play(race())
    assert [one.name for one in play.last.waiting_for] == ["note"]
    play.send("note")
    assert (play.finished, play.value("way")) == (True, "message")


def test_two_timers_behind_an_event_gateway_do_not_share_their_time() -> None:
    play = Play(race())
    assert play.wait(days=1).finished
    assert play.value("way") == "one"
    assert play.last.due_at is None
    assert play.last.waiting_for == ()


def test_a_task_may_fork_and_its_flows_may_have_conditions() -> None:
    xml = document(
        process(
            start(), user("T", default="T_C"), user("A"), user("B"), user("C"), end(),
            chain("S", "T"), flow("T", "A", "= a"), flow("T", "B", "= b"), flow("T", "C"),
            chain("A", "E"), chain("B", "E"), chain("C", "E"),
        )
    )  # fmt: skip
    for a, b, opened in ((True, True, ["A", "B"]), (True, False, ["A"]), (False, False, ["C"])):
        play = Play(xml)
        play.complete("T", a=a, b=b)
        assert play.opened == opened


def test_a_way_is_told_by_its_name_in_the_readers_language() -> None:
    english = (
        "<bpmn:extensionElements><camunda:properties><camunda:property name='name.en' value='The other one'/>"
        "</camunda:properties></bpmn:extensionElements>"
    )
    plain = flow("G", "B")
    named = plain.replace(' id="G_B"', ' id="G_B" name="另一条"').replace("></", f">{english}</")
    xml = bare("exclusiveGateway", "= x = 1", "").replace(plain.encode(), named.encode())
    (found,) = [one for one in lint({"p.bpmn": xml}, None) if one.code == "flow_is_default"]
    assert "另一条" in sentence(found.code, found.params, "zh")
    assert "The other one" in sentence(found.code, found.params, "en")
