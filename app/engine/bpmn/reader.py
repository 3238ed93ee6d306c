"""A BPMN file read into `diagram` objects. It judges nothing: what is missing or strange is kept for the check.

SpiffWorkflow's own parser stops at the first thing it does not know and drops the Camunda namespace; a process owner
needs every finding at once, with its line. So the file is read here and only the specs are SpiffWorkflow's.
"""

from collections.abc import Mapping
from functools import lru_cache

from lxml import etree

from app.engine.bpmn import foreign
from app.engine.bpmn.diagram import (
    BEHAVIOURS,
    Body,
    Code,
    Diagram,
    Event,
    Flow,
    Loop,
    Node,
    Parameter,
    Process,
    Transfer,
    behaviour_of,
)
from app.engine.dmn.safe_xml import line_of, refused, safe_root, tidy

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
SIGNAL = f"{BPMN}signalEventDefinition"
MAX_DEPTH = 20
MAX_ELEMENTS = 5_000

OWN_ATTRIBUTES = (
    *("triggeredByEvent", "ordering", "isForCompensation", "instantiate"),
    *("method", "messageRef", "implementation"),
)
"""Attributes of BPMN itself, kept under their name with an `@` before it."""
TASKS = frozenset(
    {"task", "userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"}
)
ACTIVITIES = TASKS | {"subProcess", "transaction", "adHocSubProcess", "callActivity"}
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
GATEWAYS = frozenset(["exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"])
NODES = ACTIVITIES | EVENTS | GATEWAYS
DRAWN_ONLY = frozenset(
    {"sequenceFlow", "laneSet", "textAnnotation", "association", "group", "dataObject", "dataObjectReference"}
    | {"dataStoreReference", "extensionElements", "documentation", "incoming", "outgoing", "ioSpecification"}
    | {"property", "monitoring", "auditing", "category", "dataInputAssociation", "dataOutputAssociation"}
    | {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "completionCondition", "resourceRole"}
    | {"supportedInterfaceRef", "performer", "humanPerformer", "potentialOwner", "correlationSubscription"}
    | {"artifact", "script", "condition"}
)


def is_diagram(path: str) -> bool:
    return path.endswith((".bpmn", ".bpmn20.xml"))


@lru_cache(maxsize=256)
def read(data: bytes, file: str) -> Diagram:
    """Read one file. Raises DefinitionError for XML that is broken, has a document type, or is beyond all measure."""
    root = safe_root(data, file)
    if root.tag != f"{BPMN}definitions":
        return Diagram(file, ())
    foreign.modernise(root)
    reader = _Reader(root, file)
    return Diagram(
        file,
        tuple(reader.process(element) for element in root.iterfind(f"{BPMN}process")),
        root.get("expressionLanguage", ""),
        tuple(reader.unsupported),
        tuple(element.get("processRef", "") for element in root.iter(f"{BPMN}participant")),
        foreign.is_camunda_8(root),
        foreign.unread_settings(root),
    )


