"""Running processes go over to another release: tried first, moved one by one, taken back while nothing followed."""
