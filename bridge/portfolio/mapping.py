"""Which entries are evidence for which section: by the framework's own tags, by the owner's, or by the owner's word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache

from archive.entry import Entry
from archive.errors import UsageError
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.model import Held
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.schema import every
from connectors.contract import Finding

NEVER_EVIDENCE = frozenset(
    {"release", "receipt", "workspace", "narrative", "user", "settings", "term", "comment", "pingback", "trackback"}
    | {"badge-proof"}
)
"""Kinds that no tag makes evidence: what keepfolio itself keeps, what describes a site, and others' words."""

CONTAINERS = frozenset({"journal", "folder", "collection", "plan"})
"""
Kinds that hold other things and little of their own.

A tag on one neither cites nor suggests it: a row that says “Folder” shows an assessor nothing. The owner may still
cite one by hand.
"""

Tags = Mapping[str, Iterable[str]]


def never(entry: Entry) -> str:
    """Say why an entry is evidence for nothing, whatever its owner decides; "" when it may be."""
    if entry.kind in NEVER_EVIDENCE:
        return f"a {entry.kind} is not evidence"
    return "somebody else wrote it" if entry.author == "others" else ""


@dataclass(frozen=True)
class Connections:
    """
    What belongs where.

    Attributes:
        cited: Entry ids by section: first those that the owner cites, in the owner's order, then by tag, oldest first.

        suggested: Entry ids by section that a tag of ``suggest`` points to and that the section does not cite.

        own_tags: The owner's tags with the number of entries that carry them.

        principles: Entry ids by principle, for tags such as ``cmalt-principle-current``, oldest first.

        proposed: Entry ids by section that a crosswalk of ours points to: evidence for another framework's section.

        findings: Tags that seem to name a section and name none, and tags that cite on what only holds other things.
    """

    cited: Mapping[str, tuple[str, ...]]
    suggested: Mapping[str, tuple[str, ...]]
    own_tags: Counter[str]
    findings: tuple[Finding, ...]
    principles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proposed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def connect(
    entries: Iterable[Held],
    framework: Framework,
    pathway: str,
    cite_tags: Tags,
    suggest_tags: Tags,
    narratives: Mapping[str, Narrative] | None = None,
    copies: Mapping[str, str] | None = None,
) -> Connections:
    """
    Connect entries to sections. Pure. An entry without a tag of these, and not cited by the owner, appears nowhere.

    Args:
        entries: Newest version of each; what was deleted or lies in a bin is connected too: leaving it out, and saying
            why, is ``assemble``'s work.

        framework: The framework.

        pathway: One of its pathways.

        cite_tags: ``portfolio.tags`` of the configuration: tags by section, beside the framework's own.

        suggest_tags: ``portfolio.suggest``.

        narratives: The section files, for what the owner cites by hand.

        copies: Ids of originals by the ids of their copies (``copies_of.originals``): what a tag of a copy says, it
            says of the original.

    Raises:
        UsageError: A section of the configuration is not one of the pathway's.
    """
    for section in (*cite_tags, *suggest_tags):
        framework.section(pathway, section)
    candidates = sorted((held for held in entries if held.entry.kind not in NEVER_EVIDENCE), key=_by_date)
    named_by = cache(framework.section_for_tag)  # 20,000 entries share a few hundred tags
    looks_like = cache(lambda tag: framework.looks_like_criterion(tag) and not _of_the_earlier_one(framework, tag))
    citing = _by_tag(cite_tags, framework)
    suggesting = _by_tag(suggest_tags, framework)
    principle_of = cache(framework.principle_for_tag)
    leaves = _leaves(framework, pathway)
    cited = {section: [c.entry for c in n.evidence] for section, n in (narratives or {}).items()}
    texts = {section: n.chosen for section, n in (narratives or {}).items()}
    suggested: dict[str, list[str]] = {}
    principles: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    unmatched: dict[str, tuple[str, ...]] = {}
    holding: list[Finding] = []
    for held in candidates:
        meant = (copies or {}).get(held.id, held.id)
        for tag in dict.fromkeys(held.entry.tags):
            counts[tag] += 1
            sections = list(citing.get(tag.casefold(), ()))
            named = named_by(tag)
            if named is not None and len(leaves.get(named, ())) == 1:
                sections += leaves[named]
            elif (named is not None or looks_like(tag)) and not sections:
                unmatched[tag] = leaves.get(named or "", ())
            if held.entry.author != "own":  # what others made, or said about the owner, is never evidence by a tag
                continue
            if held.entry.kind in CONTAINERS:
                if sections and not held.deleted:
                    holding.append(_on_a_container(tag, held))
                continue
            for section in sections:
                if texts.get(section) != meant:  # a section's own text is no evidence for it
                    _add(cited, section, meant)
            if held.deleted or held.entry.status == "trash":  # cited, it is named as gone; suggested, it is of no use
                continue
            for section in suggesting.get(tag.casefold(), ()):
                _add(suggested, section, meant)
            if principle := principle_of(tag):
                _add(principles, principle, meant)
    return Connections(
        cited={section: tuple(dict.fromkeys(ids)) for section, ids in cited.items() if ids},
        suggested=_without(suggested, cited),
        own_tags=counts,
        findings=(
            *(_finding(tag, counts[tag], choices, framework) for tag, choices in sorted(unmatched.items())),
            *holding,
        ),
        principles={principle: tuple(ids) for principle, ids in principles.items()},
    )


