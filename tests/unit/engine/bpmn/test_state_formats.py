"""States that an older format wrote are read; the bytes in `states/` were written by it and are never written again."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from app.engine import feel
from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn import state as states
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import MONDAY

KEPT = Path(__file__).parent / "states"
OLDER = range(1, states.FORMAT)


def kept(number: int) -> tuple[ProcessDefinition, bytes, SimulatedEnvironment]:
    definition = ProcessDefinition.compile({"p.bpmn": (KEPT / f"format_{number}.bpmn").read_bytes()}, "P")
    environment = SimulatedEnvironment()
    store = feel.load(orjson.loads((KEPT / f"format_{number}.json").read_bytes()))
    assert isinstance(store, dict)
    environment.store = store
    return definition, base64.b64decode((KEPT / f"format_{number}.txt").read_text()), environment


def test_every_older_format_has_its_bytes_and_its_reader() -> None:
    assert [number for number in OLDER if not (KEPT / f"format_{number}.txt").exists()] == []
    assert sorted(states._UPGRADES) == list(OLDER)


def test_format_1_is_read_and_written_as_the_present_one() -> None:
    definition, state, environment = kept(1)
    assert state[0] == 1
    instance = Instance.restore(definition, state, environment)
    again = instance.state()
    assert again[0] == states.FORMAT
    assert Instance.restore(definition, again, environment).state() == again


def test_an_instance_of_format_1_goes_on_to_its_end() -> None:
    """It waited everywhere: persons, a job, a message, a signal, timers, an incident, items, a call, a race."""
    definition, state, environment = kept(1)
    instance = Instance.restore(definition, state, environment)
    step = instance.wake(MONDAY)
    assert {(one.kind, one.name, one.key) for one in step.waiting_for} == {
        ("message", "note", "k"),
        ("message", "stop", None),
        ("signal", "alarm", None),
    }
    assert step.due_at == datetime(2026, 3, 3, 1, tzinfo=UTC)
    places = {one.element_id: one for one in step.active}
    assert {"T", "W", "Y", "U", "M", "J", "C", "G1", "G2", "Broken"} <= places.keys()
    assert places["Broken"].incident
    run = instance._run
    tokens = {token.spec.bpmn_id: token for token in run.all_alive()}
    assert tokens["T"].internal_data["inputs"] == {"hint": Decimal("0.1")}
    waiting = next(token for token in run.all_alive() if token.spec.name == "M")
    assert waiting.internal_data["out"] == {"0": Decimal("2.50")}

    def do(step_: object) -> None:
        environment.keep(step_)  # type: ignore[arg-type]

    environment.store[""]["missing"] = {"y": 1}
    do(instance.retry(tokens["Broken"].internal_data["incident"], MONDAY))
    do(instance.finish_job(tokens["J"].key, {}, MONDAY))
    do(instance.deliver("note", "k", {}, MONDAY))
    do(instance.broadcast("alarm", {}, MONDAY))
    while open_ := [token for token in run.all_alive() if token.spec.manual]:
        do(instance.complete(open_[0].key, {"answer": 3}, MONDAY))
    assert instance.finished
    assert environment.store[""]["answers"] == [Decimal("2.50"), 3]


@pytest.mark.parametrize("state", [b"", b"\x00", bytes([states.FORMAT + 1]) + b"x", bytes([states.FORMAT]) + b"x"])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    definition, _, environment = kept(1)
    with pytest.raises(EngineError, match="state_unreadable"):
        Instance.restore(definition, state, environment)
