"""A small county with named people and running cases, to try the product and to test it with."""

from app.devdata.demo import ensure_demo

__all__ = ["ensure_demo"]
