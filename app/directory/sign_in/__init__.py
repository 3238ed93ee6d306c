"""The door: password, second factor, proofs, and what a person opens it with."""
