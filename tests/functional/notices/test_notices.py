"""Notices: on the page of the right person at once, by mail after the commit, and never by nobody."""

import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Actor, Stream
from app.cases import notifying
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.services.cases import open_case, set_mediator
from app.cases.services.parties import add_party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import answer_tasks
from app.devdata.county import PASSWORD, person_named
from app.directory.queries import organisations, people_with_role
from app.engine.feel import Date
from app.notices import jobs as notice_jobs
from app.notices.models import Notice, NoticeStatus
from app.notices.queries import notices_of_party
from app.notices.services import Recipient, notify
from app.notices.words import WORDS
from app.scheduling.jobs import run_due_jobs
from app.workflow import topics
from app.workflow.jobs import wake_due
from app.workflow.models import WorkItem
from app.workflow.topics import TopicCall
from tests.functional.conftest import BrowserAs

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
    assert own.params["session_at"] == "2026-03-04"
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
    send_mail(
        post_office.url, sender="a@b.example", recipient="x@y.example", subject="张三\r\nBcc: all", text="x", key="1"
    )
    assert [mail["Subject"] for mail in post_office.mails] == ["张三 Bcc: all"]


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
    assert "定于2026年3月4日星期三在村委会进行调解" in page


def case_of(beginning: str) -> Case:
    db.session.rollback()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def way_of(browser: FlaskClient, template: str) -> str:
    """Where the one notice of this kind leads its reader now; its button says the same."""
    title = WORDS[template].title_zh
    forms = re.findall(r'action="(/notices/\d+/reading)">(.*?)</form>', browser.get("/notices/").text, re.S)
    ((address, button),) = [one for one in forms if title in one[1]]
    way = browser.post(address).headers["Location"]
    assert ("查看待办" if way.startswith("/tasks/") else "查看纠纷") in button
    return way


def open_tasks(case_id: int, element_id: str) -> list[int]:
    db.session.rollback()
    query = select(WorkItem.id).where(WorkItem.subject_id == case_id, WorkItem.status == "open")
    return list(db.session.scalars(query.where(WorkItem.element_id == element_id).order_by(WorkItem.id)))


def test_what_a_process_tells_leads_to_the_task_that_it_opens_later(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("邻居扬言要放火烧房子")
    case_id, address = case.id, f"/cases/{case.code}"
    keeper, leader = person_named("county.mediator").id, browser_as("leader")
    now = clock.now()

    def answer(*elements: str) -> None:
        measures = {"measures": ["apart", "family"], "safety_keeper": str(keeper)}
        given = {"call_police": {"police_station": "辖区派出所"}, "plan_measures": measures}
        given |= {"confirm_police_receipt": {"police_receipt_number": "J1"}, "daily_check": {"safety_worse": False}}
        answers = {one: ("" if one == "daily_check" else "dispatcher", given[one]) for one in elements}
        db.session.remove()
        run_unit(lambda: answer_tasks(case_by_id(1, case_id), answers, now=clock.now()))

    with clock.freeze(now):
        answer("call_police")
        clock.advance(timedelta(hours=2))
        assert wake_due() > 0
        assert way_of(leader, "police_receipt_late") == address, "nothing is the leader's to do yet"
        answer("confirm_police_receipt", "plan_measures")
        (lifting,) = open_tasks(case_id, "lift_safety")
        assert way_of(leader, "police_receipt_late") == f"/tasks/{lifting}"
        keepers = browser_as("county.mediator")
        assert way_of(keepers, "safety_keeper") == address, "the first check is due tomorrow"
        clock.advance(timedelta(days=1, hours=1))
        assert wake_due() > 0
        (check,) = open_tasks(case_id, "daily_check")
        keepers = browser_as("county.mediator")
        assert way_of(keepers, "safety_keeper") == f"/tasks/{check}"
        answer("daily_check")
        assert way_of(keepers, "safety_keeper") == address, "the check is done"


def test_of_several_tasks_none_is_chosen(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    case_id, code = case.id, case.code
    elder, elder_id = browser_as("elder"), person_named("elder").id
    db.session.rollback()
    send(1, case_id, str(elder_id), "limit_near")
    (task,) = open_tasks(case_id, "tell_rights")
    assert way_of(elder, "limit_near") == f"/tasks/{task}"
    assert elder.post(f"/cases/{code}/optional/site_visit").status_code == 302
    assert way_of(elder, "limit_near") == f"/cases/{code}"
