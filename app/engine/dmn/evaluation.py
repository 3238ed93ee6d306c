"""One evaluation of a decision: what was given, what is known already, what it may cost, what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.engine.dmn.trace import TableTrace, Trace
from app.engine.feel import Environment
from app.engine.feel.environment import Run

Scope = Mapping[str, object]
Logic = Callable[[Scope, "Evaluation"], object]
"""Compiled decision logic: a value out of the names in scope."""

MAX_TABLE_TRACES = 100


class Evaluation:
    """Passed through all logic of one call to `decide`; never shared between threads.

    `run` carries the budgets: everything that one call to `decide` evaluates draws on the same ones.
    """

    __slots__ = ("_ways", "environment", "given", "omitted", "run", "strict", "tables", "traces", "values", "version")

    def __init__(self, environment: Environment, given: Scope, version: str) -> None:
        self.environment = environment
        self.run = Run(environment)
        self.strict = environment.strict
        self.given = given
        self.version = version
        self.values: dict[tuple[int, str], object] = {}
        self.traces: dict[tuple[int, str], Trace] = {}
        self.tables: list[TableTrace] = []
        self.omitted = 0
        self._ways: dict[int, tuple[str, ...]] = {}

    def within(self, given: Scope) -> Evaluation:
        """An evaluation with other given values, as a decision service makes it; the budgets are shared."""
        inner = Evaluation(self.environment, given, self.version)
        inner.run = self.run
        return inner

    def adopt(self, inner: Evaluation) -> None:
        """Keep the tables that an inner evaluation went through."""
        for trace in inner.traces.values():
            for table in trace.tables:
                self.keep(table)

    def lead_to(self, model: int, from_model: int, name: str) -> None:
        """Remember that an imported model (by its id) is called `name` in another."""
        self._ways.setdefault(model, (*self._ways.get(from_model, ()), name))

    def given_to(self, model: int) -> Scope:
        """The given values as a model sees them: those under its import's name first, if there are any."""
        scope = self.given
        for name in self._ways.get(model, ()):
            inside = scope.get(name)
            if not isinstance(inside, Mapping):
                return self.given
            scope = inside
        return scope

    def keep(self, trace: TableTrace) -> None:
        """Remember that a table was evaluated."""
        if len(self.tables) < MAX_TABLE_TRACES:
            self.tables.append(trace)
        else:
            self.omitted += 1
            self.tables[-1] = trace


def joined(outer: Scope, inner: Mapping[str, object]) -> Scope:
    """The names of `outer` with those of `inner` before them."""
    if not inner:
        return outer
    if type(outer) is dict:
        return {**outer, **inner}
    return _Joined(outer, inner)


class _Joined(Mapping[str, object]):
    """Two scopes read as one, for an outer one that is not a plain dict and may fetch its values lazily."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, outer: Scope, inner: Mapping[str, object]) -> None:
        self._outer = outer
        self._inner = inner

    def __getitem__(self, name: str) -> object:
        return self._inner[name] if name in self._inner else self._outer[name]

    def __contains__(self, name: object) -> bool:
        return name in self._inner or name in self._outer

    def __iter__(self) -> Iterator[str]:
        yield from self._inner
        yield from (name for name in self._outer if name not in self._inner)

    def __len__(self) -> int:
        return sum(1 for _ in self)
