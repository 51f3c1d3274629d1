"""Which addresses may be asked: the guard of discovered links, and where a secret may travel."""

from __future__ import annotations

import ipaddress
import os
import socket
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from requests.utils import should_bypass_proxies

from connectors.http_errors import unavailable


def host_of(url: str) -> str:
    """Return host and port as one word, lower case, the scheme's usual port left out."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def is_loopback(url: str) -> bool:
    """Tell whether an address names this very machine, without asking a name server."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guard(url: str) -> None:
    """
    Refuse an address that a page gave and that leads inside: loopback, link-local, private, multicast, reserved.

    The name is resolved first: ``intranet.example.org`` may well point at 10.0.0.1.

    Raises:
        SourceUnavailable: It does (``private-address``), or its name is not found, or it is no web address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise unavailable(f"{url} is not an address of the web.", code="bad-address")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise unavailable(
            f"There is no site called {parts.hostname}: its name was not found.", code="name-not-found"
        ) from error
    for *_, where in found:
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if not address.is_global or address.is_multicast:
            raise unavailable(
                f"{url} leads to a private address ({address}), and was only found on a page.",
                code="private-address",
                mend="If that site is yours, name it as a source or target in config.yaml.",
            )


def may_carry_secret(url: str, insecure: frozenset[str]) -> bool:
    """Tell whether a password may travel there: by https, on this machine, or where the owner accepted it."""
    return urlsplit(url).scheme == "https" or is_loopback(url) or host_of(url) in insecure


def same_site(written: str, named: str) -> bool:
    """
    Tell whether an address that an answer named lies at the host that the owner wrote.

    ``www.`` makes no difference, nor do the usual ports of http and https; whether a password may travel there in the
    open is the question of ``may_carry_secret``.
    """
    return bare_host(written) == bare_host(named) != ""


def bare_host(url: str) -> str:
    """Return ``host_of`` without ``www.``; an address without ``https://`` is read as one with it."""
    return host_of(url if "//" in url else f"https://{url}").removeprefix("www.")


def keeps_secret(before: str, after: str) -> bool:
    """Tell whether a redirect stays so near that the password may go along: same host, never from https to http."""
    downgrade = urlsplit(before).scheme == "https" and urlsplit(after).scheme != "https"
    return (
        not downgrade
        and urlsplit(before).hostname == urlsplit(after).hostname
        and (host_of(before) == host_of(after) or urlsplit(after).scheme == "https")
    )


class Proxies:
    """The proxies of the environment, as they were when the session began; never for this machine."""

    def __init__(self) -> None:
        self.known = {kind: url for kind, url in getproxies_environment().items() if kind in {"http", "https", "all"}}
        self._no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""

    def for_url(self, url: str) -> dict[str, str]:
        """Return the mapping that requests takes."""
        if not self.known or is_loopback(url) or should_bypass_proxies(url, no_proxy=self._no_proxy or None):
            return {}
        return dict(self.known)
