"""Whether what is cited can be shown at all: else why not, in words, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.entry import Visibility
from bridge.portfolio import within
from bridge.portfolio.mapping import never
from bridge.portfolio.marks import Marks, effective
from bridge.portfolio.model import Entries, Held
from bridge.portfolio.narrative import Narrative

Problem = tuple[str, str, str]
"""A code, what is the matter behind the section's name, and what mends it."""


@dataclass(frozen=True)
class Usable:
    """
    What an edition may show of the evidence.

    Attributes:
        narratives: The section files.

        entries: At least all that is asked for.

        marks: The owner's word on who may see single items (``marks.settled``).

        edition: The edition that the owner works towards.

        as_of: Now; None: what is published later counts as published.
    """

    narratives: Mapping[str, Narrative]
    entries: Entries
    marks: Marks
    edition: Visibility
    as_of: datetime | None

    def of(self, ids: Iterable[str], section: str = "") -> tuple[str, ...]:
        """Return those of the entries that can be shown."""
        return tuple(entry_id for entry_id in ids if self.problem(entry_id, section) is None)

    def problem(self, entry_id: str, section: str = "") -> Problem | None:
        """Say why a cited entry cannot be shown; None when it can."""
        held = self.entries.get(entry_id)
        if held is None:
            return "evidence-unknown", f"cites {entry_id}, which is not in the archive.", "Run: keepfolio list"
        title = f"“{held.entry.title or entry_id}”"
        if held.deleted:
            return (
                "evidence-gone",
                f"cites {title}, which was deleted at its source (your archive still has it).",
                "Restore it there, or cite something else",
            )
        if held.entry.status == "trash":
            return "evidence-binned", f"cites {title}, which lies in the bin of its site.", "Restore it there"
        if why := never(held.entry):
            mend = f"Take it out: {self._undo(held, section)}"
            return "evidence-never", f"cites {title}, which no page shows: {why}.", mend
        if self.as_of and held.entry.published and held.entry.published > self.as_of:
            return (
                "evidence-later",
                f"cites {title}, which is not published yet.",
                "Nothing to do: it appears by itself",
            )
        return self._closed(held, title, section)

    def _closed(self, held: Held, title: str, section: str) -> Problem | None:
        if effective(held, self.marks).openness < self.edition.openness:
            return (
                "evidence-private",
                f"cites {title}, which the {self.edition.value} page may not show.",
                self._safe_mend(held, section),
            )
        inner = within.closed(held, self.entries, self.marks, self.edition)
        if inner is None:
            return None
        return (
            "evidence-shows-private",
            f"cites {title}, which shows “{inner.entry.title}”: that you closed by a mark of its own.",
            f'Open that, too: keepfolio mark "{inner.entry.title}" {self.edition.value}',
        )

    def _safe_mend(self, held: Held, section: str) -> str:
        """Say what to do about evidence that an edition may not show: what gives nothing away comes first."""
        show = f'keepfolio mark "{held.entry.title or held.id}" {self.edition.value}'
        return f"Cite something else ({self._undo(held, section)}); or, if its whole text may stand on the page: {show}"

    def _undo(self, held: Held, section: str) -> str:
        """Say how a citation is taken back."""
        narrative = self.narratives.get(section)
        by_hand = narrative is not None and any(cited.entry == held.id for cited in narrative.evidence)
        named = held.entry.title if held.entry.title and not never(held.entry) else held.id  # many are “Comment”
        return f'keepfolio cite {section} "{named}" --remove' if by_hand else "take its tag away at its source"