class _Reader:
    def __init__(self, root: etree._Element, file: str) -> None:
        self.file = file
        self.depth = self.count = 0
        self.unsupported: list[tuple[str, str, str, int]] = []
        self.references: dict[str, dict[str, str]] = {}
        for tag, attribute in (
            ("message", "name"),
            ("signal", "name"),
            ("error", "errorCode"),
            ("escalation", "escalationCode"),
        ):
            self.references[tag] = {
                element.get("id", ""): element.get(attribute) or "" for element in root.iterfind(f"{BPMN}{tag}")
            }
        language = root.get("expressionLanguage", "")
        self.language = language if "feel" in language.lower() else ""
        self.tied: dict[str, list[str]] = {}
        for tie in root.iter(f"{BPMN}association"):
            source, target = tie.get("sourceRef", ""), tie.get("targetRef", "")
            self.tied.setdefault(source, []).append(target)
            self.tied.setdefault(target, []).append(source)
        self.lanes: dict[str, tuple[str, str]] = {}
        for lane in root.iter(f"{BPMN}lane"):
            for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
                groups = _properties(lane).get("candidateGroups", "")
                self.lanes[(reference.text or "").strip()] = (tidy(lane.get("name")), groups)

    def process(self, element: etree._Element) -> Process:
        return Process(
            id=element.get("id", ""),
            name=tidy(element.get("name")),
            file=self.file,
            line=line_of(element),
            executable=element.get("isExecutable", "true") != "false",
            body=self.body(element),
            properties=_properties(element),
            documentation=_text(element.find(f"{BPMN}documentation")),
            history_ttl=element.get(f"{CAMUNDA}historyTimeToLive", ""),
        )

    def body(self, element: etree._Element) -> Body:
        self.depth += 1
        self.count += len(element)
        if self.depth > MAX_DEPTH:
            raise refused(self.file, "nested_too_deep", line=line_of(element), limit=MAX_DEPTH)
        if self.count > MAX_ELEMENTS:
            raise refused(self.file, "diagram_too_large", limit=MAX_ELEMENTS)
        nodes: dict[str, Node] = {}
        flows: list[Flow] = []
        for child in element:
            if not isinstance(child.tag, str) or not child.tag.startswith(BPMN):
                continue
            tag = child.tag.removeprefix(BPMN)
            if tag in NODES:
                if not child.get("id"):
                    child.set("id", f"{tag} {len(nodes) + 1}")  # nothing leads there, and that is told
                node = self.node(child, tag)
                nodes[node.id] = node
            elif tag == "sequenceFlow":
                flows.append(
                    Flow(
                        child.get("id") or f"flow {len(flows) + 1}",  # joins tell their flows apart by it
                        child.get("sourceRef", ""),
                        child.get("targetRef", ""),
                        tidy(child.get("name")),
                        self.code(child.find(f"{BPMN}conditionExpression")),
                        line_of(child),
                        _properties(child).get("name.en", ""),
                    )
                )
            elif tag not in DRAWN_ONLY and not tag.endswith("EventDefinition"):
                self.unsupported.append((tag, child.get("id", ""), tidy(child.get("name")), line_of(child)))
        self.depth -= 1
        return Body(element.get("id", ""), nodes, tuple(flows))

    def node(self, element: etree._Element, tag: str) -> Node:
        attributes = {
            name.removeprefix(CAMUNDA): value
            for name, value in ((str(key), str(value)) for key, value in element.attrib.items())
            if name.startswith(CAMUNDA)
        }
        for name in OWN_ATTRIBUTES:
            if (value := element.get(name)) is not None:
                attributes[f"@{name}"] = value
        extension = element.find(f"{BPMN}extensionElements")
        mapping = extension.find(f"{CAMUNDA}inputOutput") if extension is not None else None
        connector = extension.find(f"{CAMUNDA}connector") if extension is not None else None
        connected = connector.find(f"{CAMUNDA}inputOutput") if connector is not None else None
        if connector is not None:
            attributes.setdefault("connector", _text(connector.find(f"{CAMUNDA}connectorId")))
        for name, named in foreign.people(element).items():
            attributes.setdefault(name, named)
        line = line_of(element)
        lane, lane_groups = self.lanes.get(element.get("id", ""), ("", ""))
        called = element.get("calledElement")
        return Node(
            id=element.get("id", ""),
            type=tag,
            name=tidy(element.get("name")),
            line=line,
            attributes=attributes,
            properties=_properties(element),
            documentation=_text(element.find(f"{BPMN}documentation")),
            lane=lane,
            lane_groups=lane_groups,
            inputs=(
                *_parameters(mapping, "inputParameter"),
                *_parameters(connected, "inputParameter"),
                *((name, Code(text, "", line)) for name, text in foreign.fields(extension)),
            ),
            outputs=(*_parameters(connected, "outputParameter"), *_parameters(mapping, "outputParameter")),
            ins=(*_transfers(extension, "in"), *_transfers(element.find(f"{SIGNAL}/{BPMN}extensionElements"), "in")),
            outs=_transfers(extension, "out"),
            events=self.events(element, tag),
            loop=self.loop(element),
            attached_to=element.get("attachedToRef", ""),
            interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) != "false",
            handler=self.handler(element) if tag == "boundaryEvent" else "",
            default_flow=element.get("default", ""),
            body=self.body(element) if tag in ("subProcess", "transaction", "adHocSubProcess") else None,
            script=self.script(element),
            called=Code(called, "", line) if called is not None else None,
            completion=self.code(element.find(f"{BPMN}completionCondition")),
            cancel_remaining=element.get("cancelRemainingInstances", "true") != "false",
            listeners=0
            if extension is None
            else len(extension.findall(f"{CAMUNDA}taskListener"))
            + len(extension.findall(f"{CAMUNDA}executionListener")),
            form_fields=foreign.form_fields(extension),
            ignored=foreign.ignored(extension),
            unsupported=tuple(
                child.tag.removeprefix(BPMN)
                for child in element
                if isinstance(child.tag, str)
                and child.tag in (f"{BPMN}dataInputAssociation", f"{BPMN}dataOutputAssociation")
            ),
        )

    def handler(self, element: etree._Element) -> str:
        """What an association ties to a compensation boundary event: a note may be tied to it too."""
        if element.find(f"{BPMN}compensateEventDefinition") is None:
            return ""
        parent = element.getparent()
        beside = {} if parent is None else {one.get("id"): one for one in parent if isinstance(one.tag, str)}
        tied = [one for one in self.tied.get(element.get("id", ""), []) if one in beside]
        marked = [one for one in tied if beside[one].get("isForCompensation") == "true"]
        return (marked or [one for one in tied if not str(beside[one].tag).endswith("textAnnotation")] or [""])[0]

    def events(self, element: etree._Element, tag: str) -> tuple[Event, ...]:
        found = [
            self.event(child, str(child.tag).removeprefix(BPMN).removesuffix("EventDefinition"))
            for child in element
            if isinstance(child.tag, str) and child.tag.startswith(BPMN) and child.tag.endswith("EventDefinition")
        ]
        if tag == "receiveTask" and not element.get("messageRef"):
            found.append(Event("message", element.get("id", "")))
        elif tag == "receiveTask" or (tag == "sendTask" and element.get("messageRef")):
            found.append(Event("message", self.references["message"].get(element.get("messageRef", ""))))
        return tuple(found)

    def event(self, element: etree._Element, kind: str) -> Event:
        line = line_of(element)
        topic = element.get(f"{CAMUNDA}topic", "") if element.get(f"{CAMUNDA}type") == "external" else ""
        behaviour = behaviour_of({name: element.get(f"{CAMUNDA}{name}", "") for name in BEHAVIOURS})
        match kind:
            case "message" | "signal" | "error" | "escalation":
                reference = element.get(f"{kind}Ref")
                names = self.references[kind]
                # a prefix is legal in a QName reference
                name = names.get(reference, names.get(reference.rpartition(":")[2])) if reference else None
                if kind in ("error", "escalation") and name is None:
                    name = reference  # Camunda 7: an error that is declared nowhere has its reference for a code
                return Event(
                    kind,
                    name,
                    topic=topic,
                    behaviour=behaviour,
                    line=line,
                    code_variable=element.get(f"{CAMUNDA}{kind}CodeVariable", ""),
                    message_variable=element.get(f"{CAMUNDA}{kind}MessageVariable", ""),
                )
            case "timer":
                for timer in ("timeDate", "timeDuration", "timeCycle"):
                    if (found := element.find(f"{BPMN}{timer}")) is not None:
                        return Event(kind, timer=timer, code=self.code(found), line=line)
                return Event(kind, line=line)
            case "conditional":
                return Event(kind, code=self.code(element.find(f"{BPMN}condition")), line=line)
            case "compensate":
                waits = element.get("waitForCompletion", "true") != "false"
                return Event(kind, line=line, activity=element.get("activityRef", ""), waits=waits)
            case "link":
                return Event(kind, element.get("name") or _text(element.find(f"{BPMN}target")), line=line)
            case _:
                return Event(kind, line=line)

    def loop(self, element: etree._Element) -> Loop | None:
        standard = element.find(f"{BPMN}standardLoopCharacteristics")
        if standard is not None:
            maximum = standard.get("loopMaximum", "")
            return Loop(
                "standard",
                completion=self.code(standard.find(f"{BPMN}loopCondition")),
                test_before=standard.get("testBefore") == "true",
                maximum=int(maximum) if maximum.isdecimal() else None,
                line=line_of(standard),
            )
        multi = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
        if multi is None:
            return None
        line = line_of(multi)
        properties = _properties(element)
        collection = multi.get(f"{CAMUNDA}collection") or _text(multi.find(f"{BPMN}loopDataInputRef"))
        item = multi.find(f"{BPMN}inputDataItem")
        output = multi.find(f"{BPMN}outputDataItem")
        gathered = properties.get("outputElement", "")
        if not gathered and output is not None:
            gathered = f"= {_own_name(output)}"
        return Loop(
            "sequential" if multi.get("isSequential") == "true" else "parallel",
            collection=Code(collection, "", line) if collection else None,
            element_variable=multi.get(f"{CAMUNDA}elementVariable") or _own_name(item),
            cardinality=self.code(multi.find(f"{BPMN}loopCardinality")),
            completion=self.code(multi.find(f"{BPMN}completionCondition")),
            output_collection=properties.get("outputCollection") or _text(multi.find(f"{BPMN}loopDataOutputRef")),
            output_element=Code(gathered, "", line) if gathered else None,
            line=line,
        )

    def script(self, element: etree._Element) -> Code | None:
        script = element.find(f"{BPMN}script")
        if script is None:
            return None
        return Code(_text(script), element.get("scriptFormat", ""), line_of(script))

    def code(self, element: etree._Element | None) -> Code | None:
        if element is None:
            return None
        return Code(_text(element), element.get("language", "") or self.language, line_of(element))


