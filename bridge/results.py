"""What assessors decided and what readers said, noted with the generation, and what the owner did about each word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from archive.entry import Visibility
from archive.errors import NeedsOwner, UsageError
from bridge import owner, revising
from bridge.portfolio import framework, generation, narrative, ownerfile
from bridge.portfolio.generation import Generation, Stage
from bridge.portfolio.submission import clocks, comments, revisions, scheme, summary, transcript
from bridge.portfolio.submission.comments import Answer, Book, Comment, Result
from bridge.portfolio.submission.scheme import Grade, Scheme
from bridge.portfolio.submission.texts import Text
from bridge.portfolio.submission.transcript import Transcript

if TYPE_CHECKING:
    from bridge.building import Desk

LARGEST = 32_000_000  # bytes of a file; a PDF has pictures
_OF_A_BROKEN_PDF = (ArithmeticError, LookupError, TypeError, AttributeError, ValueError, RecursionError)
LONGEST = 500_000
"""Characters of a text: a transcript of twenty pages has 60,000."""

STATES: dict[scheme.Verdict, generation.State] = {"passed": "passed", "referred": "referred", "failed": "failed"}


@dataclass(frozen=True)
class Noted:
    """
    What a result changed.

    ``comments`` are those that came with it, by their numbers; ``understood`` is None where no transcript was read;
    ``kept`` is the file with its text.
    """

    generation: Generation
    outcome: Grade
    comments: tuple[Comment, ...] = ()
    understood: Transcript | None = None
    kept: Path | None = None


def read_transcript(desk: Desk, text: str) -> Transcript:
    """
    Return what a transcript says of this portfolio; nothing is written.

    Raises:
        UsageError: It is far longer than any transcript.
    """
    if len(text) > LONGEST:
        raise _too_long("This text")
    current = desk.generation
    sections = narrative.sections(desk.framework, current.pathway).values()
    return transcript.read(text, sections, scheme.of(desk.framework), own_titles(desk))


def own_titles(desk: Desk) -> dict[str, str]:
    """Return what the owner calls sections, by their ids: in their files, or in the generation's."""
    own = {name: written.title for name, written in desk.narratives.items() if written.title}
    return {**desk.generation.titles, **own}


def text_of(path: Path) -> str:
    """
    Return the text of a transcript's file: of a PDF as it is seen, columns kept.

    Raises:
        UsageError: It is neither UTF-8 text nor a PDF that can be read, or far longer than any transcript.
    """
    if path.stat().st_size > LARGEST:
        raise _too_long(path.name)
    with path.open("rb") as file:
        is_pdf = file.read(5) == b"%PDF-"
    if not is_pdf:
        return ownerfile.read_text(path)
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        return "\n".join(page.extract_text(extraction_mode="layout") for page in PdfReader(path).pages)
    except (PyPdfError, DependencyError, *_OF_A_BROKEN_PDF) as error:
        raise UsageError(
            f"{path.name} cannot be read as a PDF ({type(error).__name__}).",
            code="bad-pdf",
            unchanged="Nothing was written.",
            mend="Open it, copy its text into a file, and name that one",
        ) from error


def record(
    desk: Desk,
    *,
    today: date,
    outcome: str = "",
    text: str = "",
    on: date | None = None,
    due: date | Literal["unknown"] | None = None,
) -> Noted:
    """
    Note a result: the generation's state, its marks, its comments as open ones, and the transcript itself.

    What was noted before is not noted twice: a command that was cut off can be given again.

    Args:
        today: Where neither ``on`` nor the transcript says the day of the decision.

        outcome: An id or title of the framework's outcomes; empty: what the transcript says.

        text: The transcript, as it was pasted.

        on: The day of the decision.

        due: When the next review is due; None: as many years later as the framework says.

    Raises:
        UsageError: The outcome is unknown, or the day is to come, or before it was handed in.

        NeedsOwner: Neither the owner nor the transcript says an outcome, or they differ. Nothing was written.
    """
    current = desk.generation
    rules = scheme.of(desk.framework)
    said = read_transcript(desk, text) if text else None
    decided = _outcome(rules, outcome, said.outcome if said else "")
    day = on or (said.on if said else None) or today
    _insist_possible(current, day, today)
    book = comments.read(current.folder, rules)
    kept = _keep_text(current.folder, day, text) if text else None
    result = Result(
        day,
        decided.id,
        kept.name if kept else "",
        dict(said.marks) if said else {},
        dict(said.principles) if said else {},
    )
    known = {(one.section, one.text, one.by, one.on) for one in book.comments}
    new = [Comment(one.section, one.text, one.by, day) for one in (said.comments if said else ())]
    after = book.with_(
        results=[result] if result not in book.results else [],
        comments=[one for one in new if (one.section, one.text, one.by, one.on) not in known],
    )
    comments.write(current.folder, after)
    state = STATES[decided.verdict]
    stage = Stage(state, day, note=decided.title)
    changed = replace(
        current,
        state=state,
        decided=day,
        outcome=decided.id,
        due=_due(rules, day, due) if state == "passed" else current.due,
        stages=current.stages if current.stages[-1:] == (stage,) else (*current.stages, stage),
    )
    generation.write(changed)
    owner.keep(desk.session.archive, desk.session.workspace)
    return Noted(changed, decided, after.comments[len(book.comments) :], said, kept)


def add_comment(desk: Desk, section: str, text: str, by: str, on: date) -> Comment:
    """
    Note what a mentor or another reader said, as an open comment.

    Raises:
        UsageError: The framework has no such section.
    """
    current = desk.generation
    place = desk.framework.section(current.pathway, section).id if section else ""
    book = comments.read(current.folder, scheme.of(desk.framework)).with_(comments=[Comment(place, text, by, on)])
    comments.write(current.folder, book)
    owner.keep(desk.session.archive, desk.session.workspace)
    return book.comments[-1]


