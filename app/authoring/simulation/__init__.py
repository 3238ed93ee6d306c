"""A drafted path played by clicks; what was clicked is recorded as a path test."""
