"""``gaps``: what the portfolio still lacks, and how well it is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from bridge.cli.common import command, printable, result, room, table
from bridge.cli.portfolio import EDITIONS, GENERATION_HELP, desk_of_today

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.entry import Json
    from bridge.advice import Survey
    from bridge.building import Desk
    from bridge.portfolio.principles import Standing
    from connectors.contract import Finding


WIDE = 110
"""Signs in a line from which on the matrix has room for the titles of sections."""


@command("gaps")
@click.option("--edition", type=EDITIONS, default="public", help="Seen from which edition.")
@click.option("--generation", default="", help=GENERATION_HELP)
@click.option("--matrix", is_flag=True, help="Show instead how much evidence each section and each principle has.")
@click.option("--posts", is_flag=True, help="Look instead at the posts that you cite: long texts without a picture.")
def gaps(edition: str, generation: str, matrix: bool, posts: bool) -> None:
    """Name what each section still lacks, and what in the archive could fill it."""
    from bridge import advice

    desk = desk_of_today(generation)
    seen_by = Visibility(edition)
    findings = list(advice.post_findings(desk, seen_by)) if posts else advice.report(desk, seen_by)
    survey = advice.Survey(desk, seen_by)
    whole = not any(f.severity in ("error", "warning") for f in findings)
    value: Json = {
        "ready": whole and (posts or survey.percent == 100),
        "findings": [
            {"code": f.code, "section": f.section, "severity": f.severity, "message": f.message, "mend": f.mend}
            for f in findings
        ],
        **(survey.to_json() if matrix else {}),
    }
    result(value, lambda: _matrix_in_words(desk, survey) if matrix else _in_words(survey, findings, posts=posts))


def _in_words(survey: Survey, findings: list[Finding], *, posts: bool) -> str:
    if posts and not findings:
        return "No post that you cite is a long text without a picture, or has a heading without content."
    titles = {row.section.id: row.title for row in survey.rows}
    order = [section.id for section in survey.desk.framework.flat(survey.desk.generation.pathway)]
    for section in survey.desk.framework.flat(survey.desk.generation.pathway):
        titles.setdefault(section.id, section.title)
    for earlier in survey.desk.portfolio(Visibility.PRIVATE).sections:  # an earlier portfolio's stand on the page, too
        titles.setdefault(earlier.id, earlier.title)
    lines: list[str] = []
    places = ["", *order]
    for name in sorted({f.section for f in findings}, key=lambda s: places.index(s) if s in places else len(places)):
        here = [f for f in findings if f.section == name]
        lines += ["", _heading(survey, name, titles.get(name, "")), *_lines(here)]
    return "\n".join([*lines, *([] if posts else ["", _how_far(survey, findings)])]).lstrip("\n")


def _how_far(survey: Survey, findings: Iterable[Finding]) -> str:
    if survey.percent < 100:
        return f"The whole: {survey.percent} %."
    open_ = any(finding.severity in ("error", "warning") for finding in findings)
    return "All is there; look at what is said above." if open_ else "Ready: nothing is missing."


def _heading(survey: Survey, name: str, title: str) -> str:
    if not name:
        return "The whole portfolio"
    progress = survey.progress.get(name)
    number = "" if title.startswith(name) else f"{name}  "
    return f"{number}{title}" + (f"  ({progress.percent} %)" if progress else "")


def _lines(findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        sign = {"error": "!", "warning": "-", "note": "·", "ok": "+"}[finding.severity]
        lines.append(f"  {sign} {printable(finding.message)}")
        if finding.mend:
            lines.append(f"      {printable(finding.mend)}")
    return lines


def _matrix_in_words(desk: Desk, survey: Survey) -> str:
    names = [standing.principle.id for standing in survey.standings]
    rows = [
        [
            row.section.id,
            row.title.removeprefix(f"{row.section.id}: "),
            str(row.words),
            str(row.figures),
            str(row.evidence),
            *(str(row.principles[name] or "·") for name in names),
            "" if row.team is None else f"{row.team:.0%}",
            f"{survey.progress[row.section.id].percent} %",
        ]
        for row in survey.rows
    ]
    head = ["section", "title", "words", "figures", "evidence", *names, "“we”", "done"]
    if room() < WIDE:  # a title of four letters says less than the id beside it
        head, *rows = ([cell for n, cell in enumerate(row) if n != 1] for row in (head, *rows))
    principles = [n for n, name in enumerate(head) if name in names]  # they are written out below the table
    wordy = [n for n, name in enumerate(head) if name in ("title", "figures", "evidence")]
    lines = [table(head, rows, give_way=(*principles, *wordy)), f"The whole: {survey.percent} %."]
    for standing in survey.standings:
        lines += ["", standing.principle.title, *(f"  {line}" for line in _shows(desk, standing))]
    return "\n".join(lines)


def _shows(desk: Desk, standing: Standing) -> list[str]:
    """Return what shows a principle, a line for each thing; or that nothing does, and how to say so."""
    if not standing.shown:
        name = standing.principle.id
        return ["none", f"    keepfolio cite SECTION ITEM --principle {name}   (or a tag: {_tag(desk, name)})"]
    lines = [f"{section} as a whole" for section in standing.sections]
    for entry_id in standing.entries:
        held = desk.entries.get(entry_id)
        where = ", ".join(section for section, ids in standing.cited.items() if entry_id in ids)
        title = printable(held.entry.title or entry_id) if held else entry_id
        lines.append(f"“{title}”, in {where}" if where else f"“{title}”, in no section yet")
    return [*lines, *(f"{a.on.isoformat()}  {printable(a.title)} (CPD record)" for a in standing.activities)]


def _tag(desk: Desk, principle: str) -> str:
    spec = desk.framework.spec
    words = [*(spec.tag_prefixes or (spec.id,))[:1], *spec.principle_tags[:1], principle]
    return "-".join(words)
