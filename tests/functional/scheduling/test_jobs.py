"""Effects outside the database: at least once, under a lease, fenced by the attempt; results once."""

import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.errors import DatabaseAway
from app.core.unit_of_work import run_unit
from app.scheduling import jobs, services
from app.scheduling.errors import LeaseLost
from app.scheduling.models import Job, JobStatus
from app.scheduling.services import DueJob
from app.scheduling.stopping import stopped_by

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


class Post:
    """A post office: notes each letter that leaves, and what was settled."""

    def __init__(self) -> None:
        self.sent: list[DueJob] = []
        self.settled: list[int] = []
        self.given_up: list[str] = []
        self.fail = False

    def handle(self, job: DueJob) -> jobs.Settle:
        assert not db.session().in_transaction(), "no transaction is open while the effect happens"
        self.sent.append(job)
        if self.fail:
            raise ConnectionError("no line")
        return lambda: self.settled.append(job.id)

    def give_up(self, job: DueJob, reason: str) -> None:
        self.given_up.append(reason)


@pytest.fixture
def post(app: Flask) -> Post:
    made = Post()
    jobs.register("letter", made.handle, failed=made.give_up)
    return made


def put_down(reference: str | None = None) -> int:
    return run_unit(lambda: services.enqueue(1, "letter", {"to": "王"}, now=NOW, reference=reference))


def row(job_id: int) -> Job:
    db.session.expire_all()
    found = db.session.get(Job, (1, job_id))
    assert found is not None
    return found


def test_job_is_done_once_with_an_idempotency_key(post: Post) -> None:
    job_id = put_down()
    with clock.freeze(NOW):
        assert jobs.run_due_jobs() == 1
        assert jobs.run_due_jobs() == 0
    assert [(job.id, job.key, job.attempt, job.payload) for job in post.sent] == [
        (job_id, str(job_id), 1, {"to": "王"})
    ]
    assert post.settled == [job_id]
    assert (row(job_id).status, row(job_id).finished_at) == (JobStatus.DONE, NOW)


