"""Work beside the request: jobs under a lease, the beat, the timetable. The only importer of APScheduler."""
