"""The county's own free and worked days, kept by the administrator."""
