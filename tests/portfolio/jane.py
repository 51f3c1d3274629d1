"""Jane's portfolio: a whole one, with everything on its page that a page can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from archive.entry import Visibility
from bridge.portfolio import narrative
from bridge.portfolio.model import Portfolio
from tests.portfolio.samples import CMALT, Bytes, Item, assembled, item, picture

CONTEXT = """
I came to learning technology by way of a library. In 2014 I was asked to run the sessions on referencing that nobody
wanted, put them online one wet weekend, and found that the questions changed when people could ask them at midnight.

I now lead a team of three at Northshire University, where we look after the virtual learning environment, lecture
capture and the accessibility of what is taught with them. I hold no earlier award. I am applying now because the last
three years, from the capture rollout to the accessibility audit, hang together as one piece of work.
"""

CHOICE = """
When our contract for lecture capture ended, I compared three systems for the people who would live with them: staff who
teach in rooms without a technician, students who revise on a phone, and the two of us who answer the calls.

I drew up the criteria with a [panel of students](https://example.org/panel) and scored each system twice, once by
specification and once by watching someone use it.

| Criterion | System A | System B | System C |
|---|---|---|---|
| Captions a student can correct | yes | partly | no |
| Works in rooms without a technician | yes | yes | no |
| Can be left again with our recordings | partly | yes | no |
| Yearly cost for 4,000 students | £31,000 | £24,500 | £18,900 |

The cheapest system lost on the one question that I had nearly left out: *can we leave again?*

### What decided it

1. Captions that students can correct themselves.
2. An export that holds the recordings **and** their captions.
3. A price that did not depend on hours watched.
"""

REFLECTION = """
I had trusted specifications more than I knew. Watching a colleague start a recording with her coat still on taught me
more than the forty-page tender, and I have not bought anything since without such an hour.

> “I pressed the button that looked like the old one.”

What I do differently now is small: every comparison that I write begins with a person in a room. I also keep my notes
on why we did *not* choose something, for they were the part that colleagues elsewhere asked to see.
"""

LAW = """
The accessibility regulations of 2018 reached us as a spreadsheet of failures. I ran the audit of 212 modules, agreed
with the faculties which of them came first, and wrote the checklist that is still in use.
"""

SHORT = """
I run a monthly drop-in for staff and keep the notes of it open. Last year 64 people came, eleven of them more than
three times, and what they asked for became the next year's programme.
"""

PLANS = """
I want to learn how captions are made, not only how they are bought: I have a place on a captioning course in the
spring, and a pilot with two departments after it. I will know that it worked when a student can mend a caption and
nobody has to ask me how.
"""


def evidence(held: Bytes) -> list[Item]:
    """Return the archive of a blogger who tags some of what she writes."""
    chart = held.add("capture-scores.png", picture(), alt="Bars of seven criteria: system B leads in five of them")
    certificate = held.add("certificate.pdf", b"%PDF-1.4 a certificate " * 9000, media_type="application/pdf")
    photo = held.add("workshop.jpg", picture(2400, 1350, "#7a4b2b", "JPEG"), alt="Six people around one table, drawing")
    return [
        item(1, "Choosing a lecture capture system with students", tags=("cmalt-1a", "lecture capture")),
        item(
            2,
            "What the capture pilot scored",
            kind="media",
            tags=(),
            files=(chart,),
            published=datetime(2025, 11, 20, 12, tzinfo=UTC),
        ),
        item(3, "Auditing 212 modules in a summer", tags=("CMALT 3a", "accessibility")),
        item(
            4,
            "Certificate: accessible documents",
            kind="media",
            visibility=Visibility.PRIVATE,
            files=(certificate,),
            published=datetime(2024, 6, 30, 23, 30, tzinfo=UTC),
        ),
        item(5, "Drop-in notes, October", tags=("cmalt-1c", "cmalt_4a")),
        item(
            6,
            "A workshop on captions at the regional conference",
            tags=("cmalt-specialist-1",),
            files=(photo,),
            published=datetime(2026, 7, 1, 8, tzinfo=UTC),
        ),
        item(
            7,
            "What a colleague taught me about quizzes",
            kind="journal-entry",
            visibility=Visibility.PRIVATE,
            url="https://mahara.example.ac.uk/artefact/7",
            tags=("cmalt-2a",),
            content_html="<h2>Before</h2><p>I marked by hand.</p><h4>After</h4><p>The quiz asks; I answer.</p>",
            published=datetime(2023, 2, 9, 10, tzinfo=UTC),
        ),
        item(8, "On rabbits", tags=("rabbits",)),
    ]


def write(folder: Path, entries: list[Item]) -> None:
    """Write her section files as she left them: most are ready."""
    ids = {held.entry.title: held.id for held in entries}
    narrative.scaffold(folder, CMALT, "cmalt", {"specialist-1": "Accessible media"})
    texts = {
        "context": CONTEXT,
        "1a": _parts(CHOICE, REFLECTION),
        "1b": _parts(SHORT, REFLECTION),
        "1c": _parts(SHORT, REFLECTION),
        "2a": _parts(SHORT, REFLECTION),
        "2b": _parts(SHORT, REFLECTION),
        "3a": _parts(LAW, REFLECTION),
        "4a": _parts(SHORT, REFLECTION),
        "specialist-1": _parts(
            SHORT + f"\n![Six people drawing captions]({ids['A workshop on captions at the regional conference']} "
            '"Captions, drawn before they were typed")\n',
            REFLECTION,
        ),
        "future-plans": PLANS,
        "declaration": "Jane Example, 1 November 2026",
    }
    for section, text in texts.items():
        path = folder / f"{section}.md"
        front = path.read_text().split("---\n")[1].replace("ready: false", "ready: true ")
        path.write_text(f"---\n{front}---\n<!-- Guidance that nobody else reads -->\n{text}")
    cites = [
        ("1a", "Choosing a lecture capture system with students", "The comparison, with the scores that decided it"),
        ("1a", "What the capture pilot scored", "Seven criteria, each watched and not only read"),
        ("3a", "Certificate: accessible documents", "The training that the checklist grew out of"),
        ("1b", "Certificate: accessible documents", "A course of twelve hours, with an assessed document"),
        ("4a", "Drop-in notes, October", "What colleagues asked for, and what became of it"),
    ]
    for section, title, why in cites:
        narrative.cite(folder, section, ids[title], title, why)


def _parts(description: str, reflection: str) -> str:
    return f"\n## Description\n{description}\n## Evidence\n\n## Reflection\n{reflection}"


def portfolio(folder: Path, held: Bytes, edition: Visibility = Visibility.PUBLIC) -> Portfolio:
    """Return her portfolio; the certificate and the journal entry are hers to show and she marked them public."""
    entries = evidence(held)
    write(folder, entries)
    ids = {i.entry.title: i.id for i in entries}
    marks = {
        ids["Certificate: accessible documents"]: Visibility.PUBLIC,
        ids["What a colleague taught me about quizzes"]: Visibility.PUBLIC,
    }
    return assembled(entries, narrative.read(folder, CMALT, "cmalt"), edition, marks=marks)