def test_job_that_goes_down_with_its_transaction_is_never_done(post: Post) -> None:
    def rolled_back() -> None:
        services.enqueue(1, "letter", {}, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_unit(rolled_back)
    with clock.freeze(NOW):
        assert jobs.run_due_jobs() == 0


def test_failing_job_is_put_off_longer_each_time_then_given_up(post: Post) -> None:
    post.fail = True
    job_id = put_down()
    waits = []
    with clock.freeze(NOW):
        for _ in range(5):
            assert jobs.run_due_jobs() == 1
            assert jobs.run_due_jobs() == 0, "not at once again"
            waits.append(row(job_id).run_at - clock.now())
            clock.advance(timedelta(minutes=11))
    assert waits[:4] == [timedelta(seconds=s) for s in (5, 30, 120, 600)]
    assert len({job.key for job in post.sent}) == 1, "the key is the same at every attempt"
    assert (row(job_id).status, row(job_id).last_error) == (JobStatus.FAILED, "ConnectionError: no line")
    assert post.given_up == ["ConnectionError: no line"]
    assert post.settled == []


def test_result_of_an_attempt_that_lost_its_lease_is_refused(post: Post) -> None:
    job_id = put_down()
    (slow,) = run_unit(lambda: services.claim_jobs(now=NOW))
    later = NOW + services.LEASE + timedelta(seconds=1)
    assert run_unit(lambda: services.claim_jobs(now=NOW + timedelta(seconds=30))) == [], "leased"
    (fast,) = run_unit(lambda: services.claim_jobs(now=later))
    assert (slow.attempt, fast.attempt) == (1, 2)
    with pytest.raises(LeaseLost):
        run_unit(lambda: services.finish_job(slow, now=later))
    run_unit(lambda: services.finish_job(fast, now=later))
    assert row(job_id).status == JobStatus.DONE


def test_settling_is_undone_when_the_lease_was_lost(post: Post) -> None:
    """What a late attempt would write is rolled back together with its refusal."""
    job_id = put_down()

    def writes(job: DueJob) -> jobs.Settle:
        def settle() -> None:
            services.enqueue(1, "echo", {}, now=NOW)

        run_unit(lambda: services.claim_jobs(now=NOW + timedelta(minutes=5)))
        return settle

    jobs.register("letter", writes)
    with clock.freeze(NOW):
        jobs.run_due_jobs()
    assert db.session.scalars(select(Job).where(Job.kind == "echo")).all() == []
    assert row(job_id).status == JobStatus.DUE


def test_job_taken_back_is_not_done(post: Post) -> None:
    put_down(reference="token")
    run_unit(lambda: services.cancel_jobs(1, ["token"], now=NOW))
    with clock.freeze(NOW):
        assert jobs.run_due_jobs() == 0


def test_worker_that_is_asked_to_stop_gives_back_what_it_has_not_begun(post: Post) -> None:
    ids = [put_down() for _ in range(3)]
    with clock.freeze(NOW):
        with stopped_by(lambda: len(post.sent) == 1):
            jobs.run_due_jobs()
        assert [job.id for job in post.sent] == ids[:1]
        assert [(row(one).locked_until, row(one).attempts) for one in ids[1:]] == [(None, 0)] * 2
        assert jobs.run_due_jobs() == 2, "the next worker need not wait for the lease"
    assert [(job.id, job.attempt) for job in post.sent] == [(one, 1) for one in ids]


def test_job_whose_result_could_not_be_kept_is_done_again_after_its_lease(post: Post) -> None:
    """The database went away between the effect and its note: no attempt is counted as failed, nothing is given up."""
    job_id = put_down()

    def handle(job: DueJob) -> jobs.Settle:
        post.sent.append(job)

        def lose() -> None:
            raise DatabaseAway

        return lose if len(post.sent) == 1 else lambda: post.settled.append(job.id)

    jobs.register("letter", handle)
    with clock.freeze(NOW):
        with pytest.raises(DatabaseAway):
            jobs.run_due_jobs()
        assert (row(job_id).status, row(job_id).last_error) == (JobStatus.DUE, None)
        clock.advance(services.LEASE + timedelta(seconds=1))
        assert jobs.run_due_jobs() == 1
    assert post.settled == [job_id]
    assert len({job.key for job in post.sent}) == 1


def test_unknown_kind_is_noted_on_the_job(app: Flask) -> None:
    job_id = run_unit(lambda: services.enqueue(1, "nobody", {}, now=NOW))
    with clock.freeze(NOW):
        jobs.run_due_jobs()
    assert row(job_id).last_error == "UnknownKind: nobody"


def test_job_of_a_killed_worker_is_done_by_the_next_one(app: Flask, post: Post, tmp_path: Path) -> None:
    """A real process claims the job and is killed in the middle of it; after the lease another one does it."""
    job_id = put_down()
    marker = tmp_path / "working"
    program = textwrap.dedent(f"""
        import pathlib, time
        from app.core import clock
        from app.factory import create_app
        from app.scheduling import jobs
        from datetime import datetime

        def handle(job):
            pathlib.Path({str(marker)!r}).write_text("claimed")
            time.sleep(600)

        app = create_app({{"SQLALCHEMY_DATABASE_URI": {app.config["SQLALCHEMY_DATABASE_URI"]!r}}})
        jobs.register("letter", handle)
        with app.app_context(), clock.freeze(datetime.fromisoformat({NOW.isoformat()!r})):
            jobs.run_due_jobs()
    """)
    environment = os.environ | {"MAPLEBRIDGE_VAR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment) as worker:
        try:
            deadline = time.monotonic() + 120
            while not marker.exists() and worker.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert marker.exists()
        finally:
            worker.kill()
    with clock.freeze(NOW + timedelta(seconds=30)):
        assert jobs.run_due_jobs() == 0, "the dead worker's lease still holds"
    with clock.freeze(NOW + services.LEASE + timedelta(seconds=1)):
        assert jobs.run_due_jobs() == 1
    assert [job.attempt for job in post.sent] == [2]
    assert row(job_id).status == JobStatus.DONE
