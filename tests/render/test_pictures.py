"""Public copies of pictures: smaller, without metadata, the same bytes each time; no bomb goes off."""

import hashlib
import io

import pytest
from PIL import Image, ImageFile

from bridge.render import pictures
from tests.portfolio.samples import picture


def save(folder, data, name="original"):
    path = folder / name
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


def reduced(folder, data, cache="cache"):
    return pictures.reduced(*save(folder, data), folder / cache)


def with_exif(orientation=1):
    """Return a JPEG that names its maker and the place where it was taken."""
    image = Image.open(io.BytesIO(picture(400, 200, kind="JPEG")))
    exif = Image.Exif()
    exif[0x010F] = "Jane's telephone"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (53.0, 57.0, 30.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"a private comment")
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "png"), ("TIFF", "jpg")]
)
def test_large_pictures_are_made_smaller(tmp_path, kind, extension):
    """No side is longer than 1,600 pixels; the shape stays; what browsers can't show becomes what they can."""
    copy = reduced(tmp_path, picture(2400, 1350, kind=kind))

    assert (copy.width, copy.height, copy.extension) == (1600, 900, extension)
    with Image.open(copy.path) as image:
        assert image.size == (1600, 900)
    assert copy.size == copy.path.stat().st_size
    assert copy.sha256 == hashlib.sha256(copy.path.read_bytes()).hexdigest()


def test_small_pictures_are_not_made_larger(tmp_path):
    """A small picture keeps its size."""
    assert reduced(tmp_path, picture(300, 200)).width == 300


def test_metadata_does_not_go_along(tmp_path):
    """Neither place, maker nor comment is in the copy, and it is never the original's bytes."""
    data = with_exif()

    copy = reduced(tmp_path, data)

    with Image.open(copy.path) as image:
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"telephone" not in copy.path.read_bytes()
    assert copy.sha256 != hashlib.sha256(data).hexdigest()


def test_text_in_a_png_does_not_go_along(tmp_path):
    """A PNG's text chunks stay at home."""
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Author", "private author")
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG", pnginfo=note)

    assert b"private author" not in reduced(tmp_path, out.getvalue()).path.read_bytes()


def test_a_turned_photograph_stands_upright(tmp_path):
    """The turn that only metadata told is done to the pixels."""
    copy = reduced(tmp_path, with_exif(orientation=6))

    assert (copy.width, copy.height) == (200, 400)


def test_see_through_stays_see_through(tmp_path):
    """A picture with alpha keeps it."""
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(out, "PNG")

    with Image.open(reduced(tmp_path, out.getvalue()).path) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_same_picture_gives_the_same_bytes(tmp_path, kind):
    """Two builds from nothing give equal copies: publishing twice changes nothing."""
    data = picture(1800, 900, kind=kind)

    assert reduced(tmp_path, data, "one").sha256 == reduced(tmp_path, data, "two").sha256


def test_the_cache_answers_and_heals(tmp_path):
    """A cached copy is used without the original; a damaged one is made again."""
    data = picture(1800, 900)
    first = reduced(tmp_path, data)
    (tmp_path / "original").unlink()
    again = pictures.reduced(tmp_path / "original", hashlib.sha256(data).hexdigest(), tmp_path / "cache")
    assert again == first

    first.path.write_bytes(b"damaged")

    assert reduced(tmp_path, data).sha256 == first.sha256


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"%PDF-1.4", picture()[:200], b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_what_is_no_picture_is_none(tmp_path, data):
    """Broken, cut or foreign bytes give no copy and no crash."""
    assert reduced(tmp_path, data) is None


@pytest.mark.parametrize("side", [7000, 12000, 20000])
def test_a_bomb_is_not_decoded(tmp_path, side):
    """A few kilobytes that claim dozens or hundreds of millions of pixels are refused before they fill the memory."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")

    assert reduced(tmp_path, out.getvalue()) is None


def test_a_telephones_large_photograph_is_shown(tmp_path):
    """A JPEG is decoded at a fraction of its size, so that 49 million pixels are no bomb."""
    out = io.BytesIO()
    Image.new("L", (7000, 7000)).save(out, "JPEG")

    assert reduced(tmp_path, out.getvalue()).width == 1600


def test_a_profile_is_applied_and_stays_at_home(tmp_path):
    """Colours look the same without the profile that the original carried; a broken profile does no harm."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for number, embedded in enumerate((profile, b"broken")):
        out = io.BytesIO()
        Image.new("RGB", (20, 20), "#c04020").save(out, "PNG", icc_profile=embedded)
        copy = reduced(tmp_path, out.getvalue(), f"cache{number}")
        with Image.open(copy.path) as image:
            assert "icc_profile" not in image.info
            assert all(abs(a - b) <= 2 for a, b in zip(image.getpixel((5, 5)), (0xC0, 0x40, 0x20), strict=True))


def test_a_cut_picture_is_none_in_whatever_company(tmp_path, monkeypatch):
    """A library for PDF lets Pillow take cut pictures; what a page shows must not hang on who was imported before."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert reduced(tmp_path, picture()[:2000]) is None
    assert ImageFile.LOAD_TRUNCATED_IMAGES
