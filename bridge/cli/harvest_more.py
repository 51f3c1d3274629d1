"""What ``harvest`` does only when it is told to: files behind links, and asking a Moodle for the owner's data."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from archive.errors import KeepfolioError, NeedsOwner, UsageError
from bridge.cli.asking import confirmed
from bridge.cli.common import interactive, printable, result, say

if TYPE_CHECKING:
    from bridge.data_request import Fetched
    from bridge.session import Session
    from bridge.vanishing_fetch import Fetched as Linked
    from connectors.moodle.request import Export

ASKED = """\
This asks {name} for all your personal data. People of the institution see the request, and may take days to approve
it; the zip can then be fetched for some days. It holds what a token never shows: hidden courses, ended enrolments."""

_STATES = {
    "needs-login": "asks for a login",
    "gone": "is gone",
    "too-large": "is too large",
    "not-asked": "was not asked for",
    "unreachable": "cannot be reached now",
}


def linked(session: Session) -> int:
    """Fetch the files of VLEs that texts link to, and that are not held; say what became of each; return the code."""
    from bridge import vanishing_seen
    from bridge.session import now
    from bridge.stopping import stoppable
    from bridge.vanishing_fetch import fetch

    wanted = vanishing_seen.files(session)
    if wanted:
        say(f"Asking for {len(wanted)} linked files, without any login ...")
    with stoppable() as stop:
        done = fetch(session.archive, session.http, wanted, now(), stop=stop) if wanted else ()
    whole = all(one.state == "kept" for one in done)
    rows = [
        {
            "url": one.link.url,
            "state": one.state,
            "why": one.why,
            "entry": one.entry,
            "linked_from": list(one.link.linked_from),
        }
        for one in done
    ]
    result({"sources": [], "linked": rows, "ok": whole}, lambda: _linked_in_words(done))
    return 0 if whole else 3


def _linked_in_words(done: tuple[Linked, ...]) -> str:
    from bridge import views

    if not done:
        return "What you hold links to no file of a VLE that you do not hold."
    kept = sum(one.state == "kept" for one in done)
    lines = [f"Took {views.counted(kept, 'linked file')} of {len(done)}."]
    for one in done:
        if one.state != "kept":
            lines.append(f"  {printable(one.link.url)} {_STATES[one.state]}")
            lines.append(f"    linked from “{printable(one.link.titles[0])}”; save it from your browser while you can")
    return "\n".join(lines)


def request_export(session: Session, names: tuple[str, ...]) -> None:
    """Ask one Moodle for the owner's data after asking the owner, or fetch what is ready."""
    from bridge import data_request, runs

    if len(names) != 1:
        raise UsageError("Name the one source to ask.", mend="Such as: keepfolio harvest vle --request-export")
    (name,) = session.source_names(names)
    source = data_request.moodle(session, name)
    try:
        found, asked = source.export(), False
        if found is None or found.is_over:
            _insist_on_a_yes(name)
            found, asked = source.ask_for_export(), True
        saved = data_request.save(session, source, found) if found.is_ready else None
    except KeepfolioError as error:
        runs.park(session, name, error)
        raise
    finally:
        source.close()
        shutil.rmtree(session.workspace.state / "spool" / name, ignore_errors=True)
    value = {
        "sources": [],
        "export": {
            "asked": asked,
            "number": found.number,
            "status": found.status,
            "path": str(saved.path) if saved else "",
        },
        "ok": True,
    }
    result(value, lambda: _export_in_words(name, found, asked=asked, saved=saved))


def _insist_on_a_yes(name: str) -> None:
    say(ASKED.format(name=name))
    if interactive() and confirmed("Ask for it?"):
        return
    raise NeedsOwner(
        f"{name} was not asked for your data." if interactive() else "Somebody has to say yes to this, at a terminal.",
        code="not-asked",
        unchanged="Nothing was asked for.",
        mend=f"Run it when you want it: keepfolio harvest {name} --request-export",
    )


def _export_in_words(name: str, found: Export, *, asked: bool, saved: Fetched | None) -> str:
    if saved is None:
        begun = "The site took your request" if asked else "Your request is with the site"
        return (
            f"{begun}: {printable(found.status)}.\nRun this again later, and the zip is fetched once it is ready: "
            f"keepfolio harvest {name} --request-export"
        )
    if saved.read_by:
        return f"Saved {saved.path}.\nTo take it in: keepfolio harvest {saved.read_by}"
    return (
        f"Saved {saved.path}.\nTo take it in, add this below sources: in config.yaml, and run keepfolio harvest:\n"
        f"  {name}-taken: {{type: moodle-export, path: exports/vle}}"
    )
