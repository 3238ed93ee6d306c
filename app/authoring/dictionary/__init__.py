"""The data dictionary of a package: what each name means, and where it is written and read."""
