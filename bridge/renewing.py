"""
Renewal, as far as it needs the archive: earlier generations sealed and shown, themes of the present one, and proof.

An earlier generation stands on today's page in the words that it had when its review began.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Digest, Visibility
from archive.errors import UsageError
from bridge import adopting, releases
from bridge.portfolio import frontmatter, generation, narrative, ownerfile
from bridge.portfolio.generation import Generation
from bridge.portfolio.model import PagePart
from bridge.portfolio.narrative import Cited
from bridge.portfolio.renewal import journey, lacking, proof, theme
from bridge.portfolio.renewal.earlier import shown
from bridge.portfolio.renewal.journey import Depth
from bridge.portfolio.renewal.proof import Proof
from bridge.portfolio.renewal.seal import Sealed, SealedSection, sections_of
from bridge.portfolio.renewal.theme import Theme
from bridge.session import now
from bridge.yamlfile import Problem

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.making import Make, MakeEarlier
    from bridge.portfolio.model import Portfolio
    from connectors.contract import Finding

COMING = frozenset({"unready", "missing"})
"""What does not stop a page while a review is still being written: the earlier generation stands there."""


def making(desk: Desk) -> Mapping[str, Make]:
    """Return what makes the section of depth of the themes; nothing where there are none."""
    wanted = depth(desk)
    return journey.made(wanted, themes(desk, wanted), desk.record, desk.generation.window) if wanted else {}


def earlier(desk: Desk) -> Iterator[MakeEarlier]:
    """Yield what makes the earlier generations of the page, nearest first: those that are sealed."""
    for one, sealed in sealed_before(desk):
        yield shown(sealed, _narrowed(one, sealed, desk))


def gates(desk: Desk, portfolio: Portfolio) -> Iterator[Finding]:
    """Yield what must be settled in the themes before an edition goes live; nothing of a review that is coming."""
    yield from _not_below(desk)
    yield from _unreadable(desk)
    wanted = depth(desk)
    if wanted is not None and not coming(desk):
        yield from lacking.gates(wanted, themes(desk, wanted), portfolio.edition)


def _not_below(desk: Desk) -> Iterator[Finding]:
    """Yield the earlier portfolios that should stand on the page and cannot: a slip of the hand must not lose them."""
    from connectors.contract import Finding

    sealed = {one.name for one, _ in sealed_before(desk)}
    name, portfolio = desk.generation.continues, desk.workspace.portfolio
    chain = generation.before(portfolio, desk.generation)
    wanted = dict.fromkeys(filter(None, (name, *(one.name for one in chain), *(one.continues for one in chain))))
    for missing in wanted.keys() - sealed:
        there = any(one.name == missing for one in chain)
        yield Finding(
            "earlier-missing",
            "error",
            f"The earlier portfolio {missing} is not on this page: "
            + ("nothing of it is sealed." if there else f"portfolio/{missing} is not there, or in a circle."),
            "keepfolio renew" if there else "Put right `continues` in generation.yaml, or: keepfolio restore",
        )


def _unreadable(desk: Desk) -> Iterator[Finding]:
    """Yield files of earlier portfolios that say no more who may read their sections: those are the owner's alone."""
    from connectors.contract import Finding

    for one, _ in sealed_before(desk):
        _, mistakes = _said_today(one, desk)
        for name in dict.fromkeys(problem.file for problem in mistakes):
            where = f"portfolio/{one.name}/{name}"
            yield Finding(
                "earlier-unreadable",
                "error",
                f"{where} cannot be read, so nobody knows who may read its section. Its sealed words are as they were, "
                "and only your own draft shows them",
                f"Put {where} right",
            )


