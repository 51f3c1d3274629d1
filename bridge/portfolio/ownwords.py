"""What of an entry may stand as its owner's own: without what somebody else said of it."""

from __future__ import annotations

from archive.entry import Entry, MediaFile

_FEEDBACK = '<section class="feedback">'
_OF_OTHERS = frozenset({"feedback", "proof"})
"""Roles of files that somebody else made: a marked copy of an essay, an issuer's word on a badge."""


def own_words(entry: Entry) -> str:
    """
    Return the text of an entry without the feedback that a VLE wrote below it.

    All from there on goes, whatever the HTML of either is closed with: a stray end in the feedback would else leave
    somebody's words outside of their section.
    """
    return entry.content_html.partition(_FEEDBACK)[0] if entry.kind == "submission" else entry.content_html


def own_files(entry: Entry) -> list[MediaFile]:
    """Return the files of an entry that are held and its owner's own."""
    return [file for file in entry.files if file.sha256 and file.role not in _OF_OTHERS]
