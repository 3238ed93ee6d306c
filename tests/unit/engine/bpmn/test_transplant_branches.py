"""Instances that go on in another version: branches, loops, event sub-processes, incidents, jobs and conditions."""

from typing import Any

import pytest

from app.engine.bpmn import Instance
from app.engine.bpmn.instance import Transplanted
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    condition,
    document,
    end,
    event_subprocess,
    extension,
    flow,
    items,
    message,
    node,
    process,
    properties,
    script,
    service,
    start,
    timer,
    undo_by,
    user,
)
from tests.unit.engine.bpmn.transplanting import AB, blocked, line, move, timed, tried

# Branches


def branches(*names: str, after: str = "", join: str = "parallelGateway") -> bytes:
    parts = [user(name) for name in names]
    flows = [flow("G", name) + flow(name, "J") for name in names]
    tail = user(after) if after else ""
    last = chain("J", after, "E") if after else chain("J", "E")
    return document(
        process(
            start(), node("parallelGateway", "G"), node(join, "J"), *parts, *flows, tail, end(), chain("S", "G"), last
        )
    )


def test_parallel_branches_that_are_all_under_way() -> None:
    play = Play(branches("A", "B"))
    move(play, branches("A", "B", after="Z"))
    play.complete("A")
    play.complete("B")
    assert play.opened == ["Z"]


def test_a_half_arrived_join_blocks_when_the_branches_are_drawn_otherwise() -> None:
    play = Play(branches("A", "B"))
    play.complete("A")
    assert blocked(play, branches("A", "B", after="Z")) == [("move_join_half", "J")]
    inclusive = Play(branches("A", "B", join="inclusiveGateway"))
    inclusive.complete("A")
    assert blocked(inclusive, branches("A", "B", after="Z", join="inclusiveGateway")) == [("move_join_half", "J")]
    move(play, branches("A", "B").replace(b'name="B"', b'name="Other words"'))
    play.complete("B")
    assert play.finished


def test_a_branch_that_no_token_can_walk_blocks() -> None:
    both = Play(branches("A", "B"))
    assert blocked(both, branches("A", "B", "C")) == [("move_join_starves", "J")]
    alone = Play(line(user("A"), user("B"), path=("S", "A", "B", "E")))
    assert blocked(alone, branches("A", "C", after="B")) == [("move_join_starves", "J")]
    before = Play(line(user("F"), user("A"), path=("S", "F", "A", "E")))
    ahead = document(
        process(
            start(),
            user("F"),
            node("parallelGateway", "G"),
            user("A"),
            user("C"),
            node("parallelGateway", "J"),
            end(),
            chain("S", "F", "G", "A", "J", "E"),
            chain("G", "C", "J"),
        )
    )
    move(before, ahead)
    before.complete("F")
    assert before.opened == ["A", "C"]


def test_two_tasks_side_by_side_that_come_one_after_the_other_block() -> None:
    play = Play(branches("A", "B"))
    assert blocked(play, line(user("A"), user("B"), path=("S", "A", "B", "E"))) == [("move_behind", "A")]


def gateway(*events: str) -> bytes:
    known = {"M": message(), "T": timer("timeDuration", "P1D"), "N": message("stop")}
    parts = [
        node("intermediateCatchEvent", name, known[name])
        + flow("G", name)
        + user(f"U{name}")
        + chain(name, f"U{name}", "E")
        for name in events
    ]
    return document(process(start(), node("eventBasedGateway", "G"), *parts, end(), chain("S", "G")))


def test_events_behind_an_event_gateway_come_and_go() -> None:
    play = Play(gateway("M", "T"))
    due = play.last.due_at
    play.wait(hours=1)
    step = move(play, gateway("N", "T")).step
    assert (step.due_at, [one.name for one in step.waiting_for]) == (due, ["stop"])
    play.send("stop")
    assert play.opened == ["UN"]
    assert play.last.due_at is None


def test_an_inclusive_join_goes_on_with_the_next_step() -> None:
    play = Play(branches("A", "B", join="inclusiveGateway"))
    play.complete("A")
    assert move(play, branches("A", "B", join="inclusiveGateway")).restless
    play.wait(seconds=1)
    assert play.opened == ["B"]


# Loops


def repeated(inner: str, tag: str = "userTask", body: str = "") -> bytes:
    return line(node(tag, "A", body + inner), path=("S", "A", "E"))


