"""Rasters, opened with a cap on their pixels and drawn anew. The guarded child imports this: it needs Pillow alone."""

import io

from PIL import Image, ImageOps

MOST_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


def opened(content: bytes, *more: str) -> Image.Image:
    """The picture, not decoded yet, in one of FORMATS or `more`.

    Raises ValueError, before a pixel is read, for too many of them.
    """
    picture = Image.open(io.BytesIO(content), formats=(*FORMATS, *more))
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    return picture


def drawn_anew(content: bytes, longest_side: int) -> bytes:
    """A raster as JPEG: turned upright, without anything that was hidden in the original (place, comment, profile).

    The photos of telephones (HEIF) are read by a decoder that `read_heif` has loaded.
    """
    with opened(content, "HEIF") as picture:
        picture.draft("RGB", (longest_side, longest_side))
        upright = _upright(picture)
        upright.thumbnail((longest_side, longest_side))
        canvas = Image.new("RGB", upright.size, "white")
        canvas.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
        out = io.BytesIO()
        canvas.save(out, "JPEG", quality=85)
        return out.getvalue()


def read_heif() -> None:
    """Let Pillow read HEIF; only a guarded child does."""
    from pi_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def _upright(picture: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(picture)
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    return turned.convert("RGBA" if has_alpha else "RGB")
