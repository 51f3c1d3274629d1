"""
What assessors and readers said, and what became of it: ``portfolio/<generation>/comments.yaml``.

    results:
      - on: 2027-03-01
        outcome: minor
        transcript: transcript-2027-03-01.txt
        marks: {1a: [revisions, adequate], 1b: [strong, strong]}    # one for each assessor
        principles: {interplay: [adequate, adequate]}
    comments:
      - section: 1a
        by: Assessor 1
        on: 2027-03-01
        text: "Say what you did yourself."
        answered: {on: 2027-04-02, section: 1a, passage: "I chose the questions", note: "My own part is told now"}

Comments are counted from 1 in the order of the file. Others' words are in ``text``: no page and no edition shows them.
The owner's ``note`` is shown in the revision summary. The file may be written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from archive.errors import UsageError
from bridge.portfolio import ownerfile
from bridge.portfolio.ownerfile import Text
from bridge.portfolio.submission.scheme import Scheme

FILE_NAME = "comments.yaml"
ASKS = frozenset({"revisions", "incomplete", "inadequate"})
"""Marks that ask for something."""
_NOTHING = ownerfile.quoted("")


@dataclass(frozen=True)
class Answer:
    """
    What the owner did about a comment.

    ``passage`` stands in the section ``section`` now; ``""`` where nothing was changed, and ``note`` then says why.
    """

    on: date
    section: str = ""
    passage: str = ""
    note: str = ""


@dataclass(frozen=True)
class Comment:
    """
    One thing that somebody said. ``section`` is a section's id, a principle's, or ``""`` for the whole portfolio.

    ``number`` is its place in the file, from 1.
    """

    section: str
    text: str
    by: str = ""
    on: date | None = None
    answered: Answer | None = None
    number: int = 0

    @property
    def open(self) -> bool:
        return self.answered is None


@dataclass(frozen=True)
class Result:
    """
    One decision. ``marks`` and ``principles`` hold ids of marks, one for each assessor; ``""``: none was given.

    ``transcript`` is the file beside this one that holds what came in, whole.
    """

    on: date
    outcome: str
    transcript: str = ""
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    principles: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """Everything that was said of one generation, in the order in which it came."""

    results: tuple[Result, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def open(self) -> tuple[Comment, ...]:
        """The comments that nothing was done about yet."""
        return tuple(comment for comment in self.comments if comment.open)

    @property
    def asking(self) -> tuple[Comment, ...]:
        """The open comments that a resubmission has to answer: those under headings whose marks ask for something.

        Praise needs no answer, nor does what an assessor says under a heading that this one asked nothing of. Where the
        result has no marks nobody can tell, and all of them count.
        """
        marks = [one.marks for one in self.results if one.marks]
        return tuple(
            comment
            for comment in self.open
            if not marks or any(_asks(given.get(comment.section, ()), comment.by) for given in marks)
        )

    def with_(self, *, results: Iterable[Result] = (), comments: Iterable[Comment] = ()) -> Book:
        """Return the book with more in it; new comments are counted on."""
        every = [*self.comments, *comments]
        return Book((*self.results, *results), tuple(_numbered(every)))

    def comment(self, number: int) -> Comment:
        """
        Return a comment by its number.

        Raises:
            UsageError: There is none of that number.
        """
        for comment in self.comments:
            if comment.number == number:
                return comment
        last = len(self.comments)
        raise UsageError(
            f"There is no comment {number}; they are counted from 1 to {last}." if last else "There are no comments.",
            code="unknown-comment",
            mend="See them: keepfolio result --comments",
        )


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    on: date
    section: Text = ""
    passage: Text = ""
    note: Text = ""


class _Comment(BaseModel):
    model_config = ConfigDict(extra="forbid")
    section: Text = ""
    by: Text = ""
    on: date | None = None
    text: Text
    answered: _Answer | None = None


class _Result(BaseModel):
    model_config = ConfigDict(extra="forbid")
    on: date
    outcome: Text
    transcript: Text = ""
    marks: dict[str, list[Text]] = Field(default_factory=dict)
    principles: dict[str, list[Text]] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    results: list[_Result] = Field(default_factory=list)
    comments: list[_Comment] = Field(default_factory=list)


def read(folder: Path, scheme: Scheme) -> Book:
    """
    Return what a generation's file holds; an empty book where there is none. Marks and outcomes come back as ids.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.

        UsageError: It names a mark or an outcome that the framework does not know.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Book()
    name = f"{folder.name}/{FILE_NAME}"
    found = ownerfile.parse(ownerfile.read_text(path), _File, name)
    results = tuple(
        Result(
            on=one.on,
            outcome=scheme.outcome(one.outcome).id,
            transcript=one.transcript,
            marks=_marks(one.marks, scheme, name),
            principles=_marks(one.principles, scheme, name),
        )
        for one in found.results
    )
    return Book(results, tuple(_numbered(_comment(one) for one in found.comments)))


