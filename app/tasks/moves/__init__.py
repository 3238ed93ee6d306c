"""Work that goes from one person to another while the process stays where it is."""
