"""Offices and people, who may do what, calendars and the other registers: the pages of who keeps them."""