def _text(element: etree._Element | None) -> str:
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def _own_name(element: etree._Element | None) -> str:
    return "" if element is None else (element.get("name") or element.get("id") or "")


def _properties(element: etree._Element) -> Mapping[str, str]:
    return {
        name: found.get("value", "")
        for found in element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
        if (name := found.get("name") or found.get("id"))
    }


def _parameters(mapping: etree._Element | None, tag: str) -> tuple[tuple[str, Parameter], ...]:
    if mapping is None:
        return ()
    return tuple((found.get("name", ""), _parameter(found)) for found in mapping.iterfind(f"{CAMUNDA}{tag}"))


def _parameter(element: etree._Element) -> Parameter:
    for child in element:
        if child.tag == f"{CAMUNDA}list":
            return tuple(_parameter(item) for item in child if isinstance(item.tag, str))
        if child.tag == f"{CAMUNDA}map":
            return {item.get("key", ""): _parameter(item) for item in child if isinstance(item.tag, str)}
        if child.tag == f"{CAMUNDA}script":
            return Code(_text(child), child.get("scriptFormat", "?"), line_of(child))
    if element.tag == f"{CAMUNDA}script":
        return Code(_text(element), element.get("scriptFormat", "?"), line_of(element))
    return Code(_text(element), "", line_of(element))


def _transfers(extension: etree._Element | None, tag: str) -> tuple[Transfer, ...]:
    if extension is None:
        return ()
    found: list[Transfer] = []
    for element in extension.iterfind(f"{CAMUNDA}{tag}"):
        if element.get("businessKey") is not None:
            continue
        line = line_of(element)
        expression = element.get("sourceExpression")
        found.append(
            Transfer(
                element.get("target", ""),
                element.get("source", ""),
                Code(expression, "", line) if expression is not None else None,
                element.get("variables") == "all",
                line,
            )
        )
    return tuple(found)
