"""The page on which a path is drawn, and what its lists offer."""
