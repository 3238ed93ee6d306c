"""Cases in every state, played through the same services that people use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.audit.services import Actor
from app.cases.models import Case
from app.core.database import db
from app.devdata.county import COUNTY_ID, person_named
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.engine.feel import from_json
from app.intake.services import NewReport, receive_report
from app.tasks.conditions import offered_to
from app.tasks.services import complete_task
from app.workflow.messaging import send_message
from app.workflow.models import ItemStatus, WorkItem

Answers = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Element of the diagram: who answers, and what."""

MOST_TASKS = 80

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
)


VARIED: tuple[Story, ...] = (
    Story("承包地田埂被占，两家争了三年，去年还动过手。", "竹山村2组", "骆长根", "骆水生", age_days=6),
    Story("母亲住院，兄弟三人赡养费谈不拢，互相推诿。", "茶园村", "祝阿婆", "祝建中", channel="12345", age_days=5),
    Story(
        "网上买的电动车三天就坏了，商家不退不换。",
        "东苑社区1幢",
        "闻小慧",
        "柳河车行",
        age_days=2,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
    Story(
        "工地受伤后老板只付了医药费，误工费一直没有着落。",
        "工人新村社区",
        "管大勇",
        "顺达装修队",
        channel="labour",
        age_days=8,
        answers={"confirm_triage": ("dispatcher", {"triage_decision": "confirm"})},
    ),
    Story("小区停车位收费涨价，几十户业主不肯交物业费。", "柳湖社区", "毕秋萍", "柳湖物业", age_days=4),
    Story("邻居养鸡，臭味和打鸣吵得老人整夜睡不着。", "高坪村3组", "童月娥", "童福根", age_days=3),
    Story("合伙养蜂散伙，账目对不上，差两万多元。", "石桥村3组", "游根宝", "游小满", age_days=7),
    Story(
        "漏水把楼下天花板泡坏了，赔多少谈不拢。",
        "东苑社区8幢",
        "盛美琴",
        "裘国栋",
        age_days=12,
        message=("party_withdrew", {"withdrawal_reason": "对方已经赔了钱。"}),
    ),
    Story(
        "借给亲戚的两万元要不回来，有转账记录。",
        "渡口村1组",
        "岳东明",
        "岳小军",
        age_days=10,
        message=("party_withdrew", {"withdrawal_reason": "已经还清。"}),
    ),
    Story(
        "果园浇水的顺序年年吵，今年堵了水渠。",
        "河畔村2组",
        "花水娟",
        "花阿土",
        age_days=11,
        answers=SETTLED,
        until="hold_session",
    ),
)
"""Stories that `flask demo seed` plays besides: other places, other matters."""


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
    office = directory.organisation(COUNTY_ID, clerk.roles[0].organisation_id)
    receipt = receive_report(
        COUNTY_ID,
        NewReport(
            channel=story.channel,
            text=story.text,
            kind=story.kind,
            place=story.place,
            danger=story.danger,
            parties=parties,
            variables={**as_values(story.variables), "registered": True},
        ),
        received_by=office,
        received_by_id=clerk.person_id,
        actor=Actor("person", clerk.person_id, clerk.name),
        now=at,
    )
    answer_tasks(receipt.case, story.answers, until=story.until, now=at)
    if story.message:
        name, payload = story.message
        actor = Actor("person", clerk.person_id, clerk.name)
        send_message(COUNTY_ID, name, subject_id=receipt.case.id, payload=as_values(payload), actor=actor, now=at)
    return receipt.case


def answer_tasks(case: Case, answers: Answers, *, until: str = "", now: datetime) -> None:
    """Do the case's open tasks, oldest first, as long as there is an answer and `until` is not reached."""
    for number in range(MOST_TASKS):
        item = next((one for one in _open(case) if one.element_id in answers), None)
        if item is None or item.element_id == until:
            return
        login, values = answers[item.element_id]
        moment = now + timedelta(minutes=10 * (number + 1))
        who = viewer(login, now=moment) if login else _holder(item, now=moment)
        complete_task(item, as_values(values), viewer=who, now=moment)


def _open(case: Case) -> list[WorkItem]:
    return list(
        db.session.query(WorkItem)
        .filter_by(county_id=case.county_id, subject_id=case.id, status=ItemStatus.OPEN)
        .order_by(WorkItem.id)
        .populate_existing()
    )


def _holder(item: WorkItem, *, now: datetime) -> Viewer:
    """Who has the task, else the first mediator to whom it is offered."""
    if item.assignee_id is not None:
        found = directory.viewer_of_person(item.county_id, item.assignee_id, now=now)
        assert found is not None  # noqa: S101 - a task is never assigned to somebody unknown
        return found
    for login in ("mediator", "elder", "county.mediator", "chair", "dispatcher"):
        candidate = viewer(login, now=now)
        if db.session.query(WorkItem.id).filter(WorkItem.id == item.id, offered_to(candidate)).first():
            return candidate
    raise LookupError(f"nobody in the demo county may do {item.element_id}")


def viewer(login: str, *, now: datetime) -> Viewer:
    """The demo person with this account, as a lookup sees them."""
    found = directory.viewer_of_person(COUNTY_ID, person_named(login).id, now=now)
    assert found is not None  # noqa: S101 - the demo county's people are all there
    return found


def as_values(plain: Mapping[str, Any]) -> dict[str, object]:
    """Plain Python values as the FEEL values that forms would give."""
    return {name: from_json(value) for name, value in plain.items()}
