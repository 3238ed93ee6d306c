"""Notices: on the page of the right person at once, by mail after the commit, and never by nobody."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest
from flask import Flask

from app.audit.queries import entries
from app.audit.services import Actor, Stream
from app.cases import notifying
from app.cases.queries import case_by_id
from app.cases.services.cases import open_case, set_mediator
from app.cases.services.parties import add_party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import PASSWORD
from app.directory.queries import organisations, people_with_role
from app.engine.feel import Date
from app.notices import jobs as notice_jobs
from app.notices.models import Notice, NoticeStatus
from app.notices.queries import notices_of_party
from app.notices.services import Recipient, notify
from app.scheduling.jobs import run_due_jobs
from app.workflow import topics
from app.workflow.topics import TopicCall

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MEDIATOR = Actor("person", 7, "王桂芬")


class PostOffice(socketserver.ThreadingTCPServer):
    """A real SMTP server: takes mail over the wire and keeps it; refuses while `closed`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.mails: list[Message] = []
        self.closed = False
        self.tries = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("220 post office")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._take()
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word == b"MAIL" and self.server.closed:
                self.server.tries += 1
                self._say("451 closed for lunch")
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))
        self._say("250 kept")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def post_office(app: Flask) -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        before = {name: app.config.get(name) for name in ("SMTP_URL", "SMTP_SENDER", "SMTP_DOMAIN")}
        app.config.update(SMTP_URL=office.url, SMTP_SENDER="centre@fengxi.example", SMTP_DOMAIN="fengxi.example")
        yield office
        app.config.update(before)
        office.shutdown()


@pytest.fixture
def case_id(county: int) -> int:
    def make() -> int:
        village = next(one for one in organisations(county, tier="village") if one.kind == "government")
        case = open_case(
            county, channel="window", kind="dispute", summary="争水", received_by=village, actor=MEDIATOR, now=NOW
        )
        add_party(case, side="applicant", name="张三", actor=MEDIATOR, now=NOW)
        add_party(case, side="respondent", name="李四", actor=MEDIATOR, now=NOW)
        mediator = people_with_role(county, "mediator", on=date(2026, 3, 2))[0]
        set_mediator(case, mediator.id, actor=MEDIATOR, now=NOW)
        return case.id

    return run_unit(make)


def send(county: int, case_id: int, audience: str, template: str, **variables: object) -> list[Notice]:
    notifying.register_topics()
    handler = topics.registered("notices.send")
    assert handler is not None
    asked = TopicCall(
        county_id=county,
        subject_id=case_id,
        instance_id=0,
        package="dispute",
        element_id="tell",
        process_id="dispute",
        inputs={"audience": audience, "template": template},
        actor=MEDIATOR,
        now=NOW,
        variables=variables,
    )
    run_unit(lambda: topics.call(handler, asked))
    return db.session.query(Notice).order_by(Notice.id).all()


def test_every_party_finds_it_on_their_own_page(app: Flask, county: int, case_id: int) -> None:
    told = send(county, case_id, "parties", "session_invitation", session_at=Date(2026, 3, 4), session_place="村委会")
    assert [notice.name for notice in told] == ["张三", "李四"]
    assert {notice.status for notice in told} == {NoticeStatus.SHOWN}
    assert told[0].party_id is not None
    (own,) = notices_of_party(county, told[0].party_id)
    assert own.params["session_at"] == "2026年3月4日"
    line = entries(Stream.case(county, case_id))[0]
    assert line.event == "notice.issued"
    assert line.payload["names"] == ["张三", "李四"]


@pytest.mark.parametrize("audience", ["mediator", "leader@county", "leader", "person"])
def test_staff_are_found_by_role_or_by_name(app: Flask, county: int, case_id: int, audience: str) -> None:
    mediator = case_by_id(county, case_id).mediator_id
    told = send(county, case_id, str(mediator) if audience == "person" else audience, "limit_near")
    assert told
    assert all(notice.person_id for notice in told)
    assert all(notice.url == f"/cases/{case_by_id(county, case_id).code}" for notice in told)
    if audience in ("mediator", "person"):
        assert [notice.person_id for notice in told] == [mediator]


