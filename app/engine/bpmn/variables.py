"""Names seen from a token: its own scope first, then outwards; declared names that nobody set are null."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.engine.bpmn.specs.frames import SCOPE
from app.engine.bpmn.specs.loops import BODY
from app.engine.bpmn.step import ROOT
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.environment import Dictionary
    from app.engine.bpmn.population import Population
    from app.engine.bpmn.tokens import Token

_MISSING = object()
BARRIER = "barrier"
"""In `internal_data`: writes do not leave this token's scope."""


class Variables(Mapping[str, object]):
    """A read-only view. Looking up an undeclared name that nobody set raises KeyError."""

    __slots__ = ("_declared", "_layers")

    def __init__(self, layers: list[Mapping[str, object]], declared: "Dictionary | None") -> None:
        self._layers = layers
        self._declared = declared

    def __getitem__(self, name: str) -> object:
        for layer in self._layers:
            value = layer.get(name, _MISSING)
            if value is not _MISSING:
                return value
        if self._declared is not None and name in self._declared:
            return None
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name for layer in self._layers for name in layer})

    def __len__(self) -> int:
        return len({name for layer in self._layers for name in layer})


def counters(body: Mapping[str, Any]) -> dict[str, object]:
    """What the items of a multi-instance see of it, by the `internal_data` of the whole."""
    return {
        "nrOfInstances": body["n"],
        "nrOfCompletedInstances": body["done"],
        "nrOfActiveInstances": body["begun"] - body["done"],
    }


class Scopes:
    """The scopes of one execution: what is stored, and what this step has written over it."""

    def __init__(self, run: "Population") -> None:
        self.run = run
        self.dictionary = run.environment.dictionary
        self.written: dict[str, dict[str, object]] = {}
        self._stored: dict[str, Mapping[str, object]] = {}

    def owners(self, token: "Token | None") -> "Iterator[Token]":
        """The tokens that own the scopes around `token`, innermost first; the root scope has no owner."""
        while token is not None:
            if SCOPE in token.internal_data:
                yield token
            token = self.run.token(token.internal_data.get(BODY, "")) or self.run.host_of(token)

    def stored(self, scope: str) -> Mapping[str, object]:
        found = self._stored.get(scope)
        if found is None:
            found = self._stored[scope] = self.run.environment.variables(scope)
        return found

    def view(self, token: "Token | None", *locals_: Mapping[str, object]) -> Variables:
        layers: list[Mapping[str, object]] = [*locals_]
        if token is not None and (inputs := token.internal_data.get("inputs")):
            layers.append(inputs)
        for owner in self.owners(token):
            self._add(layers, owner.key)
            body = self.run.token(owner.internal_data.get(BODY, ""))
            if body is not None and "n" in body.internal_data:
                layers.append(counters(body.internal_data))
            if inputs := owner.internal_data.get("inputs"):
                layers.append(inputs)
        self._add(layers, ROOT)
        return Variables(layers, self.dictionary)

    def _add(self, layers: list[Mapping[str, object]], scope: str) -> None:
        if (written := self.written.get(scope)) is not None:
            layers.append(written)
        layers.append(self.stored(scope))

    def write_from(self, token: "Token", values: Mapping[str, object]) -> None:
        """Write each name from `token` into the scope where it belongs."""
        owners = list(self.owners(token))
        by_scope: dict[str, dict[str, object]] = {}
        for name, value in values.items():
            by_scope.setdefault(self._target(owners, name), {})[name] = value
        for scope, several in by_scope.items():
            self.write(scope, several)

    def _target(self, owners: "Sequence[Token]", name: str) -> str:
        """The scope in which a write lands from inside these owners; README.md, "Where values live"."""
        if self.run.environment.is_shared(name):
            return ROOT
        own = ""
        for owner in owners:
            own = own or owner.key
            if name in self.written.get(owner.key, ()) or name in self.stored(owner.key):
                return owner.key
            if BARRIER in owner.internal_data:
                return own
        if not own or name in self.written.get(ROOT, ()) or name in self.stored(ROOT):
            return ROOT
        return own

    def declares(self, name: str) -> bool:
        return self.dictionary is None or name in self.dictionary

    def check(self, names: Mapping[str, object]) -> None:
        for name in names:
            if not self.declares(name):
                raise EngineError("name_undeclared", name=name)

    def write(self, scope: str, values: Mapping[str, object]) -> None:
        self.written.setdefault(scope, {}).update(values)
        self.run.record.write(scope, values)
        self.run.conditions_stale = True
