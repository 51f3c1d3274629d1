"""What the answers of links mean for a portfolio: findings, a host that fails alike as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from bridge.preflight import history
from bridge.preflight.links import State
from connectors.contract import Finding

ALIKE = 3
"""So many links of one host are told one by one when they fail alike."""

Where: TypeAlias = Mapping[str, Sequence[str]]
"""The ids of the sections that link an address."""

_Kind: TypeAlias = tuple[str, Literal["warning", "error"], str]
_KINDS: Mapping[State, _Kind] = {
    "gone": ("link-dead", "error", "Mend the address, or cite a copy of your own"),
    "login": ("link-login", "error", "Cite a copy of your own: nobody else has your login"),
    "private": ("link-private", "error", "Cite a copy of your own"),
    "elsewhere": ("link-elsewhere", "warning", "Look whether what you meant is still there"),
    "unsure": ("link-unsure", "warning", "Open it in a browser where you are not logged in"),
}


def findings(where: Where, known: history.History) -> Iterator[Finding]:
    """Yield what did not answer as it should when it was last asked, in the order of the page."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for url in where:
        now = known[url][-1] if known.get(url) else None
        if now is not None and now.state != "works":
            host = _host(url)
            alike.setdefault((host, now.state, now.detail.replace(url, host), str(now.first)), []).append(url)
    for urls in alike.values():
        if len(urls) > ALIKE:
            yield _finding(f"{len(urls)} addresses of {_host(urls[0])}, such as {urls[0]}", urls, where, known)
        else:
            yield from (_finding(url, [url], where, known) for url in urls)


def _finding(what: str, urls: Sequence[str], where: Where, known: history.History) -> Finding:
    stretches = known[urls[0]]
    now = stretches[-1]
    code, severity, mend = _KINDS[now.state]
    if now.state == "unsure" and now.first < now.last:
        severity = "error"  # not once by chance, but from one day to another
    sections = list(dict.fromkeys(section for url in urls for section in where[url] if section))
    said = f"{what}: {now.detail.rstrip('.') or now.state} ({history.in_words(stretches)})."
    if sections:
        said = f"{', '.join(sections)} {'links' if len(sections) == 1 else 'link'} to {said}"
    item = urls[0] if len(urls) == 1 else _host(urls[0])
    return Finding(code, severity, said, mend, sections[0] if sections else "", item)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
