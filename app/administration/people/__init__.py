"""The people of the county: who they are, which roles they hold, when they are away, and when they leave."""
