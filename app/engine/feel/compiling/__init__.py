"""From tree to closures (semantics of DMN 1.5, 10.3.2)."""
