"""``preflight``: what a triage would send back, before it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from bridge.cli.common import command, leave, printable, result, say
from bridge.cli.portfolio import EDITIONS, GENERATION_HELP, desk_of_today

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.preflight import Report


@command("preflight")
@click.argument("target", required=False)
@click.option("--edition", type=EDITIONS, help="Which edition (default: the target's, or assessor).")
@click.option("--generation", default="", help=GENERATION_HELP)
@click.option("--offline", is_flag=True, help="Ask no link; what is known of them from earlier counts.")
@click.option("--links", is_flag=True, help="List every link, with what it answered over time.")
@click.option(
    "--form",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Only fill in the fields of the submission form, here or in a file.",
)
def preflight(
    target: str | None, edition: str | None, generation: str, offline: bool, links: bool, form: str | None
) -> None:
    """
    Look at the portfolio as a triage does: every section there, every link alive, nothing that bars a reader.

    Each link is asked once, without any login of yours. Exit code 4 says that something should be settled first.
    """
    from bridge import building, registry
    from bridge.preflight import run

    desk = desk_of_today(generation)
    if target:
        target = desk.session.target_names((target,))[0]
        desk = building.desk_for(desk.session, target, generation)
    if form is not None:
        _form(desk, target or "", form)
        return
    own = getattr(desk.session.config.targets.get(target or ""), "edition", "assessor")
    http = None if offline else registry.http_for(desk.session.config, attempts=1, timeout=20.0)
    if http is not None:
        say("Asking each link once; nothing is logged in to, and nothing is written anywhere ...")
    try:
        report = run(desk, Visibility(edition or own), target or "", http=http)
    finally:
        if http is not None:
            http.close()
    result(_value(report, links=links), lambda: _in_words(report, links=links))
    leave(0 if report.ready else 4)


def _value(report: Report, *, links: bool) -> dict[str, object]:
    value: dict[str, object] = {
        "ready": report.ready,
        "edition": report.edition.value,
        "findings": [
            {"code": f.code, "section": f.section, "severity": f.severity, "message": f.message, "mend": f.mend}
            for f in report.findings
        ],
    }
    if links:
        value["links"] = {
            url: [{"state": s.state, "first": s.first, "last": s.last, "detail": s.detail} for s in stretches]
            for url, stretches in report.links.items()
        }
    return value


_HEADINGS = {"error": "To settle first", "warning": "Worth a look", "note": "Good to know"}
_SIGNS = {"error": "!", "warning": "-", "note": "·"}


def _in_words(report: Report, *, links: bool) -> str:
    from bridge.preflight.history import in_words

    lines: list[str] = []
    for severity, heading in _HEADINGS.items():
        found = [f for f in report.findings if f.severity == severity]
        if found:
            lines += [heading, ""]
        for finding in found:
            lines.append(f"  {_SIGNS[severity]} {printable(finding.message)}  [{finding.code}]")
            lines += [f"      {printable(finding.mend)}"] if finding.mend else []
        lines += [""] if found else []
    if links and report.links:
        lines += ["Links", "", *(f"  {url}: {in_words(past)}" for url, past in report.links.items()), ""]
    asked = f"{report.asked} links asked" if report.asked else "no link asked"
    if report.ready:
        lines.append(f"Ready for triage: the {report.edition.value} edition, {asked}.")
    else:
        lines.append(f"Not ready for triage yet: the {report.edition.value} edition, {asked}.")
    return "\n".join(lines)


def _form(desk: Desk, target: str, place: str) -> None:
    from dataclasses import asdict

    from bridge.portfolio import ownerfile
    from bridge.preflight import form

    fields = form.sheet(desk, target)
    text = form.in_words(desk.framework.title, fields) if fields else "This framework names no form."
    if place != "-":
        ownerfile.save(Path(place), text + "\n")
        say(f"Written to {place}.")
    result({"form": [asdict(field) for field in fields]}, text if place == "-" else "")
