"""Evidence of a case: what people brought, what it shows, and who brought it."""
