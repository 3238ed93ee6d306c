"""What the specs correct in SpiffWorkflow 3.2.0: each test runs the stock engine first, then ours.

The stock half tells what it does today. When a later version makes it fail, look whether the correction of that name,
in `app/engine/bpmn/specs` or `tokens`, is still needed.
"""

import time

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import WorkflowException

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    compensate,
    condition,
    document,
    end,
    error,
    escalation,
    flow,
    message,
    node,
    process,
    signal,
    start,
    timer,
    undo_by,
    user,
)
from tests.unit.engine.bpmn.stock import Stock


def line(*nodes: str, ids: str, more: str = "") -> bytes:
    return document(process(start(), *nodes, end(), chain("S", *ids.split(), "E"), more))


# Flows and gateways: specs/base.py, specs/gateways.py


def fork(first: str, second: str) -> bytes:
    return line(user("T"), user("A"), user("B"), ids="T A", more=flow("T", "B", second) + chain("B", "E")).replace(
        flow("T", "A").encode(), flow("T", "A", first).encode()
    )


def test_a_condition_on_a_flow_that_leaves_a_task_is_asked() -> None:
    one = line(user("T"), user("A"), ids="T A").replace(flow("T", "A").encode(), flow("T", "A", "False").encode())
    stock = Stock(one)
    stock.complete("T")
    assert stock.opened == ["A"], "it is ignored"
    play = Play(one.replace(b"False", b"= false"))
    play.complete("T")
    assert (play.opened, play.failed) == ([], ["T"])


def test_a_task_may_have_several_outgoing_flows() -> None:
    with pytest.raises(ValidationException, match="Multiple outgoing flows"):
        Stock(fork("True", "True"))
    play = Play(fork("= true", "= true"))
    play.complete("T")
    assert play.opened == ["A", "B"]


def test_a_failure_behind_a_task_can_be_tried_again_and_other_work_goes_on() -> None:
    def failing(expression: str, text: str) -> bytes:
        broken = node("scriptTask", "X", f"<bpmn:script>{text}</bpmn:script>", scriptFormat="feel")
        more = chain("F", "X", "E") + chain("F", "B", "E")
        return line(node("parallelGateway", "F"), broken, user("B"), ids="F", more=more)

    with pytest.raises(WorkflowTaskException):
        Stock(failing("", "nothing()"))
    play = Play(failing("", "= {x: missing}"))
    assert (play.failed, play.opened) == (["X"], ["B"])
    play.environment.store[""]["missing"] = 1
    play.retry()
    assert play.value("x") == 1


def test_each_token_splits_and_joins_by_the_flow_that_it_came_by() -> None:
    """Two tokens come through one flow: both split, and the join is reached twice."""
    xml = document(
        process(
            start(), node("parallelGateway", "D"), node("exclusiveGateway", "M"), node("parallelGateway", "F"),
            user("A"), user("B"), node("parallelGateway", "J"), user("Z"), end(), chain("S", "D"),
            flow("D", "M", id="one"), flow("D", "M", id="two"), chain("F", "B", "J"),
            chain("M", "F", "A", "J", "Z", "E"),
        )
    )  # fmt: skip
    assert Stock(xml).opened == ["A", "B"], "the second token is swallowed"
    play = Play(xml)
    assert play.opened == ["A", "A", "B", "B"]
    for name in "AABB":
        play.complete(name)
    assert play.opened == ["Z", "Z"]


def test_two_timers_behind_an_event_gateway_keep_their_own_times() -> None:
    def race(early: str, late: str) -> bytes:
        return line(
            node("eventBasedGateway", "G"), node("intermediateCatchEvent", "L", timer("timeDuration", late)),
            user("A"), node("intermediateCatchEvent", "R", timer("timeDuration", early)), user("B"), ids="G L A",
            more=chain("G", "R", "B", "E"),
        )  # fmt: skip

    stock = Stock(race("&quot;PT0.01S&quot;", "&quot;P3D&quot;"))
    time.sleep(0.02)
    stock.settle()
    assert stock.opened == [], "the early one never fires"
    play = Play(race("PT1S", "P3D"))
    play.wait(seconds=1)
    assert play.opened == ["B"]


# Events: specs/events.py


def beside(event: str) -> bytes:
    return line(user("T"), boundary("B", "T", event, interrupting=False), user("X"), ids="T", more=chain("B", "X", "E"))


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_boundary_event_that_does_not_interrupt_fires_every_time(kind: str) -> None:
    xml = beside(message() if kind == "message" else signal())
    stock, name = Stock(xml), "note" if kind == "message" else "alarm"
    getattr(stock, kind)(name)
    assert stock.opened == ["T", "X"]
    with pytest.raises(WorkflowException, match="not waiting"):
        getattr(stock, kind)(name)
    play = Play(xml)
    for count in (1, 2, 3):
        play.send(name) if kind == "message" else play.broadcast(name)
        assert play.opened == ["T"] + ["X"] * count


