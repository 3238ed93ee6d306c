"""The built-in functions of DMN 1.5, 10.3.4, one module per section, in one registry."""

from app.engine.feel.builtins.standard import STANDARD

__all__ = ["STANDARD"]
