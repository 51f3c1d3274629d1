"""Pictures for the sample, drawn from their slug alone: the same bytes whenever and wherever they are drawn."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Iterator

from PIL import Image, ImageDraw, ImageFilter
from PIL.TiffImagePlugin import IFDRational

CAMERA_WORD = "Lanternhithe"
"""Planted in the metadata of every picture; no output may hold it."""

PAPER, INK = "#fbf8f1", "#26343a"
COLOURS = ("#2f6f73", "#c98b2b", "#8a4f7d", "#5d7f3a", "#b4533c", "#4a6fa5")
_ARTIST, _GPS, _DESCRIPTION = 0x013B, 0x8825, 0x010E


def picture(slug: str, kind: str) -> tuple[str, bytes]:
    """Return the ending of a drawn picture's file and its bytes, metadata included."""
    draw = KINDS[kind]
    dice = random.Random(slug)
    image = draw(dice)
    exif = Image.Exif()
    exif[_ARTIST] = CAMERA_WORD
    exif[_DESCRIPTION] = f"{CAMERA_WORD}, second floor"
    exif[_GPS] = {1: "N", 2: tuple(map(IFDRational, (54, 30, 12))), 3: "W", 4: tuple(map(IFDRational, (2, 10, 5)))}
    out = io.BytesIO()
    if kind == "photo":
        image.save(out, "JPEG", quality=92, exif=exif)
        return "jpg", out.getvalue()
    image.save(out, "PNG", exif=exif)
    return "png", out.getvalue()


def _sheet(width: int = 1200, height: int = 700) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (width, height), PAPER)
    return image, ImageDraw.Draw(image)


def _axes(draw: ImageDraw.ImageDraw, left: int = 90, bottom: int = 620, right: int = 1140, top: int = 60) -> None:
    draw.line((left, top, left, bottom, right, bottom), fill=INK, width=3)
    for n in range(1, 6):
        height = bottom - n * (bottom - top) // 5
        draw.line((left, height, right, height), fill="#d9d2c3", width=1)


def _bars(dice: random.Random) -> Image.Image:
    image, draw = _sheet()
    _axes(draw)
    for group in range(7):
        for bar in range(4):
            left = 110 + group * 148 + bar * 30
            draw.rectangle((left, 620 - dice.randint(60, 540), left + 24, 618), fill=COLOURS[bar])
    return image


def _pair(dice: random.Random) -> Image.Image:
    image, draw = _sheet(900, 420)
    for n, share in enumerate((0.82, 0.41) if dice.random() < 0.5 else (0.62, 0.38)):
        top = 90 + n * 140
        draw.rectangle((60, top, 840, top + 80), outline=INK, width=2)
        draw.rectangle((60, top, 60 + int(780 * share), top + 80), fill=COLOURS[n])
    return image


def _stack(dice: random.Random) -> Image.Image:
    image, draw = _sheet()
    _axes(draw)
    for month in range(8):
        left, base = 120 + month * 128, 618
        for n, height in enumerate((40 + month * 28, 60 + dice.randint(0, 30), 10 + month * month * 2)):
            draw.rectangle((left, base - height, left + 84, base), fill=(*COLOURS[:2], "#9a9a92")[n])
            base -= height
    return image


def _slope(dice: random.Random) -> Image.Image:
    image, draw = _sheet(1000, 640)
    for n in range(5):
        start, fall = 90 + n * 70, dice.randint(180, 260) if n else 40
        draw.line((180, start, 820, min(start + fall, 580)), fill=COLOURS[n], width=6)
        for x, y in ((180, start), (820, min(start + fall, 580))):
            draw.ellipse((x - 10, y - 10, x + 10, y + 10), fill=COLOURS[n])
    return image


def _cycle(_: random.Random) -> Image.Image:
    image, draw = _sheet(900, 760)
    places = [(450 + 270 * math.sin(n * math.tau / 5), 380 - 270 * math.cos(n * math.tau / 5)) for n in range(5)]
    for n, (x, y) in enumerate(places):
        to = places[(n + 1) % 5]
        if n != 2:
            draw.line((x, y, *to), fill=INK, width=5)
        else:
            third = ((to[0] - x) / 3, (to[1] - y) / 3)
            draw.line((x, y, x + third[0], y + third[1]), fill=COLOURS[4], width=5)
    for n, (x, y) in enumerate(places):
        draw.rounded_rectangle((x - 95, y - 45, x + 95, y + 45), 18, fill=COLOURS[n], outline=INK, width=3)
    return image


def _flow(_: random.Random) -> Image.Image:
    image, draw = _sheet(1200, 380)
    for n in range(4):
        left = 50 + n * 290
        draw.rounded_rectangle((left, 130, left + 210, 250), 16, fill=COLOURS[n], outline=INK, width=3)
        if n < 3:
            draw.line((left + 214, 190, left + 280, 190), fill=INK, width=5)
            draw.polygon(((left + 270, 178), (left + 288, 190), (left + 270, 202)), fill=INK)
    return image


def _heat(dice: random.Random) -> Image.Image:
    image, draw = _sheet(1200, 460)
    for day in range(7):
        for hour in range(24):
            night = hour >= 21 or hour < 3
            shade = 255 - (dice.randint(110, 200) if night else dice.randint(0, 70))
            left, top = 60 + hour * 45, 50 + day * 52
            draw.rectangle((left, top, left + 41, top + 48), fill=(shade, min(255, shade + 18), min(255, shade + 12)))
    return image


