"""
The owner's words: one Markdown file for each section of a generation.

    ---
    section: 1a
    visibility: public
    ready: false
    evidence:
      - entry: urn:uuid:...   # Choosing a lecture capture system
        why: "The comparison that the choice rests on"
    ---

    ## Description

Prompts and hints stand in comments (``<!-- ... -->``), which reach no output. The program never writes a claim in the
owner's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from archive.entry import Visibility
from bridge.portfolio import frontmatter, ownerfile
from bridge.portfolio.citing import cite, uncite
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.ownerfile import Text
from bridge.yamlfile import ConfigError, Problem

__all__ = ["Cited", "Narrative", "Passage", "cite", "is_placeholder", "read", "scaffold", "sections", "uncite"]

_MARKER = re.compile(
    r"\[\s*(?:to ?do|tbc|tbd|insert|placeholder|your |add )[^\]]*\]?|\bTODO\b|lorem ipsum", re.IGNORECASE
)
_NOTHING = re.compile(
    r"(?:to ?do|tbc|tbd|placeholder|coming soon|write here|nothing(?: written)? yet|x{2,})?", re.IGNORECASE
)


@dataclass(frozen=True)
class Cited:
    """An entry that the owner cites. ``visibility`` narrows it in this section; a caption makes it a figure."""

    entry: str
    why: str = ""
    visibility: Visibility | None = None
    caption: str = ""


@dataclass(frozen=True)
class Passage:
    """
    The owner's text under one heading. ``id`` is a part's, a slug of the owner's own heading, or "" before any.

    ``html`` is safe, and comes from an entry chosen as the section's text; it follows what the file says.
    """

    id: str
    title: str
    markdown: str
    html: str = ""

    @property
    def placeholder(self) -> bool:
        """True when nothing was written yet."""
        return is_placeholder(self.markdown) and not self.html

    @property
    def unfinished(self) -> bool:
        """True when a mark such as ``[TO DO]`` still stands in the text."""
        return bool(_MARKER.search(self.markdown) or _MARKER.search(self.html))


@dataclass(frozen=True)
class Narrative:
    """
    One section file.

    Attributes:
        title: The owner's own heading, or ``""`` for the framework's.

        ready: The owner's word that it may go live.

        waived: Codes of gates that the owner waives for this section.

        chosen: The id of an entry whose text is the section's, or ``""``; ``lacking`` says why it cannot be.

        passages: In the order of the file; texts are without comments.
    """

    section: str
    title: str = ""
    visibility: Visibility = Visibility.PRIVATE
    ready: bool = False
    evidence: tuple[Cited, ...] = ()
    waived: frozenset[str] = frozenset()
    chosen: str = ""
    lacking: str = ""
    passages: tuple[Passage, ...] = ()
    path: Path = Path()

    @property
    def file(self) -> str:
        """Return where the owner finds it in the workspace: ``portfolio/original/1a.md``."""
        return "/".join(self.path.parts[-3:])

    @property
    def placeholder(self) -> bool:
        """True when nothing of it was written yet."""
        return all(passage.placeholder for passage in self.passages)


class _Cited(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entry: Text
    why: Text = ""
    visibility: Visibility | None = None
    caption: Text = ""


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    section: Text
    title: Text = ""
    visibility: Visibility = Visibility.PRIVATE
    ready: bool = False
    evidence: list[_Cited] = []
    narrative: Text = ""
    waive: list[Text] = []

    @field_validator("evidence", "waive", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return [] if value is None else value


def is_placeholder(markdown: str) -> bool:
    """Say whether a text says nothing yet: empty, dots, ``[TO DO: ...]`` alone and the like."""
    rest = _MARKER.sub("", markdown)
    return bool(_NOTHING.fullmatch(re.sub(r"[\W_]+", " ", rest).strip()))


def read(folder: Path, framework: Framework, pathway: str) -> dict[str, Narrative]:
    """
    Return the narratives of a generation's folder, by section.

    Sections that another pathway asks for are read, too: a change of pathway loses nothing.

    Raises:
        ConfigError: A file has a mistake; all mistakes of all files are in the message, with file and line.
    """
    known = sections(framework, pathway)
    found: dict[str, Narrative] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.md")):
        if path.name.lower() == "readme.md":
            continue
        try:
            narrative = _read(path, known, framework, pathway)
        except ConfigError as error:
            problems += error.problems
            continue
        if narrative.section in found:
            other = found[narrative.section].path.name
            problems.append(Problem(path.name, 2, 1, f"section {narrative.section} already has a file, {other}"))
        found[narrative.section] = narrative
    if problems:
        raise ConfigError(problems, mend=f"Put this right in {folder}, then run the command again.")
    return found


def scaffold(
    folder: Path, framework: Framework, pathway: str, titles: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """
    Write a file with the prompts for each section that has none yet, and return those written.

    ``titles`` are the owner's names for areas that are the owner's to name. A file that is there is never touched.
    """
    written = []
    for section in framework.flat(pathway):
        path = folder / f"{section.id}.md"
        if section.gathers or path.exists():
            continue
        ownerfile.save(path, _scaffold(section, (titles or {}).get(section.id, "")))
        written.append(path)
    return tuple(written)


def _read(path: Path, known: Mapping[str, Section], framework: Framework, pathway: str) -> Narrative:
    parts = frontmatter.split(ownerfile.read_text(path), path.name)
    front = ownerfile.parse(parts.yaml, _FrontMatter, path.name, first_line=parts.yaml_line)
    if front.section not in known:
        near = framework.nearest(pathway, front.section)
        hint = f"; did you mean {near}?" if near else ""
        raise ConfigError(
            [Problem(path.name, parts.yaml_line, 1, f"{framework.id} has no section {front.section!r}{hint}")]
        )
    body = frontmatter.without_comments(parts.body, path.name, parts.body_line)
    return Narrative(
        section=front.section,
        title=front.title,
        visibility=front.visibility,
        ready=front.ready,
        evidence=tuple(Cited(c.entry, c.why, c.visibility, c.caption) for c in front.evidence),
        waived=frozenset(front.waive),
        chosen=front.narrative,
        passages=tuple(_passages(body, known[front.section], path.name, parts.body_line)),
        path=path,
    )


def _passages(body: str, section: Section, name: str, first_line: int) -> Iterator[Passage]:
    titles = {part.title.casefold(): part for part in section.parts} | {part.id: part for part in section.parts}
    seen: set[str] = set()
    for heading, line, text in frontmatter.headed(body):
        part = titles.get(heading.casefold())
        passage = Passage(part.id, part.title, text) if part else Passage(_slug(heading), heading, text)
        if passage.id in seen:
            raise ConfigError([Problem(name, first_line + line, 1, f"the heading {heading!r} stands twice")])
        seen.add(passage.id)
        if heading or text.strip():
            yield passage


def sections(framework: Framework, pathway: str) -> dict[str, Section]:
    """Return the sections that may have a file, by id: the pathway's, and those of other pathways."""
    others = (section for other in framework.pathways for section in framework.flat(other))
    return {section.id: section for section in (*others, *framework.flat(pathway))}


