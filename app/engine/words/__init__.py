"""The sentences of the engine in Chinese and English: a code and its parameters in, a sentence out."""

from collections.abc import Mapping

from app.engine.words import bpmn, compensation, dmn, feel, forms, moving, packages, running

Sentences = Mapping[str, tuple[str, str]]

MESSAGES: dict[str, tuple[str, str]] = {
    **feel.MESSAGES,
    **dmn.MESSAGES,
    **bpmn.MESSAGES,
    **running.MESSAGES,
    **compensation.MESSAGES,
    **moving.MESSAGES,
    **forms.MESSAGES,
    **packages.MESSAGES,
}


def sentence(code: str, params: Mapping[str, object], language: str = "zh") -> str:
    """The sentence for `code`, filled with `params`; `language` is "zh…" or "en…".

    Each entry of MESSAGES is (Chinese, English), with `{name}` placeholders; `{type_word}` is the Chinese word for the
    type of values that the parameter `type` names. `{reason_zh}` is the parameter `reason` where that has no Chinese;
    an English sentence takes `flow_en` for `{flow}` where it is given. An unknown code is shown as it is.
    """
    pair = MESSAGES.get(code)
    if pair is None:
        return f"{code}: {dict(params)}" if params else code
    if not language.startswith("en"):
        return pair[0].format_map(_Shown(params))
    english = {name: params[f"{name}_en"] for name in params if params.get(f"{name}_en")}
    return pair[1].format_map(_Shown({**params, **english}))


_TYPES = {
    "number": "数字",
    "string": "文本",
    "text": "文本",
    "boolean": "是否",
    "date": "日期",
    "time": "时间",
    "date and time": "日期时间",
    "dateTime": "日期时间",
    "date_time": "日期时间",
    "days and time duration": "时长",
    "years and months duration": "年月时长",
    "list": "列表",
    "context": "上下文",
    "range": "区间",
    "function": "函数",
    **moving.KINDS,
}


class _Shown(dict[str, object]):
    def __missing__(self, key: str) -> object:
        if key.endswith("_zh"):
            return self.get(key.removesuffix("_zh"), "?")
        name = key.removesuffix("_word")
        if name == key or name not in self:
            return "?"
        return _TYPES.get(str(self[name]), self[name])
