"""Process owners change paths, tables and forms: drafts, checks, publishing, and back again."""