def write(folder: Path, book: Book) -> Path:
    """Write the file as a person would, and return its path. What was there is replaced."""
    lines = [
        "# What assessors and readers said, and what became of it. This is yours alone: no page and no edition shows",
        "# their words. A `note` of yours is shown in the revision summary.",
        "results:" if book.results else "results: []",
        *(line for result in book.results for line in _result_lines(result)),
        "comments:" if book.comments else "comments: []",
        *(line for comment in book.comments for line in _comment_lines(comment)),
    ]
    path = folder / FILE_NAME
    ownerfile.put(path, "\n".join(lines) + "\n", _File)
    return path


def _asks(given: Sequence[str], by: str) -> bool:
    """Say whether whoever said something asks for a revision: by their own mark, or by any where theirs is unknown."""
    numbered = re.fullmatch(r"Assessor ([1-9])", by)
    own = given[int(numbered[1]) - 1] if numbered and int(numbered[1]) <= len(given) else ""
    return own in ASKS if own else bool(ASKS & set(given))


def _numbered(comments: Iterable[Comment]) -> Iterator[Comment]:
    for number, one in enumerate(comments, start=1):
        yield Comment(one.section, one.text, one.by, one.on, one.answered, number)


def _comment(found: _Comment) -> Comment:
    answer = found.answered
    answered = Answer(answer.on, answer.section, answer.passage, answer.note) if answer else None
    return Comment(found.section, found.text, found.by, found.on, answered)


def _marks(written: dict[str, list[str]], scheme: Scheme, name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for section, said in written.items():
        marks = [scheme.mark(one) if one else None for one in said]
        unknown = [one for one, mark in zip(said, marks, strict=True) if one and mark is None]
        if unknown:
            raise UsageError(
                f"{name}: {section} has the mark {unknown[0]!r}, which the framework does not know.",
                code="unknown-mark",
                mend=f"Write one of: {', '.join(mark.id for mark in scheme.marks)}",
            )
        found[section] = tuple(mark.id if mark else "" for mark in marks)
    return found


def _result_lines(result: Result) -> Iterator[str]:
    yield f"  - on: {result.on.isoformat()}"
    yield f"    outcome: {result.outcome}"
    if result.transcript:
        yield f"    transcript: {ownerfile.quoted(result.transcript)}    # what came in, whole"
    for name, marks in (("marks", result.marks), ("principles", result.principles)):
        if marks:
            yield f"    {name}:    # one for each assessor"
            for section, given in marks.items():
                yield f"      {ownerfile.quoted(section)}: [{', '.join(mark or _NOTHING for mark in given)}]"


def _comment_lines(comment: Comment) -> Iterator[str]:
    yield f"  - section: {ownerfile.quoted(comment.section)}    # comment {comment.number}"
    yield f"    by: {ownerfile.quoted(comment.by)}"
    if comment.on:
        yield f"    on: {comment.on.isoformat()}"
    yield f"    text: {ownerfile.quoted(comment.text)}"
    if comment.answered:
        answer = comment.answered
        yield "    answered:"
        yield f"      on: {answer.on.isoformat()}"
        for name, value in (("section", answer.section), ("passage", answer.passage), ("note", answer.note)):
            if value:
                yield f"      {name}: {ownerfile.quoted(value)}"
