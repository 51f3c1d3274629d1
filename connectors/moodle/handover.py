"""
A token handed over by the browser: the way that also works with single sign-on.

The person opens an address of the site, logs in as always, and copies a link from the page that comes. In the link
stands ``md5(wwwroot + passport)``: only an answer to our own question, by the very site, is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import html
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from archive.errors import UsageError

SCHEME = "moodlemobile"
_LINK = re.compile(r"moodlemobile://token=([A-Za-z0-9+/=_%-]+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_PASSED = re.compile(r"([0-9a-f]{32}):::([0-9a-f]{32})(?::::(\w{16,}))?", re.IGNORECASE)

STEPS = (
    "Log out of the site in your browser, if you are logged in there: many sites give a token only after a new login.",
    "Open the site's login page and log in as you always do, also by your institution's own page.",
    "Then, before you open any other page, paste the address that keepfolio shows into the same browser.",
    "A page comes up with a link that would open Moodle's app. Right-click it and choose “Copy link”. Do not click it.",
    "Paste that link here. It begins with moodlemobile://token=",
    "If nothing can be copied, save the page (Ctrl+S) and give keepfolio the saved file.",
    "If the site says “Plugin not enabled or configured”, another page came in between: begin again with logging out.",
)


@dataclass(frozen=True)
class Handover:
    """What the person opens, and the word by which the answer is known: remember it until the answer is here."""

    address: str
    passport: str = field(repr=False)


def launch_page(wwwroot: str) -> str:
    """Return the address at which a site hands tokens over."""
    return f"{wwwroot.rstrip('/')}/admin/tool/mobile/launch.php"


def begin(wwwroot: str, launch: str = "") -> Handover:
    """Return a new question; ``launch`` is the site's own address for it, where ``probe`` found one."""
    passport = str(secrets.randbelow(10**15))
    asked = urlencode(
        {"service": "moodle_mobile_app", "passport": passport, "urlscheme": SCHEME, "confirmed": 1}
    )  # confirmed=1: a page with a link that can be copied, in the place of a redirect that nothing here catches
    return Handover(f"{launch or launch_page(wwwroot)}?{asked}", passport)


def accept(text: str, wwwroot: str, passport: str) -> str:
    """
    Return the token (``TOKEN`` or ``TOKEN:PRIVATETOKEN``) of what the person brought, after checking whose it is.

    Args:
        text: The link, the saved page that holds it, or only the part after ``token=``.

        passport: Of the question that this answers.

    Raises:
        UsageError: There is no token in it (``no-token-in-it``), the question is not known any more
            (``no-passport``), or it comes from another site or answers another question (``other-site``).
    """
    inside = _inside(text)
    if inside is None:
        raise UsageError(
            "There is no token in that text.",
            code="no-token-in-it",
            unchanged="Nothing was kept.",
            mend="Copy the whole link that begins with moodlemobile://token= ; or save the page and give the file.",
        )
    sign, token, private = inside
    if not passport:
        raise UsageError(
            "Which question this token answers is not known any more, so nobody can tell whether it comes from your "
            "site.",
            code="no-passport",
            unchanged="The token was not kept.",
            mend="Begin again, and paste the link while keepfolio waits for it.",
        )
    if not any(hmac.compare_digest(sign.lower(), one) for one in _signs(wwwroot, passport)):
        raise UsageError(
            f"That token does not come from {wwwroot}, or it answers an older question.",
            code="other-site",
            unchanged="The token was not kept.",
            mend="Open the address that keepfolio shows now, and copy the link from the page that it gives.",
        )
    return f"{token}:{private}" if private else token


def _inside(text: str) -> tuple[str, str, str] | None:
    """Return sign, token and private token of the first link or base64 that holds them."""
    plain = html.unescape(text)
    for coded in (*_LINK.findall(plain), *_BASE64.findall(plain)):
        clean = coded.replace("%3D", "=").replace("%3d", "=").replace("-", "+").replace("_", "/").rstrip("=")
        try:
            opened = base64.b64decode(clean + "=" * (-len(clean) % 4), validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        found = _PASSED.fullmatch(opened)
        if found:
            return found[1], found[2], found[3] or ""
    return None


def _signs(wwwroot: str, passport: str) -> tuple[str, ...]:
    """Moodle signs with its own address; whether by http or https is a setting that a visitor does not see."""
    bare = wwwroot.rstrip("/").partition("://")[2]
    return tuple(
        hashlib.md5(f"{scheme}://{bare}{passport}".encode(), usedforsecurity=False).hexdigest()
        for scheme in ("https", "http")
    )
