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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from archive.entry import Visibility
from archive.errors import UsageError
from bridge.portfolio import frontmatter, guidance, ownerfile
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
    """
    An entry that the owner cites. ``visibility`` narrows it in this section; a caption makes it a figure.

    ``principles`` are those of the framework that it shows.
    """

    entry: str
    why: str = ""
    visibility: Visibility | None = None
    caption: str = ""
    principles: tuple[str, ...] = ()


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
        return bool(self.mark)

    @property
    def mark(self) -> str:
        """The first mark such as ``[TO DO]`` that still stands in the text, or ``""``."""
        found = _MARKER.search(self.markdown) or _MARKER.search(self.html)
        return found[0] if found else ""


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

        principles: Of the framework, that the section as a whole shows.

        plan: What the owner will learn or do next for this section; for her alone.

        former: What the file calls the section, where another edition of the framework named it so; else ``""``.
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
    principles: tuple[str, ...] = ()
    plan: str = ""
    former: str = ""

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
    principles: list[Text] = []

    @field_validator("principles", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _listed(value)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    section: Text
    title: Text = ""
    visibility: Visibility = Visibility.PRIVATE
    ready: bool = False
    evidence: list[_Cited] = []
    narrative: Text = ""
    waive: list[Text] = []
    principles: list[Text] = []
    plan: Text = ""

    @field_validator("evidence", "waive", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return [] if value is None else value

    @field_validator("principles", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _listed(value)


def _listed(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, str) else value


def is_placeholder(markdown: str) -> bool:
    """Say whether a text says nothing yet: empty, dots, ``[TO DO: ...]`` alone and the like."""
    rest = _MARKER.sub("", markdown)
    return bool(_NOTHING.fullmatch(re.sub(r"[\W_]+", " ", rest).strip()))


def read(
    folder: Path, framework: Framework, pathway: str, *, mistakes: list[Problem] | None = None
) -> dict[str, Narrative]:
    """
    Return the narratives of a generation's folder, by section.

    Sections that another pathway asks for are read, too: a change of pathway loses nothing. Whoever gives a list for
    ``mistakes`` gets them in it, and the files that have none.

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
        except UsageError as error:
            if mistakes is None:
                raise
            problems.append(Problem(path.name, 1, 1, error.message))
            continue
        other = found.get(narrative.section)
        if other is not None and (narrative.former == other.former or not (_bare(narrative) or _bare(other))):
            message = f"section {narrative.section} already has a file, {other.path.name}"
            join = ": join the two" if narrative.former != other.former else ""
            problems.append(Problem(path.name, 2, 1, f"{message}{join}"))
        elif other is None or _bare(other):
            found[narrative.section] = narrative
    if problems and mistakes is None:
        raise ConfigError(problems, mend=f"Put this right in {folder}, then run the command again.")
    if mistakes is not None:
        mistakes += problems
    return found


def _bare(narrative: Narrative) -> bool:
    """Say whether a file holds nothing of its owner's: beside one of an earlier edition it does not count."""
    return narrative.placeholder and not (narrative.evidence or narrative.chosen or narrative.title or narrative.plan)


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
        former = [folder / f"{move.old}.md" for move in framework.spec.moved if move.new == section.id]
        if section.gathers or path.exists() or any(file.exists() for file in former):
            continue
        ownerfile.save(path, _scaffold(section, (titles or {}).get(section.id, "")))
        written.append(path)
    return tuple(written)


def _read(path: Path, known: Mapping[str, Section], framework: Framework, pathway: str) -> Narrative:
    parts = frontmatter.split(ownerfile.read_text(path), path.name)
    front = ownerfile.parse(parts.yaml, _FrontMatter, path.name, first_line=parts.yaml_line)
    wanted = framework.now(front.section)
    if wanted not in known:
        near = framework.nearest(pathway, front.section)
        hint = f"; did you mean {near}?" if near else ""
        raise ConfigError(
            [Problem(path.name, parts.yaml_line, 1, f"{framework.id} has no section {front.section!r}{hint}")]
        )
    _check_principles(front, framework, path.name, parts.yaml_line)
    body = frontmatter.without_comments(parts.body, path.name, parts.body_line)
    return Narrative(
        section=wanted,
        title=front.title,
        visibility=front.visibility,
        ready=front.ready,
        evidence=tuple(Cited(c.entry, c.why, c.visibility, c.caption, tuple(c.principles)) for c in front.evidence),
        waived=frozenset(front.waive),
        chosen=front.narrative,
        passages=tuple(_passages(body, known[wanted], path.name, parts.body_line)),
        path=path,
        principles=tuple(front.principles),
        plan=front.plan,
        former=front.section if front.section != wanted else "",
    )


def _check_principles(front: _FrontMatter, framework: Framework, name: str, line: int) -> None:
    known = [principle.id for principle in framework.principles]
    named: Iterable[str] = (*front.principles, *(said for cited in front.evidence for said in cited.principles))
    problems = []
    for said in dict.fromkeys(named):
        if said not in known:
            near = get_close_matches(said, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; it has: {', '.join(known) or 'none'}"
            problems.append(Problem(name, line, 1, f"{framework.id} has no principle {said!r}{hint}"))
    if problems:
        raise ConfigError(problems)


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
        lines += [f"## {part.title}", "", *_comment(guidance.PART_HINTS.get(part.id, ())), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _guidance(section: Section) -> list[str]:
    lines = [f"{section.id}: {section.title}", "This note is for you: it appears nowhere else.", ""]
    return [*lines, *([section.prompt] if section.prompt else []), *(f"- {hint}" for hint in guidance.hints(section))]


def _comment(lines: list[str] | tuple[str, ...]) -> list[str]:
    """Return the lines as one comment; what would end it early is taken apart."""
    if not lines:
        return []
    return ["<!--", *(line.replace("-->", "-- >") for line in lines), "-->"]
