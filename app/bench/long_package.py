"""A large package, written on the spot: 40 tasks of 30 fields, in three called processes and two sub-processes."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

NAME = "long"
FIELDS = 30
PARTS = {"long_hearing": 10, "long_survey": 5, "long_closing": 5}
"""Called processes and how many tasks each of them has."""
INSIDE = {"fieldwork": 5, "review": 5}
"""Sub-processes of the main process."""
FIRST = 10
TASKS = FIRST + sum(PARTS.values()) + sum(INSIDE.values())

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="Definitions_{name}" '
    'targetNamespace="http://bpmn.io/schema/bpmn">\n'
)


def write(folder: Path) -> Path:
    """Write the package below `folder`; returns the folder of its processes."""
    processes, forms = folder / "processes" / NAME, folder / "forms" / NAME
    processes.mkdir(parents=True)
    forms.mkdir(parents=True)
    for name, diagram in _diagrams():
        (processes / f"{name}.bpmn").write_text(diagram, encoding="utf-8")
    for number in range(1, TASKS + 1):
        (forms / f"task_{number}.form").write_text(json.dumps(_form(number), ensure_ascii=False), encoding="utf-8")
    (processes / "data.toml").write_text("\n".join(_dictionary()), encoding="utf-8")
    (processes / "package.toml").write_text(_SETTINGS, encoding="utf-8")
    return processes


def answer(number: int) -> dict[str, object]:
    """What is written into the form of task `number`."""
    values: dict[str, object] = {}
    for name, kind, _ in _fields(number):
        values[name] = {
            "text": f"第{number}步，院墙往外移了半米，双方各让一步。",
            "number": 100 * number,
            "date": "2026-03-02",
            "boolean": True,
        }[kind]
    return values


_SETTINGS = f"""name = "{NAME}"
label = {{ zh = "长流程", en = "Long" }}
main = "{NAME}"
stages = [{{ id = "work", zh = "办理", en = "Work" }}]
roles = ["clerk"]
topics = []
"""


def _fields(number: int) -> Iterator[tuple[str, str, str]]:
    """(name, type, type of its form component) of a task's fields."""
    kinds = (("text", "textfield"), ("number", "number"), ("date", "datetime"), ("boolean", "checkbox"))
    for index in range(FIELDS):
        kind, component = kinds[index % len(kinds)]
        yield f"{kind}_{number}_{index}", kind, component


def _dictionary() -> Iterator[str]:
    for number in range(1, TASKS + 1):
        for name, kind, _ in _fields(number):
            yield f'[{name}]\ntype = "{kind}"\nform = true\nlabel = {{ zh = "栏目 {name}", en = "Field {name}" }}\n'


def _form(number: int) -> dict[str, object]:
    components = []
    for name, kind, component in _fields(number):
        one: dict[str, object] = {"id": name, "key": name, "type": component, "properties": {"label.en": name}}
        if kind == "date":
            one |= {"subtype": "date", "dateLabel": f"栏目 {name}"}
        else:
            one["label"] = f"栏目 {name}"
        if kind == "text":
            one["validate"] = {"maxLength": 200}
        components.append(one)
    return {"schemaVersion": 19, "type": "default", "id": f"task_{number}", "components": components}


def _diagrams() -> Iterator[tuple[str, str]]:
    """The main process and those that it calls: (name, BPMN)."""
    number = FIRST
    steps = [_task(one) for one in range(1, FIRST + 1)]
    inside, called = iter(INSIDE.items()), iter(PARTS.items())
    for kind in ("call", "sub", "call", "sub", "call"):
        name, many = next(called if kind == "call" else inside)
        tasks = [_task(one) for one in range(number + 1, number + many + 1)]
        number += many
        if kind == "call":
            steps.append(("callActivity", f"call_{name}", f" calledElement={quoteattr(name)}", ""))
            yield name, _process(name, tasks)
        else:
            steps.append(("subProcess", name, "", _chain(name, tasks)))
    yield NAME, _process(NAME, steps)


Node = tuple[str, str, str, str]
"""(type, id, further attributes, content)"""


def _task(number: int) -> Node:
    form = f' camunda:formKey="{NAME}/task_{number}" camunda:candidateGroups="clerk"'
    return "userTask", f"task_{number}", form, _extra(f"Step {number}", stage="work")


def _process(name: str, nodes: list[Node]) -> str:
    inner = _extra(name) + _chain(name, nodes)
    words = f'<bpmn:process id="{name}" name="{name}" isExecutable="true">{inner}</bpmn:process>'
    return _HEAD.format(name=name) + words + "\n</bpmn:definitions>\n"


def _chain(name: str, nodes: list[Node]) -> str:
    """The nodes one after another, between a start and an end."""
    line: list[Node] = [
        ("startEvent", f"begin_{name}", "", _extra("Begin")),
        *nodes,
        ("endEvent", f"end_{name}", "", _extra("End")),
    ]
    words = [
        f'<bpmn:{kind} id="{own}" name="{own}"{further}>'
        f"{content if content.startswith('<bpmn:extension') else _extra(own) + content}</bpmn:{kind}>"
        for kind, own, further, content in line
    ]
    words += [
        f'<bpmn:sequenceFlow id="to_{after}" sourceRef="{before}" targetRef="{after}" />'
        for (_, before, _, _), (_, after, _, _) in pairwise(line)
    ]
    return "".join(words)


def _extra(english: str, *, stage: str = "") -> str:
    named = f'<camunda:property name="name.en" value={quoteattr(english)} />'
    staged = f'<camunda:property name="stage" value="{stage}" />' if stage else ""
    properties = f"<camunda:properties>{named}{staged}</camunda:properties>"
    return f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>"
