"""Follow the tasks of the search for a mediator: a declared conflict of interest keeps the person out."""

from app.cases.queries import case_by_id
from app.cases.services.access import end_recusal, recuse_person
from app.tasks.queries import last_doers
from app.workflow.events import ItemClosed
from app.workflow.queries import item

DECLARED_AT = "accept_assignment"


def follow_closed_item(event: ItemClosed) -> None:
    """Keep out who declares a conflict, and let them in again when every side accepts them knowing it."""
    if event.how != "completed" or event.subject_id is None:
        return
    values = event.values
    if values.get("assignment_answer") == "conflict" and event.actor.person_id is not None:
        case = case_by_id(event.county_id, event.subject_id)
        reason = str(values.get("conflict_note") or "")
        recuse_person(case, event.actor.person_id, reason=reason, actor=event.actor, now=event.now)
    elif values.get("conflict_accepted") is True:
        case = case_by_id(event.county_id, event.subject_id)
        reason = str(values.get("consent_note") or "")
        for declared_by in last_doers(item(event.county_id, event.item_id), [DECLARED_AT]):
            end_recusal(case, declared_by, reason=reason, actor=event.actor, now=event.now)
