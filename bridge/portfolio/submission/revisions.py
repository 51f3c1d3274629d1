"""
What was revised since a portfolio was handed in: section by section, from the texts of two releases.

Of what the assessors wrote nothing is read here: the summary says what the owner changed, in the owner's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bridge.portfolio.submission import texts
from bridge.portfolio.submission.texts import Text

ALIKE = 0.6
"""Two sentences that share this much of their words are one, reworded."""


@dataclass(frozen=True)
class Changed:
    """
    One section that is not what it was.

    Attributes:
        added: Passages that are new or reworded, whole sentences in the order of the section.

        removed: How many sentences went without another in their place.

        before: Words of the section then; None for a section that is new.

        new_evidence: Titles of what is cited now and was not.

        dropped: How many pieces of evidence are cited no more.

        retitled: The heading as it was, where it changed; else "".
    """

    id: str
    title: str
    added: tuple[str, ...]
    removed: int
    before: int | None
    now: int
    new_evidence: tuple[str, ...] = ()
    dropped: int = 0
    retitled: str = ""


@dataclass(frozen=True)
class Revisions:
    """What changed between two releases: ``unchanged`` and ``gone`` are counts of sections."""

    changed: tuple[Changed, ...]
    unchanged: int
    gone: int = 0


def between(before: Iterable[Text], now: Iterable[Text]) -> Revisions:
    """Return what changed, in the order of today's sections."""
    then = {one.id: one for one in before}
    today = list(now)
    changed = tuple(c for one in today if (c := _changed(then.get(one.id), one)) is not None)
    gone = len(then.keys() - {one.id for one in today})
    return Revisions(changed, len(today) - len(changed), gone)


def is_new(passage: str, before: Mapping[str, Text], section: str) -> bool:
    """Say whether a quotation did not stand in a section when it was handed in."""
    return section not in before or not before[section].holds(passage)


def _changed(then: Text | None, now: Text) -> Changed | None:
    if then is None:
        return Changed(
            now.id,
            now.title,
            tuple(texts.sentences(now.words)),
            0,
            None,
            texts.count(now.words),
            tuple(title for _, title in now.evidence),
        )
    same_words = texts.tokens(then.words) == texts.tokens(now.words)
    added, removed = ((), 0) if same_words else _sentences(then.words, now.words)
    cited_then, cited_now = dict(then.evidence), dict(now.evidence)
    new = tuple(title for entry, title in now.evidence if entry not in cited_then)
    dropped = len(cited_then.keys() - cited_now.keys())
    retitled = then.title if texts.tokens(then.title) != texts.tokens(now.title) else ""
    if same_words and not (new or dropped or retitled):
        return None
    before = texts.count(then.words)
    return Changed(now.id, now.title, added, removed, before, texts.count(now.words), new, dropped, retitled)


def _sentences(then: str, now: str) -> tuple[tuple[str, ...], int]:
    """Return the passages of ``now`` that are new, neighbours joined, and how many sentences went for good."""
    old, new = texts.sentences(then), texts.sentences(now)
    keys_old, keys_new = ([" ".join(texts.tokens(one)) for one in side] for side in (old, new))
    stayed = set(keys_new)
    added: list[str] = []
    removed = 0
    for what, i1, i2, j1, j2 in SequenceMatcher(None, keys_old, keys_new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        kept = set(keys_old)
        run = [new[j] for j in range(j1, j2) if keys_new[j] not in kept]  # one that only moved is no new one
        if run:
            added.append(" ".join(run))
        went = [keys_old[i] for i in range(i1, i2) if keys_old[i] not in stayed]
        removed += sum(not _reworded(one, keys_new[j1:j2]) for one in went)
    return tuple(added), removed


def _reworded(sentence: str, others: Sequence[str]) -> bool:
    words = sentence.split()
    return any(SequenceMatcher(None, words, other.split()).ratio() >= ALIKE for other in others)
