"""Who hears of a request to publish."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.authoring.models import Publication
from app.authoring.queries import is_administrator, is_keeper
from app.directory.models import Person
from app.directory.queries import people_with_role, person, viewer_of_person, zone_of
from app.directory.rules import Viewer
from app.notices.services import Recipient, mail_address, notify

_ROLES = ("process_owner", "administrator")


def tell_approvers(publication: Publication, by: Viewer, *, administrators: bool, now: datetime) -> None:
    """Tell everybody who may approve; only administrators where only they may."""
    told = [
        one
        for one in _keepers(publication.county_id, now, administrators=administrators)
        if one.id != publication.requested_by
    ]
    _tell(publication, told, "publication_asked", now, by=by)


def tell_requester(publication: Publication, by: Viewer, *, now: datetime) -> None:
    asked = person(publication.county_id, publication.requested_by)
    _tell(publication, [asked], f"publication_{publication.state}", now, by=by)


def tell_both(publication: Publication, *, now: datetime) -> None:
    ids = {publication.requested_by, publication.decided_by or publication.requested_by}
    people = [person(publication.county_id, one) for one in sorted(ids)]
    _tell(publication, people, f"publication_{publication.state}", now)


def _keepers(county_id: int, now: datetime, *, administrators: bool) -> list[Person]:
    today = now.astimezone(zone_of(county_id)).date()
    people = {one.id: one for role in _ROLES for one in people_with_role(county_id, role, on=today)}
    fits = is_administrator if administrators else is_keeper
    found = []
    for one in people.values():
        viewer = viewer_of_person(county_id, one.id, now=now)
        if viewer is not None and fits(viewer):
            found.append(one)
    return found


def _tell(
    publication: Publication, people: list[Person], template: str, now: datetime, *, by: Viewer | None = None
) -> None:
    zone: ZoneInfo = zone_of(publication.county_id)
    day = publication.effective_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if publication.effective_at else ""
    notify(
        publication.county_id,
        [Recipient(one.name, person_id=one.id, address=mail_address(one.login)) for one in people],
        template,
        {
            "package": publication.package,
            "name": by.name if by else "",
            "name_en": by.name_en if by else "",
            "note": publication.note,
            "reason": publication.reason,
            "day": day,
        },
        url=f"/authoring/{publication.package}/changes",
        now=now,
    )
