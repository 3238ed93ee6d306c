"""The tree of offices: founded, renamed, moved, merged and closed."""
