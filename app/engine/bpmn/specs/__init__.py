"""Task specs of our own, one module per kind. Each says what of SpiffWorkflow 3.2.0 it corrects."""
