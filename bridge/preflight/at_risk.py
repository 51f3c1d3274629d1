"""Links that will not answer for ever: to an employer whom the owner left, and to a source that closes on some day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.config import Config

_COMMON = frozenset(
    "academy association centre center college company council department education foundation group higher hospital "  # noqa: SIM905 - words read best as lines
    "institute institution international learning library limited london national north northern research school "
    "service services society south southern trust university western eastern".split()
)
"""Words of a place's name that say nothing of its host."""


@dataclass(frozen=True)
class Risk:
    """
    Why addresses at some hosts will stop answering.

    ``hosts`` are whole hosts, ``words`` parts of one; ``spared`` are hosts that hold such a word by chance. ``day``:
    when the source closes, or the owner left.
    """

    why: str
    day: date
    hosts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()

    def holds(self, host: str) -> bool:
        """Tell whether an address at a host is at risk for this reason."""
        bare = host.removeprefix("www.")
        if any(bare == own or bare.endswith(f".{own}") for own in self.hosts):
            return True
        if host in self.spared:
            return False
        labels = re.split(r"[.-]", bare)
        return any(label == word or (len(word) > 4 and word in label) for word in self.words for label in labels)


def risks(config: Config, today: date) -> tuple[Risk, ...]:
    """Return what the configuration tells: sources that close, soonest first, then former employers, oldest first."""
    own = frozenset(
        host for part in config.targets.values() if (host := urlsplit(str(getattr(part, "url", ""))).hostname)
    )
    closing = [
        Risk(f"{host} closes to you on {day.isoformat()}", day, frozenset({host.removeprefix("www.")}))
        for part in config.sources.values()
        if (day := getattr(part, "closes", None)) and (host := urlsplit(str(getattr(part, "url", ""))).hostname)
    ]
    left = [
        Risk(f"you left {role.place} on {role.end.isoformat()}", role.end, words=words, spared=own)
        for role in config.roles
        if role.end and role.end < today and not _still_there(role.place, config) and (words := _words(role.place))
    ]
    return (*sorted(closing, key=lambda r: r.day), *sorted(left, key=lambda r: r.day))


def _still_there(place: str, config: Config) -> bool:
    return any(role.place == place and role.end is None for role in config.roles)


def _words(place: str) -> frozenset[str]:
    """Return what of a place's name may stand in its host: its telling words, and its initials."""
    words = re.findall(r"[a-z]+", place.casefold())
    telling = {word for word in words if len(word) > 4 and word not in _COMMON}
    initials = "".join(word[0] for word in words if word not in {"of", "the", "and", "for"})
    return frozenset(telling | ({initials} if len(initials) > 1 else set()))


def ranked(urls: Iterable[str], known: Iterable[Risk]) -> Iterator[tuple[Risk, tuple[str, ...]]]:
    """Yield each risk with the addresses that it holds for, the nearest danger first; an address counts once."""
    left = list(dict.fromkeys(urls))
    for risk in known:
        held = tuple(url for url in left if risk.holds(urlsplit(url).hostname or ""))
        left = [url for url in left if url not in held]
        if held:
            yield risk, held


def findings(urls: Iterable[str], known: Iterable[Risk]) -> Iterator[Finding]:
    """Yield one warning for each risk that addresses of the page have."""
    for risk, held in ranked(urls, known):
        count = "1 link leads" if len(held) == 1 else f"{len(held)} links lead"
        named = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
        host = urlsplit(held[0]).hostname or ""
        message = f"{count} to where nobody may answer for long ({risk.why}): {named}."
        mend = "Take what is there along (keepfolio harvest --linked), or cite a copy of your own"
        yield Finding("link-at-risk", "warning", message, mend, item=host)
