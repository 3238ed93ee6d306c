"""The sentences of the engine in Chinese and English: a code and its parameters in, a sentence out."""

from collections.abc import Mapping

from app.engine.words import bpmn, dmn, feel, forms, packages

Sentences = Mapping[str, tuple[str, str]]

MESSAGES: dict[str, tuple[str, str]] = {
    **feel.MESSAGES,
    **dmn.MESSAGES,
    **bpmn.MESSAGES,
    **forms.MESSAGES,
    **packages.MESSAGES,
}


def sentence(code: str, params: Mapping[str, object], language: str = "zh") -> str:
    """The sentence for `code`, filled with `params`; `language` is "zh…" or "en…".

    Each entry of MESSAGES is (Chinese, English), with `{name}` placeholders. An unknown code is shown as it is.
    """
    pair = MESSAGES.get(code)
    if pair is None:
        return f"{code}: {dict(params)}" if params else code
    template = pair[1] if language.startswith("en") else pair[0]
    return template.format_map(_Shown(params))


class _Shown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"
