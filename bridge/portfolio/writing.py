"""What can be said of a text by counting: how long, of what, in whose name, with which pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bridge.portfolio.findings import about, words_of
from bridge.portfolio.framework import Section
from bridge.portfolio.model import PageSection
from bridge.render import sanitise
from connectors.contract import Finding

LEAST_REFLECTION = 0.2
"""Below this share of a section's words the reflection is thin."""

LEAST_WORDS_TO_BALANCE = 80
LEAST_TEAM = 3
"""So often “we” is said before anybody is told of it."""

WORDS_WITHOUT_FIGURE = 800

_TEAM = re.compile(r"\b(?:we|our|ours|us|ourselves|the team|my team)\b", re.IGNORECASE)
_I = re.compile(r"\b(?:I|my|mine|me|myself)\b(?! team\b)")
_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)


@dataclass(frozen=True)
class Counted:
    """The figures of one section as its draft shows it; words are those of its texts, not of menus and lists."""

    shown: PageSection

    @cached_property
    def parts(self) -> dict[str, int]:
        """Words by part."""
        return {part.id: len(words_of(part).split()) for part in self.shown.parts}

    @property
    def words(self) -> int:
        """Return the words of all parts."""
        return sum(self.parts.values())

    @property
    def figures(self) -> int:
        """Return the pictures in the texts and among the evidence."""
        inside = sum(part.html.count("<img") for part in self.shown.parts)
        return inside + sum(len(item.figures) for item in self.shown.evidence)

    @cached_property
    def voices(self) -> tuple[int, int]:
        """How often the text says “we”, “our” or “the team”, and how often “I”, “my” or “me”."""
        text = " ".join(words_of(part) for part in self.shown.parts)
        return len(_TEAM.findall(text)), len(_I.findall(text))

    @property
    def team_share(self) -> float | None:
        """Return the share of “we” and “the team” among all of these; None where nobody is named."""
        team, own = self.voices
        return team / (team + own) if team + own else None


def is_heavy(shown: PageSection, words_without_figure: int) -> bool:
    """Say whether a section is a long stretch of text without a picture."""
    counted = Counted(shown)
    return counted.words > words_without_figure and not counted.figures


def findings(section: Section, shown: PageSection, words_without_figure: int, pictures: str = "") -> Iterator[Finding]:
    """
    Yield what is weak in a section's own words.

    Args:
        section: As the framework asks for it.

        shown: As the owner's draft shows it.

        words_without_figure: More words than this without a picture are pointed out.

        pictures: Which of the archive's pictures could break the text up, in words.
    """
    counted = Counted(shown)
    words = counted.words
    if words >= LEAST_WORDS_TO_BALANCE and (reflection := counted.parts.get("reflection", 0)):
        share = reflection / words
        if share < LEAST_REFLECTION:
            message = f"is {share:.0%} reflection ({reflection} of {words} words)."
            yield about(section, "thin-reflection", message, "Say what you learned and what you do differently")
    if section.words and section.words.max and words > section.words.max:
        message = f"has {words} words; the guidance is {section.words.min or 0} to {section.words.max}."
        yield about(section, "long", message, "Shorten it, or leave it: nothing is refused for length")
    if section.words and section.words.min and 0 < words < section.words.min:
        message = f"has {words} words; the guidance is {section.words.min} to {section.words.max or 'more'}."
        yield about(section, "short", message, "Say more")
    if is_heavy(shown, words_without_figure):
        message = f"has {words} words and no picture: a long stretch of text."
        yield about(section, "text-heavy", message, pictures or "Cite a picture, or give a cited item a caption")
    team, own = counted.voices
    if team > own and team >= LEAST_TEAM:
        share = team / (team + own)
        message = f"says “we” or “the team” {_times(team)} and “I” {_times(own)} ({share:.0%}): your own part counts."
        yield about(section, "we", message, "Say what you yourself did", "note")
    for heading in [title for part in shown.parts for title in empty_headings(part.html)]:
        yield empty_heading(section, heading)


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def empty_heading(section: Section, heading: str) -> Finding:
    """Return the finding about a heading under which nothing stands."""
    message = f"has a heading without content: “{heading}”."
    return about(section, "empty-heading", message, "Write under it, or take it out")


def empty_headings(html: str) -> list[str]:
    """Return the headings of a text under which nothing stands: no words, no picture, and no heading below them."""
    found = list(_HEADING.finditer(html))
    empty = []
    for here, after in zip(found, [*found[1:], None], strict=False):
        inside = html[here.end() : after.start() if after else len(html)]
        below = after is not None and int(after[1]) > int(here[1])
        if not below and not sanitise.text(inside) and "<img" not in inside:
            empty.append(sanitise.text(here[2]))
    return empty