def _slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.casefold()).strip("-") or ("part" if heading else "")


def _scaffold(section: Section, title: str) -> str:
    owner = "your name for this area" if section.owner_title else f"your own heading; empty: {section.title}"
    lines = [
        "---",
        f"section: {section.id}",
        f"title: {ownerfile.quoted(title)}    # {owner}",
        "visibility: public    # who may read this section once it is ready: private, assessor or public",
        "ready: false    # true: this section may go live",
        "evidence: []    # filled by: keepfolio cite",
        "---",
        "",
        *_comment(_guidance(section)),
        "",
    ]
    for part in section.parts:
        lines += [f"## {part.title}", "", *_comment(_PART_HINTS.get(part.id, ())), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_PART_HINTS = {
    "description": ("What did you do, and why that way? Write of your own part in it.",),
    "evidence": (
        "The pieces that you cite are listed here by themselves, with their date and your line on why.",
        "Write here only what they need said.",
    ),
    "reflection": ("What did you learn, and what do you do differently now?",),
}


def _guidance(section: Section) -> list[str]:
    lines = [f"{section.id}: {section.title}", "This note is for you: it appears nowhere else.", ""]
    lines += [section.prompt] if section.prompt else []
    lines += [f"- {hint}" for hint in section.hints]
    if section.areas:
        lines.append(f"- areas: {', '.join(section.areas)}")
    if section.note:
        lines.append(f"- {section.note}")
    if section.min_examples:
        lines.append(f"- at least {section.min_examples} examples are wanted")
    if section.words and section.words.typical:
        low, high = section.words.typical
        lines.append(f"- seen in real portfolios: {low} to {high} words")
    if section.words and section.words.max:
        lines.append(f"- guidance: {section.words.min or 0} to {section.words.max} words")
    if not section.verified:
        lines.append("- this heading was not read in an official document: check it")
    return lines


def _comment(lines: list[str] | tuple[str, ...]) -> list[str]:
    """Return the lines as one comment; what would end it early is taken apart."""
    if not lines:
        return []
    return ["<!--", *(line.replace("-->", "-- >") for line in lines), "-->"]
