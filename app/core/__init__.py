"""What every room stands on: database, unit of work, clock, ids, refusals, events, languages."""
