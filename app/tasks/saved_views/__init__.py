"""Filters of the inbox that somebody gave a name: their own, and those that an office shares."""
