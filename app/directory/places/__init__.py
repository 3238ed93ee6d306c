"""The tree of organisations: founded, renamed, moved, merged, closed."""
