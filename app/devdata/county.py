"""Fengxi county: four tiers, departments and committees, forty named people. All of it is invented."""

from dataclasses import dataclass
from datetime import date

from app.core.database import db
from app.directory import services
from app.directory.models import County, Organisation, Person
from app.directory.passwords import hash_password

COUNTY_ID = 1
PASSWORD = "fengqiao-demo"  # noqa: S105 - shown on the sign-in page, in demo mode only
SINCE = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    parent: str | None
    tier: str
    kind: str
    name_zh: str
    name_en: str


_ROOT = "330681000000"


def _village(code: str, town: str, name_zh: str, name_en: str) -> list[_Place]:
    grids = [
        _Place(f"{code}-0{n}", code, "grid", "grid", f"{name_zh}第{'一二'[n - 1]}网格", f"{name_en} grid {n}")
        for n in (1, 2)
    ]
    return [_Place(code, town, "village", "government", name_zh, name_en), *grids]


PLACES: list[_Place] = [
    _Place(_ROOT, None, "county", "government", "枫溪县综治中心", "Fengxi County Centre"),
    _Place("police", _ROOT, "county", "police", "县公安局", "County Police"),
    _Place("justice", _ROOT, "county", "justice", "县司法局", "County Justice Bureau"),
    _Place("labour", _ROOT, "county", "labour", "县人社局劳动监察大队", "County Labour Inspection"),
    _Place("arbitration", _ROOT, "county", "arbitration", "县劳动人事争议仲裁院", "County Labour Arbitration"),
    _Place("court", _ROOT, "county", "court", "县人民法院", "County Court"),
    _Place("petition", _ROOT, "county", "petition", "县信访局", "County Petition Office"),
    _Place("housing", _ROOT, "county", "housing", "县住建局", "County Housing Bureau"),
    _Place("market", _ROOT, "county", "market", "县市场监管局", "County Market Supervision"),
    _Place("land", _ROOT, "county", "land", "县自然资源局", "County Land Bureau"),
    _Place("environment", _ROOT, "county", "environment", "县生态环境局", "County Environment Bureau"),
    _Place("legal_aid", _ROOT, "county", "legal_aid", "县法律援助中心", "County Legal Aid Centre"),
    _Place("medical", _ROOT, "county", "committee", "县医疗纠纷调解委员会", "Medical Mediation Committee"),
    _Place("traffic", _ROOT, "county", "committee", "县道路交通事故调解委员会", "Traffic Mediation Committee"),
    _Place("labour_committee", _ROOT, "county", "committee", "县劳动争议调解委员会", "Labour Mediation Committee"),
    _Place("330681101000", _ROOT, "town", "government", "临江镇", "Linjiang Town"),
    _Place("330681102000", _ROOT, "town", "government", "云岭镇", "Yunling Town"),
    _Place("330681003000", _ROOT, "town", "government", "柳河街道", "Liuhe Subdistrict"),
    *_village("330681101201", "330681101000", "河畔村", "Hepan Village"),
    *_village("330681101202", "330681101000", "石桥村", "Shiqiao Village"),
    *_village("330681101203", "330681101000", "渡口村", "Dukou Village"),
    *_village("330681102201", "330681102000", "竹山村", "Zhushan Village"),
    *_village("330681102202", "330681102000", "茶园村", "Chayuan Village"),
    *_village("330681102203", "330681102000", "高坪村", "Gaoping Village"),
    *_village("330681003001", "330681003000", "东苑社区", "Dongyuan Community"),
    *_village("330681003002", "330681003000", "柳湖社区", "Liuhu Community"),
    *_village("330681003003", "330681003000", "工人新村社区", "Gongren Community"),
]


@dataclass(frozen=True, slots=True)
class _Somebody:
    login: str
    name: str
    name_en: str
    posts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    demo_order: int | None = None


_LINJIANG, _YUNLING, _LIUHE = "330681101000", "330681102000", "330681003000"
_HEPAN, _SHIQIAO, _DUKOU = "330681101201", "330681101202", "330681101203"

