"""Pictures to upload, drawn when they are needed."""

import io

from PIL import Image

TURNED, DESCRIPTION = 0x0112, 0x010E
PLACE = "the secret place where it was taken"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), colour: str = "red", **more: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def photo(size: tuple[int, int] = (60, 40), colour: str = "green", **more: object) -> bytes:
    """What a telephone's camera gives: held upright, with a place written into it."""
    exif = Image.Exif()
    exif[TURNED] = 6
    exif[DESCRIPTION] = PLACE
    return picture("JPEG", size, colour, exif=exif, **more)
