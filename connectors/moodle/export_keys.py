"""Keys of what has no number in a data-request zip, and the scopes of exports."""

from __future__ import annotations

import hashlib
from collections import Counter

from archive.entry import Key
from connectors.moodle import identity, text

_LONG = 100


def note(site: str, user: int | str, place: int | str, state: str, words: str) -> Key:
    """Return the key of a note that somebody wrote about the person, by where it stands and what it says."""
    return identity.key(site, "note", f"{user}-{place}-{state}-{_digest(words)}")


def said(site: str, parent: Key, words: str, *, own: bool, nth: int = 1) -> Key:
    """
    Return the key of a comment by what it says.

    Args:
        parent: The key of a blog entry, or of an attempt by its context (``identity.attempt``).

        words: Its text, HTML or plain.

        own: The owner said it, not another.

        nth: The how-manieth of the same there, from 1.
    """
    whose = "own" if own else "others"
    return identity.key(site, "said", _digest(f"{parent}\n{whose}\n{text.plain(words)}\n{nth}"))


def term(site: str, place: int | str, concept: str) -> Key:
    """Return the key of the owner's glossary entry by the context of the glossary, for one whose number is not told."""
    return identity.key(site, "term", f"{place}-{_digest(' '.join(concept.split()))}")


def cut_names(path: str) -> tuple[str, ...]:
    """
    Return under which paths a data request may have a private file; none where it has it under its own.

    Moodle 4.5 cuts a name, and the whole path of its folder, to 100 characters, with ten digits of the SHA-1 in the
    last of them (``shorten_filename``). It keeps an ending if it knows it, which is not known here: hence both.
    """
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    above = _cut(f"{folder}/")
    names = {_cut(name), *((_cut(stem, name) + dot + ending,) if stem else ())} if len(name) > _LONG else {name}
    return tuple(sorted(found for one in names if (found := f"{above.rstrip('/')}/{one}") != path))


class Saying:
    """Numbers the comments below one thing that say the same."""

    def __init__(self, site: str, parent: Key) -> None:
        self._of = site, parent
        self._count: Counter[tuple[str, bool]] = Counter()

    def key(self, words: str, *, own: bool) -> Key:
        """Return the key of the next comment. The order is that of the source: twins differ in nothing."""
        plain = text.plain(words)
        self._count[plain, own] += 1
        return said(*self._of, plain, own=own, nth=self._count[plain, own])


def scope(site: str, user: int | str, family: str) -> str:
    """Return the name of what exports show of a family. Never listed: what an export lacks may well be there."""
    return f"moodle-export:{site}/{user}/{family}"


def _cut(part: str, whole: str = "") -> str:
    """Cut a part of a name if the whole name is too long."""
    mark = f" - {hashlib.sha1(part.encode('utf-8', 'backslashreplace'), usedforsecurity=False).hexdigest()[:10]}"
    return part[: _LONG - len(mark)] + mark if len(whole or part) > _LONG else part


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "backslashreplace")).hexdigest()[:20]
