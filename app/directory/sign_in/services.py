"""Open, settle, prove and end sign-ins; passwords, second factors and one-time links."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, Update, and_, delete, select, update

from app.audit.services import SYSTEM, Actor, Stream, record
from app.core.database import db
from app.core.locking import locked
from app.core.sealing import Unsealed, key_for, seal, unseal
from app.directory import queries as directory
from app.directory.errors import TooManyTries, WrongSignIn
from app.directory.models import ApiToken, PasswordLink, Person, RecoveryCode, SecondFactor, SignIn
from app.directory.passwords import hash_password, is_password
from app.directory.queries import secret_hash
from app.directory.services import count_attempt, refuse_after
from app.directory.sign_in import queries, rules
from app.directory.sign_in.errors import (
    EnrolmentStale,
    FactorSetUp,
    LinkOver,
    NoSecondFactor,
    PasswordsDiffer,
    PasswordTooCommon,
    PasswordUnchanged,
    WrongCode,
    WrongOldPassword,
    WrongProof,
)

SIGN_IN_DAYS = 14
OWING_MINUTES = 15
PROOF_MINUTES = 10
LINK_HOURS = 24
ENROLMENT_MINUTES = 30
SEEN_MINUTES = 10

TRIES = 8
TRIES_OF_A_NETWORK = 100
CODE_TRIES_A_DAY = 100

_SEALED = "second factor"


def sign_in(
    login: str,
    password: str,
    *,
    network: str,
    agent: str,
    now: datetime,
    known_browser: str = "",
    public: Collection[str] = (),
    forced: Collection[str] = (),
) -> tuple[Person, str]:
    """Check the password and open a sign-in; returns the person and the cookie's secret.

    Wrong tries are counted for account and network together, and for the network as a whole, so that nobody tries one
    password on everybody. A browser in which the account was opened before (`known_browser`) is counted by itself: so
    nobody locks a colleague out who shares the office's network. `public` are passwords that everyone knows:
    they open no account. `forced` are the roles that need a second factor.
    """
    network = rules.network_of(network)
    account = f"sign-in:{login[:60].lower()}"
    keys: tuple[str, ...] = (f"{account}::{known_browser}",)
    if not known_browser:
        keys = (f"{account}:{network}", f"sign-in::{network}")
    for key, tries in zip(keys, (TRIES, TRIES_OF_A_NETWORK), strict=False):
        refuse_after(key, tries, now=now)
    person = db.session.scalars(
        select(Person).where(Person.login == login, Person.left_at.is_(None)).order_by(Person.county_id).limit(1)
    ).first()
    right = is_password(person.password_hash if person else None, password) and password not in public
    if not right or person is None:
        for key in keys:
            count_attempt(key, now=now)
        if person is not None:
            _note_lock(person, keys[0], network, now)
        raise WrongSignIn
    return person, open_sign_in(person, means="password", network=network, agent=agent, forced=forced, now=now)


def _note_lock(person: Person, key: str, network: str, now: datetime) -> None:
    """One row in the person's history when a network has used up its tries for this account."""
    try:
        refuse_after(key, TRIES, now=now)
    except TooManyTries:
        _tell(person, "sign_in.blocked", SYSTEM, now, network=network)


def open_sign_in(
    person: Person, *, means: str, network: str, agent: str, forced: Collection[str], now: datetime
) -> str:
    """A sign-in after the first proof; it owes what this person still has to show or do. Returns the secret."""
    secret = secrets.token_urlsafe(32)
    opened = SignIn(
        county_id=person.county_id,
        person_id=person.id,
        secret_hash=secret_hash(secret),
        started_at=now,
        expires_at=now + timedelta(minutes=OWING_MINUTES),
        agent=agent[:200],
        network=rules.network_of(network),
        means=means,
    )
    db.session.add(opened)
    _let_in(opened, person, after="", forced=forced, now=now)
    db.session.flush()
    return secret


def settle(opened: SignIn, person: Person, *, step: str, forced: Collection[str], now: datetime) -> str:
    """The step was done: on to the next one, or in. Always under a new secret, which is returned."""
    secret = secrets.token_urlsafe(32)
    opened.secret_hash = secret_hash(secret)
    _let_in(opened, person, after=step, forced=forced, now=now)
    db.session.flush()
    return secret


def _let_in(opened: SignIn, person: Person, *, after: str, forced: Collection[str], now: datetime) -> None:
    _go_on(opened, person, after=after, forced=forced, now=now)
    if not opened.owes:
        opened.expires_at = now + timedelta(days=SIGN_IN_DAYS)
        opened.seen_at = opened.proved_at = now
        _tell(person, "person.signed_in", _self(person), now, network=opened.network, means=opened.means)


