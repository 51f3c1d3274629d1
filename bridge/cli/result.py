"""``result`` and ``answered``: what the assessors decided, and what was done about their comments."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from archive.errors import UsageError
from bridge.cli.common import command, result, table
from bridge.cli.submit import GENERATION

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.submission.comments import Comment
    from bridge.portfolio.submission.transcript import Transcript
    from bridge.results import Noted


@command("result")
@click.argument("outcome", required=False, default="")
@click.option(
    "--transcript", metavar="FILE", help="The assessment transcript, as text or PDF; - reads text from the input."
)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day of the decision (default: today).")
@click.option("--due", metavar="DATE", help="When the next review is due, if you were told: a day, or unknown.")
@click.option("--dry-run", is_flag=True, help="Only show what is understood of the transcript; write nothing.")
@click.option("--comment", nargs=2, metavar="SECTION TEXT", help="Note what a mentor or reader said of a section.")
@click.option("--by", default="", metavar="NAME", help="Who said it, with --comment. Private.")
@click.option("--comments", "listing", is_flag=True, help="List the comments, open ones first.")
@click.option("--list", "marks", is_flag=True, help="Show all marks of all your portfolios side by side.")
@GENERATION
def result_(
    outcome: str,
    transcript: str | None,
    day: date | None,
    due: str | None,
    dry_run: bool,
    comment: tuple[str, str] | None,
    by: str,
    listing: bool,
    marks: bool,
    generation: str,
) -> None:
    """
    Note what the assessors decided: pass, minor, or another outcome of the framework, or the text of the transcript.

    Their comments are laid under the headings they belong to, as open. They are yours alone: no page shows them.
    """
    from bridge import results
    from bridge.building import Desk
    from bridge.cli.opened import opened

    desk = Desk(opened(), generation)
    if marks:
        _all_marks(desk)
    elif listing:
        _comments(desk)
    elif comment:
        section, text = comment
        noted = results.add_comment(desk, "" if section == "all" else section, text, by, desk.session.today)
        result({"ok": True, "comment": _comment_value(noted)}, f"Noted as comment {noted.number}. It is open.")
    elif not (outcome or transcript):
        raise UsageError(
            "Say what they decided.",
            code="no-outcome",
            unchanged="Nothing was written.",
            mend="For example: keepfolio result minor   or: keepfolio result --transcript FILE",
        )
    else:
        text = _text(transcript) if transcript else ""
        if dry_run:
            said = results.read_transcript(desk, text)
            result(_understood_value(said), lambda: _understood(desk, said))
            return
        on = date(day.year, day.month, day.day) if day else None
        done = results.record(desk, today=desk.session.today, outcome=outcome, text=text, on=on, due=_due(due))
        result(_value(done), lambda: _words(desk, done))


@command("answered")
@click.argument("number", type=int)
@click.argument("passage", required=False, default="")
@click.option("--section", default="", help="The section it stands in, if that is not the comment's own.")
@click.option("--note", default="", help="Your own words on it; the revision summary shows them to the assessors.")
@click.option("--unchanged", default="", metavar="REASON", help="Nothing was changed, and why: shown as a note is.")
@GENERATION
def answered(number: int, passage: str, section: str, note: str, unchanged: str, generation: str) -> None:
    """
    Tie a comment to the passage that answers it, quoted from the section as it is now.

    See the numbers with: keepfolio result --comments
    """
    from bridge import results
    from bridge.building import Desk
    from bridge.cli.opened import opened

    if bool(passage) == bool(unchanged):
        raise UsageError(
            "Quote the passage that answers it, or say --unchanged with the reason.",
            code="no-passage",
            unchanged="Nothing was written.",
            mend=f'For example: keepfolio answered {number} "I chose the four questions"',
        )
    desk = Desk(opened(), generation)
    done = results.answer(desk, number, on=desk.session.today, passage=passage, section=section, note=unchanged or note)
    left = len(results.book_of(desk).open)
    value = {"ok": True, "comment": _comment_value(done), "open": left}
    result(value, f"Comment {number} is answered. " + (f"{left} still open." if left else "All are answered now."))


# --- the parts of it ------------------------------------------------------------------------------------------------


def _text(name: str) -> str:
    from bridge import results

    text = _piped() if name == "-" else results.text_of(_existing(name))
    if not text.strip():
        raise UsageError(
            "There are no words in the transcript.",
            code="empty",
            unchanged="Nothing was written.",
            mend="A PDF of pictures has none: copy what it says into a text file, and name that one",
        )
    return text


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "What was piped in is not UTF-8 text.", code="not-utf-8", unchanged="Nothing was written."
        ) from error


def _existing(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise UsageError(
            f"There is no file {name}.",
            code="no-file",
            unchanged="Nothing was written.",
            mend="Paste the transcript's text into a file, or pipe it in: keepfolio result --transcript -",
        )
    return path


def _due(said: str | None) -> date | Literal["unknown"] | None:
    if said is None or said == "unknown":
        return "unknown" if said else None
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise UsageError(f"{said!r} is not a day.", mend="Write it as 2030-03-01, or say unknown") from error


def _value(done: Noted) -> dict[str, object]:
    due = done.generation.due
    return {
        "ok": True,
        "generation": done.generation.name,
        "outcome": done.outcome.id,
        "state": done.generation.state,
        "on": done.generation.decided.isoformat() if done.generation.decided else "",
        "due": due.isoformat() if isinstance(due, date) else due,
        "comments": [_comment_value(one) for one in done.comments],
        "transcript": str(done.kept) if done.kept else "",
        **(_understood_value(done.understood) if done.understood else {}),
    }


def _words(desk: Desk, done: Noted) -> str:
    from bridge import views

    lines = [f"Noted: {done.outcome.title}. Your portfolio is {done.generation.state} now."]
    if done.understood:
        lines += ["", _understood(desk, done.understood), f"The whole text is kept: {done.kept}"]
    due = done.generation.due
    if done.generation.state == "passed" and due:
        lines += ["", f"Next review: {views.plain_date(due) if isinstance(due, date) else due}."]
    if done.comments:
        lines += ["", "See the comments: keepfolio result --comments"]
    return "\n".join(lines)


def _understood_value(said: Transcript) -> dict[str, object]:
    return {
        "understood": {
            "outcome": said.outcome,
            "on": said.on.isoformat() if said.on else "",
            "marks": {name: list(given) for name, given in said.marks.items()},
            "principles": {name: list(given) for name, given in said.principles.items()},
            "comments": [{"section": one.section, "by": one.by, "text": one.text} for one in said.comments],
            "unread": list(said.unread),
        }
    }


def _understood(desk: Desk, said: Transcript) -> str:
    """Return what was understood of a transcript, and every line that was not."""
    from bridge import views
    from bridge.portfolio.submission import scheme

    rules = scheme.of(desk.framework)
    titles = _titles(desk)
    given = {**said.marks, **said.principles}
    per = {name: sum(one.section == name for one in said.comments) for name in {one.section for one in said.comments}}
    order = [name for name in (*titles, "") if name in given or name in per]
    rows = [
        [
            titles.get(name, "the whole portfolio"),
            " / ".join(rules.title(mark) if mark else "none" for mark in given.get(name, ())),
            str(per.get(name, "")),
        ]
        for name in order
    ]
    lines = [table(["heading", "marks", "comments"], rows, give_way=(0,))] if rows else []
    lines.append(f"Outcome: {rules.title(said.outcome) if said.outcome else 'not found in it'}.")
    if said.on:
        lines.append(f"Dated {views.plain_date(said.on)}.")
    if said.unread:
        lines += ["Not understood:", *(f"  {line}" for line in said.unread)]
    return "\n".join(lines)


def _titles(desk: Desk) -> dict[str, str]:
    """Return what marks and comments may be about, in page order: sections, then principles."""
    from bridge.portfolio import narrative
    from bridge.portfolio.submission import scheme

    sections = narrative.sections(desk.framework, desk.generation.pathway).values()
    own = {s.id: f"{s.id}: {s.title}" if any(c.isdigit() for c in s.id[:2]) else s.title for s in sections}
    return {**own, **{one.id: one.title for one in scheme.of(desk.framework).principles}}


def _comments(desk: Desk) -> None:
    from bridge import results

    book = results.book_of(desk)
    order = [*book.open, *(one for one in book.comments if not one.open)]
    titles = _titles(desk)

    def words() -> str:
        if not order:
            return "There are no comments."
        lines = [f"{len(book.open)} open, {len(order) - len(book.open)} answered."]
        for one in order:
            by = f", {one.by}" if one.by else ""
            lines += ["", f"{one.number}. {titles.get(one.section, 'The whole portfolio')}{by}", f"   {one.text}"]
            if one.answered and one.answered.passage:
                lines.append(f"   answered in {one.answered.section}: “{one.answered.passage}”")
            elif one.answered:
                lines.append(f"   answered without a change: {one.answered.note}")
        return "\n".join(lines)

    result({"comments": [_comment_value(one) for one in order], "open": len(book.open)}, words)


def _comment_value(one: Comment) -> dict[str, object]:
    answer = one.answered
    return {
        "number": one.number,
        "section": one.section,
        "by": one.by,
        "text": one.text,
        "open": one.open,
        "answered": {"section": answer.section, "passage": answer.passage, "note": answer.note} if answer else None,
    }


def _all_marks(desk: Desk) -> None:
    """Show the marks of all results, a column for each and a row for each heading."""
    from bridge import results, views

    found = results.marks_over_time(desk)
    value = [
        {
            "generation": one.name,
            "on": given.on.isoformat(),
            "outcome": given.outcome,
            "marks": {name: list(marks) for name, marks in given.marks.items()},
            "principles": {name: list(marks) for name, marks in given.principles.items()},
        }
        for one, _, given in found
    ]

    def words() -> str:
        if not found:
            return "There is no result yet."
        titles = _every_title(desk)
        named = dict.fromkeys(name for _, _, given in found for name in (*given.marks, *given.principles))
        rows = [["outcome", *(rules.title(given.outcome) for _, rules, given in found)]]
        for name in sorted(named, key=lambda name: list(titles).index(name) if name in titles else len(titles)):
            cells = [
                " / ".join(rules.title(m) if m else "none" for m in {**given.marks, **given.principles}.get(name, ()))
                for _, rules, given in found
            ]
            rows.append([titles.get(name, name), *cells])
        head = ["heading", *(f"{one.name}, {views.plain_date(given.on)}" for one, _, given in found)]
        return table(head, rows, give_way=(0,))

    result({"results": value}, words)


def _every_title(desk: Desk) -> dict[str, str]:
    """Return the headings of all generations: a review has others than its original."""
    from bridge.building import Desk as Other
    from bridge.portfolio import generation

    names = [one.name for one in generation.every(desk.workspace.portfolio)]
    return {key: title for name in names for key, title in _titles(Other(desk.session, name)).items()}