def test_missed_turns_of_a_cycle_fire_once_by_the_clock_of_the_caller() -> None:
    stock = Stock(beside(timer("timeCycle", "&quot;R/PT0.02S&quot;")))
    time.sleep(0.1)
    for _ in range(6):
        stock.settle()
    assert stock.opened.count("X") >= 4, "a burst, and by the clock of the machine"
    play = Play(beside(timer("timeCycle", "R/PT1S")))
    play.wait(seconds=100.5)
    assert play.opened == ["T", "X"]


def test_a_signal_end_event_throws() -> None:
    xml = line(
        node("parallelGateway", "F"), node("intermediateCatchEvent", "C", signal()), user("B"), ids="F C B",
        more=end("E1", signal()) + chain("F", "E1"),
    )  # fmt: skip
    assert Stock(xml).opened == [], "it is a plain end"
    assert Play(xml).opened == ["B"]


def test_a_conditional_event_looks_again_when_a_variable_changes() -> None:
    def watched(text: str) -> bytes:
        return line(
            node("parallelGateway", "F"), user("T"), user("A"), boundary("B", "T", condition(text)), user("X"),
            ids="F T", more=chain("F", "A", "E") + chain("B", "X", "E"),
        )  # fmt: skip

    stock = Stock(watched("x == 1"), x=0)
    stock.complete("A", x=1)
    assert stock.opened == ["T"], "it looks at its own copy of the data"
    play = Play(watched("= x = 1"), x=0)
    play.complete("A", x=1)
    assert play.opened == ["X"]


@pytest.mark.parametrize("kind", [error, escalation])
def test_what_is_thrown_goes_to_one_catcher_the_nearest(kind: object) -> None:
    """With its code before the one for all; not to both."""
    made = kind()  # type: ignore[operator]
    everything = made.split(" ")[0] + "/>"
    inner = start("hs") + end("he", made) + chain("hs", "he")
    xml = line(
        node("subProcess", "H", inner), boundary("B1", "H", everything), boundary("B2", "H", made), user("X"),
        user("Y"), ids="H", more=chain("B1", "X", "E") + chain("B2", "Y", "E"),
    )  # fmt: skip
    assert Stock(xml).opened == ["X", "Y"], "both"
    assert Play(xml).opened == ["Y"]


def test_an_error_that_nobody_catches_is_not_passed_over() -> None:
    inner = start("hs") + end("he", error()) + chain("hs", "he")
    xml = line(node("subProcess", "H", inner), user("N"), ids="H N")
    assert Stock(xml).opened == ["N"], "as if nothing had happened"
    play = Play(xml)
    assert (play.opened, play.failed) == ([], ["he"])


# Compensation and transactions: specs/compensation.py


def test_a_compensation_throw_event_compensates() -> None:
    throw = node("intermediateThrowEvent", "U", compensate())
    stock = Stock(line(user("A"), throw, user("Z"), ids="A U Z"))
    stock.complete("A")
    assert stock.opened == ["Z"], "it does nothing"
    handled = line(
        user("A"), throw, user("Z"), ids="A U Z", more=undo_by("A", user("back", isForCompensation="true"), "back")
    )
    with pytest.raises(ValidationException, match="NotImplementedError"):
        Stock(handled)
    play = Play(handled)
    play.complete("A")
    assert play.opened == ["back"]


def test_a_cancelled_transaction_undoes_what_was_done() -> None:
    cancel = "<bpmn:cancelEventDefinition/>"
    inner = start("ts") + user("A") + end("te", cancel) + chain("ts", "A", "te")

    def cancelled(more: str) -> bytes:
        return line(
            node("transaction", "T", inner + more), boundary("B", "T", cancel), user("X"), ids="T",
            more=chain("B", "X", "E"),
        )  # fmt: skip

    stock = Stock(cancelled(""))
    stock.complete("A")
    assert stock.opened == ["X"]
    with pytest.raises(ValidationException, match="NotImplementedError"):
        Stock(cancelled(undo_by("A", user("back", isForCompensation="true"), "back")))
    play = Play(cancelled(undo_by("A", user("back", isForCompensation="true"), "back")))
    play.complete("A")
    assert play.opened == ["back"]
    play.complete("back")
    assert play.opened == ["X"]
