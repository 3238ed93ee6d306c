"""The API as one document: the features' own parts put together."""
