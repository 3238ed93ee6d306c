"""What the case page shows, by place on the page."""
