"""The errands of the workflow's tests, seen from the engine room."""

from tests.functional.workflow.conftest import errands

__all__ = ["errands"]
