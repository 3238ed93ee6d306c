"""An evaluation at a fixed moment in Shanghai: 2026-03-01, a Sunday, nine in the morning."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from app.engine.feel import Environment, compile_expression

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")

Feel = Callable[..., object]


@pytest.fixture(scope="session")
def environment() -> Environment:
    return Environment(now=datetime(2026, 3, 1, 1, 0, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def feel(environment: Environment) -> Feel:
    """Evaluates a text with the given variables; unknown names are errors."""

    def evaluate(text: str, /, **variables: object) -> object:
        return compile_expression(text, names=list(variables)).evaluate(variables, environment)

    return evaluate


@pytest.fixture(scope="session")
def lenient(environment: Environment) -> Feel:
    """Evaluates a text as the standard says: what cannot be computed is null."""
    surroundings = replace(environment, strict=False)

    def evaluate(text: str, /, **variables: object) -> object:
        return compile_expression(text, names=list(variables)).evaluate(variables, surroundings)

    return evaluate


@pytest.fixture(scope="session")
def agree(feel: Feel) -> Callable[[str, str], None]:
    """Asserts that two texts have the same value of the same type."""

    def check(text: str, expected: str) -> None:
        value, wanted = feel(text), feel(expected)
        assert value == wanted, f"{text} is {value!r}, not {wanted!r}"
        assert type(value) is type(wanted), f"{text} is a {type(value).__name__}"

    return check
