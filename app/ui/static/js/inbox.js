// The inbox beside what it does without scripts.
