"""String functions (DMN 1.5, 10.3.4.3). Positions count characters, not bytes."""

from decimal import Decimal

from app.engine.feel import regex
from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run
from app.engine.feel.values import number, whole


@STANDARD.function("substring", "string: string", "start position: number", "length?: number", pure=True)
def substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    position = whole(start)
    index = position - 1 if position > 0 else len(string) + position
    if position == 0 or index < 0:
        return None
    if length is None:
        return string[index:]
    count = whole(length)
    return string[index : index + count] if count >= 1 else None


@STANDARD.function("string length", "string: string", pure=True)
def string_length(run: Run, string: str) -> Decimal:
    return number(len(string))


@STANDARD.function("upper case", "string: string", pure=True)
def upper_case(run: Run, string: str) -> str:
    return string.upper()


@STANDARD.function("lower case", "string: string", pure=True)
def lower_case(run: Run, string: str) -> str:
    return string.lower()


@STANDARD.function("substring before", "string: string", "match: string", pure=True)
def substring_before(run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@STANDARD.function("substring after", "string: string", "match: string", pure=True)
def substring_after(run: Run, string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@STANDARD.function("contains", "string: string", "match: string", pure=True)
def contains(run: Run, string: str, match: str) -> bool:
    return match in string


@STANDARD.function("starts with", "string: string", "match: string", pure=True)
def starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@STANDARD.function("ends with", "string: string", "match: string", pure=True)
def ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@STANDARD.function("matches", "input: string", "pattern: string", "flags?: string|null", pure=False)
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Whether the pattern occurs in the text."""
    run.charge(1 + len(text) // 64)
    compiled = regex.compiled(run, pattern, flags or "")
    return None if compiled is None else compiled.occurs_in(text)


@STANDARD.function("replace", "input: string", "pattern: string", "replacement: string", "flags?: string|null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Every occurrence of the pattern replaced; `$1` in the replacement is the first group, `$0` the whole."""
    run.charge(1 + len(text) // 64)
    compiled = regex.compiled(run, pattern, flags or "")
    return None if compiled is None else compiled.replace(run, text, replacement)


@STANDARD.function("split", "string: string", "delimiter: string")
def split(run: Run, string: str, delimiter: str) -> list[object] | None:
    """The parts of the string between the occurrences of the pattern `delimiter`."""
    run.charge(1 + len(string) // 64)
    compiled = regex.compiled(run, delimiter, "")
    return None if compiled is None else compiled.split(run, string)


@STANDARD.function("string join", "list: list", "delimiter?: string|null")
def string_join(run: Run, items: list[object], delimiter: str | None = None) -> str | None:
    """The strings of the list in one; nulls are left out."""
    run.items(len(items))
    texts = [item for item in items if item is not None]
    strings = [item for item in texts if isinstance(item, str)]
    if len(strings) != len(texts):
        return None
    glue = delimiter or ""
    run.characters(sum(map(len, strings)) + len(glue) * len(strings))
    return glue.join(strings)
