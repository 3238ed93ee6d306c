"""What somebody has typed into a task's form and not sent yet: kept for that person alone until the task is done."""
