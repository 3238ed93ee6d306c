"""The elements of an XML file by id, each with what it says of itself, flattened to plain texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from app.engine.dmn.safe_xml import safe_root, tidy

_DRAWN = ("/spec/BPMN/20100524/DI", "/spec/DMN/20180521/DI", "/DMNDI/", "/spec/DD/")
_SHAPES = frozenset({"BPMNShape", "BPMNEdge", "DMNShape", "DMNEdge"})
_OF_FLOWS = frozenset({"incoming", "outgoing", "flowNodeRef"})
_WRAPPERS = frozenset({"extensionElements", "properties", "inputOutput"})
_NOT_OWN = frozenset(
    {
        "property",
        "documentation",
        "conditionExpression",
        "formalExpression",
        "timeDuration",
        "timeDate",
        "timeCycle",
        "timerEventDefinition",
        "messageEventDefinition",
        "signalEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "conditionalEventDefinition",
        "terminateEventDefinition",
        "linkEventDefinition",
        "compensateEventDefinition",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "loopCardinality",
        "completionCondition",
        "condition",
        "variable",
        "inputExpression",
        "inputValues",
        "outputValues",
        "informationRequirement",
        "knowledgeRequirement",
        "authorityRequirement",
        "literalExpression",
    }
)


@dataclass(slots=True)
class Element:
    """One element with an id: its tag, its name, where it lies, and its own words by place."""

    id: str
    type: str
    name: str
    parent: str = ""
    position: int = 0
    said: dict[str, str] = field(default_factory=dict)
    drawn: str = ""


def elements_of(data: bytes, file: str, without: frozenset[str] = frozenset()) -> Mapping[str, Element]:
    """Every element by id in the order of the file; what lies below a tag in `without` is left out.

    Raises DefinitionError for what is no XML.
    """
    root = safe_root(data, file)
    found: dict[str, Element] = {}
    _walk(root, "", found, without)
    for shape in root.iter():
        if not isinstance(shape.tag, str) or etree.QName(shape).localname not in _SHAPES:
            continue
        target = shape.get("bpmnElement") or shape.get("dmnElementRef")
        if target in found:
            found[target].drawn = " ".join(
                f"{name}={part.get(name)}"
                for part in shape.iter()
                if isinstance(part.tag, str) and etree.QName(part).localname in ("Bounds", "waypoint")
                for name in ("x", "y", "width", "height")
                if part.get(name)
            )
    return found


def _walk(element: etree._Element, parent: str, found: dict[str, Element], without: frozenset[str]) -> None:
    tag, identity = etree.QName(element).localname, element.get("id", "")
    own = bool(identity) and tag not in _NOT_OWN
    if own:
        made = Element(identity, tag, tidy(element.get("name") or element.get("label")), parent, len(found))
        _say(element, "", made.said, top=True, without=without)
        found.setdefault(identity, made)
        parent = identity
    for child in element:
        if not isinstance(child.tag, str) or _is_drawn(child.tag):
            continue
        if etree.QName(child).localname not in without:
            _walk(child, parent, found, without)


def _say(element: etree._Element, place: str, said: dict[str, str], *, top: bool, without: frozenset[str]) -> None:
    for name, value in element.attrib.items():
        if name != "id":
            said[_at(place, _local(str(name)))] = str(value)
    text = (element.text or "").strip()
    if text and not top:
        said[place] = text
    seen: dict[str, int] = {}
    for child in element:
        if not isinstance(child.tag, str) or _is_drawn(child.tag):
            continue
        tag = etree.QName(child).localname
        if tag in _OF_FLOWS or tag in without or (child.get("id") and tag not in _NOT_OWN):
            continue
        if tag == "property" and child.get("name"):
            said[_at(place, str(child.get("name")))] = child.get("value", "")
            continue
        inner = place if tag in _WRAPPERS else _at(place, _counted(tag, child, seen))
        _say(child, inner, said, top=tag in _WRAPPERS, without=without)


def _counted(tag: str, child: etree._Element, seen: dict[str, int]) -> str:
    name = child.get("name") or child.get("target") or child.get("key")
    if name and tag not in ("decision",):
        return f"{tag} {name}"
    seen[tag] = seen.get(tag, 0) + 1
    return tag if seen[tag] == 1 else f"{tag} {seen[tag]}"


def _at(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def _local(name: str) -> str:
    return etree.QName(name).localname


def _is_drawn(tag: str) -> bool:
    return any(mark in tag for mark in _DRAWN)
