"""
A page with everything that a page can hold, as a value: panels, themes, an earlier generation, drawings, quotations.

Jane's page (``tests.portfolio.jane``) is what one build gives; this one is for what the page itself must be able to do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from archive.entry import Visibility
from bridge.portfolio.model import Evidence, KeptText, PagePart, PageSection, Panel, Portfolio, Shown
from bridge.render import drawings, markdown, references, sanitise
from tests.portfolio.samples import Bytes, picture

OWNER = "Rosalind Achebe-Lindqvist"
LICENCE = "My own texts on this page may be used under CC BY-SA 4.0; evidence keeps the licence that it names."
TYPES = ["Conference or event", "Reading", "Training that I took", "Assessing others"]
PRINCIPLES = [
    "A commitment to exploring and understanding the interplay between technology and learning",
    "A commitment to keep up to date with new technologies",
    "An empathy with and willingness to learn from colleagues from different backgrounds and specialisms",
    "A commitment to communicate and disseminate effective practice",
]
WORDS = """
When I moved from Northshire to Port Talvern in 2024, I carried one conviction with me: that a design meeting is only as
good as the person who has not spoken yet. Six months later I was less sure. The teams were larger, half of them joined
from elsewhere, and [the method that I had brought](https://design.example.net/method) rewarded whoever typed fastest.

> We left with forty notes on the wall and no idea which of them was ours.
>
> — A colleague, after the first workshop

So I changed one thing at a time, and wrote down what happened ([Conole, 2013](https://doi.org/10.1007/978-1-4419-8517-0);
[Laurillard, 2012](https://books.example.org/teaching-as-design-science)).
"""
REFLECTION = """
I set out to learn a method and learned to wait. The change that lasted is small: every session that I run now begins
with ten silent minutes, and I am the last one to speak. What I would do differently is to ask *before* the first
workshop who had been in one like it; three of the eight had, and knew what I was about to find out.

1. Ten silent minutes before anybody speaks.
2. Notes are read out by somebody who did not write them.
3. The decision is written down with the name of the person who will undo it if it was wrong.
"""


def portfolio(held: Bytes, edition: Visibility = Visibility.PUBLIC) -> Portfolio:
    """Return a renewal with its original below it."""
    sections = (*_renewal(held), *_original(held))
    draft = edition is Visibility.PRIVATE
    shown = sections if draft else tuple(_without_drafts(section) for section in sections if section.ready)
    return Portfolio(
        id="1b0e7e2c-4d43-4b6a-9d0e-0c5d5a1d9b77",
        title="Senior CMALT portfolio",
        subtitle="Certified Membership of the Association for Learning Technology: review of 2026",
        owner=OWNER,
        language="en-GB",
        edition=edition,
        sections=shown,
        kept=(KeptText("urn:uuid:k", "What a captioner told me", "Journal entry", "9 February 2025", _kept()),),
        pictures={},
        credits=tuple(f for s in shown for item in s.evidence for f in item.figures if f.licence),
        words=9000,
        figures=3,
        left_out=(),
        panels=(_revisions(), _principles(shown), _references(shown)),
        licence=LICENCE,
    )


def _without_drafts(section: PageSection) -> PageSection:
    shown = tuple(item for item in section.evidence if item.visibility is not Visibility.PRIVATE)
    return replace(section, evidence=shown)


def _prose(words: str, level: int) -> str:
    return markdown.render(words, level)


def _renewal(held: Bytes) -> list[PageSection]:
    marks = _marks()
    table = drawings.table(
        "CPD by year",
        ["Type", "2024", "2025", "2026"],
        [
            (kind, *(str(sum(m.group == kind and m.start.year == y for m in marks)) for y in (2024, 2025, 2026)))
            for kind in TYPES
        ],
    )
    record = drawings.timeline("CPD from June 2024 to November 2026", marks, date(2024, 6, 1), date(2026, 11, 30))
    journey = drawings.table(
        "My learning journey: design methodology",
        [
            "Theme",
            "What I intended to learn",
            "What I learned",
            "What was the change in my practice",
            "Future direction",
        ],
        [
            (
                "Design methodology",
                "A method that I could teach to others in a day.",
                "That the method matters less than who is in the room.",
                "Ten silent minutes begin each session.",
                "Working with students who plan their own courses.",
            )
        ],
    )
    return [
        _section("summary", "Summary of recent work and practice", 2, words=WORDS),
        replace(
            _section("cpd", "Overview of CPD activities", 2, words=""),
            parts=(
                PagePart("", "", _prose("Forty activities since the last portfolio; most of them were short.", 2)),
                PagePart("record", "Key activities since the last portfolio", str(table), drawing=record),
            ),
        ),
        PageSection("depth", "Three areas of development", 2, gathers=True),
        *(
            replace(
                _section(f"theme-{n}", title, 3, words=WORDS, evidence=_evidence(held, n)),
                within="depth" if n > 1 else "",
            )
            for n, title in enumerate(["Design methodology", "Emphasising collaboration", "Microcredentials"], 1)
        ),
        replace(
            _section("journey", "The learning journey", 3, words=""),
            parts=(PagePart("", "", str(journey)), PagePart("x", "Compared", _prose(_comparison(), 4))),
        ),
        _section("future-plans", "Future plans", 2, words=WORDS),
        replace(
            _section("confirmation", "Confirmation", 2, words=""),
            parts=(PagePart("", "", "", placeholder=True),),
            ready=False,
            placeholder=True,
        ),
    ]


def _original(held: Bytes) -> list[PageSection]:
    """An earlier generation: a group, its areas one level lower than they were, their parts one lower still."""
    found = [
        PageSection("original-original", "The portfolio of 2021", 2, gathers=True),
        _section("original-context", "Contextual statement", 3, words=WORDS),
        PageSection("original-1", "Core area 1: Operational issues", 3, gathers=True),
        _section("original-1a", "1a: An understanding of the constraints and benefits of different technologies", 4),
        _section("original-1b", "1b: Technical knowledge and ability", 4, evidence=_evidence(held, 7)),
        _section("original-future-plans", "Future Plans", 3, words=WORDS),
    ]
    return [replace(section, generation="original") for section in found]


def _section(
    name: str, title: str, level: int, words: str = REFLECTION, evidence: tuple[Evidence, ...] = ()
) -> PageSection:
    parts = [PagePart("", "", _prose(words, level))] if words else []
    if evidence:
        parts = [
            PagePart("description", "Description", _prose(words, level + 1)),
            PagePart("evidence", "Evidence", ""),
            PagePart("reflection", "Reflection", _prose(REFLECTION, level + 1)),
        ]
    return PageSection(name, title, level, gathers=False, parts=tuple(parts), evidence=evidence, words=300)


def _evidence(held: Bytes, number: int) -> tuple[Evidence, ...]:
    drawing = held.add(f"plan-{number}.png", picture(1200, 700, "#2f6f73"), media_type="image/png")
    minutes = held.add(f"minutes-{number}.pdf", b"%PDF-1.4 minutes " * (4000 + number), media_type="application/pdf")
    own = f"urn:uuid:{number}"
    figure = Shown(
        own + "f",
        drawing.sha256,
        drawing.name,
        "image/png",
        "",
        alt="Seven columns of notes, of which the third is the tallest",
        caption=f"The wall after workshop {number}",
        credit="Tomasz Ferreira",
        licence="CC BY 4.0",
    )
    file = Shown(own + "m", minutes.sha256, minutes.name, "application/pdf", "")
    return (
        Evidence(
            own + "a",
            f"Ten silent minutes, part {number}",
            "Blog post",
            "3 March 2025",
            "What changed when nobody spoke first (doi:10.1080/17439884.2020.1789102)",
            f"https://blog.example.org/{number}/",
        ),
        Evidence(
            own + "p",
            f"Slides of the workshop, {number}",
            "Slides",
            "14 May 2025",
            "The version that colleagues reuse",
            f"https://blog.example.org/{number}/slides.pdf",
        ),
        Evidence(
            own + "m",
            f"Minutes of the design group, {number}",
            "Document",
            "30 June 2025",
            "Where the ten minutes were agreed",
            "",
            files=(file,),
        ),
        Evidence(
            own + "f", f"The wall after the workshop, {number}", "Picture", "1 July 2025", "", "", figures=(figure,)
        ),
        Evidence(
            "urn:uuid:k",
            "What a captioner told me",
            "Journal entry",
            "9 February 2025",
            "",
            "",
            kept=True,
            visibility=Visibility.ASSESSOR,
        ),
    )


def _marks() -> list[drawings.Mark]:
    """Forty activities in thirty months, some of which lasted for weeks."""
    found = []
    for n in range(40):
        start = date(2024, 6, 3).toordinal() + n * 22
        end = date.fromordinal(start + 60) if n % 9 == 0 else None
        found.append(drawings.Mark(f"Activity {n + 1}", date.fromordinal(start), end, TYPES[n % 7 % 4]))
    return found


def _comparison() -> str:
    return """
Table: Two places of work

| Asked of me | Northshire | Port Talvern |
|---|---|---|
| Who decides on a design | the module leader | a team of eight |
| How often it is looked at again | every third year | every term |
"""


def _kept() -> str:
    """A harvested text as it comes, with a quotation whose source its theme put into a footer."""
    return markdown.under(
        sanitise.prose(
            "<h2></h2><h2>What she said</h2><p>She types what she hears.</p>"
            "<blockquote><p>Silence is a caption, too.</p>"
            "<footer>— <cite>M. Okafor</cite>, captioner</footer></blockquote>"
            "<figure><table><tr><th></th><th>Before</th></tr><tr><th>Errors</th><td>31</td></tr></table>"
            "<figcaption>Errors in an hour</figcaption></figure>"
        ),
        3,
    )


def _revisions() -> Panel:
    table = drawings.table(
        "What assessors asked for, and where it was answered",
        ["Comment", "Answer"],
        [("Say more on your own part in the workshops.", "Design methodology, Description")],
    )
    return Panel("revisions", "Summary of revisions", f"<p>One comment, answered.</p>{table}", place="before")


def _principles(sections: tuple[PageSection, ...]) -> Panel:
    rows = [s.title for s in sections if s.evidence]
    counts = [[(n * m + n) % 4 for m in range(len(PRINCIPLES))] for n in range(len(rows))]
    return Panel(
        "principles",
        "The four core principles",
        str(
            drawings.table(
                "Pieces of evidence for each principle",
                ["Section", *PRINCIPLES],
                [(row, *map(str, line)) for row, line in zip(rows, counts, strict=True)],
            )
        ),
        drawing=drawings.matrix("Evidence for each principle, by section", rows, PRINCIPLES, counts),
    )


def _references(sections: tuple[PageSection, ...]) -> Panel:
    found = references.listed(references.references(sections))
    assert found is not None
    return found
