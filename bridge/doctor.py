"""What ``check`` looks at: this computer, the workspace, and each source and target on its own."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from archive.errors import KeepfolioError, NeedsOwner, UsageError
from bridge import messages, refused, runs, views
from bridge.session import Session
from bridge.workspace import Workspace
from connectors.contract import Finding

HERE = "this computer"
LITTLE_SPACE = 500_000_000  # bytes; a picture-rich blog of ten years is about this large


def examine(session: Session, names: tuple[str, ...]) -> list[tuple[str, Finding]]:
    """Return findings by what they concern; names of sources and targets narrow it to those."""
    configured = [*session.config.sources, *session.config.targets]
    unknown = [name for name in names if name not in configured]
    if unknown:
        raise UsageError(
            f"There is no source or target called {', '.join(unknown)} in config.yaml; it has: "
            f"{', '.join(configured) or 'none'}.",
            mend="Name one of those.",
        )
    findings = [] if names else [(HERE, f) for f in (*computer(session.workspace), *messages.check(session.config))]
    for name in dict.fromkeys(names or configured):
        findings += [(name, finding) for finding in _connector(session, name)]
    return findings


def computer(workspace: Workspace) -> Iterator[Finding]:
    """Look at the folder, the disk, the permissions and the program itself."""
    from bridge.setup import place_warnings

    yield _rooms()
    free = shutil.disk_usage(workspace.root).free
    if free < LITTLE_SPACE:
        yield Finding(
            "disk", "warning", f"Only {free / 1e6:.0f} MB are free on this disk.", "Free some space before you harvest."
        )
    else:
        yield Finding("disk", "ok", f"{free / 1e9:.0f} GB are free on this disk.")
    if not os.access(workspace.root, os.W_OK):
        yield Finding(
            "not-writable", "error", f"You may not write in {workspace.root}.", "Make the folder writable for you."
        )
    yield from _modes(workspace)
    for warning in place_warnings(workspace.root):
        yield Finding("place", "warning", warning)


def _modes(workspace: Workspace) -> Iterator[Finding]:
    if sys.platform == "win32":
        return
    open_ones = [p.name for p in (workspace.archive, workspace.portfolio, workspace.config) if _others_may_read(p)]
    if open_ones:
        yield Finding(
            "permissions",
            "warning",
            f"Other people with an account on this computer can read {', '.join(open_ones)}.",
            f"Run: chmod -R go-rwx {shlex.quote(str(workspace.root))}",
        )
    else:
        yield Finding("permissions", "ok", "Only you can read your folder.")


def _others_may_read(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _rooms() -> Finding:
    """Tell whether another distribution has put a package of the same name over one of ours."""
    home = Path(__file__).resolve().parent.parent
    for name in ("archive", "connectors", "bridge"):
        spec = find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != home:
            return Finding(
                "overwritten",
                "error",
                f"Another program has overwritten the part “{name}” of keepfolio.",
                "Install keepfolio into an environment of its own, with uv or pipx (see the README).",
            )
    return Finding("program", "ok", "keepfolio is whole.")


def _connector(session: Session, name: str) -> list[Finding]:
    """
    Ask one source or target, once: also one that is parked, for this is how its owner lets it be asked again.

    But no secret is sent that was refused before, and nobody logs in after the closing day.
    """
    if standing := _not_to_be_asked(session, name):
        return [standing]
    before = runs.parked(session, name)
    by_class = False
    try:
        findings = runs.check(session, name)
    except KeepfolioError as error:
        by_class = runs.is_login_refused(error)
        findings = [Finding(error.code, "error", error.message, error.mend)]
    findings = [replace(f, mend=views.naming(f.mend, name)) for f in findings]
    wrong = [f for f in findings if f.severity == "error"]
    again = next((f for f in wrong if by_class or f.code in runs.LOGIN_REFUSED), None)
    if again:
        runs.note_refusal(session, name, again.message, again.code)
    if before and not wrong:
        runs.let_be_asked(session, name)
        findings.append(Finding("unparked", "note", "The password works again, so it is used again."))
    elif again and again.code in refused.NOT_JUDGED:
        mend = f"Run: keepfolio check {name}   (once that is settled there)"
        findings.append(Finding("parked", "note", "No run logs in there before a check has got in.", mend))
    elif runs.parked(session, name):
        mend = f"Run: keepfolio login {name}   (a new one)"
        findings.append(Finding("parked", "note", "No run or check uses this password again.", mend))
    return findings


def _not_to_be_asked(session: Session, name: str) -> Finding | None:
    """Return why nothing is sent to a source or target now; None where it may be asked."""
    try:
        runs.may_still_be_open(session, name)
    except NeedsOwner as closed:
        return Finding(closed.code, "note", f"{closed.message} Nothing was sent.", closed.mend)
    if why := refused.stands(name, session.config, session.workspace):
        return Finding(
            "parked",
            "error",
            f"What keepfolio would log in with was refused before, so it was not sent again: {why}",
            f"Run: keepfolio login {name}   (a new one)",
        )
    return None
