"""
Public copies of pictures: smaller, without metadata, the same bytes every time.

The original stays in the archive. A copy is cached in ``build/.cache``, by the original's digest and the recipe.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw, ImageFile, ImageFont, ImageOps

from archive.entry import Digest

LONGEST_SIDE = 1600  # pixels: sharp on a page, too small to print a certificate from
MOST_PIXELS = 30_000_000  # 120 MB once decoded; a few kB can claim far more, and are refused before
QUALITY = 82
_VERSION = 2
"""Names what was done to a picture; raise it when the code does it differently."""

_FORMATS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}


@dataclass(frozen=True)
class Recipe:
    """
    How a copy is made: ``longest_side`` in pixels, ``quality`` of 100, ``watermark`` words across it.

    ``small``: the fewest bytes count. A drawing gets 256 colours, and a picture that nothing shines through becomes a
    JPEG where that is smaller.
    """

    longest_side: int = LONGEST_SIDE
    quality: int = QUALITY
    watermark: str = ""
    small: bool = False

    @property
    def name(self) -> str:
        """Return a name for the cache: one for each way of making a copy."""
        words = hashlib.sha256(self.watermark.encode()).hexdigest()[:8] if self.watermark else "plain"
        return f"{_VERSION}-{self.longest_side}-{self.quality}-{words}{'-small' if self.small else ''}"


@dataclass(frozen=True)
class Copies:
    """The recipes of one portfolio: for pictures, and for certificates, which nobody shall print another from."""

    pictures: Recipe = Recipe()
    certificates: Recipe = Recipe(longest_side=900)


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


def reduced(original: Path, digest: Digest, cache: Path, recipe: Recipe = Recipe()) -> Picture | None:
    """
    Return the public copy of a picture, made now or found in the cache; None when it can't be decoded as one.

    Args:
        original: The file in the archive.

        digest: Its SHA-256.

        cache: A folder that may be deleted at any time.

        recipe: How the copy is made.
    """
    note = cache / f"{digest}-{recipe.name}.json"
    found = _cached(note)
    if found is not None:
        return found
    try:
        with warnings.catch_warnings(), _whole_only():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a telephone's 108 million pixels are fine
            data, picture_format, width, height = _reduce(original, recipe)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # not a picture, a broken one, or one that claims too many pixels: offered as a file
    extension, media_type = _FORMATS[picture_format]
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = cache / f"{digest}-{recipe.name}.{extension}"
    _write(path, data)
    picture = Picture(path, hashlib.sha256(data).hexdigest(), len(data), width, height, extension, media_type)
    _write(note, json.dumps({**asdict(picture), "path": path.name}).encode())
    return picture


@contextmanager
def _whole_only() -> Iterator[None]:
    """Refuse a picture that was cut off: WeasyPrint, once imported, has Pillow accept them in the whole program."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _reduce(original: Path, recipe: Recipe) -> tuple[bytes, str, int, int]:
    side = recipe.longest_side
    with Image.open(original) as opened:
        given = opened.format or ""
        opened.draft("RGB", (side, side))  # a JPEG is decoded at a fraction of its size
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image = _in_srgb(opened)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image = ImageOps.exif_transpose(image)
    # Only pixels go on: a new image has no EXIF, no comment, no text chunk.
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    if recipe.watermark:
        plain = _marked(plain, recipe.watermark)
    data, picture_format = _encoded(plain, given, recipe)
    return data, picture_format, plain.width, plain.height


def _encoded(plain: Image.Image, given: str, recipe: Recipe) -> tuple[bytes, str]:
    """Return the bytes of a copy and their format: the original's where a browser shows it."""
    if given == "WEBP":
        return _saved(plain, "WEBP", quality=recipe.quality, method=4), "WEBP"
    see_through = plain.mode == "RGBA"
    jpeg = b"" if see_through else _saved(plain, "JPEG", quality=recipe.quality, optimize=True, progressive=True)
    if not see_through and given not in {"PNG", "GIF", "BMP"}:
        return jpeg, "JPEG"
    few = plain.quantize(256, method=Image.Quantize.FASTOCTREE) if recipe.small else plain
    png = _saved(few, "PNG", optimize=True)
    return (jpeg, "JPEG") if recipe.small and jpeg and len(jpeg) < len(png) else (png, "PNG")


def _saved(image: Image.Image, picture_format: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, picture_format, **how)
    return out.getvalue()


def _marked(image: Image.Image, words: str) -> Image.Image:
    """Write words across a picture, from corner to corner, so that the picture under them can still be read."""
    diagonal = round((image.width**2 + image.height**2) ** 0.5)
    font = ImageFont.load_default(size=100)  # Pillow's own: the same on every computer
    font = ImageFont.load_default(size=max(12, min(diagonal // 8, round(100 * 0.8 * diagonal / font.getlength(words)))))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words))
    line = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(line).text((4 - left, 4 - top), words, fill=110, font=font)
    angle = 0 if image.width > 3 * image.height else 30
    turned = line.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    turned.thumbnail(image.size, Image.Resampling.LANCZOS)
    place = ((image.width - turned.width) // 2, (image.height - turned.height) // 2)
    image.paste(Image.new(image.mode, turned.size, (90, 90, 90) + (255,) * (image.mode == "RGBA")), place, turned)
    return image


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
