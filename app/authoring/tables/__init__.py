"""The page on which a rule table is kept: editor, trial, spreadsheet."""
