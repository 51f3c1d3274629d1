"""
What stands between a portfolio and its assessors: found before they find it.

ALT looks whether all sections are there and links work before it asks an assessor; so does ``run``, and at more. That
nothing is found means "ready for triage", and never that a portfolio will pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from archive.entry import Visibility
from bridge.preflight import answers, at_risk, files, history, links, waivers
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.framework import Framework
    from bridge.portfolio.model import Portfolio
    from bridge.portfolio.schema import FileRules, Submission
    from bridge.render.page import Built
    from connectors.http import Http

_ORDER = ("error", "warning", "note", "ok")
_UNCONNECTED = Finding(
    "not-connected",
    "warning",
    "No link answered at all: this computer seems not to be connected. Nothing was noted of them.",
    "Try it again when it is",
)
_NOT_THERE = frozenset({"missing", "not-written"})
_SAID_BY_THAT = frozenset({"unready", "placeholder"})
_SAID_TWICE = "unfinished"
"""The mark that the gate on placeholders names."""
_PAGE_ERRORS = frozenset({"alt-missing", "anchor-dead", "lang-missing", "file-missing", "id-twice", "heading-empty"})
"""Faults of the page that bar somebody from reading it; the others make it harder."""


@dataclass(frozen=True)
class Report:
    """
    What was found. ``links`` are all that the page leads to, with what each answered over time.

    ``asked`` is how many of them were asked now.
    """

    edition: Visibility
    findings: tuple[Finding, ...]
    links: Mapping[str, tuple[history.Stretch, ...]]
    asked: int = 0

    @property
    def ready(self) -> bool:
        """Whether nothing stands that a triage would send back."""
        return not any(finding.severity == "error" for finding in self.findings)


def run(desk: Desk, edition: Visibility, target: str = "", *, http: Http | None = None) -> Report:
    """
    Return what a triage, an assessor or a reader would stumble over in an edition.

    Args:
        target: Where it is to go, or is; ``""`` for nowhere yet.

        http: What links are asked with, once each; None: none is asked, and what is known of them counts.
    """
    from bridge import building

    portfolio, built = building.build(desk, edition, target)
    where = links.addresses(portfolio)
    place = page_address(desk, target)
    urls = [*where, *([place] if place and place not in where else [])]
    known = history.read(desk.workspace)
    asked, unconnected = 0, list[Finding]()
    if http is not None:
        seen = list(links.ask(http, urls))
        if links.unconnected(seen):
            unconnected = [_UNCONNECTED]
        else:
            known, asked = history.noted(known, links.settled(seen), desk.session.today), len(seen)
            history.write(desk.workspace, known)
    found = [
        *unconnected,
        *building.gates(desk, portfolio, target),
        *answers.findings(where, known),
        *(_published_answers(place, known) if place else ()),
        *at_risk.findings(where, at_risk.risks(desk.session.config, desk.session.today)),
        *waivers.findings(desk, portfolio, target),
        *_comments(desk),
        *_outside(desk, portfolio),
        *files.findings(built, edition, _rules(desk)),
        *_page(built),
        *(f for f in building.gaps(desk, edition) if f.severity in ("error", "warning")),
    ]
    return Report(edition, tuple(_in_order(found, desk)), {url: known[url] for url in urls if url in known}, asked)


def findings_for_gaps(desk: Desk) -> Iterator[Finding]:
    """
    Yield what preflight finds without asking the network, for the report on what is missing.

    Links that were dead when they were last asked, links at risk, files that are too large, pictures of unknown
    licence, and personal data: seen from the public edition.
    """
    from bridge import building

    portfolio = desk.portfolio(Visibility.PUBLIC)
    where = links.addresses(portfolio)
    yield from answers.findings(where, history.read(desk.workspace))
    yield from at_risk.findings(where, at_risk.risks(desk.session.config, desk.session.today))
    cited = (
        (section, file)
        for section, ids in desk.connections.cited.items()
        for entry_id in ids
        if entry_id in desk.entries
        for file in desk.entries[entry_id].entry.files
    )
    yield from files.of_evidence(cited, _rules(desk), desk.session.archive.path_of)
    for finding in building.gates(desk, portfolio):
        if finding.code in {"licence-unknown", "personal-data", "person-no-permission"}:
            yield replace(finding, severity="warning")


def page_address(desk: Desk, target: str) -> str:
    """Return where the page is that keepfolio put at a target, or ``""``."""
    from bridge import releases

    if not target or not desk.session.has_archive():
        return ""
    pages = [
        receipt.url for receipt in releases.receipts(desk.session.archive, target).values() if receipt.kind == "page"
    ]
    return pages[-1] if pages and pages[-1].startswith(("http://", "https://")) else ""


def _published_answers(place: str, known: history.History) -> Iterator[Finding]:
    """Yield a finding where strangers do not get to the page itself."""
    stretches = known.get(place, ())
    if stretches and stretches[-1].state != "works":
        said = f"The page itself cannot be read by strangers: {place} ({stretches[-1].detail})."
        yield Finding("page-unreachable", "error", said, "Publish it, or hand in a bundle instead", item=place)


def _comments(desk: Desk) -> Iterator[Finding]:
    """Yield the comments that assessors will look for an answer to; their words are not repeated."""
    from bridge.portfolio.submission import comments, scheme

    referred = desk.generation.state == "referred"
    for comment in comments.read(desk.generation.folder, scheme.of(desk.framework)).asking:
        where = f" on {comment.section}" if comment.section else ""
        said = f"Comment {comment.number}{where} has no answer yet."
        mend = f'Say what you changed: keepfolio answered {comment.number} "the new words"'
        yield Finding(
            "open-comments", "error" if referred else "warning", said, mend, comment.section, str(comment.number)
        )


def _outside(desk: Desk, portfolio: Portfolio) -> Iterator[Finding]:
    """Yield one note that lists the evidence which lies on others' sites: it may go without a word."""
    from bridge import building

    own = building.own_hosts(desk.session)
    linked = {item.url for section in portfolio.sections for item in section.evidence if item.url}
    outside = sorted(url for url in linked if own and (urlsplit(url).hostname or "") not in own)
    if outside:
        named = ", ".join(outside[:5]) + (f" and {len(outside) - 5} more" if len(outside) > 5 else "")
        count = "1 piece of evidence is" if len(outside) == 1 else f"{len(outside)} pieces of evidence are"
        yield Finding("evidence-outside", "note", f"{count} linked on sites that are not yours: {named}.")


