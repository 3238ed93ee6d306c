"""A form together with all that showing and reading it needs: made once, then shown, shown again and read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.engine.feel import Environment
from app.forms.dictionary import Dictionary
from app.forms.reading import read
from app.forms.rendering import ShownFile, refresh, render, told


class _Known(TypedDict):
    """What every question of the form is answered with."""

    dictionary: Dictionary | None
    environment: Environment
    variables: Mapping[str, object]


class _Place(TypedDict):
    """Where the fields stand: in which language, what answers when they change, within what."""

    language: str
    refresh_url: str
    files: Mapping[str, ShownFile] | None
    within: str


@dataclass(frozen=True, slots=True)
class AskedForm:
    """`variables` are what conditions and texts of the form may read beside its own fields."""

    form: Mapping[str, Any]
    dictionary: Dictionary | None
    variables: Mapping[str, object]
    environment: Environment

    @property
    def takes_files(self) -> bool:
        """Whether a field of it is filled by an upload."""
        return _has_uploads(self.form)

    def shown(
        self,
        typed: Mapping[str, Any],
        errors: Mapping[str, Sequence[str]] | None = None,
        *,
        language: str,
        refresh_url: str = "",
        files: Mapping[str, ShownFile] | None = None,
        within: str = "",
    ) -> Markup:
        """The fields with what stands in them, and what is wrong (see `render`)."""
        place = _Place(language=language, refresh_url=refresh_url, files=files, within=within)
        return render(self.form, typed, errors, **self._known, **place)

    def shown_again(
        self,
        posted: "MultiDict[str, str]",
        *,
        language: str,
        refresh_url: str,
        files: Mapping[str, ShownFile] | None = None,
        within: str = "",
    ) -> Markup:
        """The fields for what is typed so far (see `refresh`)."""
        place = _Place(language=language, refresh_url=refresh_url, files=files, within=within)
        return refresh(self.form, posted, **self._known, **place)

    def told(self, posted: "MultiDict[str, str]", *, language: str) -> list[tuple[str, str]]:
        """What was typed, in words (see `told`)."""
        return told(self.form, posted, language=language, **self._known)

    def values(
        self, posted: Mapping[str, Any], *, language: str, known_files: Collection[str] = ()
    ) -> dict[str, object]:
        """The typed values of what was posted; raises FormInvalid or FormUnfinished (see `read`)."""
        return read(self.form, posted, language=language, known_files=known_files, **self._known)

    @property
    def _known(self) -> "_Known":
        return _Known(dictionary=self.dictionary, environment=self.environment, variables=self.variables)


def _has_uploads(container: Mapping[str, Any]) -> bool:
    return any(one.get("type") == "filepicker" or _has_uploads(one) for one in container.get("components", ()))
