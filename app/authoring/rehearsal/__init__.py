"""What a change would have meant: past decisions decided again, finished cases walked again. Nothing is moved."""
