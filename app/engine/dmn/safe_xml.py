"""XML read without risk: no document type, no entities, no network, bounded size and depth."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree

from app.engine.dmn.metamodel import NOWHERE, Place
from app.engine.findings import DefinitionError, Finding, Severity

MAX_BYTES = 8 * 1024 * 1024

_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_SPACE = re.compile(r"\s+")


def tidy(name: str | None) -> str:
    """A name as FEEL sees it: outer space removed, inner space single."""
    if not name:
        return ""
    return _SPACE.sub(" ", name.strip())


def safe_root(data: bytes, file: str) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise refused(file, "xml_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
    for mark in _DOCTYPE:
        if mark in data:
            raise refused(file, "xml_doctype", line=data.count(b"\n", 0, data.index(mark)) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise refused(file, "xml_broken", line=error.lineno or 0, reason=str(error.msg)) from None
    except ValueError as error:
        raise refused(file, "xml_broken", reason=str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused(file, "xml_doctype")
    return root


def refused(file: str, code: str, *, line: int = 0, **params: object) -> DefinitionError:
    return DefinitionError([Finding(Severity.ERROR, code, file=file, line=line, params=params)])


def line_of(element: etree._Element) -> int:
    line: int | None = cast("int | None", element.sourceline)
    return line or 0


def place_of(element: etree._Element, *, name: str = "", owner: Place = NOWHERE) -> Place:
    return Place(
        line_of(element),
        element.get("id") or owner.element_id,
        name or tidy(element.get("name")) or tidy(element.get("label")) or owner.element_name,
    )
