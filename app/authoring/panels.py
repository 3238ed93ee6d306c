"""Places on the page of a package that others fill: tabs, and actions beside a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the package page: a route `endpoint` that takes `package`."""

    name: str
    label: Any
    endpoint: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class FileAction:
    """A link in a file's row: a route `endpoint` that takes `package` and `path`, for files of `kind`."""

    kind: str
    label: Any
    endpoint: str
    icon: str = "arrow-right"
    shown: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class ReleaseAction:
    """A link beside the cases that run on an older release: a route `endpoint` that takes `package` and `number`."""

    label: Any
    endpoint: str
    icon: str = "arrow-right"


_tabs: dict[str, Tab] = {}
_actions: list[FileAction] = []
_release_actions: list[ReleaseAction] = []


def add_tab(tab: Tab) -> None:
    _tabs[tab.name] = tab


def tabs() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: tab.order)


def add_file_action(action: FileAction) -> None:
    if action not in _actions:
        _actions.append(action)


def file_actions(kind: str, path: str) -> list[FileAction]:
    return [one for one in _actions if one.kind == kind and (one.shown is None or one.shown(path))]


def add_release_action(action: ReleaseAction) -> None:
    if action not in _release_actions:
        _release_actions.append(action)


def release_actions() -> list[ReleaseAction]:
    return list(_release_actions)
