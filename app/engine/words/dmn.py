"""code: (Chinese, English)."""

MESSAGES: dict[str, tuple[str, str]] = {}
