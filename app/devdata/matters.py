"""What people quarrel about in the demo county: matters of every kind, colour and tier that `flask demo seed` plays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.devdata.cases import Answers

Values = Mapping[str, Any]

WELL: Answers = {
    "answer_on_spot": ("", {"answer_way": "answered", "answer_text": "已当面告知办理地点、所需材料和经办电话。"}),
    "department_answer": ("", {"answer_text": "已派人到场查看，三日内处理完毕。"}),
    "judge_duplicates": ("", {"duplicate_decision": "keep"}),
    "register_report": ("", {}),
    "confirm_triage": ("", {"triage_decision": "confirm"}),
    "accept_case": ("", {"office_answer": "accept"}),
    "ask_consent": ("", {"consent_answer": "agreed", "consent_way": "telephone"}),
    "choose_mediator": ("", {}),
    "claim_bulletin": ("", {}),
    "accept_assignment": ("", {"assignment_answer": "accepted"}),
    "tell_rights": ("", {"rights_confirmed": True, "rights_told_how": "oral"}),
    "investigate_party": ("", {"party_facts": "双方说法已核对，与现场情况基本一致。"}),
    "plan_session": ("", {"session_place": "调解室", "session_mode": "joint", "session_told_how": "telephone"}),
    "hold_session": (
        "",
        {"session_result": "agreed", "agreement_form": "written", "session_notes": "双方各退一步，谈拢了。"},
    ),
    "draft_agreement": ("", {"agreement_terms": "按商定的办法如期履行，双方互不追究。", "performance_mode": "by_date"}),
    "record_oral_agreement": ("", {"agreement_terms": "当面说好、当场办结，双方互不追究。"}),
    "sign_agreement": ("", {"signature_way": "signature"}),
    "mediator_signs": ("", {}),
    "seal_agreement": ("", {}),
    "confirm_instalment": ("", {"instalment_done": True}),
    "make_visit": ("", {"visit_finding": "stable", "satisfaction": "satisfied", "visit_way": "telephone"}),
    "supply_document": ("", {"absence_reason": "当事人未带证件，由村（社区）出具证明。"}),
    "review_file": ("", {"file_approved_by_archivist": True, "retention": "ten_years"}),
    "call_police": ("", {"police_station": "辖区派出所"}),
    "confirm_police_receipt": ("", {"police_receipt_number": "接0117"}),
    "plan_measures": ("", {"measures": ["apart", "family"]}),
    "daily_check": ("", {"safety_worse": False}),
    "lift_safety": ("leader", {"safety_lifted": True, "lift_reason": "双方情绪平稳，危险物品已收走。"}),
    "end_mediation": ("", {"termination_reason": "分歧过大，一方不愿再谈。", "remedies_told_how": "written"}),
    "decide_escalation": ("", {"escalation_way": "hand_over", "handover_receiver": "court"}),
    "tell_remedies": ("", {}),
    "prepare_handover": ("", {"handover_reason": "procedure"}),
    "give_receipt": ("", {"handover_accepted": True, "receipt_number": "收0301"}),
    "confirm_settlement": ("", {"settlement_confirmed": True}),
    "apply_no_penalty": ("", {}),
    "apply_confirmation": ("", {}),
    "record_court_decision": ("", {"court_decision": "confirmed", "court_decision_number": "司确12号"}),
}
"""A course that goes well: everybody answers what the diagram asks, it is settled, kept and looked after."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A dispute, or a question: what it is about, whose it is, and what is other than in a course that goes well.

    `facts` are entered when it is registered, `amount` among them; `variables` come with the report. `message` comes
    when the task `upon` is open. A minor among the applicants has `age` and `guardian`. `kept_at` is a task
    before which this very matter is to be kept.
    """

    text: str
    place: str
    applicant: str
    respondent: str
    channel: str = "window"
    kind: str = "dispute"
    amount: int | None = None
    facts: Values = field(default_factory=dict)
    variables: Values = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    upon: str = ""
    message: tuple[str, Values] | None = None
    age: int | None = None
    guardian: str = ""
    mediator: str = ""
    evidence: str = ""
    kept_at: str = ""


_CONFIRMED: Answers = {
    "draft_agreement": (
        "",
        {"agreement_terms": "分两笔付清，逾期按约定计息。", "performance_mode": "by_date", "confirmation_wanted": True},
    )
}
_ORAL: Answers = {
    "hold_session": (
        "",
        {"session_result": "agreed", "agreement_form": "oral", "session_notes": "当面说开，口头约定。"},
    )
}
_FAILED: Answers = {"hold_session": ("", {"session_result": "failed", "session_notes": "各执一词，谈不拢。"})}
_TO_THE_GRID: Answers = {
    "confirm_triage": (
        "",
        {
            "triage_decision": "override",
            "override_reason": "小事，网格员就近处理更快。",
            "triage_result": "mediate",
            "procedure": "people_mediation",
            "office": "grid",
            "route_tier": "grid",
            "assignment": "assigned",
        },
    )
}
_WITHDRAWN: Mapping[str, Any] = {
    "upon": "confirm_triage",
    "message": ("party_withdrew", {"withdrawal_reason": "双方愿意先自己商量。"}),
}
_SETTLED: Mapping[str, Any] = {
    "upon": "accept_case",
    "message": ("parties_settled", {"settled_how": "当面说开，已经了结。"}),
}
"""Most matters end at the door: a few full lives are enough."""

GREEN: tuple[Matter, ...] = (
    Matter("邻居建围墙挡了排水，门前积水。", "河畔村3组", "孟小雨", "阮大江", mediator="mediator", evidence="门前积水"),
    Matter(
        "借款到期没还，写有借条。", "河畔村2组", "樊春花", "穆根土", channel="12345", amount=31417, answers=_CONFIRMED
    ),
    Matter(
        "两家菜地中间的小路年年争。",
        "河畔村第一网格",
        "桑月英",
        "巫小龙",
        channel="grid",
        answers=_TO_THE_GRID,
        kept_at="ask_consent",
    ),
    Matter("邻居家的狗咬伤了孩子的奶奶。", "石桥村1组", "褚金娣", "屠小荣", channel="110", amount=2861, answers=_ORAL),
    Matter("修路占地的青苗补偿少算了两分地。", "石桥村", "麻水娟", "石桥村经济合作社", amount=5303, **_WITHDRAWN),
    Matter("婚后分居，彩礼退多少各说各的。", "渡口村1组", "缪小燕", "臧立军", amount=66109, **_WITHDRAWN),
    Matter("承包地地界被犁过去一垄，找村里量过一次。", "竹山村2组", "骆长根", "居水生", channel="grid", **_WITHDRAWN),
    Matter("合伙养蜂散伙，分红的账对不上。", "茶园村", "祝建中", "晏小满", amount=23911, **_SETTLED),
    Matter("养殖场臭气熏人，夏天不敢开窗。", "高坪村3组", "童月娥", "浦福根", channel="12345", **_WITHDRAWN),
    Matter("跟团旅游，旅行社临时减了两个景点。", "云岭镇", "卞秋红", "云岭旅行社", amount=1873, **_WITHDRAWN),
    Matter(
        "网上买的电动车三天就坏，商家不退款。",
        "东苑社区1幢",
        "闻小慧",
        "柳河车行",
        channel="12345",
        amount=3259,
        **_SETTLED,
    ),
    Matter("有人在微信群里发我的照片骂我。", "东苑社区5幢", "盛美琴", "裘国栋", channel="odr", **_WITHDRAWN),
    Matter("小区停车位涨价，物业不肯谈。", "柳湖社区", "毕秋萍", "柳湖物业", amount=2411, **_SETTLED),
    Matter(
        "小学生在学校走廊追跑，撞掉了门牙。",
        "柳湖社区",
        "宣小宝",
        "柳湖小学",
        amount=8837,
        age=9,
        guardian="宣立平",
        **_WITHDRAWN,
    ),
    Matter("隔壁新开的店招牌和我家商标一个样。", "柳河街道", "柏记酒坊", "老柏酒坊", amount=12647, **_SETTLED),
    Matter("在工地做了四个月，拖欠工资没有结清。", "柳河街道", "罗春林", "宏达劳务队", channel="labour", amount=18437),
    Matter(
        "路口两辆电动车追尾，误工费谈不拢。", "渡口村", "岳东明", "席小军", channel="110", amount=6121, **_WITHDRAWN
    ),
    Matter("住院治疗后伤口感染，和医院说不到一起。", "枫溪县", "蓝桂珍", "枫溪县人民医院", amount=43201, **_SETTLED),
    Matter("想问一下新农合报销的手续在哪里办。", "河畔村", "袁阿婆", "", kind="question", channel="12345"),
    Matter(
        "路灯坏了半个月，晚上老人不敢出门。",
        "东苑社区",
        "葛美华",
        "",
        kind="request",
        channel="12345",
        answers={"answer_on_spot": ("", {"answer_way": "department", "department": "housing"})},
    ),
    Matter(
        "货款拖了一年，想直接走法院。",
        "工人新村社区",
        "姬建新",
        "尤家五金",
        amount=52379,
        variables={"procedure_asked": "court"},
    ),
    Matter(
        "加班费和奖金没发，要申请仲裁。",
        "工人新村社区",
        "邰小梅",
        "枫溪电子厂",
        channel="labour",
        amount=16829,
        variables={"procedure_asked": "arbitration"},
    ),
    Matter(
        "隔壁装修敲墙，墙面裂了一道缝。",
        "东苑社区8幢",
        "和玉芳",
        "蔺海波",
        upon="tell_rights",
        message=("party_withdrew", {"withdrawal_reason": "对方已经上门道歉。"}),
    ),
    Matter(
        "借给亲戚的钱要不回来，有转账记录。",
        "渡口村2组",
        "茅小莉",
        "茅大伟",
        amount=19391,
        upon="ask_consent",
        message=("parties_settled", {"settled_how": "已经还清。"}),
    ),
    Matter("地里的西瓜夜里被人偷了一车。", "渡口村2组", "卜根林", "", channel="110", amount=2239),
)

YELLOW: tuple[Matter, ...] = (
    Matter(
        "门前通行的路，两家争了一年多。",
        "河畔村2组",
        "乐秀兰",
        "乐根发",
        facts={"months_unresolved": 14},
        mediator="mediator",
    ),
    Matter(
        "借钱做生意亏了，担保的亲戚不认账。",
        "东苑社区2幢",
        "项国庆",
        "诸葛明",
        amount=87119,
        facts={"heavy_debt": True, "failed_mediations": 1},
        **_WITHDRAWN,
    ),
    Matter(
        "离婚以后争孩子的抚养，吵到派出所一次。",
        "渡口村3组",
        "沙小丽",
        "翁建军",
        amount=14057,
        facts={"custody_fight": True, "earlier_calls": 1},
        **_SETTLED,
    ),
    Matter(
        "六个人办的健身会员卡，店关门了不退。",
        "竹山村",
        "戎丽丽",
        "云岭健身房",
        amount=9473,
        facts={"people_count": 6},
        **_WITHDRAWN,
    ),
    Matter(
        "自留地被占，去年吵过也报过警。",
        "河畔村3组",
        "甘水根",
        "蒙阿土",
        facts={"months_unresolved": 8, "earlier_calls": 2},
        evidence="地边的界桩",
        kept_at="make_visit",
    ),
)

ORANGE: tuple[Matter, ...] = (
    Matter(
        "山地承包两家都有合同，村里调过两次。",
        "石桥村5组",
        "鲁有田",
        "冷长生",
        amount=38351,
        facts={"months_unresolved": 24, "failed_mediations": 2},
    ),
    Matter(
        "征地补偿分配，十几户都不签字。",
        "高坪村",
        "房有福",
        "高坪村经济合作社",
        amount=126943,
        facts={"people_count": 12, "months_unresolved": 4},
        **_WITHDRAWN,
    ),
    Matter(
        "担保借款拖了一年多，酒后上门吵过。",
        "河畔村1组",
        "简小林",
        "路大龙",
        amount=73517,
        facts={"heavy_debt": True, "months_unresolved": 13, "alcohol": True},
        **_SETTLED,
    ),
)

RED: tuple[Matter, ...] = (
    Matter(
        "邻居为排水沟扬言要放火，家里有老人孩子。",
        "石桥村6组",
        "白小芹",
        "雷大勇",
        channel="110",
        variables={"danger": True, "danger_signs": ["arson"]},
        answers=_ORAL,
    ),
    Matter(
        "丈夫动手打人，要离婚，房子和存款怎么分。",
        "河畔村4组",
        "倪小芳",
        "裴志刚",
        amount=61643,
        variables={"danger": True, "danger_signs": ["domestic_violence"], "property_or_custody": True},
        answers=_ORAL,
        kept_at="lift_safety",
    ),
    Matter(
        "合同纠纷拖了两年，两次没调成，酒后放过狠话。",
        "东苑社区3幢",
        "嵇长贵",
        "解小东",
        amount=154817,
        facts={"heavy_debt": True, "failed_mediations": 2, "months_unresolved": 25, "alcohol": True},
        answers=_FAILED,
    ),
    Matter(
        "丈夫喝了酒就打人，孩子吓得不敢回家。",
        "渡口村",
        "耿秀秀",
        "荀大力",
        channel="110",
        variables={"danger": True, "danger_signs": ["domestic_violence"]},
    ),
    Matter(
        "两家为滴水争吵，越吵越凶。",
        "河畔村5组",
        "柯玉凤",
        "牛二保",
        mediator="mediator",
        upon="tell_rights",
        message=("facts_changed", {"facts_note": "昨晚持铁锹上门。", "danger": True, "danger_signs": ["weapon"]}),
    ),
)

MATTERS: tuple[Matter, ...] = (*GREEN, *YELLOW, *ORANGE, *RED)
