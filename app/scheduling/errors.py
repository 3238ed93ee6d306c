"""What goes wrong with work beside the request."""


class LeaseLost(Exception):
    """Somebody else has taken the job over in the meantime: this result is not accepted."""


class UnknownKind(Exception):
    """Nobody registered a handler for jobs of this kind."""
