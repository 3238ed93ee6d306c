"""Cases in every state, played through the same services that people use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.devdata.county import COUNTY_ID, person_named
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine.feel import DateTime, from_json
from app.intake.services import NewReport, receive_report
from app.tasks.conditions import offered_to
from app.tasks.services import complete_task
from app.workflow.messaging import send_message
from app.workflow.models import ItemStatus, WorkItem

Answers = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Element of the diagram: who answers, and what."""

MOST_TASKS = 80
FIRST_ASKED = ("mediator", "elder", "county.mediator", "chair", "dispatcher")
"""Of a task that nobody has yet: who does it, if it is offered to them."""

SETTLED: Answers = {
    "confirm_triage": ("dispatcher", {"triage_decision": "confirm"}),
    "accept_case": ("mediator", {"office_answer": "accept"}),
    "ask_consent": ("mediator", {"consent_answer": "agreed", "consent_way": "telephone"}),
    "choose_mediator": ("mediator", {}),
    "accept_assignment": ("", {"assignment_answer": "accepted"}),
    "tell_rights": ("", {"rights_confirmed": True, "rights_told_how": "oral"}),
    "investigate_party": ("", {"party_facts": "双方说法已核对，与现场情况基本一致。"}),
    "plan_session": ("", {"session_place": "村调解室", "session_mode": "joint", "session_told_how": "telephone"}),
    "hold_session": (
        "",
        {"session_result": "agreed", "agreement_form": "written", "session_notes": "双方各退一步，谈拢了。"},
    ),
}


@dataclass(frozen=True, slots=True)
class Story:
    """A case of the demo county: how it came in, and how far it has gone."""

    text: str
    place: str
    applicant: str
    respondent: str
    by: str = "clerk"
    channel: str = "window"
    kind: str = "dispute"
    age_days: int = 3
    danger: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    until: str = ""
    message: tuple[str, Mapping[str, Any]] | None = None


