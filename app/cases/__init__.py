"""The case: one matter with one code for life, its reports, parties, clocks, risk, relations and its page."""
