"""Which system an export is of, known by what is in it: files are renamed by browsers and by people."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from archive.errors import KeepfolioError, UsageError
from connectors.contract import SourceUnavailable

Sure: TypeAlias = Literal["surely", "perhaps", ""]

_BLACKBOARD = re.compile(r"/(?:ultra|bbcswebdav)(?:/|$)|/webapps/(?:blackboard|bb-|portal|login|cmsmain|portfolio)")
CLICKS = (
    "Take the export of WordPress (Tools > Export > All content), of Mahara (main menu > Manage > Export > All my "
    "data), of Moodle (Profile > Data requests > Export all of my personal data), or a package of Blackboard's Content "
    "Collection, and name the file that it gives you."
)


def look_at_export(path: Path, url: str = "") -> str:
    """
    Return the type of source that an export is: a file, or a folder of them.

    ``url`` is the address that the owner named with it. A package of Blackboard has no sign of its own: any zip of
    folders is one where that address is a Blackboard's, and else one in which the archive of a course lies.

    Raises:
        UsageError: It is not there, or it is something else.
    """
    from connectors.wordpress.wxr_file import parts
    from connectors.wordpress.wxr_read import survey

    place = path.expanduser()
    if not place.exists():
        raise no_export(path)
    moodle = _of_moodle(place)
    if moodle == "surely":
        return "moodle-export"
    mahara = _why_no_mahara(place)
    if mahara is None:
        return "mahara-export"
    try:
        survey(parts(place), "")
    except (UsageError, SourceUnavailable) as error:
        if moodle:
            return "moodle-export"
        if _is_package(place, likely=is_blackboard(url)):
            return "blackboard-export"
        raise _why(path, mahara, error) from error
    return "wordpress-export"


def is_blackboard(url: str) -> bool:
    """Tell whether an address has the shape of a Blackboard's; of a front page that cannot be told."""
    return bool(_BLACKBOARD.match(urlsplit(url if "://" in url else f"https://{url}").path))


def _of_moodle(place: Path) -> Sure:
    """Tell whether what lies at a path was saved from Moodle. Mahara writes Leap2A, too, and anybody pictures."""
    from connectors.moodle.export_find import look
    from connectors.moodle.export_leap2a import open_leap

    try:
        lying = look(place)
    except (UsageError, SourceUnavailable):
        return ""
    try:
        if lying.requests or lying.feeds or any(open_leap(pack) for pack in lying.leap2a):
            return "surely"
        return "perhaps" if not lying.leap2a else ""
    finally:
        for pack in lying.packs():
            pack.close()


def _why_no_mahara(place: Path) -> KeepfolioError | None:
    """Return why there is no Mahara export at a path; None where there is one."""
    from connectors.mahara.leap2a_file import packages

    with TemporaryDirectory() as spool:
        try:
            for package in packages(place, Path(spool)):
                package.close()
        except (UsageError, SourceUnavailable) as error:
            return error
    return None


def _is_package(place: Path, *, likely: bool) -> bool:
    from connectors.blackboard.course import roots
    from connectors.blackboard.pack import packages
    from connectors.contract import Failed

    if not (place.suffix.lower() == ".zip" or (place.is_dir() and any(place.glob("*.zip")))):
        return False
    try:
        for package in packages(place, UTC):
            if not isinstance(package, Failed):
                package.close()
                if package.members and (likely or roots(package.members)):
                    return True
    except SourceUnavailable:
        return False
    return False


def _why(path: Path, mahara: KeepfolioError, wordpress: KeepfolioError) -> UsageError:
    """Return the error for what is no export, by what reading it as one of either kind has shown."""
    what, mend = _none(path), CLICKS
    if mahara.code in ("export-damaged", "empty-file"):
        what, mend = mahara.message, f"Download it again; or take a new export. {CLICKS}"
    elif mahara.code not in ("no-export", "not-leap2a"):
        what, mend = mahara.message, mahara.mend
    elif wordpress.code != "no-export":
        what = wordpress.message
    return UsageError(what, code="no-export", unchanged="Nothing was written.", mend=mend)


def _none(path: Path) -> str:
    systems = "WordPress, Mahara, Moodle or Blackboard"
    if path.expanduser().is_dir():
        return f"In the folder {path} lies no export of {systems}."
    return f"{path} is not an export of {systems}."


def no_export(path: Path) -> UsageError:
    return UsageError(
        f"There is no file {path}.",
        code="no-export",
        unchanged="Nothing was written.",
        mend="Look where your browser put the download, and name that file with --export.",
    )
