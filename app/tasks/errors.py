from app.core.errors import Forbidden, Refusal


class TaskOfAnother(Refusal):
    """%(name)s has this task now. Ask for it to be released, or choose another."""


class AlreadyClaimed(Refusal):
    """%(name)s was faster and has claimed this task."""


class NobodyElse(Refusal):
    """This task was given to you by name: there is no group to which it could go back."""


class NobodyElseTakes(Refusal):
    """A task of %(case)s has no group that could take it. Please name somebody who takes over."""


class NotYourTask(Forbidden):
    """This task is not offered to you."""


class SecondPersonNeeded(Refusal):
    """You did the step before this one. Somebody else has to do this: nobody approves their own work."""


class TaskOfAnotherCase(Refusal):
    """This task does not belong to %(code)s. Nothing was changed; open it from its own case."""


class DoneForAnother(Refusal):
    """%(name)s asked you to do this task and completes it. Hand it back when you are done."""
