"""Files by their content: stored once under their hash, known by what they are, served only through permission."""
