"""Ask to publish, approve, decline, withdraw, publish on the day, go back to an earlier release."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.authoring import checking, queries
from app.authoring.errors import (
    AdministratorNeeded,
    AlreadyActive,
    BaseMoved,
    DraftsMoved,
    EffectiveDatePast,
    NothingToPublish,
    OthersRequest,
    OwnRequest,
    PlanMoved,
    RequestSettled,
    RequestWaiting,
)
from app.authoring.models import Draft, PackagePolicy, Publication, PublicationState
from app.authoring.publishing import notifying
from app.authoring.publishing import queries as requests
from app.authoring.queries import DraftContents
from app.core.database import db
from app.core.errors import Forbidden, Refusal
from app.core.locking import locked
from app.definitions import queries as definitions
from app.definitions import services as releases
from app.definitions.models import ActiveRelease
from app.definitions.queries import ReleaseInfo
from app.definitions.services import manifest_hash
from app.directory.queries import viewer_of_person, written_names_of
from app.directory.rules import Viewer
from app.engine.findings import Finding, Severity
from app.scheduling.services import cancel_jobs, enqueue

JOB = "authoring.publish"


def ask_to_publish(
    viewer: Viewer,
    package: str,
    seen: Mapping[str, str],
    *,
    note: str,
    effective_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> Publication:
    """Freeze drafts as a request; where no second person is asked for, it is approved at once.

    `seen` maps the path of each to the hash that the asker looked at, "" for a file that is taken out.
    Raises NothingToPublish, DraftsMoved, RequestWaiting, BaseMoved, EffectiveDatePast, PackageRefused,
    AdministratorNeeded.
    """
    county_id = viewer.county_id
    drafts = [one for one in queries.open_drafts(county_id, package) if one.changed and one.path in seen]
    if not drafts:
        raise NothingToPublish(package=package)
    _refuse_unseen(drafts, seen)
    if requests.waiting_request(county_id, package) is not None:
        raise RequestWaiting(package=package)
    if effective_at is not None and effective_at <= now:
        raise EffectiveDatePast
    active = queries.active_release(county_id, package)
    _refuse_moved(drafts, active)
    held = queries.draft_contents(county_id, package, only={one.path for one in drafts})
    refuse_unfit(county_id, held)
    releases.keep_files(held.files, held.hashes)
    made = Publication(
        county_id=county_id,
        package=package,
        base_number=active.number if active else 0,
        changes={one.path: one.outcome for one in drafts},
        manifest_hash=manifest_hash(package, held.hashes),
        note=note[:500],
        effective_at=effective_at,
        requested_by=viewer.person_id,
        requested_at=now,
    )
    db.session.add(made)
    db.session.flush()
    _tell(made, "publication.requested", actor, now, note=made.note, paths=sorted(made.changes))
    if queries.needs_second_person(county_id, package):
        notifying.tell_approvers(made, viewer, administrators=bool(requests.new_topics(county_id, held)), now=now)
    else:
        approve(made, viewer, plan=made.manifest_hash, actor=actor, now=now)
    return made


def _refuse_unseen(drafts: Sequence[Draft], seen: Mapping[str, str]) -> None:
    """Raises DraftsMoved when somebody went on with a draft, or settled it, after the asker looked."""
    now = {one.path: one.outcome for one in drafts}
    moved = sorted(path for path, outcome in seen.items() if now.get(path) != outcome)
    if moved:
        raise DraftsMoved(paths="、".join(moved[:5]))


def _refuse_moved(drafts: Sequence[Draft], active: ReleaseInfo | None) -> None:
    moved = sorted(queries.outdated(drafts, active))
    if moved:
        raise BaseMoved(number=active.number if active else 0, paths="、".join(moved[:5]))


def refuse_unfit(county_id: int, held: DraftContents) -> None:
    """Raises PackageRefused with what the checks and the path tests found wrong."""
    findings = [*checking.still_needed(county_id, held), *checking.check(held).findings]
    releases.refuse_errors(held.package, findings)
    releases.refuse_errors(held.package, failed_tests(held))


def failed_tests(held: DraftContents) -> list[Finding]:
    """What the path tests found wrong, all of them played."""
    failed = []
    begin: int | None = 0
    while begin is not None:
        progress = checking.play(held, begin=begin)
        begin = progress.next
        for one in progress.played:
            failed += [
                Finding(Severity.ERROR, failure.code, one.path, params=failure.params)
                for failure in one.result.failures
            ]
    return failed


def approve(publication: Publication, viewer: Viewer, *, plan: str, actor: Actor, now: datetime) -> None:
    """Publish the request now, or have it published on its day.

    `plan` is the manifest hash of what the approver saw. Raises RequestSettled, OwnRequest, AdministratorNeeded,
    PlanMoved, BaseMoved, PackageRefused.
    """
    publication = requests.lock_publication(publication)
    if publication.state != PublicationState.WAITING:
        raise RequestSettled
    second = queries.needs_second_person(publication.county_id, publication.package)
    if second and publication.requested_by == viewer.person_id:
        raise OwnRequest
    outcome = requests.plan_of(publication)
    if outcome.clashes:
        raise BaseMoved(**_clash(publication, outcome.clashes))
    if outcome.manifest_hash != plan:
        raise PlanMoved
    if outcome.new_topics and not queries.is_administrator(viewer):
        raise AdministratorNeeded(topics="、".join(sorted(outcome.new_topics)))
    publication.decided_by, publication.decided_at = viewer.person_id, now
    alone = publication.requested_by == viewer.person_id
    if not alone:
        _tell(publication, "publication.approved", actor, now)
    if publication.effective_at is not None and publication.effective_at > now:
        _schedule(publication, outcome.contents, publication.effective_at, now)
    else:
        publish_request(publication, now=now)
    if not alone:
        notifying.tell_requester(publication, viewer, now=now)


def _schedule(publication: Publication, held: DraftContents, day: datetime, now: datetime) -> None:
    refuse_unfit(publication.county_id, held)
    publication.state = PublicationState.SCHEDULED
    payload = {"publication": str(publication.id)}
    enqueue(publication.county_id, JOB, payload, now=now, run_at=day, reference=_reference(publication))
    db.session.flush()


def publish_request(publication: Publication, *, now: datetime) -> ReleaseInfo:
    """Make the request, which is approved, the active release. Raises BaseMoved, PackageRefused."""
    county_id, package = publication.county_id, publication.package
    _hold_active(county_id, package)
    plan = requests.plan_of(publication)
    if plan.clashes:
        raise BaseMoved(**_clash(publication, plan.clashes))
    _refuse_new_topics(publication, plan.new_topics, now)
    refuse_unfit(county_id, plan.contents)
    alone = publication.decided_by == publication.requested_by
    names = written_names_of(county_id, {publication.requested_by})
    made = releases.publish(
        county_id,
        package,
        plan.contents.files,
        actor=Actor("person", publication.requested_by, names.get(publication.requested_by, "")),
        approved_by=None if alone else publication.decided_by,
        note=publication.note,
        now=now,
        second_person=not alone,
        checked=True,
    )
    publication.state, publication.release_id, publication.published_at = PublicationState.PUBLISHED, made.id, now
    _settle_drafts(publication, made, now)
    db.session.flush()
    return made


def _refuse_new_topics(publication: Publication, topics: Collection[str], now: datetime) -> None:
    """Raises AdministratorNeeded for what has become new since the approval, by a way back to an older release."""
    if not topics:
        return
    approver = viewer_of_person(publication.county_id, publication.decided_by or 0, now=now)
    if approver is None or not queries.is_administrator(approver):
        raise AdministratorNeeded(topics="、".join(sorted(topics)))


def publish_scheduled(county_id: int, publication_id: int, *, now: datetime) -> None:
    """On its day: publish the request, or note why it could not be and tell both people."""
    publication = requests.lock_publication(db.session.get_one(Publication, (county_id, publication_id)))
    if publication.state != PublicationState.SCHEDULED:
        return
    try:
        publish_request(publication, now=now)
    except Refusal as refusal:
        publication.state, publication.reason = PublicationState.FAILED, str(refusal)[:500]
        db.session.flush()
        _tell(publication, "publication.failed", Actor("system"), now, reason=publication.reason)
    notifying.tell_both(publication, now=now)


def decline(publication: Publication, viewer: Viewer, *, reason: str, actor: Actor, now: datetime) -> None:
    """Say no, with a reason; the drafts stay. Raises RequestSettled."""
    publication = _settled(publication, PublicationState.DECLINED, now)
    publication.decided_by, publication.decided_at, publication.reason = viewer.person_id, now, reason[:500]
    db.session.flush()
    _tell(publication, "publication.declined", actor, now, reason=publication.reason)
    notifying.tell_requester(publication, viewer, now=now)


def withdraw(publication: Publication, viewer: Viewer, *, actor: Actor, now: datetime) -> None:
    """Take a request back, one that waits for its day too; the drafts stay. Raises OthersRequest, RequestSettled."""
    if not requests.may_withdraw(publication, viewer):
        raise OthersRequest
    publication = _settled(publication, PublicationState.WITHDRAWN, now)
    cancel_jobs(publication.county_id, [_reference(publication)], now=now)
    db.session.flush()
    _tell(publication, "publication.withdrawn", actor, now)


def roll_back(viewer: Viewer, package: str, number: int, *, actor: Actor, now: datetime) -> ReleaseInfo:
    """Publish what release `number` held as the next release. It was approved once: no second person is asked.

    Raises PackageNotFound, AlreadyActive, PackageRefused when running cases need a table that it does not hold.
    """
    county_id = viewer.county_id
    _hold_active(county_id, package)
    wanted = definitions.numbered_release(county_id, package, number)
    active = queries.active_release(county_id, package)
    if active is not None and wanted.manifest_hash == active.manifest_hash:
        raise AlreadyActive(number=number)
    held = queries.contents_of_manifest(package, dict(wanted.manifest))
    refuse_unfit(county_id, held)
    made = releases.publish(
        county_id,
        package,
        held.files,
        actor=actor,
        approved_by=None,
        note="",
        now=now,
        second_person=False,
        checked=True,
    )
    record(
        Stream.package(county_id, package),
        "release.rolled_back",
        actor=actor,
        now=now,
        payload={"number": made.number, "to": number, "from": active.number if active else 0},
        about={"release": made.id},
    )
    return made


def set_second_person(viewer: Viewer, package: str, needed: bool, *, actor: Actor, now: datetime) -> None:
    """Whether a second person approves this package's releases; administrators only, and recorded."""
    if not queries.is_administrator(viewer):
        raise Forbidden
    policy = queries.policy_of(viewer.county_id, package)
    if policy is None:
        policy = PackagePolicy(county_id=viewer.county_id, package=package)
        db.session.add(policy)
    policy.second_person, policy.changed_by, policy.changed_at = needed, viewer.person_id, now
    db.session.flush()
    record(
        Stream.package(viewer.county_id, package),
        "policy.second_person_on" if needed else "policy.second_person_off",
        actor=actor,
        now=now,
    )


