"""What can be done to a case, by subject: the case itself, its parties, clocks, risk and relations."""
