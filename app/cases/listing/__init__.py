"""The list of cases: what it is filtered by, its pages, its number, and what leaves as a table."""
