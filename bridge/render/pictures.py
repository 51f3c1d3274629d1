"""
Public copies of pictures: smaller, without metadata, the same bytes every time.

The original stays in the archive. A copy is cached in ``build/.cache``, by the original's digest and the recipe.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from archive.entry import Digest

LONGEST_SIDE = 1600  # pixels: sharp on a page, too small to print a certificate from
MOST_PIXELS = 30_000_000  # 120 MB once decoded; a few kB can claim far more, and are refused before
QUALITY = 82
_RECIPE = f"1-{LONGEST_SIDE}-{QUALITY}"
"""Names what was done to a picture; raise the number when the code does it differently."""

_FORMATS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}


@dataclass(frozen=True)
class Picture:
    """A public copy. ``width`` and ``height`` in pixels, ``size`` in bytes."""

    path: Path
    sha256: Digest
    size: int
    width: int
    height: int
    extension: str
    media_type: str


def reduced(original: Path, digest: Digest, cache: Path) -> Picture | None:
    """
    Return the public copy of a picture, made now or found in the cache; None when it can't be decoded as one.

    Args:
        original: The file in the archive.

        digest: Its SHA-256.

        cache: A folder that may be deleted at any time.
    """
    note = cache / f"{digest}-{_RECIPE}.json"
    found = _cached(note)
    if found is not None:
        return found
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a telephone's 108 million pixels are fine
            data, picture_format, width, height = _reduce(original)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # not a picture, a broken one, or one that claims too many pixels: offered as a file
    extension, media_type = _FORMATS[picture_format]
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = cache / f"{digest}-{_RECIPE}.{extension}"
    _write(path, data)
    picture = Picture(path, hashlib.sha256(data).hexdigest(), len(data), width, height, extension, media_type)
    _write(note, json.dumps({**asdict(picture), "path": path.name}).encode())
    return picture


def _reduce(original: Path) -> tuple[bytes, str, int, int]:
    with Image.open(original) as opened:
        given = opened.format or ""
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image = _in_srgb(opened)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        image = ImageOps.exif_transpose(image)
    # Only pixels go on: a new image has no EXIF, no comment, no text chunk.
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    picture_format = "PNG" if plain.mode == "RGBA" or given in ("PNG", "GIF", "BMP") else "JPEG"
    if given == "WEBP":
        picture_format = "WEBP"
    out = io.BytesIO()
    match picture_format:
        case "PNG":
            plain.save(out, "PNG", optimize=True)
        case "WEBP":
            plain.save(out, "WEBP", quality=QUALITY, method=4)
        case _:
            plain.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue(), picture_format, plain.width, plain.height


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture in RGB or RGBA as a screen shows it: a profile is applied, for the copy carries none."""
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    wanted = "RGBA" if see_through else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            shown = None  # a broken profile: the colours as they are
        if shown is not None:
            return shown
    return image if image.mode == wanted else image.convert(wanted)  # a copy can be 120 MB


def _cached(note: Path) -> Picture | None:
    try:
        value = json.loads(note.read_text(encoding="utf-8"))
        picture = Picture(**{**value, "path": note.parent / value["path"]})
        with picture.path.open("rb") as stream:
            whole = hashlib.file_digest(stream, "sha256").hexdigest() == picture.sha256
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return picture if whole else None


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
