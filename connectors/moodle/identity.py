"""
What makes one Moodle thing the same by token and by data-request zip: its keys, its scope, its addresses.

A key is ``moodle:HOST/FAMILY/ID``. Numbers are ids of the site's database. The zip writes item ids as ``(N)`` or in
folder names, and ids of contexts as ``_.NN``; each function says which of them it takes, so that both routes can make
the same key. ``site`` is from ``site_key``, ``user`` is the context id of the person (``User Rowan Ashby _.12``), for
what is numbered per person.
"""

from __future__ import annotations

from archive.entry import Key, site_of


def site_key(wwwroot: str) -> str:
    """Return ``host[:port][/path]`` of a Moodle's own address (``wwwroot``)."""
    return site_of(wwwroot)


def key(site: str, family: str, number: int | str) -> Key:
    """Return the key of a thing by the number that Moodle's database gives it."""
    return f"moodle:{site}/{family}/{number}"


def blog(site: str, entry: int | str) -> Key:
    """Return the key of a blog entry; the zip has the same number in ``Blog/<subject> (N)``."""
    return key(site, "blog", entry)


def external_copy(permalink: str) -> Key:
    """
    Return the second key of a blog entry that Moodle copied from the owner's own site.

    WordPress's guid is the permalink on some sites, and in the feeds of other systems; there the copy joins the
    original. Elsewhere only ``extra["copy_of"]`` links the two.
    """
    return f"guid:{permalink}"


def comment(site: str, number: int | str) -> Key:
    """Return the key of a comment. The zip has no numbers of comments."""
    return key(site, "comment", number)


def private_file(site: str, user: int | str, path: str) -> Key:
    """
    Return the key of one of the person's private files.

    Args:
        path: From the root of the files, such as ``/conferences/2023/poster.png``. In the zip it is the path below
            ``Private files/_files/private``, where a folder whose name is a number has ``_`` in front (take it away).
    """
    return key(site, "private-file", f"{user}{path}")


def private_folder(site: str, user: int | str, path: str) -> Key:
    """Return the key of a folder of private files; ``path`` begins and ends with a slash. See ``private_file``."""
    return key(site, "private-folder", f"{user}{path}")


def badge(site: str, unique_hash: str) -> Key:
    """Return the key of an awarded badge; the zip has the hash as ``issued.unique_hash`` and as the picture's name."""
    return key(site, "badge", unique_hash)


def prior_learning(site: str, number: int | str) -> Key:
    """Return the key of a piece of evidence; in the zip ``Evidence of prior learning/<name> (N)``."""
    return key(site, "prior-learning", number)


def plan(site: str, number: int | str) -> Key:
    """Return the key of a learning plan; in the zip ``Learning plans/<name> (N)``."""
    return key(site, "plan", number)


def competency(site: str, user: int | str, number: int | str) -> Key:
    """Return the key of a person's rating; ``number`` is the competency's: ``Competencies/<name> (N)`` in the zip."""
    return key(site, "competency", f"{user}-{number}")


def forum_post(site: str, number: int | str) -> Key:
    """Return the key of a forum post; in the zip the last part of its folder, ``<unix time>-<subject>-<N>``."""
    return key(site, "forum-post", number)


def submission(site: str, number: int | str) -> Key:
    """Return the key of one attempt by its own number; in the zip only in ``_files/submission_files/_N``."""
    return key(site, "submission", number)


def attempt(site: str, user: int | str, activity: int | str, number: int) -> Key:
    """
    Return the key of one attempt by what the zip always has.

    Args:
        activity: The context id of the assignment, ``Assignment <name> _.NN``.

        number: From 1, ``attempt N``.
    """
    return key(site, "attempt", f"{user}-{activity}-{number}")


def workshop_submission(site: str, number: int | str) -> Key:
    """Return the key of a workshop submission; in the zip only in ``_files/submission_attachment/_N``."""
    return key(site, "workshop-submission", number)


def workshop_of(site: str, user: int | str, activity: int | str) -> Key:
    """Return its key by the context id of the workshop, ``Workshop <name> _.NN``: a person has one in each."""
    return key(site, "workshop", f"{user}-{activity}")


def database_entry(site: str, record: int | str) -> Key:
    """Return the key of an entry in a database; in the zip the folder ``_N`` below ``Database <name> _.NN``."""
    return key(site, "database-entry", record)


def glossary_entry(site: str, number: int | str) -> Key:
    """Return the key of a glossary entry; in the zip ``Entries/<concept> (N)``."""
    return key(site, "glossary-entry", number)


def wiki_page(site: str, page: int | str) -> Key:
    """Return the key of a wiki page; in the zip ``_<subwiki>/N <title>.json``."""
    return key(site, "wiki-page", page)


def completion(site: str, user: int | str, course: int | str) -> Key:
    """Return the key of a completed course by the course's context id, ``Course <name> _.NN``."""
    return key(site, "completion", f"{user}-{course}")


def enrolment(site: str, user: int | str, course: int | str) -> Key:
    """Return the key of an enrolment by the course's context id, ``Course <name> _.NN``."""
    return key(site, "enrolment", f"{user}-{course}")


def scope(site: str, user: int | str, family: str) -> str:
    """Return the name of a listing: one person's things of a family, or of one forum (``forum4/posts``)."""
    return f"moodle:{site}/{user}/{family}"
