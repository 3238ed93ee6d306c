from app.core.errors import Refusal


class MappingRefused(Refusal):
    """ "%(line)s" is no mapping: write the old id, an equals sign and the new id."""

    status = 422