def _page(built: Built) -> Iterator[Finding]:
    """Yield what is wrong with the page as it is read, beside what a browser's checker finds."""
    from bridge.render import checks

    for fault in checks.check(built.release.document):
        severity: Literal["warning", "error"] = "error" if fault.code in _PAGE_ERRORS else "warning"
        yield Finding(fault.code, severity, f"{fault.message} ({fault.where}).", item=fault.where)


def _rules(desk: Desk) -> FileRules | None:
    found = submission_of(desk.framework)
    return found.file_rules if found else None


def submission_of(framework: Framework) -> Submission | None:
    """Return how a framework's body takes portfolios; a renewal is handed in as the first one was."""
    return framework.spec.submission or (submission_of(framework.earlier) if framework.earlier else None)


def _in_order(found: Iterable[Finding], desk: Desk) -> list[Finding]:
    """Return findings once each, what stops a triage first, and in the order of the page."""
    page = {section.id: n for n, section in enumerate(desk.framework.flat(desk.generation.pathway), 1)}
    once: dict[tuple[str, str, str], Finding] = {}
    for finding in found:
        once.setdefault((finding.code, finding.section, finding.message), finding)
    held_up = {finding.section for finding in once.values() if finding.code == "placeholder"}
    empty = {finding.section for finding in once.values() if finding.code in _NOT_THERE}
    return sorted(
        (
            f
            for f in once.values()
            if (f.section not in empty or f.code not in _SAID_BY_THAT)
            and (f.section not in held_up or f.code != _SAID_TWICE)
        ),
        key=lambda f: (_ORDER.index(f.severity), page.get(f.section, 0), f.code == "link-at-risk"),
    )
