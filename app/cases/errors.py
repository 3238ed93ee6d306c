from app.core.errors import Refusal


class CaseSealed(Refusal):
    """This case is archived and sealed. What comes after it goes into a supplement volume."""


class CaseMerged(Refusal):
    """This case was merged into %(code)s. Please go on there."""


class CannotMergeIntoItself(Refusal):
    """A case cannot be merged into itself or into one that is closed."""


class CannotRelateToItself(Refusal):
    """A case cannot be linked with itself."""


class RelatedAlready(Refusal):
    """The two cases are linked already."""


class UnknownOffice(Refusal):
    """There is no open office "%(office)s" for this case."""
