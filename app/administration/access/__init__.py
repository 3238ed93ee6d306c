"""What a person may see and do, explained: by role and place, and for one case."""
