"""The pure engine: language, decisions, processes. It knows no web, no database and nothing of ours."""
