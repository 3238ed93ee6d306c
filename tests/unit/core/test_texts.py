"""What is kept of a typed text: no control characters, and of a line only the one line."""

import pytest

from app.core.texts import one_line, plain_text


@pytest.mark.parametrize(
    ("typed", "text", "line"),
    [
        (" 张三\r\n李四\t王五 ", "张三\n李四\t王五", "张三 李四 王五"),
        ("A\r\nBcc: x@y.z", "A\nBcc: x@y.z", "A Bcc: x@y.z"),
        ("张\x00三\x1b[31m", "张三[31m", "张三[31m"),
        ("gpj.\u202etxt", "gpj.\u202etxt", "gpj.txt"),
        ("张\u2028三\u3000四", "张\u2028三\u3000四", "张 三 四"),
        ("买买提·\ue000\u200c", "买买提·\ue000\u200c", "买买提·\ue000\u200c"),
        (" \n ", "", ""),
    ],
)
def test_what_is_kept(typed: str, text: str, line: str) -> None:
    assert (plain_text(typed), one_line(typed)) == (text, line)
