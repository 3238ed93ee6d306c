"""Expressions and mappings, evaluated where a token stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from app.engine import feel
from app.engine.bpmn import timers
from app.engine.bpmn.expressions import Expression, text
from app.engine.bpmn.specs.base import Mapped
from app.engine.bpmn.values import plain
from app.engine.bpmn.variables import Scopes, Variables
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.environment import Environment
    from app.engine.bpmn.tokens import Token


class Evaluating:
    """The part of an execution that reads names and evaluates expressions."""

    environment: Environment
    scopes: Scopes
    now: datetime
    feel: feel.Environment

    def variables(self, token: Token | None) -> Variables:
        return self.scopes.view(token)

    def evaluate(
        self, expression: Expression, token: Token | None, results: Mapping[str, object] | None = None
    ) -> object:
        view = self.scopes.view(token) if results is None else self.scopes.view(token, results)
        return expression.evaluate(view, self.feel)

    def holds(self, expression: Expression, token: Token | None) -> bool:
        """Is the condition true? Null is not; anything else than a boolean raises `condition_is_no_boolean`."""
        value = self.evaluate(expression, token)
        if value is None or isinstance(value, bool):
            return value is True
        raise EngineError("condition_is_no_boolean", value=text(value))

    def text(self, expression: Expression | None, token: Token | None) -> str:
        return "" if expression is None else text(self.evaluate(expression, token)).strip()

    def caption(self, expression: Expression | None, token: Token | None) -> str:
        """Words beside the work: what cannot be evaluated is empty, it must not stop the work."""
        try:
            return self.text(expression, token)
        except EngineError:
            return ""

    def texts(self, expression: Expression | None, token: Token) -> tuple[str, ...]:
        """A list, or a text with commas."""
        if expression is None:
            return ()
        value = self.evaluate(expression, token)
        parts = [text(item) for item in value] if isinstance(value, list) else text(value).split(",")
        return tuple(part.strip() for part in parts if part.strip())

    def point(self, expression: Expression | None, token: Token) -> datetime | None:
        if expression is None:
            return None
        value = self.evaluate(expression, token)
        return None if value is None or value == "" else timers.point(value, self.now, self.environment.zone)

    def whole(self, expression: Expression | None, token: Token) -> int | None:
        if expression is None:
            return None
        value = self.plain_value(self.evaluate(expression, token))
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def plain_value(self, value: object) -> object:
        return plain(value, self.environment.zone)

    def plain(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self.plain_value(value) for name, value in values.items()}

    # Writing

    def declares(self, name: str) -> bool:
        return self.scopes.declares(name)

    def write(self, token: Token, values: Mapping[str, object]) -> None:
        """Write names where they belong. Raises EngineError `name_undeclared` before anything is written."""
        self.scopes.check(values)
        self.scopes.write_from(token, self.plain(values))

    def write_local(self, token: Token, values: Mapping[str, object]) -> None:
        """Write into the token's own scope; the names are the diagram's own."""
        if values:
            self.scopes.write(token.key, values)

    def write_result(self, token: Token, result: object, variable: str) -> None:
        """`resultVariable`, or the entries of a context by name."""
        if variable:
            self.write(token, {variable: result})
        elif isinstance(result, Mapping):
            self.write(token, result)
        elif result is not None:
            raise EngineError("result_needs_a_name", value=text(result)[:80])

    # Mappings

    def map_in(self, token: Token, mapping: tuple[Mapped, ...]) -> dict[str, object]:
        mapped: dict[str, object] = {}
        for entry in mapping:
            if entry.value is None:
                view = self.scopes.view(token)
                mapped.update({name: self.plain_value(view[name]) for name in view})
            else:
                mapped[entry.name] = self.plain_value(self.evaluate(entry.value, token, mapped))
        return mapped

    def map_out(self, token: Token, mapping: tuple[Mapped, ...], results: Mapping[str, object] | None) -> None:
        self.write(
            token,
            {entry.name: self.evaluate(entry.value, token, results) for entry in mapping if entry.value is not None},
        )

    def map_scope_out(self, token: Token, mapping: tuple[Mapped, ...]) -> None:
        """Read in the token's own scope, which ends, written around it: once, also when leaving is tried again."""
        if "scope" not in token.internal_data:
            return
        outer = {entry.name: self.evaluate(entry.value, token) for entry in mapping if entry.value is not None}
        self.scopes.check(outer)
        del token.internal_data["scope"]
        self.scopes.run.record.close_scope(token.key)
        self.write(token, outer)

    def map_call_out(self, token: Token, mapping: tuple[Mapped, ...]) -> None:
        """`camunda:out`: read in the called scope, written around the call activity."""
        if not mapping:
            return
        own = {**self.scopes.stored(token.key), **self.scopes.written.get(token.key, {})}
        outer: dict[str, object] = {}
        for entry in mapping:
            if entry.value is None:
                outer.update({name: value for name, value in own.items() if self.declares(name)})
            else:
                outer[entry.name] = self.evaluate(entry.value, token)
        self.scopes.check(outer)
        del token.internal_data["scope"], token.internal_data["barrier"]
        self.scopes.run.record.close_scope(token.key)
        self.write(token, outer)
