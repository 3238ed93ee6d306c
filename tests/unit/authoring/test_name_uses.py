"""Where names are written and read: every kind of place, and nothing that is no name of the package."""

from pathlib import Path

import pytest

from app.authoring.dictionary.uses import Line, Use, lines_of, name_uses
from app.definitions.compiled import Contents

ERRAND = Path(__file__).parents[2] / "packages"
DIAGRAM = "processes/errand.bpmn"
TITLE = '<camunda:property name="title" value="= secret"'
OUTPUT = '<camunda:outputParameter name="turns">= 1</camunda:outputParameter>'


def errand(**changes: tuple[str, str]) -> Contents:
    """The package errand; `changes` are replacements by the stem of a file."""
    files = {}
    for folder, kind in (("processes", "processes/"), ("forms", "forms/")):
        for path in sorted((ERRAND / folder / "errand").glob("*.*")):
            text = path.read_text()
            if path.stem in changes:
                before, after = changes[path.stem]
                assert before in text
                text = text.replace(before, after)
            files[f"{kind}{path.name}"] = text.encode()
    return Contents("errand", files, {})


def lines(held: Contents) -> dict[str, Line]:
    return {line.name: line for line in lines_of(held.dictionary, name_uses(held))}


def places(uses: tuple[Use, ...], path: str = DIAGRAM) -> set[tuple[str, str]]:
    return {(one.element_id, one.place) for one in uses if one.path == path}


def test_each_kind_of_place_is_told() -> None:
    found = lines(errand())
    assert places(found["total"].written) == {("sum_up", "script")}
    assert places(found["price"].read) == {("sum_up", "script")}
    assert places(found["size"].written) == {("size_up", "result")}
    assert places(found["size"].read) == {("big", "condition")}
    assert places(found["what"].read) == {("note", "input")}, "an input of the same name reads the one outside"
    assert {one.place for one in found["price"].written} == {"field"}
    assert {one.path for one in found["price"].written} == {"forms/ask.form"}
    tables = {one.place for one in found["total"].read if one.path == "processes/errand_size.dmn"}
    assert tables == {"table"}


@pytest.mark.parametrize(
    ("before", "after", "name", "place"),
    [
        ("<bpmn:timeDuration>P3D<", "<bpmn:timeDuration>= duration(secret)<", "secret", ("late", "timer")),
        ('value="Say what"', f'value="Say what"/>{TITLE}', "secret", ("ask", "title")),
        ("</camunda:inputParameter>", f"</camunda:inputParameter>{OUTPUT}", "turns", ("note", "output")),
        (">= what<", ">= secret<", "secret", ("note", "input")),
    ],
)
def test_what_is_drawn_is_found(before: str, after: str, name: str, place: tuple[str, str]) -> None:
    line = lines(errand(errand=(before, after)))[name]
    assert place in places(line.written + line.read)


def test_names_that_nobody_writes_or_reads_are_marked() -> None:
    found = lines(errand(data=("[turns]", '[idle]\ntype = "text"\nlabel = { zh = "闲", en = "Idle" }\n\n[turns]')))
    assert found["idle"].marks == ("never_written", "never_read")
    assert found["total"].marks == ()


def test_what_the_case_brings_need_not_be_written() -> None:
    held = errand(data=("[turns]", '[risk]\ntype = "text"\nsource = "case"\nlabel = { zh = "险" }\n\n[turns]'))
    assert lines(held)["risk"].marks == ("never_read",)


def test_undeclared_names_come_last() -> None:
    held = errand(errand=("price * 2", "price * rate"))
    every = lines_of(held.dictionary, name_uses(held))
    assert (every[-1].name, every[-1].marks, every[-1].entry) == ("rate", ("undeclared",), None)


def test_names_inside_an_element_are_none_of_the_dictionary() -> None:
    held = errand(errand=('name="what">= what<', 'name="what">= for one in [1, 2] return one + price<'))
    found = lines(held)
    assert "one" not in found
    assert ("note", "input") in places(found["price"].read)


def test_broken_file_uses_nothing() -> None:
    held = errand(errand=("</bpmn:definitions>", ""))
    assert places(lines(held)["total"].written) == set()


def test_facts_on_the_page_of_a_case_are_uses() -> None:
    facts = """
[[overview]]
label = { zh = "要点", en = "Facts" }
facts = ["idle"]

[[tabs]]
id = "more"
label = { zh = "更多", en = "More" }

[[tabs.groups]]
label = { zh = "价格", en = "Price" }
facts = ["price", "ghost"]
"""
    held = errand(
        data=("[turns]", '[idle]\ntype = "text"\nlabel = { zh = "闲", en = "Idle" }\n\n[turns]'),
        package=('topics = ["errand.note", "errand.outside"]', f'topics = ["errand.note", "errand.outside"]\n{facts}'),
    )
    found = lines(held)
    assert places(found["idle"].read, "processes/package.toml") == {("overview-1", "shown")}
    assert found["idle"].marks == ("never_written",)
    assert places(found["price"].read, "processes/package.toml") == {("more-1", "shown")}
    assert found["ghost"].marks == ("undeclared",)
