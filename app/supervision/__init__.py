"""A higher office orders an answer by a date: notice, yellow card, red card."""