def _screen(dice: random.Random) -> Image.Image:
    image, draw = _sheet(1280, 800)
    draw.rectangle((0, 0, 1280, 56), fill=COLOURS[5])
    for n in range(3):
        draw.ellipse((24 + n * 30, 20, 40 + n * 30, 36), fill=PAPER)
    for row in range(11):
        top = 100 + row * 56
        draw.rectangle((60, top, 1220, top + 50), fill="#f2d9c9" if row < 2 else "#ffffff", outline="#cfc8b8")
        for column, width in enumerate((120, 260, 90, 90)):
            left = 84 + (0, 170, 520, 760)[column]
            draw.rectangle((left, top + 18, left + dice.randint(width // 2, width), top + 32), fill="#7b858a")
    draw.rounded_rectangle((1040, 736, 1220, 784), 8, fill="#b9b5aa")
    return image


def _phones(_: random.Random) -> Image.Image:
    image, draw = _sheet(1200, 720)
    for n in range(3):
        left = 90 + n * 370
        draw.rounded_rectangle((left, 50, left + 280, 660), 36, fill="#ffffff", outline=INK, width=6)
        if n == 0:
            draw.pieslice((left + 50, 200, left + 230, 380), 180, 320, fill=COLOURS[4])
            draw.arc((left + 50, 200, left + 230, 380), 180, 360, fill=INK, width=6)
        for line in range((0, 9, 4)[n]):
            width = (0, 90 + line % 3 * 60, 220 - line % 2 * 50)[n]
            draw.rectangle((left + 30, 140 + line * 46, left + 30 + width, 158 + line * 46), fill="#7b858a")
    draw.line((905, 690, 930, 710, 970, 672), fill=COLOURS[3], width=10)
    return image


def _network(dice: random.Random) -> Image.Image:
    image, draw = _sheet()
    for half, members in ((300, 9), (880, 22)):
        dots = [
            (half + 220 * math.sin(n * math.tau / members), 350 + 260 * math.cos(n * math.tau / members))
            for n in range(members)
        ]
        for n, (x, y) in enumerate(dots):
            to = (half, 350) if members == 9 else dots[dice.randrange(members)]
            draw.line((x, y, *to), fill=COLOURS[n % 6], width=4)
        for x, y in [*dots, (half, 350)]:
            draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=INK)
    return image


def _certificate(dice: random.Random) -> Image.Image:
    image, draw = _sheet(2480, 1754)
    draw.rectangle((60, 60, 2420, 1694), outline=COLOURS[1], width=18)
    for n, width in enumerate((1200, 1500, 900, 1100)):
        top = 420 + n * 200
        draw.rectangle((1240 - width // 2, top, 1240 + width // 2, top + 48), fill=INK if n < 2 else "#7b858a")
    for _ in range(9):
        x = dice.randint(300, 700)
        draw.line((x, 1450, x + 180, 1380 + dice.randint(0, 90)), fill="#33478a", width=7)
    draw.ellipse((1900, 1260, 2240, 1600), fill=COLOURS[4])
    return image


def _badge(_: random.Random) -> Image.Image:
    image = Image.new("RGB", (600, 600), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 20, 580, 580), fill=COLOURS[0])
    draw.ellipse((70, 70, 530, 530), fill=PAPER)
    for left, colour in ((150, COLOURS[1]), (310, COLOURS[2])):
        draw.rounded_rectangle((left, 240, left + 140, 330), 40, fill=colour)
    return image


def _photo(dice: random.Random) -> Image.Image:
    """Draw what a telephone would take: large, soft, and with grain, so that its file is large, too."""
    image, draw = _sheet(1000, 750)
    draw.rectangle((0, 470, 1000, 750), fill="#b08d5f")
    for _ in range(46):
        x, y, colour = dice.randint(20, 900), dice.randint(40, 600), dice.choice((*COLOURS, "#f1e3a0", "#a9c6dd"))
        draw.rectangle((x, y, x + dice.randint(30, 110), y + dice.randint(24, 80)), fill=colour)
    soft = image.filter(ImageFilter.GaussianBlur(2)).resize((3200, 2400), Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (1600, 1200), dice.randbytes(1600 * 1200)).resize((3200, 2400))
    return Image.blend(soft, Image.merge("RGB", (grain, grain, grain)), 0.10)


KINDS: dict[str, Callable[[random.Random], Image.Image]] = {
    "bars": _bars,
    "pair": _pair,
    "stack": _stack,
    "slope": _slope,
    "cycle": _cycle,
    "flow": _flow,
    "heat": _heat,
    "screen": _screen,
    "phones": _phones,
    "network": _network,
    "certificate": _certificate,
    "badge": _badge,
    "photo": _photo,
}

AUTHOR_WORD = "Cobblestead"
"""Planted as the author of every PDF; no output may hold it."""


def document(title: str, pages: int) -> bytes:
    """Return a small PDF with a line of text on each page, and an author in its metadata."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({_escaped(title)}) /Author ({AUTHOR_WORD}) /Creator ({AUTHOR_WORD} Office) >>",
    ]
    for number in range(1, pages + 1):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + 2 * number} 0 R"
        text = f"BT /F1 18 Tf 72 740 Td ({_escaped(title)}, page {number} of {pages}) Tj ET"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R >> >> >>")
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    return _numbered(objects)


def _numbered(objects: list[str]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _escaped(text: str) -> str:
    return "".join(_characters(text))


def _characters(text: str) -> Iterator[str]:
    for character in text.replace("’", "'"):
        yield f"\\{character}" if character in "()\\" else character
