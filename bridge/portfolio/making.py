"""
What a page holds beside the owner's texts and evidence: three kinds of functions that ``assemble`` calls.

Each gets the edition's shelf, so that everything made passes the one place that decides who may see what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from bridge.portfolio.editions import Edition
from bridge.portfolio.model import PageSection, Panel

Make: TypeAlias = Callable[[PageSection, Edition], tuple[PageSection, ...]]
"""
A section as its owner wrote it -> the same with what is made for it, and the sections below it.

A section below has ``within`` set to the id of the first, an id of its own, and a level of one more.
"""

MakePanel: TypeAlias = Callable[[Sequence[PageSection], Edition], Panel | None]
"""All sections of the page -> a heading before or after them; None where there is nothing to say."""

MakeEarlier: TypeAlias = Callable[[Edition], tuple[PageSection, ...]]
"""
-> an earlier generation, word for word as it was sealed.

First a section that gathers, at level 2, with the generation's title; then its sections one level lower than they were,
each with ``generation`` set and the generation's name before its id.
"""
