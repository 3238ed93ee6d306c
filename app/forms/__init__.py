"""Forms: form-js JSON shown as plain HTML, and what is posted read into typed values."""

from app.forms.asked import AskedForm
from app.forms.checks import check
from app.forms.errors import FormInvalid, FormUnfinished
from app.forms.reading import read
from app.forms.rendering import FilesWhenAsked, ShownFile, refresh, render
from app.forms.uploads import take_uploads

__all__ = [
    "AskedForm",
    "FilesWhenAsked",
    "FormInvalid",
    "FormUnfinished",
    "ShownFile",
    "check",
    "read",
    "refresh",
    "render",
    "take_uploads",
]
