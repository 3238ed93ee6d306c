"""The state of an instance as bytes: one format byte, then zstd over JSON. Only live tokens are in it.

Format 2: {"p": process id, "f": [[spec key, parent token or "", records] …] (frame 0 is the main process),
"t": [[token, frame, spec name, state, entered (epoch microseconds), internal data] …], "e": [end id, name], "c": 0|1}.
Values inside internal data are written by `feel.dump`; the records are those of `records`, what may be compensated.

Format 1 had no records. A state of an older format is brought up to date as it is read, one format after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.engine import feel
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import Environment
from app.engine.bpmn.execution import Execution
from app.engine.bpmn.specs.frames import SCOPE
from app.engine.bpmn.specs.loops import BODY
from app.engine.bpmn.tokens import Frame, Token
from app.engine.bpmn.variables import counters
from app.engine.findings import EngineError
from app.engine.packing import PackingError, pack, unpack

FORMAT = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VALUES = frozenset({"inputs", "results", "items", "out"})
"""Entries of internal data that hold values of the case."""
_MICROSECOND = timedelta(microseconds=1)


def dump(run: Execution) -> bytes:
    """The bytes of an execution that rests."""
    frames = list(run.frames())
    tokens = [
        [
            token.key,
            index,
            token.spec.name,
            token.state,
            (token.entered - _EPOCH) // _MICROSECOND,
            _packed(token.internal_data),
        ]
        for index, frame in enumerate(frames)
        for token in run.alive(frame)
    ]
    data = {
        "p": run.spec.process_id,
        "f": [[frame.spec.key, "" if frame is run else frame.parent_task_id.hex, frame.undoable] for frame in frames],
        "t": tokens,
        "e": run.ended,
        "c": int(run.completed),
    }
    return bytes([FORMAT]) + pack(orjson.dumps(data))


def load(definition: ProcessDefinition, state: bytes, environment: Environment) -> Execution:
    """An execution as it rested. Raises EngineError `state_unreadable`, `state_does_not_fit`."""
    data = _read(state)
    package = definition.package
    if data["p"] != definition.process_id:
        raise EngineError("state_does_not_fit", element=data["p"])
    run = Execution(package, definition.process_id, environment, _EPOCH)
    by_frame: list[list[list[Any]]] = [[] for _ in data["f"]]
    for entry in data["t"]:
        by_frame[entry[1]].append(entry)
    # a frame's parent token stands in an earlier frame
    for (key, parent, undoable), entries in zip(data["f"], by_frame, strict=True):
        frame: Any = run
        if parent:
            if key not in package.bodies:
                raise EngineError("state_does_not_fit", element=key)
            frame = Frame(package.bodies[key], UUID(hex=parent), run)
            run.subprocesses[frame.parent_task_id] = frame
        frame.undoable = undoable
        specs = frame.spec.task_specs
        for token_key, _, name, token_state, entered, internal in entries:
            if name not in specs:
                raise EngineError("state_does_not_fit", element=name)
            token = Token(
                frame,
                specs[name],
                frame.task_tree,
                token_state,
                UUID(hex=token_key),
                _EPOCH + timedelta(microseconds=entered),
            )
            token.internal_data = _unpacked(internal)
    run.ended = (data["e"][0], data["e"][1])
    run.completed = bool(data["c"])
    return run


def layers_around(state: bytes, token: str) -> list[tuple[str, Mapping[str, object]]]:
    """The scopes that a token sees, innermost first, without the root: (scope, what its owner brings besides).

    It needs no definition: who shows a form reads it beside the stored variables. The order is that of `Scopes.view`.
    """
    data = _read(state)
    tokens = {entry[0]: entry for entry in data["t"]}
    found: list[tuple[str, Mapping[str, object]]] = []
    current = tokens.get(token)
    while current is not None:
        internal = current[5]
        body = tokens.get(internal.get(BODY, ""))
        if SCOPE in internal:
            inputs = feel.load(internal.get("inputs"))
            brought = dict(inputs) if isinstance(inputs, dict) else {}
            if body is not None and "n" in body[5]:
                brought |= counters(body[5])
            found.append((current[0], brought))
        current = body or tokens.get(data["f"][current[1]][1])
    return found


def _read(state: bytes) -> dict[str, Any]:
    """The data of a state, in the present format."""
    if not state or not 1 <= state[0] <= FORMAT:
        raise EngineError("state_unreadable", format=state[0] if state else 0)
    try:
        data: dict[str, Any] = orjson.loads(unpack(state[1:]))
    except (PackingError, orjson.JSONDecodeError):
        raise EngineError("state_unreadable", format=state[0]) from None
    for older in range(state[0], FORMAT):
        _UPGRADES[older](data)
    return data


def _from_1(data: dict[str, Any]) -> None:
    for frame in data["f"]:
        frame.append([])


_UPGRADES: Mapping[int, Callable[[dict[str, Any]], None]] = {1: _from_1}
"""By format: how its data becomes that of the next one."""


def _packed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: feel.dump(value) if key in _VALUES else value for key, value in data.items()}


def _unpacked(data: dict[str, Any]) -> dict[str, Any]:
    for key in _VALUES & data.keys():
        data[key] = feel.load(data[key])
    return data
