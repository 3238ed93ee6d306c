"""The order of the file of a case, and how values are worded on paper. Plain values in, plain values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.engine.feel import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration, format_temporal


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of paper: its place in the file (1 to 13; 0 stands before all) and its name."""

    place: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    "cover": Kind(0, "封面、卷内目录、封底", "Cover, contents and back cover"),
    "application": Kind(1, "申请书", "Application"),
    "registration": Kind(1, "受理登记表", "Registration form"),
    "acceptance": Kind(1, "受理通知书", "Notice of acceptance"),
    "rights": Kind(2, "权利义务告知书", "Notice of rights and duties"),
    "identity": Kind(3, "身份证明", "Proof of identity"),
    "authorisation": Kind(4, "授权委托书", "Power of attorney"),
    "investigation": Kind(5, "调查记录", "Record of investigation"),
    "evidence": Kind(6, "证据材料", "Evidence"),
    "mediation_record": Kind(7, "调解记录", "Record of mediation"),
    "doorstep_record": Kind(7, "当场调处记录", "Record of settling on the spot"),
    "agreement": Kind(8, "调解协议书", "Mediation agreement"),
    "oral_agreement": Kind(8, "口头协议登记表", "Record of an oral agreement"),
    "termination": Kind(8, "终止调解告知书", "Notice of termination"),
    "refusal": Kind(8, "不予受理告知书", "Notice of refusal"),
    "performance_proof": Kind(9, "履行凭证", "Proof of performance"),
    "visit_record": Kind(10, "回访记录", "Record of a return visit"),
    "confirmation": Kind(11, "司法确认材料", "Papers of judicial confirmation"),
    "explanation": Kind(12, "情况说明", "Explanation"),
    "handover": Kind(12, "移交材料", "Papers of the hand-over"),
    "back_cover": Kind(13, "封底", "Back cover"),
}
EVIDENCE = "evidence"

TEMPLATE_KINDS = {"dossier_cover": "cover", "dossier_back": "back_cover"}
"""Templates that are not named like the paper they make."""

REPEATED = frozenset({"mediation_record", "visit_record", "investigation"})
"""Papers of which every one stays; of the others the newest takes the place of the one before."""


def kind_of_template(template: str) -> str:
    return TEMPLATE_KINDS.get(template, template)


def kind(name: str) -> Kind:
    """The kind with this name; an unknown one stands with the explanations under its own name."""
    return KINDS.get(name, Kind(12, name or "其他材料", name.replace("_", " ").capitalize() or "Other papers"))


@dataclass(frozen=True, slots=True)
class Item:
    """One paper of the file: a made document or a file that somebody brought."""

    kind: str
    title_zh: str
    title_en: str
    file_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int
    added_at: datetime
    added_by: str
    document_id: int | None = None
    added_by_id: int | None = None

    @property
    def place(self) -> int:
        return kind(self.kind).place


@dataclass(frozen=True, slots=True)
class Numbered:
    """An item with its number in the contents and its pages in the volume."""

    number: int
    item: Item
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many kinds of paper the file must hold by what is known, and which of them it lacks.

    `later` are those that it may have to hold besides, as the matter goes, and lacks.
    """

    required: int
    missing: list[str]
    later: list[str]


def in_order(items: Iterable[Item]) -> list[Item]:
    """The order of the file: by place, within a place as it came."""
    return sorted(items, key=lambda item: (item.place, item.added_at, item.file_id))


def numbered(items: Iterable[Item]) -> list[Numbered]:
    """Numbers and running pages; the cover counts neither."""
    found, page = [], 1
    for number, item in enumerate((one for one in in_order(items) if one.place > 0), 1):
        found.append(Numbered(number, item, page, page + item.pages - 1))
        page += item.pages
    return found


def missing_kinds(required: Iterable[object], present: Iterable[str]) -> list[str]:
    """What is required and not there, each once, in the order of the file."""
    there = set(present)
    lacking = {str(one) for one in required if one is not None and str(one) not in there}
    return sorted(lacking, key=lambda one: (kind(one).place, one))


def case_number(code: str) -> str:
    """`FX2026-000123-7KQ` on paper: （2026）人调字第123号."""
    head, _, rest = code.partition("-")
    sequence = rest.partition("-")[0]
    if not (head[-4:].isdigit() and sequence.isdigit()):
        return code
    return f"（{head[-4:]}）人调字第{int(sequence)}号"


def on_paper(value: object, zone: ZoneInfo) -> Any:
    """A FEEL value as the JSON of a template: dates as ISO text in county time, numbers as people write them."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal | int | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, DateTime):
        return on_paper(value.to_python(zone), zone)
    if isinstance(value, datetime):
        local = value.astimezone(zone) if value.tzinfo else value
        return local.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Date | Time | DaysTimeDuration | YearsMonthsDuration):
        return format_temporal(value)
    if isinstance(value, Mapping):
        return {str(name): on_paper(each, zone) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [on_paper(each, zone) for each in value]
    return str(value)