def meant(tags: Tags, framework: Framework, pathway: str, others: Iterable[Framework]) -> dict[str, Iterable[str]]:
    """
    Return the tags that speak for sections of a framework.

    A section that only another framework of the same owner has is left out; one that none of them has stays, for
    ``connect`` to name it.
    """
    known = {section.id for section in framework.flat(pathway)}
    elsewhere = {section.id for other in others for section in every(other.spec.sections)}
    return {s: names for s, names in tags.items() if framework.now(s) in known or s not in elsewhere}


def citable(framework: Framework, pathway: str, said: str) -> Section:
    """
    Return the section that a person means, whatever its case; one that only gathers others cites nothing itself.

    Raises:
        UsageError: There is none; the message names the nearest that can be cited in.
    """
    sections = {section.id.casefold(): section for section in framework.flat(pathway) if not section.gathers}
    wanted = said.strip().casefold()
    if wanted in sections:
        return sections[wanted]
    if (moved := framework.now(said.strip()).casefold()) in sections:
        return sections[moved]
    within = [s.id for s in sections.values() if s.group.casefold() == wanted]
    near = within or [sections[name].id for name in get_close_matches(wanted, sections, n=1, cutoff=0.5)]
    raise UsageError(
        f"{framework.id} has no section {said!r} that could cite something on the pathway {pathway}."
        + (f" Did you mean {' or '.join(near)}?" if near else ""),
        code="unknown-section",
        unchanged="Nothing was changed.",
        mend=f"Its sections are: {', '.join(s.id for s in sections.values())}",
    )


def section_of_tag(framework: Framework, pathway: str, tag: str) -> str:
    """Return the section that one of the framework's own tags cites for, or ``""``."""
    leaves = _leaves(framework, pathway).get(framework.section_for_tag(tag) or "", ())
    return leaves[0] if len(leaves) == 1 else ""


def _of_the_earlier_one(framework: Framework, tag: str) -> bool:
    """Say whether a tag names a section of the framework that this one goes on from: of a renewal, the first award."""
    return framework.earlier is not None and framework.earlier.section_for_tag(tag) is not None


def _leaves(framework: Framework, pathway: str) -> dict[str, tuple[str, ...]]:
    """Return, for each section, the sections that evidence for it may belong to: itself, or its children."""
    flat = framework.flat(pathway)
    return {
        section.id: tuple(s.id for s in flat if s.group == section.id) if section.gathers else (section.id,)
        for section in flat
    }


def _by_tag(tags: Tags, framework: Framework) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section, names in tags.items():
        for name in names:
            found.setdefault(name.casefold(), []).append(framework.now(section))
    return found


def _add(places: dict[str, list[str]], section: str, entry_id: str) -> None:
    if entry_id not in places.setdefault(section, []):
        places[section].append(entry_id)


def _without(suggested: Mapping[str, list[str]], cited: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    rest = {section: tuple(i for i in ids if i not in cited.get(section, ())) for section, ids in suggested.items()}
    return {section: ids for section, ids in rest.items() if ids}


def _by_date(held: Held) -> tuple[datetime, str]:
    return held.entry.published or datetime.min.replace(tzinfo=UTC), held.id


def _on_a_container(tag: str, held: Held) -> Finding:
    what = held.entry.kind
    return Finding(
        "tag-on-container",
        "note",
        f"The {what} “{held.entry.title}” carries the tag {tag}. A {what} is no evidence itself: only what is in it, "
        "where that carries the tag, too.",
        f"Tag what is in it, or cite the {what} by hand: keepfolio cite",
    )


def _finding(tag: str, count: int, choices: tuple[str, ...], framework: Framework) -> Finding:
    items = "1 item" if count == 1 else f"{count} items"
    if choices:
        return Finding(
            "tag-ambiguous",
            "warning",
            f"The tag {tag} ({items}) names a heading with several sections: {', '.join(choices)}.",
            "Tag with the section itself, or connect the tag with: keepfolio map",
        )
    return Finding(
        "tag-unknown-criterion",
        "warning",
        f"The tag {tag} ({items}) looks like a section of {framework.id} and is none on this pathway.",
        "Mend the tag at its source, or connect it with: keepfolio map",
    )
