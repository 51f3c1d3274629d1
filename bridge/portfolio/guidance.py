"""What a section asks for, in words for its owner. None of it reaches a page."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.portfolio.framework import Section

PART_HINTS: Mapping[str, tuple[str, ...]] = {
    "description": ("What did you do, and why that way? Write of your own part in it.",),
    "evidence": (
        "The pieces that you cite are listed here by themselves, with their date and your line on why.",
        "Write here only what they need said.",
    ),
    "reflection": ("What did you learn, and what do you do differently now?",),
}
"""Hints for parts that most frameworks have."""


def hints(section: Section) -> list[str]:
    """Return what helps to write a section beside its prompt: hints, areas, examples, lengths, what is not known."""
    lines = list(section.hints)
    if section.areas:
        lines.append(f"areas: {', '.join(section.areas)}")
    if section.note:
        lines.append(section.note)
    if section.min_examples:
        lines.append(f"at least {section.min_examples} examples are wanted")
    lines += [f"wanted: {rule.rule}" for rule in section.rules if rule.rule]
    lines += lengths(section)
    if not section.verified:
        lines.append("this heading was not read in an official document: check it")
    return lines


def lengths(section: Section) -> list[str]:
    """Return what is known of a section's length."""
    lines = []
    if section.words and section.words.typical:
        low, high = section.words.typical
        lines.append(f"seen in real portfolios: {low} to {high} words")
    if section.words and section.words.max:
        lines.append(f"guidance: {section.words.min or 0} to {section.words.max} words")
    return lines