def test_the_page_shows_ones_own_notices_only_and_reading_leads_to_the_case(
    app: Flask, county: int, case_id: int
) -> None:
    (notice,) = send(county, case_id, "mediator", "limit_near")
    from app.directory.models import Person

    login = db.session.get_one(Person, (county, notice.person_id)).login
    code = case_by_id(county, case_id).code
    db.session.rollback()
    reader, stranger = app.test_client(), app.test_client()
    reader.post("/sign-in", data={"login": login, "password": PASSWORD})
    stranger.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    assert "调解期限将至" in reader.get("/notices/").text
    assert "调解期限将至" not in stranger.get("/notices/").text
    assert stranger.post(f"/notices/{notice.id}/reading").status_code == 404
    answer = reader.post(f"/notices/{notice.id}/reading")
    assert answer.headers["Location"] == f"/cases/{code}"
    db.session.rollback()
    assert db.session.get_one(Notice, (county, notice.id)).read_at is not None


def test_mail_leaves_after_the_commit_and_is_logged(
    app: Flask, county: int, case_id: int, post_office: PostOffice
) -> None:
    notice_jobs.register()
    (notice,) = send(county, case_id, "mediator", "limit_near")
    assert notice.status == NoticeStatus.WAITING
    assert post_office.mails == []
    assert run_due_jobs() == 1
    (mail,) = post_office.mails
    assert mail["To"] == notice.address
    assert mail["Subject"] == "调解期限将至"
    text = mail.get_content()  # type: ignore[attr-defined]
    assert case_by_id(county, case_id).code in text
    assert "The time limit is near" in text
    db.session.expire_all()
    kept = db.session.get_one(Notice, (county, notice.id))
    assert kept.status == NoticeStatus.SENT
    assert kept.sent_at is not None
    assert run_due_jobs() == 0
    assert len(post_office.mails) == 1


def test_a_rolled_back_step_sends_nothing(app: Flask, county: int, post_office: PostOffice) -> None:
    notice_jobs.register()

    def fail() -> None:
        notify(county, [Recipient("x", address="x@fengxi.example")], "limit_near", {}, now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run_unit(fail)
    assert run_due_jobs() == 0
    assert post_office.mails == []


def test_a_closed_post_office_is_tried_five_times_and_then_told(
    app: Flask, county: int, case_id: int, post_office: PostOffice
) -> None:
    notice_jobs.register()
    post_office.closed = True
    with clock.freeze(NOW):
        from datetime import timedelta

        (notice,) = send(county, case_id, "mediator", "limit_near")
        for _round in range(7):
            run_due_jobs()
            clock.advance(timedelta(hours=1))
    assert post_office.tries == 5
    db.session.expire_all()
    kept = db.session.get_one(Notice, (county, notice.id))
    assert kept.status == NoticeStatus.FAILED
    assert "451" in kept.last_error


def test_a_name_with_a_line_break_cannot_add_a_header(app: Flask, county: int, post_office: PostOffice) -> None:
    from app.notices.errors import TransportFailed
    from app.notices.transports import send_mail

    with pytest.raises((TransportFailed, ValueError)):
        send_mail(
            post_office.url,
            sender="a@b.example",
            recipient="x@y.example\r\nBcc: all@y.example",
            subject="x",
            text="x",
            key="1",
        )
    assert post_office.mails == []


def test_a_party_reads_it_behind_their_own_link(app: Flask, county: int, case_id: int) -> None:
    from app.cases.queries import parties_of
    from app.cases.services.parties import make_link
    from app.config import ROOT
    from app.definitions.services import import_folder

    run_unit(lambda: import_folder(county, ROOT / "processes" / "dispute", actor=Actor("system"), now=NOW))
    send(county, case_id, "parties", "session_invitation", session_at=Date(2026, 3, 4), session_place="村委会")
    secrets = run_unit(
        lambda: [
            make_link(case_by_id(county, case_id), party, actor=MEDIATOR, now=NOW)
            for party in parties_of(case_by_id(county, case_id))
        ]
    )
    db.session.rollback()
    page = app.test_client().get(f"/p/{secrets[0]}").text
    assert "定于2026年3月4日在村委会进行调解" in page