def book_of(desk: Desk) -> Book:
    """Return everything that was said of the generation that is being worked on."""
    return comments.read(desk.generation.folder, scheme.of(desk.framework))


def answer(desk: Desk, number: int, *, on: date, passage: str = "", section: str = "", note: str = "") -> Comment:
    """
    Tie a comment to the passage that answers it; without a passage, to the reason (``note``) why nothing was changed.

    The passage is a quotation: it stands in the section now, and did not when the portfolio was handed in.

    Raises:
        UsageError: There is no such comment or section, or neither a passage nor a reason.

        NeedsOwner: The passage is not there, or was there before. Nothing was written.
    """
    current = desk.generation
    book = book_of(desk)
    comment = book.comment(number)
    place = desk.framework.section(current.pathway, section).id if section else ""
    if passage:
        place = _where(desk, comment, passage, place)
    elif not note.strip():
        raise UsageError(
            "An answer without a change needs its reason.",
            code="no-reason",
            unchanged=f"Comment {number} is still open.",
            mend='Say it, for example: --unchanged "The law is named in the second paragraph"',
        )
    answered = replace(comment, answered=Answer(on, place or comment.section, passage, note))
    every = tuple(answered if one.number == number else one for one in book.comments)
    comments.write(current.folder, Book(book.results, every))
    owner.keep(desk.session.archive, desk.session.workspace)
    return answered


def marks_over_time(desk: Desk) -> list[tuple[Generation, Scheme, Result]]:
    """Return every result of every generation, oldest first, each with the scheme that it was given by."""
    found = []
    for one in generation.every(desk.workspace.portfolio):
        rules = scheme.of(framework.load(desk.workspace.placed(one.framework)))
        found += [(one, rules, result) for result in comments.read(one.folder, rules).results]
    return found


def _too_long(name: str) -> UsageError:
    return UsageError(
        f"{name} is far longer than a transcript.",
        code="too-long",
        unchanged="Nothing was written.",
        mend="Copy what the assessors wrote into a file, and name that one",
    )


def _insist_possible(current: Generation, day: date, today: date) -> None:
    """Stop at a slip of the day: the clocks of years count from it."""
    if day > today:
        wrong = "still to come"
    elif current.submitted and day < current.submitted:
        wrong = f"before you handed it in ({current.submitted.isoformat()})"
    else:
        return
    raise UsageError(
        f"The decision would be of {day.isoformat()}, which is {wrong}.",
        code="bad-day",
        unchanged="Nothing was written.",
        mend="Say the day: --date 2027-05-15. If you handed it in on another: `submitted` in "
        f"portfolio/{current.name}/generation.yaml",
    )


def _outcome(rules: Scheme, said: str, read: str) -> Grade:
    if not (said or read):
        raise NeedsOwner(
            "The transcript does not say the outcome in words that keepfolio knows.",
            code="no-outcome",
            unchanged="Nothing was written.",
            mend=f"Say it as well: keepfolio result {' | '.join(one.id for one in rules.outcomes)}",
        )
    chosen = rules.outcome(said or read)
    if read and chosen.id != read:
        raise NeedsOwner(
            f"You say “{chosen.title}”, and the transcript says “{rules.title(read)}”.",
            code="other-outcome",
            unchanged="Nothing was written.",
            mend="Leave out the word to take what the transcript says, or correct the transcript's text",
        )
    return chosen


def _due(rules: Scheme, day: date, due: date | Literal["unknown"] | None) -> date | Literal["unknown"] | None:
    if due is not None or rules.years is None:
        return due
    return clocks.after(day, years=rules.years)


def _keep_text(folder: Path, day: date, text: str) -> Path:
    """Write the transcript beside the sections, under a name of its own: another one is never replaced."""
    names = (f"transcript-{day.isoformat()}{f'-{n}' if n > 1 else ''}.txt" for n in count(1))
    for path in (folder / name for name in names):
        if not path.exists():
            ownerfile.save(path, text)
            return path
        if path.is_file() and path.read_bytes() == text.encode():
            return path
    raise AssertionError("there is always another name")


def _where(desk: Desk, comment: Comment, passage: str, chosen: str) -> str:
    """Return the section in which a passage is new."""
    now = {one.id: one for one in summary.of_sections(desk.portfolio(Visibility.PRIVATE).sections)}
    wanted = chosen or comment.section
    places = [wanted] if wanted in now else list(now)
    there = [name for name in places if name in now and now[name].holds(passage)]
    if not there:
        raise _not_there(comment.number, passage, wanted, now)
    first = revising.first_handed(desk.generation)
    before = revising.handed_texts(desk, first.release) if first else {}
    new = [name for name in there if revisions.is_new(passage, before, name)]
    if not new:
        raise NeedsOwner(
            f"These words stood in {there[0]} when you handed it in, so they answer nothing.",
            code="not-new",
            unchanged=f"Comment {comment.number} is still open.",
            mend="Quote a passage that you wrote since. To answer without a change: --unchanged “why”",
        )
    return new[0]


def _not_there(number: int, passage: str, wanted: str, now: Mapping[str, Text]) -> NeedsOwner:
    elsewhere = [name for name, text in now.items() if text.holds(passage)]
    where = f"in {wanted}" if wanted in now else "in your portfolio"
    hint = f"It stands in {elsewhere[0]}: say --section {elsewhere[0]}" if elsewhere else "Quote it as it stands there"
    return NeedsOwner(
        f"“{passage}” does not stand {where}.",
        code="no-such-passage",
        unchanged=f"Comment {number} is still open.",
        mend=hint,
    )
