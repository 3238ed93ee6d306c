"""What stands in the first row of each sheet, in both languages, and the example below it."""

from collections.abc import Mapping, Sequence

from flask_babel import LazyString
from flask_babel import gettext as _

from app.core.translations import language

PEOPLE = ("account", "name", "name_en", "phone", "languages", "tags", "role", "office", "from", "to")
OFFICES = ("code", "name_zh", "name_en", "tier", "kind", "parent", "phone")
ENTRIES = ("register", "code", "parent", "name_zh", "name_en", "icon", "needs_number", "from", "to", "tone")
DAYS = ("day", "counts_as", "name_zh", "name_en", "office")
COLUMNS: Mapping[str, Sequence[str]] = {"people": PEOPLE, "offices": OFFICES, "registers": ENTRIES, "calendar": DAYS}

_HEADINGS: Mapping[str, tuple[str, str]] = {
    "account": ("账号", "account"),
    "name": ("姓名", "name"),
    "name_zh": ("中文名称", "Chinese name"),
    "name_en": ("英文名称", "English name"),
    "phone": ("电话", "telephone"),
    "languages": ("语言", "languages"),
    "tags": ("擅长", "skills"),
    "role": ("角色", "role"),
    "office": ("单位编码", "office code"),
    "from": ("开始日期", "from"),
    "to": ("结束日期", "to"),
    "code": ("编码", "code"),
    "tier": ("层级", "tier"),
    "kind": ("类别", "kind"),
    "parent": ("上级编码", "parent code"),
    "register": ("登记表", "register"),
    "icon": ("图标", "icon"),
    "needs_number": ("须填编号", "needs a number"),
    "tone": ("色调", "tone"),
    "day": ("日期", "date"),
    "counts_as": ("计为", "counts as"),
    "wrong_cell": ("出错列", "wrong cell"),
    "reason": ("原因", "reason"),
}

_ALSO: Mapping[str, Sequence[str]] = {
    "name_zh": ("名称",),
    "name_en": ("英文姓名", "name in English"),
    "office": ("单位代码", "单位代码 office code"),
    "code": ("代码", "代码 code", "单位编码", "条目编码", "office code", "entry code"),
    "parent": ("上级代码", "上级代码 parent code"),
    "register": ("目录", "目录 register"),
}
"""What a first row may say besides: the words of the forms, and those of earlier templates."""

EXAMPLES: Mapping[str, Sequence[str]] = {
    "people": (
        "lin.mei",
        "林梅",
        "Lin Mei",
        "13800000000",
        "zh,wu",
        "neighbour",
        "mediator",
        "330681101201",
        "2026-01-01",
        "",
    ),
    "offices": ("330681101204", "新桥村", "Xinqiao Village", "village", "government", "330681101000", ""),
    "registers": ("dispute_type", "homestead", "housing", "宅基地", "Homesteads", "home", "", "2026-01-01", "", ""),
    "calendar": ("2026-12-04", "休", "宪法日纪念活动", "Constitution Day event", ""),
}


def heading(column: str) -> str:
    """A column as the first row names it: "账号 account"."""
    return " ".join(_HEADINGS[column])


def title(column: str) -> str:
    """A column in the reader's language."""
    return _HEADINGS[column][language() == "en"] if column in _HEADINGS else column


def titles(columns: Sequence[str]) -> LazyString:
    return LazyString(lambda: str(_(", ")).join(map(title, columns)))


def named(first_row: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns that a first row means: by the heading of the template, by either of its words, or by the code."""
    known = {word.lower(): one for one in columns for word in (*_ALSO.get(one, ()), one, heading(one), *_HEADINGS[one])}
    words = [" ".join(cell.split()).lower() for cell in first_row]
    return [known.get(word, word) for word in words]


def is_example(what: str, cells: Mapping[str, str]) -> bool:
    """Whether a row is the template's own, left standing."""
    return tuple(cells.get(column, "") for column in COLUMNS[what]) == tuple(EXAMPLES[what])
