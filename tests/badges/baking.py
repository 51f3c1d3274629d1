"""Badges for the tests: the real one, and pictures with anything baked in."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from connectors.badges.baked import baked_in

FIXTURES = Path(__file__).parent.parent / "fixtures" / "badges"
REAL = FIXTURES / "digital-practice-champion.png"
OWNER = "rashby@northshire.example"
SITE = "https://vle.northshire.example"


def real_text(site: str = SITE) -> str:
    """Return what Moodle baked in, as if it had been issued at another site."""
    with REAL.open("rb") as stream:
        found = baked_in(stream)
    assert found
    return found.text.replace(SITE, site).replace(SITE.replace("/", "\\/"), site)


def real(site: str = SITE) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(real_text(site))
    return value


def png(text: str = "", keyword: str = "openbadges", chunk: str = "iTXt", *, packed: bool = False) -> bytes:
    """Return a small picture with a text baked in; none without a text."""
    info = PngImagePlugin.PngInfo()
    if text and chunk == "iTXt":
        info.add_itxt(keyword, text, zip=packed)
    elif text:
        info.add(chunk.encode(), keyword.encode() + b"\0" + _body(chunk, text))
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _body(chunk: str, text: str) -> bytes:
    import zlib

    return b"\0" + zlib.compress(text.encode()) if chunk == "zTXt" else text.encode()


def svg(text: str = "", verify: str = "", *, head: str = "") -> bytes:
    attribute = f' verify="{verify}"' if verify else ""
    return (
        f'<?xml version="1.0"?>{head}<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:openbadges="http://openbadges.org" viewBox="0 0 9 9">'
        f"<openbadges:assertion{attribute}><![CDATA[{text}]]></openbadges:assertion><circle r='4'/></svg>"
    ).encode()


def jws(value: dict[str, Any]) -> str:
    """Return a signed text whose signature is nonsense: it is read, and not believed."""
    parts = (json.dumps({"alg": "RS256"}).encode(), json.dumps(value).encode(), b"nonsense")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
