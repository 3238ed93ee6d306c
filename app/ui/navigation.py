"""The registry of places in the sidebar and in the phone's tab bar; features fill it in the factory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, cast

from flask import Flask, current_app, g, request, url_for


class Reader(Protocol):
    """Who reads the page."""

    @property
    def name(self) -> str: ...

    def has_role(self, role: str) -> bool: ...


@dataclass(frozen=True)
class NavigationItem:
    """One place. ``label`` is lazy text, ``icon`` a name of the Tabler icon font without its ``ti-``.

    It is shown to whoever holds one of ``roles`` (none named: everyone signed in) and satisfies ``predicate``.
    ``badge`` counts what waits there. Items with ``on_phone`` stand in the tab bar under the thumb, at most four; the
    others are one tap further, under "More". ``order`` sorts; ``section`` groups in the sidebar. The one with
    ``search`` stands in neither: it is the box in the top bar, on a phone a button there; it is asked with ``q``.
    """

    endpoint: str
    label: Any
    icon: str
    roles: tuple[str, ...] = ()
    predicate: Callable[[Any], bool] | None = None
    badge: Callable[[Any], int] | None = None
    on_phone: bool = False
    search: bool = False
    order: int = 100
    section: Any = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def shown_to(self, reader: Reader) -> bool:
        if self.roles and not any(reader.has_role(role) for role in self.roles):
            return False
        return self.predicate is None or self.predicate(reader)


@dataclass(frozen=True)
class Place:
    """A navigation item as one reader sees it on one page; the badge is counted when the template asks."""

    item: NavigationItem
    url: str
    current: bool
    reader: Reader

    @cached_property
    def badge(self) -> int:
        return self.item.badge(self.reader) if self.item.badge else 0


class Navigation:
    def __init__(
        self,
        reader: Callable[[], Reader | None],
        office: Callable[[Any], str],
        home_endpoint: str,
        sign_out_endpoint: str,
    ) -> None:
        self._reader = reader
        self._office = office
        self.home_endpoint = home_endpoint
        self.sign_out_endpoint = sign_out_endpoint
        self._items: list[NavigationItem] = []

    def add(self, *items: NavigationItem) -> None:
        self._items.extend(items)
        self._items.sort(key=lambda item: item.order)

    @property
    def reader(self) -> Reader | None:
        return self._reader()

    @property
    def office(self) -> str:
        reader = self.reader
        return self._office(reader) if reader else ""

    @property
    def places(self) -> list[Place]:
        """What the present reader may open, in order."""
        return [place for place in self._known() if not place.item.search]

    @property
    def search(self) -> Place | None:
        """Where the present reader searches."""
        return next((place for place in self._known() if place.item.search), None)

    def _known(self) -> list[Place]:
        """Worked out once per request."""
        known = g.get("navigation_places")
        if known is None:
            known = g.navigation_places = self._places()
        return cast("list[Place]", known)

    @property
    def sections(self) -> list[tuple[str, list[Place]]]:
        grouped: dict[str, list[Place]] = {}
        for place in self.places:
            grouped.setdefault(str(place.item.section), []).append(place)
        return list(grouped.items())

    @property
    def tab_bar(self) -> list[Place]:
        return [place for place in self.places if place.item.on_phone][:4]

    @property
    def more(self) -> list[Place]:
        tab_bar = self.tab_bar
        return [place for place in self.places if place not in tab_bar]

    @property
    def waiting_in_more(self) -> int:
        """What waits in the places that a phone shows one tap further."""
        return sum(place.badge for place in self.more)

    def _places(self) -> list[Place]:
        reader = self.reader
        if reader is None:
            return []
        shown = [item for item in self._items if item.shown_to(reader)]
        here = self._here(shown)
        return [Place(item, url_for(item.endpoint, **item.arguments), item is here, reader) for item in shown]

    @staticmethod
    def _here(shown: list[NavigationItem]) -> NavigationItem | None:
        """The item of this very page, else the first one of the same blueprint, else of the same part of the house."""
        for item in shown:
            if request.endpoint == item.endpoint and all(
                (request.view_args or {}).get(name, request.args.get(name)) == value
                for name, value in item.arguments.items()
            ):
                return item
        of_room = (item for item in shown if item.endpoint.partition(".")[0] == request.blueprint)
        near = (item for item in shown if _part(url_for(item.endpoint, **item.arguments)) == _part(request.path))
        return next(of_room, None) or next(near, None)


def _part(address: str) -> str:
    """The first segment of an address."""
    return address.split("/", 2)[1].partition("?")[0]


def navigation(app: Flask | None = None) -> Navigation:
    return cast(Navigation, (app or current_app).extensions["maplebridge_navigation"])
