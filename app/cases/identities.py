"""Identity numbers of parties: kept sealed, found by a blind index."""

import hashlib
import hmac
from typing import Any

from app.core.sealing import key_for, seal


def identity_index(number: str) -> str:
    """A blind index: equal numbers are found without being readable."""
    return hmac.new(key_for("index"), number.upper().encode(), hashlib.sha256).hexdigest()


def sealed_identity(party_id: int, number: str) -> dict[str, Any]:
    """The columns that keep an identity number: sealed for this very party, its blind index, its end."""
    return {
        "identity_cipher": seal("identity", party_id, number),
        "identity_index": identity_index(number),
        "identity_tail": number[-4:],
    }
