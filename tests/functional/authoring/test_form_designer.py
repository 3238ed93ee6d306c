"""A form in the making is shown by the renderer that people meet, and says what would be written."""

from collections.abc import Callable

import orjson
import pytest
from flask.testing import FlaskClient

BrowserAs = Callable[[str], FlaskClient]
PATH = "forms/appointment.form"
FIELD = {"type": "textfield", "id": "f", "key": "wish", "label": "诉求", "validate": {"required": True}}


class Designer:
    def __init__(self, owner: FlaskClient) -> None:
        self.owner = owner
        opened = owner.post("/authoring/dispute/drafts", data={"path": PATH})
        self.address = str(opened.headers["Location"]).rsplit("/", 1)[0]

    def keeps(self, content: str) -> int:
        revision = self.owner.get(self.address).json
        assert revision is not None
        posted = {"content": content, "revision": revision["revision"]}
        return self.owner.put(self.address, json=posted).status_code

    def designs(self, *fields: dict[str, object]) -> None:
        form = {"type": "default", "id": "appointment", "schemaVersion": 19, "components": list(fields)}
        assert self.keeps(orjson.dumps(form).decode()) == 200


@pytest.fixture
def designer(dispute_county: int, browser_as: BrowserAs) -> Designer:
    return Designer(browser_as("owner"))


def test_the_preview_is_what_people_will_see(designer: Designer) -> None:
    designer.designs(FIELD, {"type": "text", "id": "t", "text": "<script>alert(1)</script>说明"})
    shown = designer.owner.get(f"{designer.address}/preview").text
    assert "诉求" in shown
    assert 'name="wish"' in shown
    assert "<script>alert" not in shown


def test_a_try_says_what_would_be_written_or_what_is_wrong(designer: Designer) -> None:
    number = {"type": "number", "id": "n", "key": "people_count", "label": "人数", "validate": {"min": 2}}
    designer.designs(FIELD, number)
    refused = designer.owner.post(f"{designer.address}/reading", data={"wish": "", "people_count": "1"}).text
    assert "将写入" not in refused
    assert "诉求" in refused
    taken = designer.owner.post(f"{designer.address}/reading", data={"wish": "挪开外机", "people_count": "3"}).text
    assert "将写入" in taken
    assert "people_count" in taken
    assert "挪开外机" in taken


def test_an_answer_opens_another_field(designer: Designer) -> None:
    hidden = {**FIELD, "id": "h", "key": "summary", "label": "经过", "conditional": {"hide": "=people_count < 3"}}
    designer.designs({"type": "number", "id": "n", "key": "people_count", "label": "人数"}, hidden)
    address = f"{designer.address}/preview"
    assert 'name="summary"' not in designer.owner.post(address, data={"people_count": "2"}).text
    assert 'name="summary"' in designer.owner.post(address, data={"people_count": "5"}).text


@pytest.mark.parametrize("content", ["{", "[]", "null", '{"components": 5}', '{"components": [7]}'])
def test_a_draft_that_is_no_form_yet_is_told_and_kept(designer: Designer, content: str) -> None:
    assert designer.keeps(content) == 200
    told = designer.owner.get(f"{designer.address}/preview")
    assert told.status_code == 200
    page = designer.owner.get(f"{designer.address}/form")
    assert page.status_code == 200
    assert orjson.dumps(content).decode()[1:-1].replace("<", "\\u003c") in page.text or content in page.text


def test_names_of_the_dictionary_are_offered_with_their_kind(designer: Designer) -> None:
    page = designer.owner.get(f"{designer.address}/form").text
    data = orjson.loads(page.split("data-designer>", 1)[1].split("</script>", 1)[0])
    offered = {one["name"]: one["field"] for one in data["names"]}
    assert offered["people_count"]["type"] == "number"
    assert offered["dispute_type"]["type"] == "select"
    assert offered["dispute_type"]["values"]
    assert offered["happened_on"]["type"] == "datetime"
    assert offered["happened_on"]["dateLabel"]
    assert "risk_score" not in offered, "a name that forms may not write"
