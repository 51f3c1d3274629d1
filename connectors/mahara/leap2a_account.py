"""Whose exports these are: those of one person on one site are read as one, and others' never with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.errors import KeepfolioError, UsageError
from connectors.contract import SourceUnavailable
from connectors.mahara import identity
from connectors.mahara.leap2a_package import Package
from connectors.mahara.leap2a_read import Head, head

_SHOWN = 10
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # that the clocks of a site and of this computer may differ


@dataclass(frozen=True)
class Account:
    """
    One person on one site, and the exports of that account, oldest first.

    ``unsaid`` is the site's address where the exports do not say it, and the owner did; else ``""``.
    """

    wwwroot: str
    user: str
    person: str
    packages: tuple[Package, ...]
    unsaid: str = ""

    @property
    def scope(self) -> str:
        return identity.scope(identity.site_key(self.wwwroot), self.user)


def account(
    packages: Iterable[Package], *, user: str, site: str, now: datetime, damaged: list[tuple[str, KeepfolioError]]
) -> Account:
    """
    Return the one account whose exports are to be read.

    Args:
        packages: Exports of anybody; those of others are closed.

        user: The account, by its number, its person's name, or its user name where an administrator's zip says that;
            ``""`` where there is only one.

        site: The address of the site; ``""`` where there is only one.

        now: What the time is, aware: see ``dated``.

        damaged: Exports whose head cannot be read are added, with the reason.

    Raises:
        UsageError: They are of several accounts or sites, or of none that is wanted.

        SourceUnavailable: No head can be read.
    """
    heads = [(package, dated(seen, now)) for package, seen in _heads(packages, damaged)]
    if not heads:
        raise damaged[-1][1]
    mine = _of_person(_of_site(heads, site), user)
    for package, _ in heads:
        if package not in [p for p, _ in mine]:
            package.close()
    mine.sort(key=lambda one: one[1].exported or _LONG_AGO)
    newest = mine[-1][1]
    unsaid = "" if newest.wwwroot else site.rstrip("/")
    packages = tuple(package for package, _ in mine)
    return Account(newest.wwwroot or unsaid, newest.user, newest.person, packages, unsaid)


def dated(seen: Head, now: datetime) -> Head:
    """
    Return a head without its time where that is yet to come: the clock of the site was wrong.

    Else such an export would be the newest for years, and whatever is made meanwhile would pass for deleted.
    """
    return replace(seen, exported=None) if seen.exported and seen.exported > now + _AHEAD else seen


def _heads(packages: Iterable[Package], damaged: list[tuple[str, KeepfolioError]]) -> list[tuple[Package, Head]]:
    found = []
    for package in packages:
        try:
            with package.feed() as feed:
                found.append((package, head(feed)))
        except SourceUnavailable as error:
            damaged.append((package.name, error))
        package.close()  # an institution's export is hundreds of files: they are not all held open
    return found


def _of_site(heads: list[tuple[Package, Head]], site: str) -> list[tuple[Package, Head]]:
    wanted = identity.site_key(site) if site else ""
    sites = sorted({identity.site_key(seen.wwwroot) or wanted for _, seen in heads})
    if wanted and wanted not in sites:
        raise UsageError(
            f"There is no export of {wanted} there; there are exports of {', '.join(sites)}.",
            code="other-site",
            mend="Write the address of one of them after url: in config.yaml.",
        )
    if not wanted and len(sites) > 1:
        raise UsageError(
            f"These exports are of several sites: {', '.join(sites)}.",
            code="two-sites",
            unchanged="Nothing was taken from any of them.",
            mend="Make each site a source of its own in config.yaml: path: as here, and the site's address after url:.",
        )
    return [one for one in heads if (identity.site_key(one[1].wwwroot) or wanted) == (wanted or sites[0])]


def _of_person(heads: list[tuple[Package, Head]], user: str) -> list[tuple[Package, Head]]:
    people = {seen.user: seen.person for _, seen in heads}
    wanted = user.strip().casefold()
    if wanted and wanted in people:
        found = {wanted}  # a user name may look like another's number
    else:
        names = ((seen.user, {seen.person.casefold(), package.username.casefold()}) for package, seen in heads)
        found = {number for number, called in names if not wanted or wanted in called}
    if len(found) != 1:
        raise UsageError(
            f"There is no export of {user} there, but of {_named(people)}." if not found
            else f"These exports are of several people: {_named(people)}.",
            code="several-people",
            unchanged="Nothing was taken from any of them.",
            mend="Write your own number after user: at this source in config.yaml.",
        )  # fmt: skip
    return [one for one in heads if one[1].user in found]


def _named(people: Mapping[str, str]) -> str:
    names = [f"{person or 'somebody'} ({number or 'no number'})" for number, person in sorted(people.items())]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
