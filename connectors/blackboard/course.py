"""
Archives of whole courses: only the owner's own files are taken, and the rest is not opened.

Such an archive holds the people of the course, their grades, their posts and what they handed in. Files from Content
Collections lie in it under ``csfiles/home_dir`` with a number in their names (``__xid-12_1``); beside each lies an XML
file that says from where it came: ``12_1#/users/jane/Essays/plan.docx`` or ``12_1#/courses/EDU101/...``. Only the first
kind, with the owner's user name, is known to be hers.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from lxml import etree

from connectors import safe_xml
from connectors.blackboard.pack import Member
from connectors.contract import SourceUnavailable

_MARKS = re.compile(r"(?:^|/)(?:\.bb-package-info|\.bb-package-sig|res\d{5}\.dat)$")
_HOME = "csfiles/home_dir/"
_IDENTIFIER = re.compile(r"[^#]*#/(users/([^/]+)/.+)", re.DOTALL)
_MAX_SIDECAR = 64 * 1024


def roots(members: Iterable[Member]) -> frozenset[str]:
    """Return the folders of a package that are archives of courses (``""`` for the package itself)."""
    paths = [member.path for member in members]
    found = {path.rpartition("/")[0] for path in paths if _MARKS.search(path)}
    return frozenset(found | ({""} if "imsmanifest.xml" in paths else set()))


def is_inside(path: str, courses: Collection[str]) -> bool:
    """Tell whether a path is one of these archives, or lies in one."""
    if not courses:
        return False
    parts = path.split("/")
    return any("/".join(parts[:end]) in courses for end in range(len(parts) + 1))


def is_archive(member: Member) -> bool:
    """Tell whether a file in a folder is the zip of such an archive; inside of another zip that is not looked for."""
    if not member.path.lower().endswith(".zip"):
        return False
    try:
        with member.open() as stream:
            if not stream.seekable():
                return False
            with zipfile.ZipFile(stream) as packed:
                return any(_MARKS.search(name) for name in packed.namelist())
    except (SourceUnavailable, zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def own_files(members: Iterable[Member], user: str) -> Iterator[Member]:
    """Yield the files of archived courses that lay in the owner's own folder, under the path that they had there."""
    by_path = {member.path: member for member in members if _HOME in member.path}
    for path, member in by_path.items():
        sidecar = by_path.get(f"{path}.xml")
        if sidecar is None or not user:
            continue
        found = _IDENTIFIER.fullmatch(_identifier(sidecar))
        if found and found[2].lower() == user.lower() and ".." not in found[1].split("/"):
            yield replace(member, path=found[1])


def _identifier(sidecar: Member) -> str:
    """Return what the XML file beside a file says of its origin; ``""`` where it says nothing that can be read."""
    try:
        with sidecar.open() as stream:
            data = stream.read(_MAX_SIDECAR)
            root = etree.fromstring(data, safe_xml.parser())
    except (SourceUnavailable, etree.XMLSyntaxError, ValueError):
        return ""
    return next((str(element.text or "").strip() for element in root.iter("{*}identifier")), "")
