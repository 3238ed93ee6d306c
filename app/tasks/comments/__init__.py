"""What colleagues say to each other about a matter and its tasks; parties never read it."""
