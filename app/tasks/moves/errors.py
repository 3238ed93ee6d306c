from app.core.errors import Forbidden, Refusal


class NotInYourHands(Forbidden):
    """You do not have this task, so you cannot pass it on."""


class HolderIsAtWork(Refusal):
    """%(name)s has this task and is at work. Urge them, or ask them to hand it over."""


class YoursAlready(Refusal):
    """You have this task already."""

    status = 422


class TheirsAlready(Refusal):
    """%(name)s has this task already."""


class ChooseWhom(Refusal):
    """Please choose from the list whom it should go to."""

    status = 422


class WhyIsNeeded(Refusal):
    """Please say why: the other person and the history need it."""

    status = 422


class HasLeft(Refusal):
    """%(name)s does not work here any more."""

    status = 422


class IsAway(Refusal):
    """%(name)s is away until %(day)s. Choose the deputy, or say that it should go there all the same."""


class KeptOut(Refusal):
    """%(name)s has a conflict of interest in this matter and has nothing to do with it."""


class DidWhatItApproves(Refusal):
    """%(name)s did the work that this task approves. It needs a second person."""


class WrongRole(Refusal):
    """%(name)s holds no role for which this task is."""


class WrongPool(Refusal):
    """The process does not allow this task to go to that group."""


class MayNotSeeIt(Refusal):
    """%(name)s may not see this matter, so gets no copy. Add them as a co-worker if they are needed."""


class NoWayBack(Refusal):
    """This task came to you first: there is nobody to return it to. Hand it over instead."""


class NothingToRecall(Refusal):
    """This task is not where you sent it any more, or you did not send it."""


class BegunAlready(Refusal):
    """%(name)s has begun with it. Ask them to return it."""


class UrgedAlready(Refusal):
    """This task was urged at %(time)s. It can be urged again from %(next)s."""


class WaitsForYou(Refusal):
    """This task waits for you: there is nobody else to urge."""


class BelongsToAnother(Refusal):
    """You do this task for %(name)s. Hand it back when you are done, or return it."""


class NotDelegated(Refusal):
    """Nobody asked you to do this task for them."""


class ThereAlready(Refusal):
    """%(name)s is there already."""


class NothingToGive(Refusal):
    """There is nothing typed, or nobody has the task to whom it could go."""


class NotBesideIt(Refusal):
    """This person does not take part in the task."""


class DayHasPassed(Refusal):
    """Please choose a day from tomorrow on."""

    status = 422


class TooManyAtOnce(Refusal):
    """At most %(most)s tasks at once. Please choose fewer."""

    status = 422
