"""Keys made of the program's secret, one for each purpose, and values sealed with them."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

_NONCE_BYTES = 12


class Unsealed(ValueError):
    """What was to be opened was not sealed with this key, for this purpose and this owner."""


def key_for(purpose: str) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"maplebridge:{purpose}".encode(), hashlib.sha256).digest()


def seal(purpose: str, owner: int, text: str) -> bytes:
    """`text` encrypted for one owner: the bytes open for no other row."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key_for(purpose)).encrypt(nonce, text.encode(), str(owner).encode())


def unseal(purpose: str, owner: int, sealed: bytes) -> str:
    """The text of `seal`. Raises Unsealed."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key_for(purpose)).decrypt(nonce, rest, str(owner).encode()).decode()
    except InvalidTag as error:
        raise Unsealed from error
