"""Chinese first, English complete: which language, and how rows and refusals are worded in it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, force_locale, get_babel, get_locale, gettext
from markupsafe import Markup

from app.core.days import told
from app.core.errors import Refusal
from app.core.sizes import Size, size_words

LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale("en")}
COOKIE = "language"
CATALOGUE = "zh_CN"

_ENGLISH = NullTranslations()


class _Catalogues(Domain):  # type: ignore[misc]
    """The Chinese catalogue of every package as one; message ids are English, so English needs none."""

    def get_translations(self) -> NullTranslations:
        return _ENGLISH if language() == "en" else self._chinese

    @cached_property
    def _chinese(self) -> Translations:
        whole = Translations()
        for folder in get_babel().translation_directories:
            catalogue = Translations.load(folder, [CATALOGUE])
            if isinstance(catalogue, Translations):
                whole.merge(catalogue)
                whole.plural = catalogue.plural
        return whole


_CATALOGUES = _Catalogues()


class _ChineseFirst(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> _Catalogues:
        return _CATALOGUES


def init_app(app: Flask) -> None:
    packages = Path(app.root_path)
    folders = sorted(str(path) for path in packages.glob("*/translations") if path.is_dir())
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(folders)
    app.config["BABEL_DEFAULT_LOCALE"] = "zh_CN"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    _ChineseFirst().init_app(app, locale_selector=_select, timezone_selector=lambda: g.get("zone"))
    app.add_template_filter(label, "label")
    app.add_template_filter(called, "called")
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["_"] = _in_template


def _in_template(message: str, /, **variables: Any) -> Markup:
    """What `_` means in a page: what the extension's own means, which goes through the context three times to say it.

    A page of fifty rows has two hundred words.
    """
    words = Markup(_CATALOGUES.get_translations().gettext(message))  # noqa: S704 - our own words, from the catalogue
    return words % variables


def _select() -> Locale:
    if not has_request_context():
        return LOCALES["zh"]
    asked = request.args.get("lang") or request.cookies.get(COOKIE)
    if asked not in LOCALES:
        asked = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh")
    return LOCALES[(asked or "zh")[:2]]


def language() -> str:
    """ "zh" or "en": the reader's language; Chinese outside a request.

    What the extension has found out stands in `g`: asking it would go through the context five times.
    """
    locale = getattr(g.get("_flask_babel"), "babel_locale", None) if has_app_context() else None
    locale = locale or get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def label(item: Any, name: str = "name", lang: str | None = None) -> str:
    """The word for `item` in the reader's language.

    `item` is a mapping with "zh" and "en", or an object with `<name>_zh` and `<name>_en`.
    An English word that is missing falls back to Chinese.
    """
    if item is None:
        return ""
    lang = lang or language()
    if isinstance(item, Mapping):
        return str(item.get(lang) or item.get("zh") or "")
    return str(getattr(item, f"{name}_{lang}", None) or getattr(item, f"{name}_zh", "") or "")


def person_name(name: str, name_en: str) -> str:
    """What somebody of the house is called in the reader's language; the Chinese name where there is no other."""
    return (name_en if language() == "en" else "") or name


def called(person: Any) -> str:
    """The same for somebody at hand: a person, a viewer, a row with both names."""
    return "" if person is None else person_name(person.name, getattr(person, "name_en", ""))


class BothNames(NamedTuple):
    """How a person or an office is called in both languages; as text it is the name as it is written."""

    name: str
    name_en: str = ""

    def __str__(self) -> str:
        return self.name


def both_names(of: Any) -> BothNames:
    """The same of a person or an office at hand, for what is worded later, in the language of whoever reads it."""
    return BothNames(of.name_zh if hasattr(of, "name_zh") else of.name, getattr(of, "name_en", ""))


def listed_names(names: Iterable[BothNames]) -> str:
    """Several people in one line, in the reader's language."""
    return (", " if language() == "en" else "、").join(person_name(*one) for one in names)


def words_of(refusal: Refusal) -> str:
    """What the reader is told; days, moments, sizes and people in words."""
    return str(gettext(refusal.message_id, **{name: _told(value) for name, value in refusal.params.items()}))


def _told(value: object) -> object:
    if isinstance(value, Size):
        return size_words(value)
    return person_name(*value) if isinstance(value, BothNames) else told(value)


def chinese_words_of(refusal: Refusal) -> str:
    """What a Chinese reader is told, whoever reads now: for what is kept and read later."""
    with force_locale(LOCALES["zh"]):
        return words_of(refusal)
