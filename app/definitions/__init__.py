"""How diagrams, rule tables, forms and documents become versions and releases."""
