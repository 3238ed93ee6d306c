"""What is sealed opens for its own row and purpose alone."""

import pytest
from flask import Flask

from app.core.sealing import Unsealed, seal, unseal


def test_it_opens_for_its_owner_and_purpose_only(app: Flask) -> None:
    sealed = seal("identity", 7, "330681198001010019")
    assert unseal("identity", 7, sealed) == "330681198001010019"
    assert b"330681" not in sealed
    for purpose, owner, bytes_ in [("identity", 8, sealed), ("other", 7, sealed), ("identity", 7, sealed[:-1] + b"x")]:
        with pytest.raises(Unsealed):
            unseal(purpose, owner, bytes_)