def test_an_unchanged_multi_instance_goes_on_with_its_items() -> None:
    play = Play(repeated(items("list")), list=[1, 2, 3])
    play.complete("A", 1)
    move(play, repeated(items("list")).replace(b'name="A"', b'name="Other words"'))
    assert [item.name for item in play.open.values()] == ["Other words", "Other words"]
    scopes = {item.scope for item in play.open.values()}
    assert {play.environment.variables(scope)["item"] for scope in scopes} == {1, 3}
    play.complete("A")
    assert not play.finished
    play.complete("A")
    assert play.finished


def test_a_changed_multi_instance_blocks_while_it_is_active() -> None:
    play = Play(repeated(items("list")), list=[1, 2])
    loop = [("move_loop_changed", "A")]
    assert blocked(play, repeated(items("list", sequential=True))) == loop
    assert blocked(play, repeated(items("list", completion="= true"))) == loop
    assert blocked(play, line(user("A"), path=("S", "A", "E"))) == loop
    assert blocked(Play(line(user("A"), path=("S", "A", "E"))), repeated(items("list"))) == loop
    assert isinstance(tried(Play(AB), line(user("A"), node("userTask", "B", items("list")),
                                           path=("S", "A", "B", "E"))), Transplanted)  # fmt: skip


def test_a_sequential_multi_instance_of_sub_processes_keeps_its_turn() -> None:
    body = start("s") + user("U") + end("e") + chain("s", "U", "e")
    more = start("s") + user("U") + user("V") + end("e") + chain("s", "U", "V", "e")
    loop = items("list", sequential=True)
    play = Play(repeated(loop, "subProcess", body), list=["a", "b"])
    play.complete("U")
    move(play, repeated(loop, "subProcess", more))
    play.complete("U")
    play.complete("V")
    assert play.finished
    assert play.visited.count("U") == 2


def test_a_loop_through_gateways_goes_round() -> None:
    def round_(*names: str) -> bytes:
        parts = [user(name) for name in names]
        return document(
            process(
                start(),
                node("exclusiveGateway", "M"),
                *parts,
                node("exclusiveGateway", "X", default="X_E"),
                end(),
                chain("S", "M", *names, "X", "E"),
                flow("X", "M", "= again"),
            )
        )

    play = Play(round_("A", "B"))
    play.complete("A", again=True)
    move(play, round_("A", "B", "C"))
    play.complete("B")
    play.complete("C")
    assert play.opened == ["A"]


# Event sub-processes, ad-hoc, compensation


def handled(*more: str, inner: str = "H") -> bytes:
    own = [user(inner), end("eh"), chain("ev_in", inner, "eh")]
    handler = event_subprocess("ev", message(), *own, interrupting=False)
    return document(process(start(), user("A"), end(), chain("S", "A", "E"), handler, *more))


def test_an_event_sub_process_is_added_runs_and_is_removed() -> None:
    plain = line(user("A"), path=("S", "A", "E"))
    play = Play(plain)
    step = move(play, handled()).step
    assert [one.element_id for one in step.waiting_for] == ["ev_in"]
    play.send("note")
    assert play.opened == ["A", "H"]
    assert blocked(play, plain) == [("move_missing", "ev")]
    assert blocked(play, handled(inner="H2")) == [("move_missing", "H")]
    move(play, handled(inner="H2"), H="H2")
    assert [one.name for one in play.last.waiting_for] == ["note"], "it waits for the next one as before"
    play.complete("H2")
    assert move(play, plain).step.waiting_for == ()


def test_within_an_interrupting_event_sub_process_nothing_new_waits() -> None:
    def drawn(*more: str) -> bytes:
        inside = [user("H"), end("eh"), chain("ev_in", "H", "eh")]
        return document(process(start(), user("A"), end(), chain("S", "A", "E"),
                                event_subprocess("ev", message(), *inside), *more))  # fmt: skip

    play = Play(drawn())
    play.send("note")
    other = event_subprocess("ew", message("stop"), user("W"), end("ee"), chain("ew_in", "W", "ee"))
    assert move(play, drawn(other)).step.waiting_for == ()


def menu(*names: str) -> bytes:
    inside = "".join(user(name) for name in names)
    return document(process(start(), user("A"), end(), chain("S", "A", "E"), node("adHocSubProcess", "M", inside)))


