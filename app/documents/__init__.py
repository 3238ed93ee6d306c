"""The papers of a case: made from templates, kept in order, sealed and checked."""
