"""What lies at the address, or in the file, that the owner gave: found out by reading, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, urljoin, urlsplit
from uuid import NAMESPACE_URL, uuid5

from archive.errors import KeepfolioError, UsageError
from bridge.setup_export import is_blackboard
from connectors.blackboard.identity import origin
from connectors.contract import SourceUnavailable
from connectors.http_address import same_site

if TYPE_CHECKING:
    from connectors.http import Http
    from connectors.mahara.probe import Site
    from connectors.moodle.probe import Probe as Moodle
    from connectors.wordpress.probe import Probe

APP_ID = uuid5(NAMESPACE_URL, "https://github.com/keepfolio/keepfolio")
"""WordPress shows an application's passwords under one id; it asks for a UUID that stays."""


@dataclass(frozen=True)
class Blackboard:
    """A Blackboard, as far as an address or a front page tells; ``url`` is its address without a path."""

    url: str


Place: TypeAlias = "Probe | Site | Moodle | Blackboard"


def discover(address: str, http: Callable[[str], Http]) -> tuple[str, Place]:
    """
    Return the site's address, whole, and what it is: a Mahara, a Moodle, a Blackboard, or whatever a WordPress may be.

    Args:
        address: As a person types it, with or without ``https://``.

        http: Makes a session that knows the address as the owner's own.

    Raises:
        UsageError: It is no address.

        SourceUnavailable: Nothing answers there.
    """
    from connectors.wordpress.probe import probe

    failure: SourceUnavailable | None = None
    for url in _spelled_out(address):
        session = http(url)
        try:
            if is_blackboard(url):
                return origin(url), Blackboard(origin(url))
            found = probe(url, session)
            if found.kind == "none" and not found.feed and (other := _institutional(url, session)):
                return other
        except SourceUnavailable as error:
            failure = failure or error
        else:
            return url, found
        finally:
            session.close()
    assert failure is not None
    raise SourceUnavailable(
        failure.message,
        code=failure.code,
        unchanged="Nothing was written.",
        mend="Write the address as your browser shows it when the site is open; or bring an export (--export FILE).",
    ) from failure


def _institutional(url: str, http: Http) -> tuple[str, Place] | None:
    """Return the system of an institution at an address that is no blog's."""
    if mahara := _mahara_at(url, http):
        return mahara.origin.rstrip("/"), mahara
    if moodle := _moodle_at(url, http):
        return moodle.root, moodle
    says_so = any(name.lower().startswith("x-blackboard") for name in http.get(url).headers)
    return (origin(url), Blackboard(origin(url))) if says_so else None


def _moodle_at(url: str, http: Http) -> Moodle | None:
    """Return the Moodle of which this is a page; it is asked for its public settings, as its own app asks."""
    from connectors.moodle.probe import probe, root_of

    for root in dict.fromkeys((root_of(url), origin(url))):
        try:
            found = probe(root, http)
        except SourceUnavailable:
            continue
        return found if same_site(root, found.root) else replace(found, root=root)
    return None


def _mahara_at(url: str, http: Http) -> Site | None:
    """Return the Mahara of which this is a page, whichever page of it the owner's browser showed."""
    from connectors.mahara import probe

    seen = probe.page(http.get(url))
    if seen.logged_in is None:
        return None
    roots = [*([seen.wwwroot] if same_site(url, seen.wwwroot) else []), urljoin(url, ".")]
    for root in roots[:-1]:
        try:
            return probe.probe(root, http)
        except SourceUnavailable:
            continue  # a proxy may know the site by another name than the site itself
    return probe.probe(roots[-1], http)


def _spelled_out(address: str) -> list[str]:
    """A password needs https, so that is tried first when the owner did not say."""
    text = address.strip()
    spellings = [text] if "://" in text else [f"https://{text}", f"http://{text}"]
    parts = urlsplit(spellings[0])
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise UsageError(
            f'"{address}" is not the address of a website.',
            code="bad-address",
            unchanged="Nothing was written.",
            mend="Write it as your browser shows it, such as https://blog.example.org",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "An address must not hold a password.",
            code="bad-address",
            unchanged="Nothing was written, and nothing was sent.",
            mend="Leave it out; you are asked for it later, without it being shown.",
        )
    return spellings


def approve_page(found: Probe, url: str) -> str:
    """
    Return WordPress's own page for allowing keepfolio a password of its own; ``""`` where it names none to trust.

    It is opened in the owner's browser, so it has to be a page of the web at the very host that she typed.
    """
    page = found.application_passwords_url
    if not _is_page_at(url, page):
        return ""
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}app_name={quote('keepfolio')}&app_id={APP_ID}"


def _is_page_at(url: str, page: str) -> bool:
    try:
        parts = urlsplit(page)
        of_the_web = parts.scheme in ("http", "https") and parts.username is None
        return of_the_web and same_site(url, page) and page.isprintable() and " " not in page
    except ValueError:  # no address at all
        return False


def where_the_export_is(found: Probe) -> str:
    """Return where a site's owner finds its export, in words."""
    if found.kind == "wordpress.com":
        return (
            "On WordPress.com: Tools > Export > Export all. You get a zip; the pictures come from "
            "Export media library on the same page."
        )
    return "In WordPress: Tools > Export > All content > Download Export File."


def give_up(found: Probe, url: str) -> KeepfolioError:
    """Return the error for an address at which nothing can be harvested."""
    said = " ".join(f.message for f in found.findings)
    return SourceUnavailable(
        f"At {url} there is no WordPress, Mahara, Moodle or Blackboard, and no feed that keepfolio can read. "
        f"{said}".strip(),
        code="nothing-found",
        unchanged="Nothing was written.",
        mend="Check the address; or bring an export: keepfolio init FOLDER --export FILE",
    )
