"""Cases that have to do with each other: found, linked, and parted again."""
