"""Which mediator fits: ranked with the score taken apart, assigned, or posted for volunteers."""
