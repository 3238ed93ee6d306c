"""A process owner picks work from a list: one element template for each topic, true to what the topic takes."""

import json
from pathlib import Path

import pytest

from app.cases import jobs as case_topics
from app.cases import notifying
from app.documents import jobs as document_topics
from app.matching import jobs as matching_topics
from app.supervision import jobs as supervision_topics
from app.workflow import topics

FOLDER = Path(__file__).parents[3] / "element-templates"
TEMPLATES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(autouse=True)
def registered() -> None:
    for room in (case_topics, notifying, document_topics, matching_topics, supervision_topics):
        room.register_topics()


def test_every_topic_has_its_template() -> None:
    own = {name for name in topics.names() if name.count(".") == 1 and not name.startswith("errand.")}
    assert {path.stem for path in TEMPLATES} >= own


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_names_only_what_its_topic_knows(path: Path) -> None:
    template = json.loads(path.read_text())
    bindings = [one["binding"] for one in template["properties"]]
    assert {"type": "property", "name": "camunda:topic"} in bindings
    topic = topics.registered(path.stem)
    if topic is None:
        pytest.fail(f"nobody serves {path.stem}")
    inputs = {one["name"] for one in bindings if one["type"] == "camunda:inputParameter"}
    outputs = {one["source"].removeprefix("= ") for one in bindings if one["type"] == "camunda:outputParameter"}
    assert inputs <= set(topic.inputs)
    assert outputs <= set(topic.outputs)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_word_of_a_template_is_there_in_english(path: Path) -> None:
    template = json.loads(path.read_text())
    for one in (template, *template["properties"]):
        for name in {"label", "description"} & one.keys():
            assert one.get(f"{name}.en", "").isascii()
            assert one.get(f"{name}.en")
