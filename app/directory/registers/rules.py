"""Registers and their entries: plain values in, plain values out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

TYPES, CHANNELS, TAGS, COLOURS = "dispute_type", "channel", "tag", "risk_colour"
REGISTERS = (TYPES, CHANNELS, TAGS, COLOURS)
"""Named like the entry of the package's dictionary whose values they word; tags stand for themselves."""

PALETTE = ("green", "blue", "yellow", "orange", "red")
"""The levels of risk, the lowest first; which three, four or five of them a county has is written in its package."""

TONES: Mapping[str, tuple[str, str]] = {
    "red": ("红", "Red"),
    "orange": ("橙", "Orange"),
    "yellow": ("黄", "Yellow"),
    "green": ("绿", "Green"),
    "blue": ("蓝", "Blue"),
}
"""How a level may look; each is readable beside its word (`parts.css`)."""

CODE = re.compile(r"[a-z0-9_]{1,40}")

ICONS: Mapping[str, tuple[str, str]] = {
    "home": ("房屋", "House"),
    "building": ("楼房", "Building"),
    "users": ("人群", "People"),
    "heart": ("爱心", "Heart"),
    "briefcase": ("公文包", "Briefcase"),
    "coin": ("钱币", "Coin"),
    "shopping-cart": ("购物车", "Shopping cart"),
    "stethoscope": ("听诊器", "Stethoscope"),
    "car": ("汽车", "Car"),
    "school": ("学校", "School"),
    "plane": ("飞机", "Plane"),
    "leaf": ("树叶", "Leaf"),
    "tree": ("树木", "Tree"),
    "map-pin": ("地点", "Place"),
    "scale": ("天平", "Scales"),
    "shield": ("盾牌", "Shield"),
    "phone": ("电话", "Telephone"),
    "message-circle": ("消息", "Message"),
    "mail": ("信件", "Letter"),
    "world": ("网络", "Network"),
}
"""The icons that an entry may have; the font holds those that are named here."""


@dataclass(frozen=True, slots=True)
class Word:
    """An entry as everybody reads it."""

    code: str
    parent: str
    zh: str
    en: str
    icon: str
    tone: str
    needs_number: bool
    from_date: date | None
    to_date: date | None

    def holds_on(self, day: date) -> bool:
        return (self.from_date is None or self.from_date <= day) and (self.to_date is None or day <= self.to_date)


def in_tree_order(words: Iterable[Word]) -> list[tuple[int, Word]]:
    """(depth, word): each below its own parent, in the given order; who has none stands at the top."""
    listed = list(words)
    codes = {one.code for one in listed}
    below: dict[str, list[Word]] = {}
    for one in listed:
        below.setdefault(one.parent if one.parent in codes else "", []).append(one)
    found: list[tuple[int, Word]] = []

    def walk(code: str, depth: int) -> None:
        for one in below.get(code, ()):
            found.append((depth, one))
            walk(one.code, depth + 1)

    walk("", 0)
    return found


def stands_below(code: str, parent: str, parents: Mapping[str, str]) -> bool:
    """Whether `parent` is `code` or stands somewhere below it."""
    seen = set()
    while parent and parent not in seen:
        if parent == code:
            return True
        seen.add(parent)
        parent = parents.get(parent, "")
    return False
