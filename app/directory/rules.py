"""What roles mean: plain values in, plain values out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

ROLES: dict[str, tuple[str, str]] = {
    "resident": ("群众", "Resident"),
    "grid_worker": ("网格员", "Grid worker"),
    "grid_chief": ("网格长", "Grid chief"),
    "clerk": ("受理员", "Intake clerk"),
    "recorder": ("记录员", "Recorder"),
    "mediator": ("调解员", "Mediator"),
    "expert": ("专家", "Expert"),
    "lawyer": ("律师", "Lawyer"),
    "counsellor": ("心理咨询师", "Counsellor"),
    "interpreter": ("翻译", "Interpreter"),
    "committee_chair": ("调委会主任", "Committee chair"),
    "justice_office": ("司法所", "Justice office"),
    "dispatcher": ("指挥室调度员", "Dispatcher"),
    "department_liaison": ("部门联络员", "Department liaison"),
    "police_liaison": ("公安联络员", "Police liaison"),
    "court_liaison": ("法院联络员", "Court liaison"),
    "arbitration_liaison": ("仲裁联络员", "Arbitration liaison"),
    "proxy": ("代办员", "Proxy"),
    "leader": ("领导", "Leader"),
    "centre_head": ("中心主任", "Head of the centre"),
    "reviewer": ("评查员", "Reviewer"),
    "archivist": ("档案员", "Archivist"),
    "auditor": ("审计员", "Auditor"),
    "privacy_officer": ("个人信息保护负责人", "Privacy officer"),
    "process_owner": ("流程负责人", "Process owner"),
    "administrator": ("管理员", "Administrator"),
    "operator": ("运维员", "Operator"),
}

SCOPES: dict[str, tuple[str, str]] = {
    "reports:write": ("登记来件", "File reports"),
    "tasks:read": ("查看待办", "Read tasks"),
    "tasks:write": ("办理待办", "Work on tasks"),
    "cases:read": ("查看纠纷", "Read cases"),
    "messages:write": ("发送消息和信号", "Send messages and signals"),
    "incidents:read": ("查看故障", "Read incidents"),
    "incidents:write": ("处理故障", "Repair incidents"),
    "moves:read": ("查看流程迁移", "Read moves of running cases"),
    "moves:write": ("迁移运行中的流程", "Move running cases"),
}
"""What a token may be good for: the one list, for the page, the command and the API's description."""

BY_TASK_ONLY = frozenset(
    {"court_liaison", "arbitration_liaison", "expert", "lawyer", "counsellor", "interpreter", "proxy"}
)
"""Roles that see a case only while it has a task for them."""

CASE_ROLES = frozenset(
    {
        "grid_worker",
        "grid_chief",
        "clerk",
        "recorder",
        "mediator",
        "committee_chair",
        "justice_office",
        "dispatcher",
        "department_liaison",
        "police_liaison",
        "leader",
        "centre_head",
        "reviewer",
        "archivist",
        "auditor",
    }
)
"""Roles that see the cases of their own organisation and everything below it."""

TASK_ROLES = CASE_ROLES | BY_TASK_ONLY
"""Roles to which a task about a case may be offered: who keeps packages or the machine gets none of them so."""

READING_ROLES = frozenset({"auditor", "reviewer"})
"""Roles that look at cases and set nothing off."""

TEAM_ROLES = frozenset({"dispatcher", "committee_chair", "justice_office", "leader", "centre_head", "grid_chief"})
"""Roles that see what is open for others in their jurisdiction."""

SENSITIVE_ROLES = frozenset({"leader", "centre_head", "committee_chair", "justice_office", "auditor", "archivist"})
"""Roles that also see restricted cases of their subtree; others need a task of their own in it."""


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role held at an organisation; `path` is the organisation's materialised path."""

    role: str
    organisation_id: int
    path: str
    name_zh: str = ""
    name_en: str = ""


RESIDENT = "resident"
"""The role of people who bring their matters and work for no office."""

PERSON = "person"
"""Stands where a role stands, when work is offered to somebody by name."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, and with which roles where. Everything a lookup needs to know about a person.

    `stands_in_for` are the people on leave today whose work comes to this one.
    """

    county_id: int
    person_id: int
    name: str
    roles: tuple[RoleAt, ...]
    county_name_zh: str = ""
    county_name_en: str = ""
    zone: str = "Asia/Shanghai"
    stands_in_for: tuple[int, ...] = ()
    name_en: str = ""

    def has_role(self, *names: str) -> bool:
        return any(held.role in names for held in self.roles)

    def has_county_role(self, *names: str) -> bool:
        """Whether one of the roles is held at the county itself, not at an office below it."""
        return any(held.role in names and held.path.count("/") == 1 for held in self.roles)

    def role_names(self) -> frozenset[str]:
        return frozenset(held.role for held in self.roles)

    @property
    def works_here(self) -> bool:
        """Whether they work for an office: nobody offers work to a resident, or to who has no role any more."""
        return bool(self.role_names() - {RESIDENT})

    @property
    def pools(self) -> tuple[tuple[str, int], ...]:
        """What work may be offered under to this person: each role with its office, and the person themselves."""
        return (*dict.fromkeys((held.role, held.organisation_id) for held in self.roles), (PERSON, self.person_id))

    def acts_for(self, *people: int | None) -> bool:
        """Whether one of the people is this one, or somebody for whom they stand in."""
        return any(one == self.person_id or one in self.stands_in_for for one in people if one is not None)

    def only_reads(self) -> bool:
        """Whether every role of this person is there to look, not to act."""
        return self.role_names() <= READING_ROLES

    @property
    def sees_the_county(self) -> bool:
        """Whether every case of the county is of this person's offices, restricted ones too."""
        return self.has_county_role(*SENSITIVE_ROLES)

    def paths(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The shortest paths that cover every organisation where one of `roles` is held."""
        wanted = set(roles)
        paths = sorted({held.path for held in self.roles if held.role in wanted})
        return tuple(p for p in paths if not any(p != q and p.startswith(q) for q in paths))


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """What is known of the browser behind a request; `roles` is the mark of the roles it was opened with."""

    id: int
    roles: str
    seen_at: datetime | None
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsedToken:
    """What is known of the token behind a request."""

    id: int
    scopes: tuple[str, ...]
    channel: str | None
    used_at: datetime | None


def held_on(day: date, from_date: date, to_date: date | None) -> bool:
    """Whether an assignment holds on `day`; both ends belong to it."""
    return from_date <= day and (to_date is None or day <= to_date)


def split_group(group: str) -> tuple[str, str]:
    """`dispatcher@parent` -> ("dispatcher", "parent"); a bare role is held at the case's own organisation."""
    role, _, place = group.partition("@")
    return role.strip(), place.strip() or "own"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation on the way from a case's own up to the county."""

    id: int
    path: str
    tier: str
    kind: str


def holder(role: str, where: str, chain: Sequence[Place], held: Collection[tuple[str, int]]) -> int:
    """The organisation of `chain` (nearest first) that a group means; `held` are the (role, organisation) pairs."""
    if where == "own":
        start = 0
    elif where == "parent":
        start = min(1, len(chain) - 1)
    else:
        fitting = (
            index
            for index, one in enumerate(chain)
            if (one.tier == where and one.kind == "government") or one.kind == where
        )
        found = next(fitting, None)
        if found is None:
            return chain[-1].id
        start = found
    above = chain[start:]
    return next((one.id for one in above if (role, one.id) in held), above[0].id)
