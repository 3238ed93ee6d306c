"""What happened to an office, a person or a register, in one sentence for each event of their histories."""

from flask_babel import lazy_gettext as _l

EVENTS = {
    "leave.taken": _l("On leave from %(from)s to %(to)s"),
    "leave.ended": _l("The leave from %(from)s to %(to)s ended"),
}
