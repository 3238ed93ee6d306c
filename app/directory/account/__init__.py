"""A person's own account, and the access of others as administrators keep it."""
