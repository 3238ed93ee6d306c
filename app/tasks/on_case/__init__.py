"""My task on the page of its case: its form is filled in and completed there."""