def settled(desk: Desk, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what still stops a page: a coming review's sections that are not ready are hidden, and stop nothing."""
    return tuple(finding for finding in found if not (finding.code in COMING and coming(desk)))


def findings(desk: Desk) -> tuple[Finding, ...]:
    """Return what the themes of the generation lack."""
    wanted = depth(desk)
    if wanted is None:
        return ()
    return tuple(lacking.findings(wanted, themes(desk, wanted), desk.record, desk.generation.window))


def coming(desk: Desk) -> bool:
    """Say whether the generation is a review that is still being written, while an earlier one shows."""
    return desk.generation.state == "draft" and any(sealed_before(desk))


def proofs(desk: Desk, edition: Visibility, fragment: str) -> tuple[Proof, ...]:
    """Compare the earlier generations on a built page with their seals; nearest first."""
    found = []
    for one, sealed in sealed_before(desk):
        compared = proof.proved(sealed, edition, fragment)
        taken = adopting.is_adopted(one.folder) and compared.same and not compared.left_out
        found.append(_as_taken_over(one, sealed, compared, fragment) if taken else compared)
    return tuple(found)


def disproved(proofs: Iterable[Proof]) -> Iterator[Finding]:
    """Yield what stops a page on which an earlier generation does not stand in the words that were sealed."""
    from connectors.contract import Finding

    for one in proofs:
        if not one.same:
            yield Finding("words-changed", "error", f"{one.said}.", "See more: keepfolio renew")


def said(desk: Desk, edition: Visibility, fragment: str) -> tuple[str, ...]:
    """Return the proofs in sentences, for whoever builds the page."""
    proved = (compared.said for compared in proofs(desk, edition, fragment))
    return tuple(f"{one}." for one in (*proved, *unreadable(desk)))


def unreadable(desk: Desk) -> tuple[str, ...]:
    """Return, in words, which files of earlier portfolios cannot be read now; their words are sealed all the same."""
    return tuple(one.message for one in _unreadable(desk))


def has_words(desk: Desk) -> bool:
    """Say whether the generation holds anything that its owner wrote, or took over."""
    wanted = depth(desk)
    written = any(not one.placeholder for one in desk.narratives.values())
    return written or adopting.is_adopted(desk.generation.folder) or bool(wanted and themes(desk, wanted))


def seal(desk: Desk, year: int, *, anew: bool = False) -> Sealed:
    """
    Seal the desk's generation as it is now, unless it is sealed already; return what is sealed.

    ``anew``: its review begins just now. A seal of it is from a review that was given up, and its words may be older.
    """
    archive, one = desk.session.archive, desk.generation
    sealed = releases.load_generation(archive, one.portfolio, one.name)
    if sealed is None or anew:
        sealed = _as_it_is(desk, year)
        releases.seal_generation(archive, sealed, now())
    return sealed


def sealed_before(desk: Desk) -> Iterator[tuple[Generation, Sealed]]:
    """Yield the earlier generations that are sealed, nearest first."""
    session = desk.session
    if not desk.generation.continues or not session.has_archive():
        return
    for one in generation.before(desk.workspace.portfolio, desk.generation):
        sealed = releases.load_generation(session.archive, one.portfolio, one.name)
        if sealed is not None:
            yield one, sealed


def changed_since(one: Generation, sealed: Sealed) -> tuple[str, ...]:
    """Return the files whose words are not those that were sealed."""
    files = _files(one.folder)
    return tuple(sorted(name for name in {*files, *sealed.files} if files.get(name) != sealed.files.get(name)))


def depth(desk: Desk) -> Depth | None:
    """Return the section in which the generation's framework goes into depth."""
    return journey.depth(desk.framework, desk.generation.pathway)


def themes(desk: Desk, wanted: Depth, mistakes: list[Problem] | None = None) -> tuple[Theme, ...]:
    """Return the themes of the generation; see ``theme.read`` for ``mistakes``."""
    return theme.read(desk.generation.folder, wanted.columns, wanted.section.parts, mistakes=mistakes)


def _as_it_is(desk: Desk, year: int) -> Sealed:
    one = desk.generation
    adopted = adopting.is_adopted(one.folder)
    title = _heading(desk, year)
    return Sealed(
        portfolio=one.portfolio,
        name=one.name,
        title=title,
        year=year,
        language=desk.session.config.language or desk.framework.language,
        sections=(_taken_over(one, title),) if adopted else _sections(desk),
        files=_files(one.folder),
    )


def _sections(desk: Desk) -> tuple[SealedSection, ...]:
    cited: dict[str, list[Cited]] = {}
    for section, ids in desk.connections.cited.items():
        written = desk.narratives.get(section)
        own = {one.entry: one for one in written.evidence} if written else {}
        cited[section] = [own.get(entry, Cited(entry)) for entry in ids]
    texts = {section: written.chosen for section, written in desk.narratives.items() if written.chosen}
    return sections_of({edition: desk.portfolio(edition) for edition in Visibility}, cited, texts)


def _taken_over(one: Generation, title: str) -> SealedSection:
    part = PagePart("", "", adopting.safe(one))
    return SealedSection("", title, 1, gathers=False, parts={edition.value: (part,) for edition in Visibility})


def _heading(desk: Desk, year: int) -> str:
    """Return what stands above an earlier generation: what it is, without what its body adds in brackets, and when."""
    one = desk.generation
    own = one.title if adopting.is_adopted(one.folder) else ""
    title = own or re.sub(r"\s*\([^)]*\)$", "", desk.framework.pathway_title(one.pathway))
    return f"{title}, {year}" if year and str(year) not in title else title


def _as_taken_over(one: Generation, sealed: Sealed, compared: Proof, fragment: str) -> Proof:
    """Compare with what was taken over, too: each word that a reader of the old page saw stands there, in order."""
    from bs4 import BeautifulSoup

    before = adopting.words_of(adopting.taken_main(one))
    after = adopting.words_of(BeautifulSoup(fragment, "lxml"))
    same = _joined(before) in _joined(after)
    return replace(compared, words=len(before)) if same else replace(compared, changed=(sealed.title,))


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _narrowed(one: Generation, sealed: Sealed, desk: Desk) -> dict[str, Visibility]:
    """
    Return who may read an earlier generation's sections and themes today, as its files say.

    A file that cannot be read may have said private. Whose it is, its name tells; else all are the owner's alone.
    """
    found, mistakes = _said_today(one, desk)
    known = {section.id for section in sealed.sections}
    for problem in mistakes:
        name = Path(problem.file).stem
        is_theme = problem.file.startswith(f"{theme.FOLDER}/")
        closed = {s for s in known if (s.endswith(f"-{theme.slug(name)}") if is_theme else s == name)}
        found |= dict.fromkeys(closed or known, Visibility.PRIVATE)
    return found


def _said_today(one: Generation, desk: Desk) -> tuple[dict[str, Visibility], list[Problem]]:
    """Return who may read what, as far as an earlier generation's files can be read, and the mistakes in the others."""
    mistakes: list[Problem] = []
    if adopting.is_adopted(one.folder):
        return {}, mistakes
    then = replace(desk, name=one.name)
    found = narrative.read(one.folder, then.framework, one.pathway, mistakes=mistakes)
    wanted = depth(then)
    deep = {journey.id_of(wanted, t): t.visibility for t in themes(then, wanted, mistakes)} if wanted else {}
    return {section: written.visibility for section, written in found.items()} | deep, mistakes


def _files(folder: Path) -> dict[str, Digest]:
    """Return digests of what the owner wrote in a generation's folder; front matter is no part of her words."""
    listed = [*folder.glob("*.md"), *folder.glob(f"{theme.FOLDER}/*.md"), *folder.glob(adopting.FILE_NAME)]
    return {path.relative_to(folder).as_posix(): _digest(path) for path in listed}


def _digest(path: Path) -> Digest:
    try:
        text = ownerfile.read_text(path)
        body = frontmatter.split(text, path.name).body if path.suffix == ".md" and text.startswith("---") else text
    except UsageError:  # it is another file than the one that was sealed, whatever it holds
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return hashlib.sha256(body.encode()).hexdigest()
