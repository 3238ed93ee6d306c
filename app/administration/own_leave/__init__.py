"""Everybody notes their own leave and names a deputy."""