def _go_on(opened: SignIn, person: Person, *, after: str, forced: Collection[str], now: datetime) -> None:
    owed = set()
    has_factor = queries.second_factor(person.county_id, person.id) is not None
    if has_factor:
        owed.add(rules.CODE)
    if person.password_to_change and opened.means == "password":
        owed.add(rules.PASSWORD)
    if not has_factor and queries.needs_second_factor(person.county_id, person.id, forced, now=now):
        owed.add(rules.ENROLMENT)
    opened.owes = rules.next_owed(after, owed)
    viewer = directory.viewer_of_person(person.county_id, person.id, now=now)
    opened.roles = rules.roles_mark(viewer.roles) if viewer else ""


def pay_code(opened: SignIn, person: Person, code: str, *, now: datetime) -> None:
    """The code that a sign-in owes. Raises WrongCode, TooManyTries."""
    _use_code_counted(person, code, network=opened.network, now=now)


def prove(opened: SignIn, person: Person, answer: str, *, now: datetime) -> None:
    """Show again that it is you: by a code, or by the password where there is no second factor.

    Raises WrongProof, TooManyTries.
    """
    if queries.second_factor(person.county_id, person.id) is not None:
        try:
            _use_code_counted(person, answer, network=opened.network, now=now)
        except WrongCode as error:
            raise WrongProof from error
    else:
        key = f"proof:{opened.id}"
        refuse_after(key, TRIES, now=now)
        if not is_password(person.password_hash, answer):
            count_attempt(key, now=now)
            raise WrongProof
    opened.proved_at = now
    db.session.flush()


def is_fresh(proved_at: datetime | None, *, now: datetime) -> bool:
    return proved_at is not None and now - timedelta(minutes=PROOF_MINUTES) <= proved_at


def _use_code_counted(person: Person, code: str, *, network: str, now: datetime) -> None:
    """Tries are counted like those of passwords, and for the account as a whole over a day.

    Only who knows the password comes so far: nobody else can use up the day's tries.
    """
    keys = (f"code:{person.id}:{network}", f"code:{person.id}")
    refuse_after(keys[0], TRIES, now=now)
    refuse_after(keys[1], CODE_TRIES_A_DAY, now=now, within=timedelta(days=1))
    if use_code(person, code, now=now):
        return
    for key in keys:
        count_attempt(key, now=now)
    _note_lock(person, keys[0], network, now)
    raise WrongCode


def use_code(person: Person, code: str, *, now: datetime) -> bool:
    """Whether the code of the app, or one for recovery, is right; it is used up by it."""
    factor = queries.second_factor(person.county_id, person.id)
    if factor is None:
        return False
    plain = rules.plain_code(code)
    if rules.is_recovery_code(plain):
        used = _changed(
            update(RecoveryCode)
            .where(
                RecoveryCode.county_id == person.county_id,
                RecoveryCode.person_id == person.id,
                RecoveryCode.code_hash == _code_hash(plain),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
        )
        if used:
            _tell(person, "second_factor.recovery_used", _self(person), now)
        return used
    step = rules.matching_step(unseal(_SEALED, factor.id, factor.secret_cipher), plain, after=factor.last_step, now=now)
    return step is not None and _changed(
        update(SecondFactor)
        .where(SecondFactor.county_id == factor.county_id, SecondFactor.id == factor.id, SecondFactor.last_step < step)
        .values(last_step=step)
    )


def begin_enrolment(person: Person, *, now: datetime) -> str:
    """A new secret, sealed for this person: the page carries it until the first code proves that the phone has it."""
    return seal("enrolment", person.id, f"{int(now.timestamp())}:{rules.new_secret()}").hex()


def secret_of_enrolment(person: Person, sealed: str, *, now: datetime) -> str:
    """Raises EnrolmentStale for what is older than half an hour, or of somebody else."""
    try:
        begun, secret = unseal("enrolment", person.id, bytes.fromhex(sealed)).split(":")
    except (Unsealed, ValueError) as error:
        raise EnrolmentStale from error
    if now.timestamp() - int(begun) > ENROLMENT_MINUTES * 60:
        raise EnrolmentStale
    return secret


def enrol(person: Person, sealed: str, code: str, *, but: SignIn | None, now: datetime) -> list[str]:
    """Take the phone as second factor, in place of any before; returns the recovery codes, shown once.

    Raises EnrolmentStale, WrongCode, FactorSetUp. Other sign-ins of the person end.
    """
    secret = secret_of_enrolment(person, sealed, now=now)
    if _is_set_up(person, secret):
        raise FactorSetUp
    step = rules.matching_step(secret, rules.plain_code(code), after=0, now=now)
    if step is None:
        raise WrongCode
    _hold(person)
    replaced = _drop_factor(person)
    factor = SecondFactor(county_id=person.county_id, person_id=person.id, secret_cipher=b"", since=now, last_step=step)
    db.session.add(factor)
    db.session.flush()
    factor.secret_cipher = seal(_SEALED, factor.id, secret)
    codes = _make_recovery_codes(person)
    end_sign_ins(person, but=but, now=now)
    _tell(person, "second_factor.replaced" if replaced else "second_factor.set_up", _self(person), now)
    return codes


def _is_set_up(person: Person, secret: str) -> bool:
    """Whether this secret is the second factor already: its page was sent twice."""
    factor = queries.second_factor(person.county_id, person.id)
    try:
        return factor is not None and unseal(_SEALED, factor.id, factor.secret_cipher) == secret
    except Unsealed:
        return False


def _make_recovery_codes(person: Person) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(_of(RecoveryCode, person)))
    codes = rules.new_recovery_codes()
    db.session.add_all(
        RecoveryCode(
            county_id=person.county_id, person_id=person.id, code_hash=_code_hash(rules.plain_code(code)), used_at=None
        )
        for code in codes
    )
    db.session.flush()
    return codes


