"""A release without its files, for looking at a draft before anything is uploaded. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.contract import Release
from connectors.wanted import PREFIX

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag


def text_only(release: Release) -> Release:
    """Return the release with every picture and file link replaced by a note that it follows; it has no uploads."""
    if not release.uploads:
        return release
    fragment, document = _without_files(release.fragment), _without_files(release.document)
    text = f"{release.id}\0{fragment}\0{document}"
    return replace(
        release, id=hashlib.sha256(text.encode()).hexdigest(), fragment=fragment, document=document, uploads=()
    )


def _without_files(html: str) -> str:
    from bs4 import BeautifulSoup  # imported here: it is slow to come, and few commands look at a preview

    soup = BeautifulSoup(html, "html.parser")
    for image in soup.select(f'img[src^="{PREFIX}"]'):
        note = soup.new_tag("span")
        note.string = f"(Picture, follows when you publish: {image.get('alt') or 'no description'})"
        image.replace_with(_as_block(soup, image, note))
    for link in soup.select(f'a[href^="{PREFIX}"]'):
        link.append(" (file, follows when you publish)")
        link.unwrap()
    for other in soup.select(f'[src^="{PREFIX}"], [data^="{PREFIX}"], [poster^="{PREFIX}"]'):
        other.decompose()
    return str(soup)


def _as_block(soup: BeautifulSoup, image: Tag, note: Tag) -> Tag:
    """A figure holds blocks: there the note is a paragraph."""
    if image.parent is not None and image.parent.name == "figure":
        paragraph = soup.new_tag("p")
        paragraph.append(note)
        return paragraph
    return note
