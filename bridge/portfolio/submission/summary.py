"""The revision summary, as a heading before the sections: what changed since the portfolio was handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from html import escape

from bridge.portfolio.editions import Edition
from bridge.portfolio.making import MakePanel
from bridge.portfolio.model import PageSection, Panel
from bridge.portfolio.submission import revisions, texts
from bridge.portfolio.submission.comments import ASKS, Book
from bridge.portfolio.submission.revisions import Changed, Revisions
from bridge.portfolio.submission.texts import Text

ID = "revisions"
LONGEST = 80
"""Words of a passage that are quoted: the section itself has the rest."""


def of_sections(sections: Iterable[PageSection]) -> list[Text]:
    """Return the texts of a page's own sections; earlier generations on it are not revised."""
    return [
        Text(s.id, s.title, texts.words_of(s.parts), tuple((item.entry_id, item.title) for item in s.evidence))
        for s in sections
        if not s.gathers and not s.generation
    ]


def panel(first: date, before: Mapping[str, Text], book: Book) -> MakePanel:
    """
    Return what makes the summary of a page.

    Args:
        first: The day on which the portfolio was first handed in.

        before: The texts of that release, by section.

        book: What was said of it. Of this only the headings and the owner's own notes are shown.
    """

    def make(sections: Sequence[PageSection], _shelf: Edition) -> Panel | None:
        now = of_sections(sections)
        found = revisions.between(before.values(), now)
        left = list(_unchanged(book, {one.id: one.title for one in now}))
        if not found.changed and not left:
            return None
        html = [_opening(first, found), *(_section(one, book) for one in found.changed), *left]
        return Panel(ID, "What was revised", "\n".join(html), place="before")

    return make


def _opening(first: date, found: Revisions) -> str:
    said = [f"{_counted(len(found.changed), 'section')} changed", f"{_counted(found.unchanged, 'section')} unchanged"]
    if found.gone:
        said.append(f"{_counted(found.gone, 'section')} no longer here")
    return f"<p>Since this portfolio was first handed in on {first.day} {first:%B %Y}: {', '.join(said)}.</p>"


def _section(one: Changed, book: Book) -> str:
    lines = [f'<h3><a href="#kf-{escape(one.id)}">{escape(one.title)}</a></h3>', f"<p>{_facts(one, book)}</p>"]
    lines += [f"<p>{escape(note)}</p>" for note in _notes(book, one.id)]
    lines += [
        f"<blockquote><p>{escape(texts.shortened(passage, LONGEST))}</p></blockquote>"
        for passage in (one.added if one.before is not None else one.added[:1])
    ]
    return "\n".join(lines)


def _facts(one: Changed, book: Book) -> str:
    """Return what is so about a changed section, in sentences."""
    said = ["Revisions were asked for here."] if _asked(book, one.id) else []
    if one.before is None:
        said.append(f"New: {_counted(one.now, 'word')}.")
    elif one.added or one.removed:
        said.append(f"{_counted(one.before, 'word')} before, {one.now:,} now.")
    else:
        said.append(f"The text is unchanged ({_counted(one.now, 'word')}).")
    if one.retitled:
        said.append(f"It was called “{escape(one.retitled)}”.")
    if one.removed:
        said.append(f"{_counted(one.removed, 'sentence')} taken out.")
    if one.new_evidence and one.before is not None:
        said.append(f"New evidence: {', '.join(escape(f'“{title}”') for title in one.new_evidence)}.")
    if one.dropped:
        said.append(f"{_counted(one.dropped, 'piece')} of evidence no longer cited.")
    return " ".join(said)


def _asked(book: Book, section: str) -> bool:
    return any(ASKS & set(result.marks.get(section, ())) for result in book.results)


def _notes(book: Book, section: str) -> Iterator[str]:
    """Yield what the owner says of the changes in a section, each once."""
    answers = [(c.answered.section or c.section, c.answered) for c in book.comments if c.answered]
    yield from dict.fromkeys(one.note for place, one in answers if one.passage and one.note and place == section)


def _unchanged(book: Book, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield what the owner answered without changing a word, under one heading."""
    answered = [c for c in book.comments if c.answered and not c.answered.passage and c.answered.note]
    if answered:
        yield "<h3>Answered without a change</h3>\n<ul>"
        for comment in answered:
            assert comment.answered is not None
            title = titles.get(comment.section, "")
            where = f'<a href="#kf-{escape(comment.section)}">{escape(title)}</a><br>' if title else ""
            yield f"<li>{where}{escape(comment.answered.note)}</li>"
        yield "</ul>"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
