"""The page on which a form is designed, with the form as people will see it below."""