def test_optional_actions_come_stay_and_go() -> None:
    plain = line(user("A"), path=("S", "A", "E"))
    play = Play(plain)
    assert [one.element_id for one in move(play, menu("X")).step.optional] == ["X"]
    assert [one.element_id for one in move(play, menu("X", "Y")).step.optional] == ["X", "Y"]
    assert move(play, plain).step.optional == ()
    move(play, menu("X", "Y"))
    play.call(lambda instance: instance.start_optional("Y", play.now))
    assert blocked(play, menu("X")) == [("move_missing", "Y")]
    assert blocked(play, plain) == [("move_missing", "M")]
    play.complete("A")
    assert play.opened == ["Y"]


def test_what_was_done_can_still_be_compensated() -> None:
    def drawn(*more: str, handler: str = "H") -> bytes:
        return document(
            process(
                start(),
                script("W", "= {n: 1}"),
                undo_by("W", user(handler, isForCompensation="true"), handler) if handler else "",
                user("A"),
                *more,
                end("E", "<bpmn:compensateEventDefinition/>"),
                chain("S", "W", "A", *(["Z"] if more else []), "E"),
            )
        )

    play = Play(drawn())
    plain = line(script("W", "= {n: 1}"), user("A"), path=("S", "W", "A", "E"))
    assert blocked(play, plain) == [("move_undo_lost", "W")]
    move(play, drawn(user("Z")))
    play.complete("A")
    play.complete("Z")
    assert play.opened == ["H"]


# Incidents, jobs, conditions


def test_an_incident_stays_and_is_mended_by_the_new_version() -> None:
    play = Play(line(script("X", "= missing_name"), user("B"), path=("S", "X", "B", "E")))
    assert play.failed == ["X"]
    incident = list(play.incidents)
    move(play, line(script("X", "= {n: 2}"), user("B"), path=("S", "X", "B", "E")))
    instance = Instance.restore(play.definition, play.state, play.environment)
    assert list(instance.incidents()) == incident
    play.retry()
    assert (play.opened, play.value("n")) == (["B"], 2)


def test_a_job_that_waits_is_finished_in_the_new_version() -> None:
    def drawn(name: str, *then: str) -> bytes:
        job = service(name, "t", camunda__asyncBefore="true")
        return line(job, *[user(one) for one in then], path=("S", name, *then, "E"))

    play = Play(drawn("J", "A"))
    assert blocked(play, drawn("K", "A")) == [("move_missing", "J")]
    move(play, drawn("K", "A"), J="K")
    assert play.last.jobs == ()
    assert play.last.cancelled_jobs == ()
    play.finish({})
    assert play.opened == ["A"]


def test_a_condition_that_is_new_and_true_fires_with_the_next_step() -> None:
    play = Play(line(user("A"), path=("S", "A", "E")), n=5)
    new = line(user("A"), boundary("C", "A", condition("= n &gt; 3")), user("L"), chain("C", "L", "E"),
               path=("S", "A", "E"))  # fmt: skip
    result = move(play, new)
    assert result.restless
    assert play.opened == ["A"]
    play.wait(seconds=1)
    assert play.opened == ["L"]


def test_a_message_that_is_correlated_otherwise_is_awaited_under_its_new_key() -> None:
    def drawn(key: str, name: str = "note") -> bytes:
        inner = extension(properties(correlationKey=key)) + message(name)
        return line(node("intermediateCatchEvent", "M", inner), path=("S", "M", "E"))

    play = Play(drawn("= a"), a="one", b="two")
    assert [one.key for one in move(play, drawn("= b")).step.waiting_for] == ["two"]
    play.environment.store[""]["b"] = "three"
    assert [one.key for one in move(play, drawn("= b")).step.waiting_for] == ["two"], "unchanged: it keeps its key"
    assert [(one.name, one.key) for one in move(play, drawn("= b", "stop")).step.waiting_for] == [("stop", "three")]


@pytest.mark.parametrize("moved", [True, False])
def test_nothing_is_left_over(moved: bool) -> None:
    """The state of a moved instance is as small as that of one that never moved."""
    play = Play(timed("P2D"))
    if moved:
        for _ in range(20):
            move(play, timed("P1D"))
            move(play, timed("P2D"))
    fresh: Any = Play(timed("P2D"))
    assert abs(len(play.state) - len(fresh.state)) < 16
