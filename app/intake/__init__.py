"""One intake for every channel: a report comes in, becomes a case and sets its process going."""