STORIES: tuple[Story, ...] = (
    Story("隔壁新砌围墙挡了排水沟，下雨天院子积水，协商两次没有结果。", "河畔村3组", "张秀英", "李国强"),
    Story("村口承包鱼塘到期后不肯交还，双方对补偿有争议。", "石桥村", "石桥村村民委员会", "鲁有田", age_days=5),
    Story(
        "装修噪声从早到晚，楼下老人休息不好，多次上门吵架。",
        "东苑社区5幢",
        "葛美华",
        "丁俊杰",
        channel="12345",
        age_days=2,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
    Story(
        "在工地做了四个月小工，老板拖欠工资一万八千元。",
        "柳河街道",
        "罗春林",
        "宏达建筑劳务队",
        channel="labour",
        age_days=4,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
    Story(
        "宅基地边界不清，砌墙时起了争执，差点动手。",
        "河畔村1组",
        "徐永年",
        "徐永康",
        age_days=9,
        answers=SETTLED,
        until="tell_rights",
    ),
    Story(
        "借款三万元写有借条，到期两年未还。",
        "河畔村2组",
        "唐莉",
        "邱海波",
        age_days=12,
        answers=SETTLED,
        until="draft_agreement",
    ),
    Story("想问一下新农合报销的手续在哪里办。", "河畔村", "袁阿婆", "", kind="question", channel="12345", age_days=1),
    Story(
        "邻居扬言要放火烧房子，家里有老人孩子，很害怕。",
        "石桥村6组",
        "白小芹",
        "白大勇",
        channel="110",
        age_days=1,
        danger=True,
        variables={"danger": True, "danger_signs": ["arson"]},
    ),
    Story(
        "婚后分居，双方对孩子抚养费有分歧。",
        "渡口村",
        "沈小丽",
        "胡建军",
        age_days=6,
        message=("party_withdrew", {"withdrawal_reason": "双方愿意先自己商量。"}),
    ),
    Story(
        "夫妻为老人住哪里天天吵，媳妇搬回了娘家。",
        "河畔村4组",
        "苗秀兰",
        "孙德才",
        age_days=6,
        answers=SETTLED,
        until="hold_session",
    ),
    Story(
        "婆媳为带孩子吵架，小两口闹着要离婚。",
        "河畔村5组",
        "傅小琴",
        "段玉珍",
        channel="grid",
        age_days=2,
        answers=SETTLED,
        until="investigate_party",
    ),
    Story(
        "离婚后前夫不让看孩子，几次上门没有谈成。",
        "河畔村6组",
        "邓丽萍",
        "卢文斌",
        age_days=13,
        answers=SETTLED,
        until="draft_agreement",
    ),
    Story(
        "邻居家的竹子长过界，落叶堵了屋檐水沟。",
        "河畔村7组",
        "万福生",
        "阎立新",
        age_days=1,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
    Story(
        "邻居两家共用的水泵坏了，修理费怎么摊谈不拢。",
        "河畔村8组",
        "谷春梅",
        "洪大宝",
        channel="12345",
        age_days=8,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
)


def play_stories(*, now: datetime) -> None:
    """Put every story into the county; each began as many days ago as it says."""
    for story in STORIES:
        play(story, now=now)


def play(story: Story, *, now: datetime) -> Case:
    """One story: its report, then the answers in the order in which the diagram asks."""
    at = now - timedelta(days=story.age_days)
    clerk = viewer(story.by, now=at)
    parties = [
        {"side": side, "name": name}
        for side, name in (("applicant", story.applicant), ("respondent", story.respondent))
        if name
    ]
    case = take_in(
        NewReport(
            channel=story.channel,
            text=story.text,
            kind=story.kind,
            place=story.place,
            danger=story.danger,
            parties=parties,
            variables={**as_values(story.variables), "registered": True},
        ),
        by=clerk,
        now=at,
    )
    answers = _with_session(story.answers, now) if story.until == "hold_session" else story.answers
    answer_tasks(case, answers, until=story.until, now=at)
    if story.message:
        tell(case, *story.message, by=clerk, now=at)
    return case


def take_in(new: NewReport, *, by: Viewer, now: datetime) -> Case:
    """The case of a report that somebody takes in at their office."""
    office = directory.organisation(COUNTY_ID, by.roles[0].organisation_id)
    receipt = receive_report(
        COUNTY_ID, new, received_by=office, received_by_id=by.person_id, actor=actor_of(by), now=now
    )
    return receipt.case


def tell(case: Case, name: str, payload: Mapping[str, Any], *, by: Viewer, now: datetime) -> None:
    """Send the case's process a message."""
    values = as_values(payload)
    send_message(COUNTY_ID, name, subject_id=case.id, payload=values, actor=actor_of(by), now=now)


def _with_session(answers: Answers, now: datetime) -> Answers:
    """The session for which a story waits is held in two days, at half past nine."""
    login, told = answers["plan_session"]
    day = (now + timedelta(days=2)).astimezone(directory.zone_of(COUNTY_ID))
    moment = DateTime.from_python(day.replace(hour=9, minute=30, second=0, microsecond=0))
    return {**answers, "plan_session": (login, {**told, "session_at": moment})}


def answer_tasks(case: Case, answers: Answers, *, until: str = "", now: datetime) -> None:
    """Do the case's open tasks, oldest first, as long as there is an answer and `until` is not reached."""
    for number in range(MOST_TASKS):
        item = next((one for one in open_tasks(case) if one.element_id in answers), None)
        if item is None or item.element_id == until:
            return
        login, values = answers[item.element_id]
        moment = now + timedelta(minutes=10 * (number + 1))
        who = viewer(login, now=moment) if login else doer_of(item, FIRST_ASKED, now=moment)
        complete_task(item, as_values(values), viewer=who, now=moment)


def open_tasks(case: Case) -> Sequence[WorkItem]:
    """The case's open tasks as they are now, the oldest first."""
    query = select(WorkItem).where(
        WorkItem.county_id == case.county_id, WorkItem.subject_id == case.id, WorkItem.status == ItemStatus.OPEN
    )
    return db.session.scalars(query.order_by(WorkItem.id).execution_options(populate_existing=True)).all()


def doer_of(item: WorkItem, asked: Iterable[str], *, now: datetime) -> Viewer:
    """Who has the task, else the first of those asked to whom it is offered."""
    if item.assignee_id is not None:
        found = directory.viewer_of_person(item.county_id, item.assignee_id, now=now)
        assert found is not None  # noqa: S101 - a task is never assigned to somebody unknown
        return found
    for candidate in (viewer(login, now=now) for login in asked):
        if db.session.scalar(select(WorkItem.id).where(WorkItem.id == item.id, offered_to(candidate))):
            return candidate
    raise LookupError(f"nobody in the demo county may do {item.element_id}")


def viewer(login: str, *, now: datetime) -> Viewer:
    """The demo person with this account, as a lookup sees them."""
    found = directory.viewer_of_person(COUNTY_ID, person_named(login).id, now=now)
    assert found is not None  # noqa: S101 - the demo county's people are all there
    return found


def as_values(plain: Mapping[str, Any]) -> dict[str, object]:
    """Plain Python values as the FEEL values that forms would give; what is a moment of FEEL already stays one."""
    return {name: value if isinstance(value, DateTime) else from_json(value) for name, value in plain.items()}
