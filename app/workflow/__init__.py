"""Instances in the database: start, advance, timers, messages, service jobs, incidents, work items."""