def renew_codes(person: Person, *, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones work no longer."""
    _hold(person)
    codes = _make_recovery_codes(person)
    _tell(person, "second_factor.codes_renewed", _self(person), now)
    return codes


def take_away_factor(person: Person, *, actor: Actor, now: datetime) -> None:
    """The phone is lost, or no longer wanted. Every sign-in of the person ends when somebody else does it."""
    if not _drop_factor(person):
        raise NoSecondFactor
    if actor.id != person.id:
        end_sign_ins(person, but=None, now=now)
    _tell(person, "second_factor.removed", actor, now)


def _drop_factor(person: Person) -> bool:
    db.session.execute(delete(RecoveryCode).where(_of(RecoveryCode, person)))
    return _changed(delete(SecondFactor).where(_of(SecondFactor, person)))


def change_password(
    opened: SignIn, person: Person, *, old: str, new: str, again: str, public: Collection[str], now: datetime
) -> str:
    """A new password in exchange for the old one; other sign-ins end, this one gets the secret that is returned.

    Raises TooManyTries, WrongOldPassword, and what is wrong with the new one.
    """
    key = f"password:{opened.id}"
    refuse_after(key, TRIES, now=now)
    if not is_password(person.password_hash, old):
        count_attempt(key, now=now)
        raise WrongOldPassword
    _set_password(person, new, again=again, public=public, now=now)
    end_sign_ins(person, but=opened, now=now)
    _tell(person, "person.password_changed", _self(person), now)
    secret = secrets.token_urlsafe(32)
    opened.secret_hash, opened.proved_at = secret_hash(secret), now
    db.session.flush()
    return secret


def pay_password(
    opened: SignIn, person: Person, *, new: str, again: str, public: Collection[str], now: datetime
) -> None:
    """The password of one's own that a sign-in with a given one owes."""
    _set_password(person, new, again=again, public=public, now=now)
    end_sign_ins(person, but=opened, now=now)
    _tell(person, "person.password_changed", _self(person), now)


def give_password(person: Person, *, actor: Actor, now: datetime) -> str:
    """A first password, told once by whoever makes it; the person must change it. Their sign-ins end."""
    words = "-".join(secrets.token_hex(2) for _ in range(4))
    person.password_hash = hash_password(words)
    person.password_to_change = True
    _void_links(person, now)
    end_sign_ins(person, but=None, now=now)
    _tell(person, "person.password_given", actor, now)
    return words


def make_password_link(person: Person, *, actor: Actor, now: datetime) -> str:
    """The secret of a one-time address for a new password; earlier ones stop working."""
    _void_links(person, now)
    secret = secrets.token_urlsafe(24)
    db.session.add(
        PasswordLink(
            county_id=person.county_id,
            person_id=person.id,
            secret_hash=secret_hash(secret),
            made_at=now,
            expires_at=now + timedelta(hours=LINK_HOURS),
            used_at=None,
        )
    )
    db.session.flush()
    _tell(person, "person.password_link_made", actor, now)
    return secret


def use_password_link(secret: str, *, new: str, again: str, public: Collection[str], now: datetime) -> Person:
    """Set the password that a link stands for. Raises LinkOver, and what is wrong with the password."""
    link, person = queries.link_holder(secret, now=now)
    claim = update(PasswordLink).where(
        PasswordLink.county_id == link.county_id, PasswordLink.id == link.id, PasswordLink.used_at.is_(None)
    )
    if not _changed(claim.values(used_at=now)):
        raise LinkOver
    _set_password(person, new, again=again, public=public, now=now)
    end_sign_ins(person, but=None, now=now)
    _tell(person, "person.password_changed_by_link", _self(person), now)
    return person


def _set_password(person: Person, new: str, *, again: str, public: Collection[str], now: datetime) -> None:
    rules.check_password(new, about=rules.telling_words(person.login, person.name, person.name_en, person.phone or ""))
    if new in public:
        raise PasswordTooCommon
    if new != again:
        raise PasswordsDiffer
    if is_password(person.password_hash, new):
        raise PasswordUnchanged
    person.password_hash = hash_password(new)
    person.password_to_change = False
    _void_links(person, now)


def _void_links(person: Person, now: datetime) -> None:
    db.session.execute(
        update(PasswordLink).where(_of(PasswordLink, person), PasswordLink.used_at.is_(None)).values(used_at=now)
    )


def end_sign_ins(person: Person, *, but: SignIn | None, now: datetime) -> int:
    """Sign the person out everywhere, `but` for one browser; returns in how many."""
    query = update(SignIn).where(_of(SignIn, person), SignIn.ended_at.is_(None), SignIn.expires_at > now)
    if but is not None:
        query = query.where(SignIn.id != but.id)
    ended = db.session.execute(query.values(ended_at=now))
    return int(getattr(ended, "rowcount", 0))


def end_sign_in(opened: SignIn, person: Person, *, actor: Actor, now: datetime) -> None:
    """Sign one browser out; done twice it is told once."""
    if opened.ended_at is None:
        opened.ended_at = now
        db.session.flush()
        _tell(person, "person.signed_out_elsewhere", actor, now)


def end_others(opened: SignIn | None, person: Person, *, actor: Actor, now: datetime) -> None:
    """Sign a person out everywhere but in the browser of `opened`."""
    if end_sign_ins(person, but=opened, now=now):
        _tell(person, "person.signed_out_elsewhere", actor, now)


def sign_out(secret: str, *, now: datetime) -> None:
    db.session.execute(
        update(SignIn).where(SignIn.secret_hash == secret_hash(secret), SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def touch(county_id: int, sign_in_id: int, *, mark: str, now: datetime) -> None:
    """Note that the browser is still used, and the mark of its roles where there was none."""
    db.session.execute(
        update(SignIn).where(SignIn.county_id == county_id, SignIn.id == sign_in_id).values(seen_at=now, roles=mark)
    )


def touch_token(county_id: int, token_id: int, *, now: datetime) -> None:
    db.session.execute(
        update(ApiToken).where(ApiToken.county_id == county_id, ApiToken.id == token_id).values(used_at=now)
    )


def follow_roles(secret: str, *, forced: Collection[str], now: datetime) -> str | None:
    """After a change of roles: a new secret for this browser, which owes the second factor if the new role needs one.

    None when another request of the browser was faster.
    """
    row = db.session.execute(
        locked(
            select(SignIn, Person)
            .join(Person, (Person.county_id == SignIn.county_id) & (Person.id == SignIn.person_id))
            .where(SignIn.secret_hash == secret_hash(secret), SignIn.ended_at.is_(None), SignIn.owes == ""),
            db.session.get_bind().dialect.name,
        )
    ).one_or_none()
    if row is None:
        return None
    opened, person = row
    renewed = secrets.token_urlsafe(32)
    opened.secret_hash = secret_hash(renewed)
    _go_on(opened, person, after=rules.PASSWORD, forced=forced, now=now)
    db.session.flush()
    return renewed


def _changed(statement: Update | Delete) -> bool:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(getattr(result, "rowcount", 0))


def _of(table: type[RecoveryCode | SecondFactor | PasswordLink | SignIn], person: Person) -> ColumnElement[bool]:
    return and_(table.county_id == person.county_id, table.person_id == person.id)


def _hold(person: Person) -> None:
    """Two changes of one person's access wait for each other."""
    row = select(Person.id).where(Person.county_id == person.county_id, Person.id == person.id)
    db.session.execute(locked(row, db.session.get_bind().dialect.name))


def _code_hash(plain: str) -> str:
    return hmac.new(key_for("recovery code"), plain.encode(), hashlib.sha256).hexdigest()


def _self(person: Person) -> Actor:
    return Actor("person", person.id, person.name)


def _tell(person: Person, event: str, actor: Actor, now: datetime, **payload: str) -> None:
    record(Stream.person(person.county_id, person.id), event, actor=actor, now=now, payload=payload)
