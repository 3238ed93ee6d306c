"""The pages and the API of moves: which running processes go over to another release, and what became of each."""
