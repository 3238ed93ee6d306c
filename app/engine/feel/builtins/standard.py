"""The registry that all expressions start from."""

from app.engine.feel.registry import FunctionRegistry

STANDARD = FunctionRegistry()
