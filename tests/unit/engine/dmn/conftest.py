from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.engine.feel import Environment


@pytest.fixture
def environment() -> Environment:
    return Environment(now=datetime(2026, 3, 1, 1, 0, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def lenient() -> Environment:
    return Environment(now=datetime(2026, 3, 1, 1, 0, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"), strict=False)