PEOPLE: list[_Somebody] = [
    _Somebody("clerk", "陈晓梅", "Chen Xiaomei", (("clerk", _ROOT),), demo_order=1),
    _Somebody("clerk2", "方志远", "Fang Zhiyuan", (("clerk", _ROOT), ("recorder", _ROOT))),
    _Somebody("dispatcher", "周建国", "Zhou Jianguo", (("dispatcher", _ROOT),), demo_order=2),
    _Somebody("mediator", "王桂兰", "Wang Guilan", (("mediator", _HEPAN),), ("neighbour", "marriage_family"), 3),
    _Somebody("chair", "李长山", "Li Changshan", (("committee_chair", _HEPAN),), demo_order=4),
    _Somebody("leader", "赵卫东", "Zhao Weidong", (("leader", _ROOT),), demo_order=5),
    _Somebody("archivist", "孙静", "Sun Jing", (("archivist", _ROOT),), demo_order=6),
    _Somebody("grid", "刘小军", "Liu Xiaojun", (("grid_worker", f"{_HEPAN}-01"),), demo_order=7),
    _Somebody("police", "马宏伟", "Ma Hongwei", (("police_liaison", "police"), ("police_liaison", _ROOT)), (), 8),
    _Somebody(
        "arbitration",
        "何丽君",
        "He Lijun",
        (("arbitration_liaison", "arbitration"), ("arbitration_liaison", _ROOT)),
        (),
        9,
    ),
    _Somebody("court", "郑明辉", "Zheng Minghui", (("court_liaison", "court"), ("court_liaison", _ROOT)), (), 10),
    _Somebody("justice", "吴海燕", "Wu Haiyan", (("justice_office", _LINJIANG),), demo_order=11),
    _Somebody("reviewer", "冯雅琴", "Feng Yaqin", (("reviewer", _ROOT),), demo_order=12),
    _Somebody("owner", "蒋文博", "Jiang Wenbo", (("process_owner", _ROOT),), demo_order=13),
    _Somebody("admin", "沈佳怡", "Shen Jiayi", (("administrator", _ROOT),), demo_order=14),
    _Somebody("auditor", "韩立", "Han Li", (("auditor", _ROOT),), demo_order=15),
    _Somebody("head", "杨振华", "Yang Zhenhua", (("centre_head", _ROOT),), demo_order=16),
    _Somebody("elder", "朱有福", "Zhu Youfu", (("mediator", _HEPAN),), ("neighbour", "land"), 17),
    _Somebody(
        "county.mediator", "秦岚", "Qin Lan", (("mediator", _ROOT),), ("contract", "marriage_family", "compensation")
    ),
    _Somebody("county.chair", "丁海峰", "Ding Haifeng", (("committee_chair", _ROOT),)),
    _Somebody("labour.mediator", "尤晓峰", "You Xiaofeng", (("mediator", "labour_committee"),), ("labour", "wages")),
    _Somebody("labour.chair", "许文强", "Xu Wenqiang", (("committee_chair", "labour_committee"),)),
    _Somebody("medical.mediator", "吕思源", "Lü Siyuan", (("mediator", "medical"),), ("medical",)),
    _Somebody("medical.chair", "施惠", "Shi Hui", (("committee_chair", "medical"),)),
    _Somebody("traffic.mediator", "张铁成", "Zhang Tiecheng", (("mediator", "traffic"),), ("traffic",)),
    _Somebody("traffic.chair", "孔祥", "Kong Xiang", (("committee_chair", "traffic"),)),
    _Somebody("labour", "曹勇", "Cao Yong", (("department_liaison", "labour"),)),
    _Somebody("petition", "严芳", "Yan Fang", (("department_liaison", "petition"),)),
    _Somebody("housing", "华俊", "Hua Jun", (("department_liaison", "housing"),)),
    _Somebody("market", "金晓燕", "Jin Xiaoyan", (("department_liaison", "market"),)),
    _Somebody("linjiang.dispatcher", "魏国强", "Wei Guoqiang", (("dispatcher", _LINJIANG), ("clerk", _LINJIANG))),
    _Somebody("linjiang.leader", "陶建平", "Tao Jianping", (("leader", _LINJIANG),)),
    _Somebody(
        "linjiang.mediator",
        "姜秀英",
        "Jiang Xiuying",
        (("mediator", _LINJIANG), ("committee_chair", _LINJIANG)),
        ("contract", "land", "neighbour"),
    ),
    _Somebody("yunling.dispatcher", "戚国庆", "Qi Guoqing", (("dispatcher", _YUNLING), ("leader", _YUNLING))),
    _Somebody(
        "yunling.mediator",
        "谢春生",
        "Xie Chunsheng",
        (("mediator", _YUNLING), ("committee_chair", _YUNLING)),
        ("land",),
    ),
    _Somebody("liuhe.dispatcher", "邹敏", "Zou Min", (("dispatcher", _LIUHE), ("leader", _LIUHE))),
    _Somebody(
        "liuhe.mediator",
        "喻莉",
        "Yu Li",
        (("mediator", _LIUHE), ("committee_chair", _LIUHE)),
        ("property_management", "consumer"),
    ),
    _Somebody(
        "shiqiao.mediator", "柏大山", "Bai Dashan", (("mediator", _SHIQIAO), ("committee_chair", _SHIQIAO)), ("land",)
    ),
    _Somebody(
        "dukou.mediator",
        "水秀珍",
        "Shui Xiuzhen",
        (("mediator", _DUKOU), ("committee_chair", _DUKOU)),
        ("marriage_family",),
    ),
    _Somebody("grid2", "窦小亮", "Dou Xiaoliang", (("grid_worker", f"{_SHIQIAO}-01"), ("grid_chief", _SHIQIAO))),
    _Somebody("resident", "章若兰", "Zhang Ruolan", (("resident", _HEPAN),), demo_order=18),
]


def create_people_and_places() -> County:
    """The county with its tree and its people; their demo password is PASSWORD."""
    county = services.create_county(
        county_id=COUNTY_ID, code="330681", name_zh="枫溪县", name_en="Fengxi County", prefix="FX"
    )
    places: dict[str, Organisation] = {}
    for place in PLACES:
        places[place.code] = services.create_organisation(
            county.id,
            parent=places[place.parent] if place.parent else None,
            tier=place.tier,
            kind=place.kind,
            code=place.code,
            name_zh=place.name_zh,
            name_en=place.name_en,
        )
    password_hash = hash_password(PASSWORD)
    for somebody in PEOPLE:
        person = services.create_person(
            county.id,
            login=somebody.login,
            name=somebody.name,
            name_en=somebody.name_en,
            password_hash=password_hash,
            tags=somebody.tags,
            demo_order=somebody.demo_order,
        )
        for role, code in somebody.posts:
            services.assign_role(person, role, places[code], from_date=SINCE)
    db.session.flush()
    return county


def person_named(login: str) -> Person:
    """The demo person with this account."""
    return db.session.query(Person).filter_by(county_id=COUNTY_ID, login=login).one()
