"""Words of a section, for comparing: two texts are the same where their words are, whatever marks stand between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.portfolio.model import PagePart
from bridge.render import sanitise

_SENTENCE_ENDS = re.compile(r"""(?:(?<=[.!?…])|(?<=[.!?…][”’"')\]]))\s+(?=[“‘"'(\[]?[A-Z0-9])|\n+""")


@dataclass(frozen=True)
class Text:
    """
    One section as somebody reads it.

    Attributes:
        words: Its own text, without what is cited.

        evidence: What it cites: titles by id.
    """

    id: str
    title: str
    words: str
    evidence: tuple[tuple[str, str], ...] = ()

    def holds(self, passage: str) -> bool:
        """Say whether a quotation stands in the text, or in a title of what is cited."""
        wanted = f" {' '.join(tokens(passage))} "
        said = [self.words, *(title for _, title in self.evidence)]
        return wanted.strip() != "" and any(wanted in f" {' '.join(tokens(one))} " for one in said)


def words_of(parts: Iterable[PagePart]) -> str:
    """Return the words of a section's parts, their headings left out."""
    return "\n".join(text for part in parts if (text := sanitise.text(part.html)))


def tokens(text: str) -> list[str]:
    """Return the words of a text as they are compared: without case, quotation marks and other signs."""
    return re.findall(r"\w+", text.casefold().replace("’", "").replace("'", ""))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each as it stands."""
    return [one.strip() for one in _SENTENCE_ENDS.split(text) if one.strip()]


def count(text: str) -> int:
    """Return how many words a text has, as the page counts them."""
    return len(text.split())


def shortened(words: Sequence[str] | str, most: int) -> str:
    """Return a text of at most so many words; an ellipsis says that there is more."""
    listed = words.split() if isinstance(words, str) else list(words)
    return " ".join(listed) if len(listed) <= most else " ".join(listed[:most]) + " …"
