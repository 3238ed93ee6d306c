"""The inbox, and what a person does with a task: claim, release, complete."""
