"""What diagrams of other systems bring: former namespaces, form fields inside the task, resources, foreign settings."""

from collections.abc import Mapping

from lxml import etree

from app.engine.bpmn.diagram import FormField

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
FORMER = ("http://activiti.org/bpmn", "http://flowable.org/bpmn")
"""Namespaces of engines with the same extensions as Camunda 7."""
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
PLATFORM = "{http://camunda.org/schema/modeler/1.0}executionPlatform"

_READ = frozenset(
    {"inputOutput", "connector", "formData", "formProperty", "properties", "in", "out", "field"}
    | {"taskListener", "executionListener"}
)
_HARMLESS = frozenset({"failedJobRetryTimeCycle", "list", "script", "potentialStarter"})
_OURS = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/MODEL",
        "http://camunda.org/schema/1.0/bpmn",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
    }
)
_PICTURES = ("omg.org/spec/", "bpmn.io/schema/", "camunda.org/schema/modeler", "signavio.com", "bizagi.com", "yaoqiang")
"""Parts of namespaces that only draw."""


def modernise(root: etree._Element) -> None:
    """Name the extensions of Activiti and Flowable, from which Camunda 7 comes, by Camunda's namespace."""
    former = [f"{{{one}}}" for one in FORMER if one in root.nsmap.values()]
    for space in former:
        for element in root.iter(etree.Element):
            if element.tag.startswith(space):
                element.tag = CAMUNDA + element.tag.removeprefix(space)
            for name, value in element.attrib.items():
                if str(name).startswith(space):
                    element.set(CAMUNDA + str(name).removeprefix(space), value)
                    del element.attrib[name]


def is_camunda_8(root: etree._Element) -> bool:
    """A file of Camunda 8: its tasks, forms and expressions are written another way."""
    return root.get(PLATFORM) == "Camunda Cloud" or any(
        element.tag.startswith(f"{{{ZEEBE}}}") for element in root.iter(etree.Element)
    )


def unread_settings(root: etree._Element) -> tuple[str, ...]:
    """The namespaces of other vendors' settings on elements of the diagram."""
    found: set[str] = set()
    for element in root.iter(etree.Element):
        if not element.tag.startswith(BPMN):
            continue
        for name in (*element.attrib, *(child.tag for child in element if _is_extension(element, child))):
            space = str(name)[1:].partition("}")[0] if str(name).startswith("{") else ""
            if space and space not in _OURS and not any(part in space for part in _PICTURES):
                found.add(space)
    return tuple(sorted(found - {ZEEBE}))


def _is_extension(element: etree._Element, child: etree._Element) -> bool:
    return element.tag == f"{BPMN}extensionElements" and isinstance(child.tag, str)


def form_fields(extension: etree._Element | None) -> tuple[FormField, ...]:
    """`camunda:formData`, and the `formProperty` of Camunda's first years."""
    if extension is None:
        return ()
    fields = [_field(found) for found in extension.iterfind(f"{CAMUNDA}formData/{CAMUNDA}formField")]
    return (*fields, *(_property(found) for found in extension.iterfind(f"{CAMUNDA}formProperty")))


def _field(element: etree._Element) -> FormField:
    constraints = {
        found.get("name", ""): found.get("config", "")
        for found in element.iterfind(f"{CAMUNDA}validation/{CAMUNDA}constraint")
    }
    properties = {
        found.get("id", ""): found.get("value", "")
        for found in element.iterfind(f"{CAMUNDA}properties/{CAMUNDA}property")
    }
    return FormField(
        element.get("id", ""),
        element.get("type", "string"),
        element.get("label", ""),
        element.get("defaultValue", ""),
        _choices(element),
        constraints,
        properties,
        element.get("datePattern", ""),
    )


def _property(element: etree._Element) -> FormField:
    constraints: dict[str, str] = {}
    if element.get("required") == "true":
        constraints["required"] = ""
    if element.get("writable", element.get("writeable")) == "false":
        constraints["readonly"] = ""
    return FormField(
        element.get("variable", element.get("id", "")),
        element.get("type", "string"),
        element.get("name", ""),
        element.get("expression", element.get("default", "")),
        _choices(element),
        constraints,
        {},
        element.get("datePattern", ""),
    )


def _choices(element: etree._Element) -> tuple[tuple[str, str], ...]:
    return tuple((found.get("id", ""), found.get("name", "")) for found in element.iterfind(f"{CAMUNDA}value"))


def ignored(extension: etree._Element | None) -> tuple[str, ...]:
    """The names of Camunda's extension elements that nobody reads here."""
    if extension is None:
        return ()
    names = {str(child.tag).removeprefix(CAMUNDA) for child in extension if str(child.tag).startswith(CAMUNDA)}
    return tuple(sorted(names - _READ - _HARMLESS))


def people(element: etree._Element) -> dict[str, str]:
    """BPMN's own way to say who does a task (BPMN 2.0.2, 10.3.3), as Camunda reads it: `user(a), group(b), c`."""
    found: dict[str, str] = {}
    performer = element.find(f"{BPMN}humanPerformer//{BPMN}formalExpression")
    if performer is not None and performer.text:
        found["assignee"] = performer.text.strip()
    users: list[str] = []
    groups: list[str] = []
    for owner in element.iterfind(f"{BPMN}potentialOwner//{BPMN}formalExpression"):
        for part in (owner.text or "").split(","):
            named = part.strip()
            if named.startswith("user(") and named.endswith(")"):
                users.append(named[5:-1].strip())
            elif named:
                groups.append(named.removeprefix("group(").removesuffix(")").strip())
    if users:
        found["candidateUsers"] = ",".join(users)
    if groups:
        found["candidateGroups"] = ",".join(groups)
    return found


def fields(extension: etree._Element | None) -> tuple[tuple[str, str], ...]:
    """`camunda:field`: the values that a class or delegate is given."""
    if extension is None:
        return ()
    return tuple((found.get("name", ""), _field_text(found)) for found in extension.iterfind(f"{CAMUNDA}field"))


def _field_text(element: etree._Element) -> str:
    attributes: Mapping[str, str] = {str(name): str(value) for name, value in element.attrib.items()}
    for name in ("stringValue", "expression"):
        if name in attributes:
            return attributes[name]
        inner = element.find(f"{CAMUNDA}{name.removesuffix('Value')}")
        if inner is not None:
            return (inner.text or "").strip()
    return ""
