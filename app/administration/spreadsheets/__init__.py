"""People and offices from a spreadsheet, and into one."""
