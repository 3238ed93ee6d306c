"""What a good password is, which step a code belongs to, how a browser and a network are told: values only."""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

import pyotp

from app.directory.rules import RoleAt
from app.directory.sign_in.errors import (
    PasswordTellsWhose,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)

CODE, PASSWORD, ENROLMENT, NOTHING = "code", "password", "enrolment", ""
STEPS = (CODE, PASSWORD, ENROLMENT)
"""What a sign-in may owe after the first proof, in the order in which it is asked for."""

STEP_SECONDS = 30
RECOVERY_CODES = 10
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200

_COMMON = frozenset(
    """
    password passwort passw0rd qwerty qwertyuiop asdfghjkl zxcvbnm iloveyou letmein welcome monkey dragon
    sunshine princess football baseball superman batman master shadow trustno admin administrator root user
    guest test demo login secret changeme default abc abcd abcde abcdef abcdefg abcdefgh abcdefghij aaa qazwsx
    qwe qweasd qweasdzxc woaini woaiwojia nihao mima wodemima zhongguo beijing shanghai hangzhou zhejiang
    shaoxing fengqiao maplebridge tiaojie renmin sifa sifasuo zongzhi jiufen maodun computer internet hello
    charlie michael jordan mybaby loveyou killer hunter summer winter spring autumn january february march april
    monday friday company office
    """.split()  # noqa: SIM905 - a list of a hundred strings is no easier to read
)
_ROWS = (
    "01234567890",
    "09876543210",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc",
)
_LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")


def next_owed(after: str, owed: Collection[str]) -> str:
    """The first of what is owed that comes after the step `after` ("" is the very beginning)."""
    begin = STEPS.index(after) + 1 if after else 0
    return next((step for step in STEPS[begin:] if step in owed), NOTHING)


def check_password(password: str, *, about: Collection[str] = ()) -> None:
    """Raises what is wrong with a new password. `about`: account, name, telephone of the person, never to be in it."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong
    plain = password.casefold()
    if any(word.casefold() in plain for word in about):
        raise PasswordTellsWhose
    if _is_common(plain):
        raise PasswordTooCommon


def telling_words(login: str, name: str, name_en: str, phone: str) -> list[str]:
    """What of a person must not stand in their password; single syllables in Latin letters are no hint."""
    words = [login, name, *name_en.split(), re.sub(r"\D", "", phone)]
    return [word for word in words if len(word) > 3 or (len(word) > 1 and not word.isascii())]


def _is_common(plain: str) -> bool:
    """Few different characters, one run along the keyboard, a date or number, or a well-known word with trimmings."""
    if len(set(plain)) < 5:
        return True
    letters = re.sub(r"[^a-z]", "", plain)
    unmasked = re.sub(r"[^a-z]", "", plain.translate(_LOOKALIKES))
    if len(plain) < 20 and not letters and plain.isascii():
        return True
    if any(_covers(plain, row) for row in _ROWS):
        return True
    trimmed = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    return not _COMMON.isdisjoint({letters, unmasked, trimmed, _halved(letters), _halved(unmasked)})


def _covers(plain: str, row: str) -> bool:
    """Whether all but a few characters of the password are one run along `row`."""
    wanted = max(6, len(plain) - 4)
    return any(plain[start : start + wanted] in row for start in range(len(plain) - wanted + 1))


def _halved(text: str) -> str:
    """The half of what says the same twice."""
    half = len(text) // 2
    return text[:half] if half and text[:half] == text[half:] else text


def matching_step(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The 30-second step whose code this is: now, the one before or after, and later than step `after`."""
    present = int(now.timestamp()) // STEP_SECONDS
    maker = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        if step > after and hmac.compare_digest(maker.generate_otp(step), code):
            return step
    return None


def new_secret() -> str:
    return str(pyotp.random_base32())


def enrolment_address(secret: str, login: str, issuer: str) -> str:
    """What the picture says to the app on the phone (otpauth://…)."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer))


def new_recovery_codes() -> list[str]:
    """Ten codes of fifty bits each, for paper: lower case, in two halves, without 0, 1, o, l."""
    texts = (base64.b32encode(secrets.token_bytes(7)).decode().lower().rstrip("=")[:10] for _ in range(RECOVERY_CODES))
    return [f"{text[:5]}-{text[5:]}" for text in texts]


def plain_code(typed: str) -> str:
    """A code as it is compared: without spaces and hyphens, wide digits made narrow."""
    narrow = typed.translate({0xFF10 + digit: str(digit) for digit in range(10)})
    return re.sub(r"[\s\-]", "", narrow).lower()


def is_recovery_code(code: str) -> bool:
    return len(code) == 10


def network_of(address: str) -> str:
    """The network that tries are counted for: the address itself, of IPv6 the half that a subscriber gets."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return str(parsed.ipv4_mapped if parsed.version == 6 else parsed)


def roles_mark(roles: Iterable[RoleAt]) -> str:
    """A short mark of roles and offices; another mark is another set of rights."""
    told = ",".join(sorted(f"{held.role}@{held.organisation_id}" for held in roles))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


_BROWSERS = (
    ("Edg", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"),
    ("OPR", "Opera"),
    ("Chrome", "Chrome"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """ "Chrome · Windows": which browser on what, as far as it says; "" when it says nothing that is known."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    if not browser and "Safari" in agent:
        browser = "Safari"
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(word for word in (browser, system) if word)
