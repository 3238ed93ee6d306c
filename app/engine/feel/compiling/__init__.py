"""From tree to closures (semantics of DMN 1.5, 10.3.2)."""

from app.engine.feel.compiling import (  # noqa: F401 - each teaches the compiler its nodes
    collections,
    functions,
    iteration,
    juel,
    logic,
    tests,
)
