"""The other libraries, measured on the same tables: each as its documentation uses it.

pySFeel and bkflow-feel know expressions and no tables, so a table is read row by row, up to the first condition that
fails; every expression is parsed anew, for neither offers another way.
"""

import importlib
import logging
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any, Protocol

from app.bench.rule_tables import OUTPUT, Table, Value

Decide = Callable[[Mapping[str, Value]], object]
"""From given values to the output of the first row that accepts them."""


class Peer(Protocol):
    """Another library. Its constructor raises ImportError when it is not installed."""

    compiles: bool
    """Whether it makes something of a table before the first decision that it then keeps."""

    def condition(self, text: str) -> Decide: ...

    def table(self, table: Table) -> Decide: ...


class PySFeel:
    """Its numbers are floats."""

    compiles = False

    def __init__(self) -> None:
        self._parser: Any = importlib.import_module("pySFeel").SFeelParser()

    def condition(self, text: str) -> Decide:
        def decide(given: Mapping[str, Value]) -> object:
            self._give(given)
            return self._parser.sFeelParse(text)[1]

        return decide

    def table(self, table: Table) -> Decide:
        rows = table.expressions()
        parse = self._parser.sFeelParse

        def decide(given: Mapping[str, Value]) -> object:
            self._give(given)
            for conditions, output in rows:
                if all(parse(text)[1] is True for text in conditions):
                    return output
            return None

        return decide

    def _give(self, given: Mapping[str, Value]) -> None:
        for name, value in given.items():
            self._parser.names[name] = value if isinstance(value, str) else float(value)


class BkflowFeel:
    compiles = False

    def __init__(self) -> None:
        self._parse: Callable[[str, Mapping[str, Value]], object] = importlib.import_module(
            "bkflow_feel.api"
        ).parse_expression
        logging.getLogger("bkflow_feel").setLevel(logging.CRITICAL)

    def condition(self, text: str) -> Decide:
        return lambda given: self._parse(text, given)

    def table(self, table: Table) -> Decide:
        rows = table.expressions()

        def decide(given: Mapping[str, Value]) -> object:
            for conditions, output in rows:
                if all(self._parse(text, given) is True for text in conditions):
                    return output
            return None

        return decide


class ZenEngine:
    compiles = True

    def __init__(self) -> None:
        self._zen: Any = importlib.import_module("zen")

    def condition(self, text: str) -> Decide:
        compiled = self._zen.compile_expression(text.replace(" = ", " == "))
        return lambda given: compiled.evaluate(given)

    def table(self, table: Table) -> Decide:
        decision = self._zen.ZenEngine().create_decision(table.jdm())
        return lambda given: decision.evaluate(given)["result"][OUTPUT]


PEERS: dict[str, Callable[[], Peer]] = {"pySFeel": PySFeel, "bkflow-feel": BkflowFeel, "zen-engine": ZenEngine}
"""By the name of the distribution: the extra `peers` installs them."""


def installed() -> dict[str, tuple[Peer | None, str]]:
    """Each peer with its version; None and "" for one that is not installed."""
    found: dict[str, tuple[Peer | None, str]] = {}
    for name, make in PEERS.items():
        try:
            found[name] = make(), metadata.version(name)
        except (ImportError, metadata.PackageNotFoundError):
            found[name] = None, ""
    return found
