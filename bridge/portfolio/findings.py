"""Findings about sections: how they name the section, and what counts as its words."""

from __future__ import annotations

from typing import Literal

from bridge.portfolio.framework import Section
from bridge.portfolio.model import PagePart
from bridge.render import sanitise
from connectors.contract import Finding


def about(
    section: Section, code: str, message: str, mend: str, severity: Literal["note", "warning", "error"] = "warning"
) -> Finding:
    """Return a finding whose sentence begins with the section: ``1a``, ``K4``, or a heading such as "Future Plans"."""
    name = section.id if any(c.isdigit() for c in section.id[:2]) else section.title
    return Finding(code, severity, f"{name} {message}", mend, section.id)


def words_of(part: PagePart) -> str:
    """Return the words of a part as a reader sees them."""
    return sanitise.text(part.html)
