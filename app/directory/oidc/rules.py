"""What an identity token must say before it is believed."""

import hmac
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures only; "none" and shared secrets are no proof of who the provider is."""

LEEWAY_SECONDS = 60


class TokenRefused(Exception):
    """The identity token is not one of this provider, for this program, for this sign-in, or for now."""


def subject_of(
    token: str,
    keys: Any,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
) -> str:
    """Whom the token is about. Raises TokenRefused."""
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
        checked = CodeIDToken(claims, {}, options, {"client_id": client_id, "nonce": nonce})
        checked.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TokenRefused(type(error).__name__) from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise TokenRefused("sub")
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise TokenRefused("nonce")
    return subject
