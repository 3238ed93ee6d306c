"""Keepers of packages and what they do, for the tests of this folder."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.audit.services import Actor
from app.authoring import queries, services
from app.authoring.models import Draft
from app.core import clock
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.devdata.county import person_named
from app.directory.queries import viewer_of_person
from app.directory.rules import Viewer

ERRAND = Path(__file__).parents[2] / "packages" / "processes" / "errand"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

Change = Callable[..., Draft]


def viewer(login: str) -> Viewer:
    person = person_named(login)
    found = viewer_of_person(person.county_id, person.id, now=clock.now())
    assert found is not None
    return found


def actor(login: str) -> Actor:
    person = person_named(login)
    return Actor("person", person.id, person.name)


def seen(county: int, *paths: str) -> dict[str, str]:
    """What somebody sees who looks at the changes of these files of errand now."""
    drafted = {one.path: one.outcome for one in queries.open_drafts(county, "errand")}
    return {path: drafted.get(path, "") for path in paths}


@pytest.fixture
def errand(county: int) -> int:
    """The county with the package errand as its first release."""
    run_unit(lambda: import_folder(county, ERRAND, actor=Actor("system"), now=NOW))
    return county


@pytest.fixture
def change(errand: int) -> Change:
    """Change a file of errand as a draft: `change(path, before, after)`; without words it is only opened."""

    def do(path: str, before: str = "", after: str = "", *, login: str = "owner") -> Draft:
        def work() -> Draft:
            draft = services.open_draft(errand, "errand", path, viewer(login), now=NOW)
            text = draft.content.decode()
            assert before in text
            services.save_draft(
                draft,
                text.replace(before, after).encode() if before else draft.content,
                expected_revision=draft.revision,
                actor=actor(login),
                now=NOW,
            )
            return draft

        return run_unit(work)

    return do