def _settled(publication: Publication, state: PublicationState, now: datetime) -> Publication:
    publication = requests.lock_publication(publication)
    if publication.state not in requests.WAITING:
        raise RequestSettled
    publication.state = state
    return publication


def _hold_active(county_id: int, package: str) -> None:
    """One publication at a time: the row of the active release is held until the end of this transaction."""
    query = select(ActiveRelease.number).where(ActiveRelease.county_id == county_id, ActiveRelease.package == package)
    db.session.execute(locked(query, db.engine.dialect.name))


def _settle_drafts(publication: Publication, made: ReleaseInfo, now: datetime) -> None:
    """Drafts that were published are closed; those that went on meanwhile are changes of the new release."""
    for draft in queries.open_drafts(publication.county_id, publication.package):
        asked = publication.changes.get(draft.path)
        if asked is None:
            continue
        if asked == draft.outcome:
            draft.closed_at, draft.closed_as = now, "published"
        else:
            draft.base_hash, draft.base_number = asked, made.number


def _clash(publication: Publication, paths: Collection[str]) -> dict[str, object]:
    active = queries.active_release(publication.county_id, publication.package)
    return {"number": active.number if active else 0, "paths": "、".join(sorted(paths)[:5])}


def _reference(publication: Publication) -> str:
    return f"publication:{publication.id}"


def _tell(publication: Publication, event: str, actor: Actor, now: datetime, **payload: object) -> None:
    record(
        Stream.package(publication.county_id, publication.package),
        event,
        actor=actor,
        now=now,
        payload=payload,
        about={"publication": publication.id},
    )
