"""``badges``: what is held of badges, and whether their issuers confirm them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, leave, printable, result, say, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bridge.badges import Row
    from connectors.contract import Finding


@command("badges")
@click.option("--check", is_flag=True, help="Ask the issuers, and keep what they confirm, with the date.")
def badges(*, check: bool) -> None:
    """
    List your badges: who issued them, whether they were given to you, and who confirms them.

    An issuer's site confirms a badge only while it is there. With --check every issuer is asked, and the answer is kept
    in your archive with its date, so that the confirmation outlives the site.
    """
    from bridge import badges as held
    from bridge import badges_told as told
    from bridge.cli.opened import opened
    from bridge.session import now

    session, at = opened(), now()
    archive, emails = session.existing_archive(), held.addresses(session.config)
    if check:
        say("Asking the issuers ...")
        rows = held.check(archive, session.http, emails, at)
    else:
        rows = held.look(archive, emails)
    found = told.findings(rows, emails, at)
    result(told.to_json(rows, found, at), lambda: _words(rows, found, at, session.config.timezone))
    leave(3 if any(row.answer and row.answer.state == "unreachable" for row in rows) else 0)


def _words(rows: Sequence[Row], found: Sequence[Finding], at: datetime, timezone: str) -> str:
    from bridge import badges_told as told
    from bridge import views

    if not rows:
        return "No badges are held."
    mine = {True: "you", False: "somebody else", None: "not told"}
    body = [
        [
            row.name,
            row.issuer,
            views.day(row.badge.issued, timezone) if row.badge and row.badge.issued else "",
            mine[row.mine],
            told.in_words(row, at),
        ]
        for row in rows
    ]
    lines = [table(("badge", "issued by", "on", "given to", "standing"), body, give_way=(1, 0))]
    for one in found:
        lines.append("")
        lines.append(printable(one.message))
        if one.mend:
            lines.append(f"  {printable(one.mend)}")
    return "\n".join(lines)
