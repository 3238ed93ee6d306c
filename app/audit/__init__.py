"""The history: append-only, one hash chain per case, person, package and organisation."""
