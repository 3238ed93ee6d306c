"""A kind of type, of moment or of grammar that leaves out what all of its kind can do is refused when it is made."""

from abc import ABC

import pytest

from app.engine.feel.parser import Parser
from app.engine.feel.parser_boxed import BoxedGrammar
from app.engine.feel.temporal import DateTime, Time
from app.engine.feel.types import SimpleType


@pytest.mark.parametrize("whole", [Time, DateTime, SimpleType])
def test_what_all_of_a_kind_can_do_is_left_out_by_none(whole: type) -> None:
    (kind,) = whole.__bases__
    assert issubclass(kind, ABC)
    with pytest.raises(TypeError, match="abstract"):
        type("Unfinished", (kind,), {})()


def test_the_grammar_of_boxes_alone_reads_no_expression() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BoxedGrammar("{a: 1}")  # type: ignore[abstract]
    assert Parser("{a: 1}").token.text == "{"
