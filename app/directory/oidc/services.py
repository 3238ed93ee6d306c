"""Talk to the provider: where it is, the way there, whom its answer is about."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.oauth2.client import OAuth2Client
from sqlalchemy import select

from app.core import outbound
from app.core.database import db
from app.core.outbound import OutboundRefused
from app.directory.models import Identity, Person
from app.directory.oidc import rules
from app.directory.oidc.errors import NobodyLinked, NotOurAnswer, ProviderAway, ProviderRefused

SCOPE = "openid"
"""Nothing but who it is: no mail address, no profile."""
KEPT = timedelta(minutes=10)
LEFT_ALONE = timedelta(seconds=15)
"""How long a provider that did not answer is not asked again."""
PATIENCE = 1.5
"""Seconds for which somebody waits while another asks the provider."""


class Description:
    """The provider's description of itself, kept for a while; also that it has none to give.

    One person at a time asks: a provider that is away holds up one visitor, not everybody who works at this moment.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._issuer = ""
        self._told: Mapping[str, str] | None = None
        self._until: datetime | None = None

    def of(self, provider: "Provider", now: datetime) -> Mapping[str, str]:
        """Where the provider's pages are. Raises ProviderAway."""
        if not self._asking.acquire(timeout=PATIENCE):
            raise ProviderAway(name=provider.name)
        try:
            if self._issuer != provider.issuer or self._until is None or now >= self._until:
                self._issuer, self._told = provider.issuer, _discovered(provider)
                self._until = now + (LEFT_ALONE if self._told is None else KEPT)
            told = self._told
        finally:
            self._asking.release()
        if told is None:
            raise ProviderAway(name=provider.name)
        return told

    def forget(self) -> None:
        """It did not lead to the provider: ask again next time."""
        self._until = None


@dataclass(frozen=True, slots=True)
class Provider:
    """What the operator has set, and what the provider says of itself."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    allow: Sequence[str]
    description: Description


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser's own session keeps until the provider sends it back."""

    state: str
    nonce: str
    verifier: str


class _Line:
    """What Authlib's client speaks through: our own outbound calls, with their rules."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = allow

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> "_Reply":
        url, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = outbound.call("POST", url, body=body.encode(), headers=sent, allow=self._allow)
        return _Reply(answer)


@dataclass(frozen=True, slots=True)
class _Reply:
    answer: outbound.Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    def json(self) -> Any:
        return self.answer.json()

    def raise_for_status(self) -> None:
        raise OutboundRefused(f"status {self.answer.status}")


def way_to(provider: Provider, *, return_url: str, now: datetime) -> tuple[str, Begun]:
    """The provider's page for this sign-in, and what must fit when it answers. Raises ProviderAway."""
    begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), generate_token(64))
    url, _state = _client(provider, return_url).create_authorization_url(
        provider.description.of(provider, now)["authorization_endpoint"],
        state=begun.state,
        code_verifier=begun.verifier,
        nonce=begun.nonce,
    )
    return str(url), begun


def subject_of_answer(
    provider: Provider, begun: Begun, answer: Mapping[str, str], *, return_url: str, now: datetime
) -> str:
    """Whom the provider has let in. Raises NotOurAnswer, ProviderRefused, ProviderAway."""
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise NotOurAnswer
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise NotOurAnswer
    if "error" in answer or not answer.get("code"):
        raise ProviderRefused(name=provider.name)
    found = provider.description.of(provider, now)
    try:
        token = _client(provider, return_url).fetch_token(
            found["token_endpoint"],
            grant_type="authorization_code",
            code=answer["code"],
            code_verifier=begun.verifier,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        keys = outbound.call("GET", found["jwks_uri"], allow=provider.allow).json()
        return rules.subject_of(
            str(token.get("id_token", "")),
            keys,
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=begun.nonce,
            now=now,
        )
    except (AuthlibBaseError, rules.TokenRefused) as error:
        raise ProviderRefused(name=provider.name) from error
    except (OutboundRefused, ValueError, TypeError) as error:
        provider.description.forget()
        raise ProviderAway(name=provider.name) from error


def _discovered(provider: Provider) -> Mapping[str, str] | None:
    """The provider's own description; None when it gives none, or one that is not of the issuer that was asked."""
    try:
        answer = outbound.call("GET", f"{provider.issuer}/.well-known/openid-configuration", allow=provider.allow)
        told = answer.json()
    except OutboundRefused:
        return None
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if (
        answer.status != 200
        or not isinstance(told, dict)
        or str(told.get("issuer", "")).rstrip("/") != provider.issuer
        or not all(isinstance(told.get(name), str) and outbound.is_web_address(told[name]) for name in wanted)
    ):
        return None
    return told


def _client(provider: Provider, return_url: str) -> Any:
    return OAuth2Client(
        _Line(provider.allow),
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        scope=SCOPE,
        redirect_uri=return_url,
        code_challenge_method="S256",
    )


def person_of(provider: Provider, subject: str) -> Person:
    """Who works here and was linked to that account. Raises NobodyLinked."""
    found = db.session.scalars(
        select(Person)
        .join(Identity, (Identity.county_id == Person.county_id) & (Identity.person_id == Person.id))
        .where(Identity.issuer == provider.issuer, Identity.subject == subject, Person.left_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NobodyLinked(name=provider.name, subject=subject)
    return found
