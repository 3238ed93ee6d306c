"""Places on the page of a package that others fill: tabs, actions beside a release, cards beside the changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.directory.rules import Viewer
from app.ui.tabs import Tab


@dataclass(frozen=True, slots=True)
class ReleaseAction:
    """A link beside the cases that run on an older release: a route `endpoint` that takes `package` and `number`."""

    label: Any
    endpoint: str
    icon: str = "arrow-right"


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """A card on the Changes tab, such as what a rehearsal found; `render` gives None when it has nothing to say."""

    name: str
    render: Callable[[Viewer, str], Markup | None]
    order: int = 100


_tabs: list[Tab] = []
_release_actions: list[ReleaseAction] = []
_change_cards: dict[str, ChangeCard] = {}


def set_tabs(*tabs: Tab) -> None:
    """All tabs, in their order."""
    _tabs[:] = tabs


def tabs() -> list[Tab]:
    return list(_tabs)


def add_release_action(action: ReleaseAction) -> None:
    if action not in _release_actions:
        _release_actions.append(action)


def release_actions() -> list[ReleaseAction]:
    return list(_release_actions)


def add_change_card(card: ChangeCard) -> None:
    _change_cards[card.name] = card


def change_cards(viewer: Viewer, package: str) -> list[Markup]:
    """What the others have to show beside the changes of a package, in their order."""
    shown = (card.render(viewer, package) for card in sorted(_change_cards.values(), key=lambda card: card.order))
    return [one for one in shown if one is not None]
