"""Passwords are kept as argon2id hashes."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """An argon2id hash of `password`."""
    return hasher.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` was hashed; without a hash it takes as long, and is not."""
    try:
        hasher.verify(password_hash or _nobody_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobody_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))
