"""Counties, organisations, people, roles, who may see what, sign-in, API tokens, calendars."""
