"""The benchmarks: a county of their own, a real web server, a real database, figures."""
