"""A form as HTML: native inputs, an error summary on top, nothing that needs JavaScript."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext
from flask_babel import gettext as _
from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.engine.feel import Environment
from app.forms.answers import from_posted, is_blank
from app.forms.components import INPUTS, Form, Words, parse
from app.forms.conditions import mentions, plain, shown
from app.forms.dictionary import Dictionary
from app.forms.nodes import Node, Sight
from app.forms.schemas import LINE, PARAGRAPHS, written


class ShownFile(NamedTuple):
    """A stored file as a form names it."""

    name: str
    url: str


class FilesWhenAsked(Mapping[str, ShownFile]):
    """Stored files by id, which are read when a form first asks for one: most file fields hold none."""

    def __init__(self, read: Callable[[], Mapping[str, ShownFile]]) -> None:
        self._read = cache(read)

    def __getitem__(self, file_id: str) -> ShownFile:
        return self._read()[file_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_jinja = Jinja(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_jinja.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]


def render(
    form: Mapping[str, Any],
    values: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]] | None = None,
    *,
    language: str,
    dictionary: Dictionary | None,
    environment: Environment,
    variables: Mapping[str, object] | None = None,
    refresh_url: str = "",
    files: Mapping[str, ShownFile] | None = None,
    within: str = "",
) -> Markup:
    """The fields of `form`, to stand inside the page's own `<form method="post" enctype="multipart/form-data">`.

    `values`: what stands in the fields, typed values or the `typed` tree of a FormInvalid; `errors`: its `fields`;
    `variables`: names that conditions may read beside the form; `refresh_url`: where htmx posts the whole form when
    an answer may open or close other fields (answer it with `refresh`); `files`: what file fields hold, by id;
    `within` tells apart the ids of several forms on one page.
    """
    parsed = parse(form)
    files = {} if files is None else files
    values = {name: plain(value, environment.zone) for name, value in values.items()}
    sight = Sight(
        parsed,
        dictionary=dictionary,
        variables=values if variables is None else variables,
        environment=environment,
        language=language,
        known_files=files,
    )
    tree = _with_defaults(parsed, values)
    nodes = sight.nodes(tree)
    view = _View(sight, parsed, environment.zone, errors or {}, refresh_url, files, within)
    page = _jinja.get_template("forms/form.html").render(view=view, nodes=nodes)
    return Markup(page)  # noqa: S704 - made by an autoescaping template


def refresh(
    form: Mapping[str, Any],
    posted: "MultiDict[str, str]",
    *,
    language: str,
    dictionary: Dictionary | None,
    environment: Environment,
    variables: Mapping[str, object],
    refresh_url: str,
    files: Mapping[str, ShownFile] | None = None,
    within: str = "",
) -> Markup:
    """The fields again for what is typed so far, without complaints: the answer to `refresh_url`.

    A field that opens now begins with its default.
    """
    parsed = parse(form)
    typed = from_posted(parsed, posted)
    before = set(posted.get("_shown", "").split(","))
    for component in parsed.walk():
        if component.hide and component.default is not None and component.key not in before:
            typed.pop(component.key, None)
    return render(
        form,
        typed,
        language=language,
        dictionary=dictionary,
        environment=environment,
        variables=variables,
        refresh_url=refresh_url,
        files=files,
        within=within,
    )


def told(
    form: Mapping[str, Any],
    posted: "MultiDict[str, str]",
    *,
    language: str,
    dictionary: Dictionary | None,
    environment: Environment,
    variables: Mapping[str, object],
) -> list[tuple[str, str]]:
    """What was typed, in words: label and text of every field that holds something, in the order of the page."""
    parsed = parse(form)
    sight = Sight(parsed, dictionary=dictionary, variables=variables, environment=environment, language=language)
    view = _View(sight, parsed, environment.zone, {}, "", {}, "")
    every = (inner for node in sight.nodes(from_posted(parsed, posted)) for inner in node.walk())
    return [
        (view.label(node), _("Yes") if node.typed is True else view.shown(node))
        for node in every
        if node.component.type in INPUTS - {"filepicker"} and not node.locked and not is_blank(node.typed)
    ]


class _View:
    """What the templates ask of a node."""

    def __init__(
        self,
        sight: Sight,
        form: Form,
        zone: ZoneInfo,
        errors: Mapping[str, Sequence[str]],
        refresh_url: str,
        files: Mapping[str, ShownFile],
        within: str,
    ) -> None:
        self._within = within
        self._sight = sight
        self._expressions = form.expressions
        self._zone = zone
        self.errors = errors
        self.refresh_url = refresh_url
        self.files = files

    def label(self, node: Node) -> str:
        return self._sight.label(node)

    def description(self, node: Node) -> str:
        return self._sight.words(node.component.description, node.scope)

    def prefix(self, node: Node) -> str:
        return self._sight.words(node.component.prefix, node.scope)

    def suffix(self, node: Node) -> str:
        return self._sight.words(node.component.suffix, node.scope)

    def prose(self, node: Node) -> Markup:
        """Markdown of the form; HTML in it is shown as text."""
        text = self._sight.prose(node.component.text, node.scope)
        return Markup(_markdown.render(text))  # noqa: S704 - raw HTML is switched off in the renderer

    def element_id(self, name: str) -> str:
        return "-".join(part for part in ("field", self._within, name.replace(".", "-").replace("_", "-")) if part)

    @property
    def fields_id(self) -> str:
        """The id of the whole, which a refreshed one takes the place of."""
        return f"form-fields-{self._within}" if self._within else "form-fields"

    def summary(self, nodes: Sequence[Node]) -> list[tuple[str, str, str]]:
        """(anchor, label, message) of every error, in the order of the page, those of no visible field last."""
        ordered = [inner for node in nodes for inner in node.walk() if inner.name in self.errors]
        lines = [
            (self.element_id(node.name), self.label(node), message)
            for node in ordered
            for message in self.errors[node.name]
        ]
        placed = {node.name for node in ordered}
        lines += [("", name, text) for name, texts in self.errors.items() if name not in placed for text in texts]
        return lines

    def typed(self, node: Node) -> str:
        """What stands in an input."""
        return self._in_input(node.typed)

    def is_chosen(self, node: Node, value: object) -> bool:
        typed = node.typed if isinstance(node.typed, list | tuple) else [node.typed]
        return any(each is not None and written(each) == written(value) for each in typed)

    def value_of(self, value: object) -> str:
        return written(value)

    def is_checked(self, node: Node) -> bool:
        return node.typed is True or node.typed == "true"

    def chosen_files(self, node: Node) -> list[tuple[str, ShownFile]]:
        ids = node.typed if isinstance(node.typed, list) else [node.typed]
        return [(str(each), self.files[str(each)]) for each in ids if each and str(each) in self.files]

    def shown(self, node: Node) -> str:
        """What a locked component holds, in words."""
        chosen = [offer.label for offer in node.offers if self.is_chosen(node, offer.value)]
        return "、".join(chosen) if chosen else shown(self._local(node.typed))

    def computed(self, node: Node) -> str:
        return shown(self._local(self._sight.value(node.component.expression, node.scope)))

    def table(self, node: Node) -> tuple[list[str], list[list[str]]]:
        """Heads and cells of a read-only table; of columns in two languages (zh and en, x and x_en) the reader's."""
        found = self._sight.value(node.component.expression, node.scope) if node.component.expression else None
        rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
        columns = node.component.table_columns or tuple((key, Words(key)) for key in (rows[0] if rows else {}))
        english = self._sight.language == "en"
        foreign = {"zh"} if english else {"en"}
        names = {key for key, _words in columns}
        for key in names:
            if key + "_en" in names:
                foreign.add(key if english else key + "_en")
        own = [(key, words) for key, words in columns if key not in foreign or len(names) == 1]
        heads = [self._sight.words(words, node.scope) for _key, words in own]
        cells = [[(english and row.get(key + "_en")) or row.get(key) for key, _words in own] for row in rows]
        return heads, [[shown(self._local(cell)) for cell in line] for line in cells]

    def longest(self, node: Node) -> int:
        return node.component.limits.max_length or (PARAGRAPHS if node.component.type == "textarea" else LINE)

    def drives(self, node: Node) -> bool:
        """Whether a change of this field may open or close others."""
        return bool(self.refresh_url) and mentions(self._expressions, node.component.key)

    def conditional(self, nodes: Sequence[Node]) -> str:
        return ",".join(sorted(self._sight.conditional(nodes)))

    def width(self, node: Node) -> int:
        """Of the twelve columns of the page; form-js counts sixteen."""
        return max(1, min(12, round(node.component.columns * 12 / 16)))

    def _in_input(self, value: object) -> str:
        value = self._local(value)
        if value is None or isinstance(value, list | dict):
            return ""
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, date):
            return value.isoformat()
        return written(value) if isinstance(value, Decimal | float) else str(value)

    def _local(self, value: object) -> object:
        value = plain(value, self._zone)
        return value.astimezone(self._zone) if isinstance(value, datetime) and value.tzinfo else value


def _with_defaults(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    tree = dict(values)
    for component in form.walk():
        if component.key and component.key not in tree:
            if component.type == "dynamiclist":
                tree[component.key] = [{} for _row in range(component.repetitions)]
            elif component.default is not None:
                tree[component.key] = component.default
    return tree
