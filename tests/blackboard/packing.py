"""Packages as Blackboard gives them out, and as somebody who means harm would."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.blackboard.export import PackageSource, source
from connectors.http import Http
from tests.contract.suite import context

PAGE = """<html><head><title>About  my practice</title><meta charset="utf-8"></head><body>Cyfarchion!
<h1>About</h1><p>See <a href="evidence/plan%20%231.docx#top">the plan</a>, <a href="more.html">more</a> and
<a href="https://alt.ac.uk/">ALT</a>.</p><img src="images/me.png" alt="Me"><img src="../../outside.png">
<img src="gone.png"></body></html>"""

PORTFOLIO = {
    "index.html": PAGE.encode(),
    "more.html": b"<html><body><p>More \xe9</p></body></html>",  # Windows' own letters
    "images/me.png": b"\x89PNG me",
    "evidence/plan #1.docx": b"PK plan",
    "evidence/empty/": b"",
}


def pack(path: Path, files: Mapping[str, bytes], *, spread: bool = True) -> Path:
    """Write a zip; with ``spread`` each file has a date of its own, else all were packed at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for number, (name, data) in enumerate(files.items()):
            info = zipfile.ZipInfo(name, (2024, 6, 1 + number % 28 if spread else 1, 12, 30, number % 60))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, data)
    return path


def sidecar(where: str) -> bytes:
    """Return the file beside a file of an archived course, which says from where it came."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><lom xmlns="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"><relation>'
        f"<resource><identifier>12_1#{where}</identifier></resource></relation></lom>"
    ).encode()


COURSE = {
    "imsmanifest.xml": b"<manifest/>",
    ".bb-package-info": b"#Bb PackageInfo",
    "res00007.dat": b"<USERS><USER>somebody@else.example</USER></USERS>",
    "csfiles/home_dir/Essays__xid-11_1/plan__xid-12_1.docx": b"my plan",
    "csfiles/home_dir/Essays__xid-11_1/plan__xid-12_1.docx.xml": sidecar("/users/rashby/Essays/plan.docx"),
    "csfiles/home_dir/slides__xid-13_1.pptx": b"the course's slides",
    "csfiles/home_dir/slides__xid-13_1.pptx.xml": sidecar("/courses/EDU101/slides.pptx"),
    "csfiles/home_dir/theirs__xid-14_1.docx": b"another's essay",
    "csfiles/home_dir/theirs__xid-14_1.docx.xml": sidecar("/users/somebody/theirs.docx"),
    "csfiles/home_dir/up__xid-15_1.docx": b"up",
    "csfiles/home_dir/up__xid-15_1.docx.xml": sidecar("/users/rashby/../somebody/up.docx"),
    "csfiles/home_dir/silent__xid-16_1.docx": b"whose?",
}


def packages(path: Path, **options: Any) -> PackageSource:
    return source("taken", {"path": path, **options}, context(Http(attempts=1)))
