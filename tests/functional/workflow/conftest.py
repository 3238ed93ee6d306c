"""The package of errands, published in the demo county."""

from datetime import timedelta

import pytest

from app.audit.services import Actor
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.directory.queries import organisations
from app.workflow import jobs, topics
from app.workflow.topics import Parameter
from tests.functional.workflow.errands import NOW, PACKAGES, Errands


@pytest.fixture
def errands(county: int) -> Errands:
    town = next(one for one in organisations(county, tier="town") if one.kind == "government")
    made = Errands(county, town.id)
    topics.register("errand.note", made.note, {"what": Parameter("text", required=True)}, {"noted": Parameter("text")})
    topics.register("errand.outside", made.send, {}, {"noted": Parameter("text")}, outside=True)
    jobs.register()
    folder = PACKAGES / "processes" / "errand"
    run_unit(lambda: import_folder(county, folder, actor=Actor("system"), now=NOW - timedelta(days=1)))
    return made
