"""From drafts to the active release and back: requests, approval, the day of effect, going back, packages as ZIP."""
