"""That an earlier generation is unchanged: counted and compared on the built page, never only said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lxml.html
from lxml.html import HtmlElement

from archive.entry import Json, Visibility
from bridge.portfolio.renewal.seal import Sealed, SealedSection
from bridge.render import sanitise

_NOT_THE_OWNERS = ("kf-figure", "kf-evidence", "kf-back")
"""What the page puts beside the words of a section: pictures with their credits, the list of evidence, a link back."""


@dataclass(frozen=True)
class Proof:
    """
    How a built page compares with a sealed generation.

    Attributes:
        called: What a person calls the generation: its year.

        words: How many of its words stand on the page, in their order.

        changed: Titles of sections whose words on the page are not the sealed ones.

        left_out: Titles of sections that this edition had and that are not on the page today.
    """

    called: str
    words: int
    changed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every word that the page shows of it is as it was sealed."""
        return not self.changed

    @property
    def said(self) -> str:
        """Return the proof in words."""
        if self.changed:
            return f"NOT all words of {self.called} are as they were: {', '.join(self.changed)}"
        left_out = f" (left out today: {', '.join(self.left_out)})" if self.left_out else ""
        return f"{self.words:,} word{'' if self.words == 1 else 's'} of {self.called} unchanged{left_out}"

    def to_json(self) -> Json:
        """Return the proof as ``renew``, ``plan`` and ``publish`` give it with ``--json``."""
        return {
            "generation": self.called,
            "words": self.words,
            "same": self.same,
            "changed": list(self.changed),
            "left_out": list(self.left_out),
        }


def proved(sealed: Sealed, edition: Visibility, fragment: str) -> Proof:
    """Compare the part of a built page that shows a generation in an edition with its seal, word by word."""
    page: Any = lxml.html.document_fromstring(f"<main>{fragment}</main>")
    changed: list[str] = []
    left_out: list[str] = []
    words = 0
    for section in sealed.shown(edition):
        heading = page.get_element_by_id(f"kf-{sealed.at(section.id)}", None)
        around = next(heading.iterancestors("section"), None) if heading is not None else None
        if around is None:
            left_out.append(section.title or sealed.title)
        elif _stands(section, edition, around):
            words += len(section.words(edition))
        else:
            changed.append(section.title or sealed.title)
    return Proof(sealed.called, words, tuple(changed), tuple(left_out))


def _stands(section: SealedSection, edition: Visibility, around: HtmlElement) -> bool:
    """Say whether the words of each part stand in a section of the page, unbroken and in order."""
    for beside in [found for name in _NOT_THE_OWNERS for found in around.find_class(name)]:
        beside.drop_tree()
    rest = _joined(sanitise.text(lxml.html.tostring(around, encoding="unicode", with_tail=False)).split())
    for part in section.parts[edition.value]:
        words = _joined(sanitise.text(part.html).split())
        before, found, rest = rest.partition(words)
        if not found and words.strip():
            return False
        rest = f" {rest}" if found else before
    return True


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
