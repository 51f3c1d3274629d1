"""``check``: what can be reached, what will be missed, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, leave, printable, result

if TYPE_CHECKING:
    from connectors.contract import Finding

MARKS = {"ok": "ok", "note": "note", "warning": "WARNING", "error": "ERROR"}


@command("check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def check(names: tuple[str, ...]) -> None:
    """
    Tell what each source and target reaches, what it will miss, and what mends it.

    Of a VLE also what only you can take out of it, with its addresses. Looks at this computer, too: the folder, the
    disk, the clock. Sends nothing but questions, and at a Mahara or a Moodle the login.
    """
    from bridge import doctor
    from bridge.cli.opened import opened

    session = opened()
    findings = doctor.examine(session, names)
    ready = not any(f.severity == "error" for _, f in findings)
    value = {
        "ready": ready,
        "findings": [
            {"code": f.code, "section": name, "severity": f.severity, "message": f.message, "mend": f.mend}
            for name, f in findings
        ],
    }
    result(value, lambda: in_words(findings))
    leave(0 if ready else 1)


def in_words(findings: list[tuple[str, Finding]]) -> str:
    """Return the findings under the name of what they concern, for a person."""
    lines: list[str] = []
    last = ""
    for name, finding in findings:
        if name != last:
            lines += ["", name] if lines else [name]
            last = name
        lines.append(f"  {MARKS[finding.severity]:<8} {printable(finding.message)}")
        if finding.mend:
            lines.append(f"           To mend it: {finding.mend}")
    return "\n".join(lines)
