"""The recorded pages, filled in for the fake server."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

_PAGES = Path(__file__).parents[2] / "fixtures" / "mahara" / "http"
_RECORDED_HOST = "http://mahara.example/"
_MESSAGES = '<div id="messages" role="alert" aria-live="assertive">'
_CARD = re.compile(r'(?s)    <div class="card collapsible notification.*?</a>\s*</div>\s*</div>\s*</div>\n')
_FORMATS = (
    '<div id="export_format_container"><input type="radio" name="format" value="html" checked="checked">'
    '<input type="radio" name="format" value="leap"></div>'
)
_FORCED = """<h1>Legal</h1><form class="pieform" name="agreetoprivacy" method="post">
<input type="submit" name="submit" value="Save changes"></form>"""


@cache
def _recorded(name: str) -> str:
    return (_PAGES / f"{name}.html").read_text(encoding="utf-8")


def page(name: str, wwwroot: str, sesskey: str = "", said: str = "", kind: str = "success") -> str:
    """Return a recorded page of this site, with a message that is shown once."""
    html = _recorded(name).replace(_RECORDED_HOST, wwwroot)
    html = re.sub(r"('sesskey' : |name=\"sesskey\" value=)(['\"])\w*\2", rf"\g<1>\g<2>{sesskey}\g<2>", html)
    if said:
        shown = f'{_MESSAGES}<div class="alert alert-{kind}"><div>{escape(said)}</div></div>'
        html = html.replace(_MESSAGES, shown, 1)
    return html


def closed(wwwroot: str, said: str, *alerts: str) -> str:
    """Return the front page of a site that is closed, as 22.10 shows it after a login with any password."""
    top = f'<div class="site-message alert alert-danger" role="alert"><div>{escape(said)}</div></div>'
    shown = "".join(f'<div class="alert alert-danger"><div>{escape(one)}</div></div>' for one in alerts)
    html = page("front", wwwroot).replace(_MESSAGES, _MESSAGES + shown, 1)
    return re.sub(r"(<body[^>]*>)", lambda body: f'{body[1]}<div class="site-messages">{top}</div>', html, count=1)


def export(wwwroot: str, sesskey: str, *, old: bool, private: bool, said: str = "") -> str:
    """Return the export page; ``old``: with a choice of formats, ``private``: asks for private comments."""
    html = page("export", wwwroot, sesskey, said)
    if old:
        html = html.replace('<h2 class="title">What do you want', f'{_FORMATS}<h2 class="title">What do you want', 1)
    if not private:
        html = re.sub(r'<input type="checkbox"[^>]*name="includeprivatefeedback"[^>]*>', "", html)
    return html


def forced(wwwroot: str, sesskey: str) -> str:
    """Return the page that stands before all others until the person agrees to something."""
    return re.sub(r'(?s)<form class="pieform portfolio-export".*</form>', "", _with_main(wwwroot, sesskey, _FORCED))


def _with_main(wwwroot: str, sesskey: str, main: str) -> str:
    html = page("bad-sesskey", wwwroot, sesskey)
    return re.sub(r'(?s)(<div id="messages"[^>]*></div>).*?(</main>)', lambda m: f"{m[1]}{main}{m[2]}", html)


def inbox(wwwroot: str, sesskey: str, archives: list[int]) -> str:
    """Return the inbox with a message for each finished export, newest first."""
    html = page("inbox", wwwroot, sesskey)
    card = _CARD.search(html)
    assert card is not None
    cards = "".join(card[0].replace("downloadarchive.php?id=1", f"downloadarchive.php?id={n}") for n in archives[::-1])
    return html.replace(card[0], cards)


def frame(steps: list[str], address: str, status: str) -> str:
    """Return what 20.04 and earlier stream into a frame: steps as they are done, then where the zip is."""
    bars = "".join(f'<div class="progress-bar"><p class="progress-text">{escape(step)}</p></div>\n' for step in steps)
    return (
        f'<html><head><title></title></head><body>{bars}<script>var strexportgenerated = "{status}";'
        f"document.location = '{address}';</script>"
        '<div class="progress-bar"><p><a href="download.php" target="_top">Click here to download</a></p></div>'
        "</body></html>"
    )


CRASH = (
    "<br />\n<b>Fatal error</b>:  Maximum execution time of 10 seconds exceeded in <b>lib.php</b> on line "
    "<b>713</b><br />"
)
