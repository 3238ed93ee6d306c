"""Holidays, make-up workdays and the county's own days; and the limits that a change would move."""
