"""What people are told: kept for their page in the transaction that caused it, sent outside by a job afterwards."""
