"""A form together with all that showing and reading it needs: made once, then shown, shown again and read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.engine.feel import Environment
from app.forms.dictionary import Dictionary
from app.forms.reading import read
from app.forms.rendering import ShownFile, refresh, render


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
        return render(
            self.form,
            typed,
            errors,
            language=language,
            dictionary=self.dictionary,
            environment=self.environment,
            variables=self.variables,
            refresh_url=refresh_url,
            files=files,
            within=within,
        )

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
        return refresh(
            self.form,
            posted,
            language=language,
            dictionary=self.dictionary,
            environment=self.environment,
            variables=self.variables,
            refresh_url=refresh_url,
            files=files,
            within=within,
        )

    def values(
        self, posted: Mapping[str, Any], *, language: str, known_files: Collection[str] = ()
    ) -> dict[str, object]:
        """The typed values of what was posted; raises FormInvalid or FormUnfinished (see `read`)."""
        return read(
            self.form,
            posted,
            dictionary=self.dictionary,
            variables=self.variables,
            environment=self.environment,
            language=language,
            known_files=known_files,
        )


def _has_uploads(container: Mapping[str, Any]) -> bool:
    return any(one.get("type") == "filepicker" or _has_uploads(one) for one in container.get("components", ()))
