from urllib.parse import quote

from flask import Blueprint, Response, after_this_request, make_response, request
from flask.typing import ResponseReturnValue

from app.files import previews, services
from app.files.errors import FileGone
from app.files.models import StoredFile
from app.files.queries import note_reading, readable_file
from app.files.rules import JPEG, PDF, PHOTOS

blueprint = Blueprint("files", __name__)

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


@blueprint.get("/files/<int:file_id>")
def download(file_id: int) -> ResponseReturnValue:
    """The very bytes that were stored, always to be saved."""
    file = readable_file(file_id)
    return _answer(file, _bytes(file), file.media_type, "attachment")


@blueprint.get("/files/<int:file_id>/view")
def view(file_id: int) -> ResponseReturnValue:
    """The file in the browser: pictures drawn anew, PDF as it is; anything else is saved."""
    file = readable_file(file_id)
    if file.media_type in PHOTOS:
        return _answer(file, previews.picture(file), JPEG, "inline")
    if file.media_type == PDF:
        return _answer(file, _bytes(file), PDF, "inline")
    return _answer(file, _bytes(file), file.media_type, "attachment")


@blueprint.get("/files/<int:file_id>/preview")
def preview(file_id: int) -> ResponseReturnValue:
    """A small picture of a photo, or of a page of a PDF."""
    file = readable_file(file_id)
    small = previews.picture(file, side=previews.SMALL, page=request.args.get("page", 1, type=int))
    answer = _answer(file, small, JPEG, "inline")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _bytes(file: StoredFile) -> bytes:
    try:
        return services.store().read(file.hash)
    except FileNotFoundError:
        raise FileGone from None


def _answer(file: StoredFile, content: bytes, media_type: str, disposition: str) -> Response:
    @after_this_request
    def note(response: Response) -> Response:
        """Behind the unit that reads: what cannot be noted does not go out."""
        note_reading(file)
        return response

    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
