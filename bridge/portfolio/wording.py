"""How the page names things: kinds, dates, sizes."""

from __future__ import annotations

from datetime import datetime, tzinfo
from mimetypes import guess_type

from archive.entry import Entry, MediaFile

FILE_KINDS = frozenset({"media", "file", "badge"})
"""Kinds that are a file rather than a text."""

_KINDS = {
    "post": "Blog post",
    "page": "Web page",
    "journal": "Journal",
    "journal-entry": "Journal entry",
    "cpd": "CPD record",
    "e-mail": "E-mail",
    "forum-post": "Forum post",
    "submission": "Submitted work",
    "database-entry": "Database entry",
    "glossary-entry": "Glossary entry",
    "wiki-page": "Wiki page",
    "prior-learning": "Evidence of prior learning",
    "competency": "Rated competency",
    "completion": "Completed course",
    "enrolment": "Course taken part in",
    "badge": "Badge",
    "badge-proof": "Confirmation of a badge",
    "coverletter": "Cover letter",
    "interest": "Interests",
    "educationhistory": "Education history",
    "employmenthistory": "Employment history",
    "certification": "Certifications and awards",
    "book": "Books and publications",
    "membership": "Professional memberships",
    "personalgoal": "Personal goals",
    "academicgoal": "Academic goals",
    "careergoal": "Career goals",
    "personalskill": "Personal skills",
    "academicskill": "Academic skills",
    "workskill": "Work skills",
    "resume-row": "Résumé entry",
    "annotationfeedback": "Feedback",
    "peerassessment": "Peer assessment",
}
_FILE_TYPES = {"image": "Picture", "video": "Video", "audio": "Audio recording"}
_DOCUMENTS = {
    ".pdf": "PDF document",
    ".doc": "Word document",
    ".docx": "Word document",
    ".ppt": "Slides",
    ".pptx": "Slides",
    ".odp": "Slides",
    ".xls": "Spreadsheet",
    ".xlsx": "Spreadsheet",
    ".ods": "Spreadsheet",
    ".csv": "Spreadsheet",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def kind(entry: Entry) -> str:
    """Return what an entry is, as a person reads it: ``Blog post``, ``PDF document``."""
    if entry.kind == "page" and entry.keys[0].startswith("mahara:"):
        return "Page"  # no stranger finds it on the web
    if entry.kind == "plan" and entry.keys[0].startswith("moodle:"):
        return "Learning plan"
    if entry.kind == "badge" and "issuer" not in entry.extra:
        return "Picture of a badge"  # nothing is baked into it: it says nothing that anybody could check
    if entry.kind in _KINDS:
        return _KINDS[entry.kind]
    if entry.kind in FILE_KINDS and entry.files:
        return file_kind(entry.files[0])
    return entry.kind.replace("-", " ").replace("_", " ").capitalize()


def described(entry: Entry) -> str:
    """
    Return what an entry is, of a badge with who issued it: ``Badge issued by Northshire University``.

    What others wrote about the owner says so: ``About me, by others: Feedback``.
    """
    issuer = entry.extra.get("issuer") if entry.kind == "badge" else ""
    said = f"{kind(entry)} issued by {issuer}" if issuer else kind(entry)
    return f"About me, by others: {said}" if entry.author == "about-me" else said


def file_kind(file: MediaFile) -> str:
    """Return what a file is, by its name first and what its source calls it second."""
    suffix = "." + file.name.rpartition(".")[2].lower()
    return _DOCUMENTS.get(suffix) or _FILE_TYPES.get(media_type(file).partition("/")[0], "Document")


def media_type(file: MediaFile) -> str:
    """Return a file's media type; where its source does not say, what its name suggests."""
    return file.media_type or guess_type(file.name)[0] or "application/octet-stream"


def is_image(file: MediaFile) -> bool:
    """Say whether a file is a picture that can be shown; drawings that can hold scripts are not."""
    return media_type(file).startswith("image/") and not media_type(file).startswith("image/svg")


def day(moment: datetime | None, zone: tzinfo) -> str:
    """Return a day written out (``1 March 2026``) in a time zone; ``""`` for none."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def size(number: int) -> str:
    """Return a size as a person reads it: ``214 kB``, ``1.3 MB``."""
    if number < 1_000_000:
        return f"{max(1, round(number / 1000))} kB"
    return f"{number / 1_000_000:.1f} MB"
