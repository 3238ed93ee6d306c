import os
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from app.ui.catalogues import compile_catalogues, messages, sources, untranslated

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)


@pytest.fixture
def small_app(tmp_path: Path) -> Path:
    package = tmp_path / "app" / "letters"
    catalogue = package / "translations" / "zh_CN" / "LC_MESSAGES"
    (package / "templates" / "letters").mkdir(parents=True)
    catalogue.mkdir(parents=True)
    (package / "views.py").write_text(
        'from flask_babel import gettext as _, ngettext\n_("Sent")\nngettext("%(num)s letter", "%(num)s letters", 2)\n'
    )
    (package / "templates" / "letters" / "page.html").write_text('<p>{{ _("Dear reader") }}</p>')
    (package / "errors.py").write_text('class Lost(Exception):\n    """The letter is lost."""\n')
    (catalogue / "messages.po").write_text(HEADER + 'msgid "Sent"\nmsgstr "已发出"\n')
    return tmp_path / "app"


def test_every_sentence_of_the_product_has_a_chinese_one() -> None:
    missing = [f"{message.file}:{message.line}: {message.id}" for message in untranslated()]
    assert not missing, "Untranslated (python -m app.ui.catalogues --missing prints them):\n" + "\n".join(missing)


def test_a_sentence_has_one_translation_whatever_room_says_it() -> None:
    """The catalogues are one for the reader: of two translations one would never be seen."""
    said: dict[str, dict[str, str]] = {}
    for path in sources():
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    said.setdefault(f"{message.context or ''} {message.id}", {})[str(message.string)] = path.parts[-5]
    assert {sentence: words for sentence, words in said.items() if len(words) > 1} == {}


def test_sentences_are_found_in_code_templates_and_refusals(small_app: Path) -> None:
    assert {message.id for message in messages(small_app)} == {
        "Sent",
        "%(num)s letter",
        "Dear reader",
        "The letter is lost.",
    }


def test_what_has_no_translation_is_named(small_app: Path) -> None:
    assert {message.id for message in untranslated(small_app)} == {
        "%(num)s letter",
        "Dear reader",
        "The letter is lost.",
    }


def test_a_word_of_two_meanings_is_translated_in_each(small_app: Path) -> None:
    views = small_app / "letters/views.py"
    views.write_text(
        'from flask_babel import pgettext\npgettext("letter", "Sent")\npgettext("post office", "Sent")\n',
        encoding="utf-8",
    )
    catalogue = small_app / "letters/translations/zh_CN/LC_MESSAGES/messages.po"
    catalogue.write_text(HEADER + 'msgctxt "letter"\nmsgid "Sent"\nmsgstr "已发出"\n', encoding="utf-8")
    assert ("post office", "Sent") in {message.key for message in untranslated(small_app)}
    assert ("letter", "Sent") not in {message.key for message in untranslated(small_app)}


def test_an_empty_or_fuzzy_entry_is_no_translation(small_app: Path) -> None:
    catalogue = small_app / "letters/translations/zh_CN/LC_MESSAGES/messages.po"
    catalogue.write_text(
        HEADER + 'msgid "Sent"\nmsgstr ""\n\n#, fuzzy\nmsgid "Dear reader"\nmsgstr "亲爱的读者"\n', encoding="utf-8"
    )
    assert {"Sent", "Dear reader"} <= {message.id for message in untranslated(small_app)}


def test_only_stale_catalogues_are_compiled(small_app: Path) -> None:
    source = small_app / "letters/translations/zh_CN/LC_MESSAGES/messages.po"
    assert compile_catalogues(small_app) == [source]
    assert compile_catalogues(small_app) == []
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_catalogues(small_app) == [source]
