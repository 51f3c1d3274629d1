"""Words as the search and the list of words take a text apart. ``search.js`` does the same to what is asked."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
LONGEST = 40


def plain(text: str) -> str:
    """Return a text in small letters without accents, for comparing and sorting."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if c < "\x80" or unicodedata.category(c)[0] != "M").lower()


def words(text: str) -> list[str]:
    """Return the words of a text, as they are compared. In scripts without spaces each sign is a word."""
    return [found[:LONGEST] for found in _WORD.findall(plain(text))]


def initial(word: str) -> str:
    """Return the part of the search data in which a word stands."""
    first = word[:1]
    if "a" <= first <= "z":
        return first
    return "0" if "0" <= first <= "9" else "other"
