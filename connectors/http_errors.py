"""What a failed exchange means to a person: from the exception of a library to our error, with its mend."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3

from connectors.contract import SourceUnavailable
from connectors.http_redact import SECRETS

NOTHING_LOST = "What was kept before is untouched; the next run goes on from there."


def unavailable(message: str, *, code: str, mend: str = "") -> SourceUnavailable:
    """Return the error, with every known secret cut out of its words."""
    clean = SECRETS.clean
    return SourceUnavailable(clean(message), code=code, unchanged=NOTHING_LOST, mend=clean(mend))


def explain(error: Exception, url: str) -> SourceUnavailable:
    """Return what an exception of requests or urllib3 means for the owner."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    causes = list(_causes(error))

    def seen(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if seen(ssl.SSLError, requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        return unavailable(
            f"The certificate of {host} is not valid here: {_certificate(causes)}.",
            code="certificate",
            mend="Ask the site's host to renew its certificate, and look at this computer's date and time.",
        )
    if seen(urllib3.exceptions.NameResolutionError):
        return unavailable(
            f"There is no site called {host}: its name was not found.",
            code="name-not-found",
            mend="Look at the address in config.yaml, and at this computer's connection.",
        )
    if seen(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError):
        return unavailable(
            f"The proxy did not let the request to {host} through.",
            code="proxy",
            mend="Look at the variables http_proxy, https_proxy and no_proxy.",
        )
    if seen(ConnectionRefusedError):
        return unavailable(
            f"{host} refused the connection: no web server answers there.",
            code="refused-connection",
            mend="Look whether the site opens in a browser, and at the address and port in config.yaml.",
        )
    if seen(requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return unavailable(
            f"{host} did not answer in time.",
            code="time-out",
            mend="Try again later; if it stays so, ask the site's host.",
        )
    malformed = isinstance(error, ValueError) and not isinstance(error, (IOError, urllib3.exceptions.HTTPError))
    if malformed or seen(
        requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema
    ):
        return unavailable(
            f"{url} is not an address of the web.", code="bad-address", mend="Look at the address in config.yaml."
        )
    return unavailable(
        f"The connection to {host} broke off before the answer was complete.",
        code="cut",
        mend="Run the command again: it goes on where it stopped.",
    )


def shown(error: Exception) -> Exception | None:
    """Keep the library's error as the cause of ours, unless a secret stands in its words."""
    return error if SECRETS.clean(str(error)) == str(error) else None


def passes(error: SourceUnavailable) -> bool:
    """Tell whether trying the same again may help."""
    return error.code in {"refused-connection", "time-out", "cut"}


def page_title(body: bytes) -> str:
    """Return what a page of HTML calls itself, to name what came in place of data."""
    found = re.search(rb"<(title|h1)[^>]*>([^<]{1,120})", body[:20_000], re.IGNORECASE)
    return " ".join(found[2].decode("utf-8", "replace").split()) if found else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an exception's arguments and causes: libraries wrap the telling one several times."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _certificate(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
    return "the connection could not be secured"
