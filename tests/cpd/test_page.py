"""The record on the page: its window, who may see which line, who is named, and what shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio.cpd import page, qualifications, traces
from bridge.portfolio.cpd.record import With
from bridge.portfolio.narrative import Narrative, Passage
from bridge.portfolio.people import Person
from bridge.portfolio.schema import Principle
from bridge.render import page as pages
from tests.cpd.samples import activity
from tests.cpd.test_counting import POSTS
from tests.portfolio.samples import CMALT, Bytes, assembled, item, picture

PRIVATE, ASSESSOR, PUBLIC = Visibility
ALL_FIELDS = ("date", "title", "type", "provider", "theme", "principles", "evidence", "workplace")


def context(text="I work here.", *, ready=True):
    return {"context": Narrative("context", ready=ready, visibility=PUBLIC, passages=(Passage("", "", text),))}


def built(*activities, edition=PUBLIC, window=(None, None), entries=(), text="I work here.", people=(), **more):
    """Return the portfolio of an edition whose section `context` is the record of these."""
    record = page.Record(activities, window, ALL_FIELDS, POSTS, people, CMALT.principles, **more)
    return assembled(
        list(entries),
        context(text),
        edition,
        making={"context": page.make(record)},
        panels=(qualifications.make(activities),),
    )


def section(portfolio):
    return next(one for one in portfolio.sections if one.id == "context")


def record_of(portfolio) -> BeautifulSoup:
    return BeautifulSoup("".join(p.html for p in section(portfolio).parts if p.id == page.PART), "html.parser")


def shown(portfolio) -> str:
    """Return every word of the record, drawings included."""
    return record_of(portfolio).get_text(" ") + "".join(part.drawing for part in section(portfolio).parts)


def public(name="c0001", on="2026-03-01", title="Captions that help", **fields):
    return activity(name, on, title, visibility=PUBLIC, **fields)


def test_the_record_is_a_table_for_each_year():
    """Years in their order, each with a caption, heads with a scope, and each entry on its row."""
    html = record_of(
        built(
            public("c1", "2026-03-01", "B", type="event", hours=Decimal("1.5")),
            public("c2", "2025-05-01", "A", type="reading"),
        )
    )

    assert [c.get_text() for c in html.find_all("caption")] == [
        "CPD by type",
        "CPD in 2025: 1 activity",
        "CPD in 2026: 1 activity, 1.5 hours noted",
    ]
    assert all(th.get("scope") in ("col", "row") for th in html.find_all("th"))
    assert "1 March 2026" in html.find_all("table")[2].get_text()
    assert html.p.get_text() == "2 activities, 1.5 hours noted, from 1 May 2025 to 1 March 2026."


def test_counts_by_type():
    """How many of each type, the most first; those without one are the others."""
    table = record_of(
        built(public("c1", type="event"), public("c2", type="reading"), public("c3", type="event"), public("c4"))
    ).find("table")

    assert [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")] == [
        ["Type", "Activities"],
        ["Event", "2"],
        ["Reading", "1"],
        ["Other", "1"],
    ]


def test_what_lies_outside_of_the_window_is_absent():
    """Not in the tables, the counts, the evidence or the drawing."""
    portfolio = built(
        public("c1", "2024-12-31", "Too early", evidence=("https://a.example/early",)),
        public("c2", "2025-01-01", "First day"),
        public("c3", "2026-12-31", "Last day"),
        public("c4", "2027-01-01", "Too late"),
        window=(date(2025, 1, 1), date(2026, 12, 31)),
    )

    assert "First day" in shown(portfolio)
    assert "Last day" in shown(portfolio)
    assert not any(word in shown(portfolio) for word in ("Too", "a.example", "3 activities"))


@given(
    lines=st.lists(
        st.tuples(st.sampled_from(list(Visibility)), st.sampled_from(("done", "planned", "dropped"))), max_size=6
    ),
    edition=st.sampled_from([ASSESSOR, PUBLIC]),
)
def test_an_edition_shows_only_its_lines(lines, edition):
    """A line stands in editions at or below its own visibility, and what did not take place in none."""
    record = [
        activity(f"c{n}", title=f"Secret{n}x", visibility=v, status=s, type="qualification", note=f"Note{n}x")
        for n, (v, s) in enumerate(lines)
    ]
    portfolio = built(*record, edition=edition)
    words = shown(portfolio) + "".join(panel.html for panel in portfolio.panels)

    for n, (visibility, status) in enumerate(lines):
        assert (f"Secret{n}x" in words) == (visibility.openness >= edition.openness and status == "done")
        assert f"Note{n}x" not in words


def test_the_draft_shows_all_and_marks_it():
    """The owner sees private lines, marked as such, and what is planned in a list of its own."""
    portfolio = built(activity("c1", title="Mine"), activity("c2", title="Ahead", status="planned"), edition=PRIVATE)

    html = record_of(portfolio)

    assert "only you" in html.find("table").get_text()
    assert "Ahead" not in html.find("table").get_text()
    assert html.find("ul").get_text().strip() == "1 March 2026: Ahead"


def test_what_is_kept_back_is_said_once():
    """The owner is told how many lines an edition leaves out, and it stops no publishing."""
    portfolio = built(public("c1"), activity("c2"), activity("c3"))

    (left,) = [one for one in portfolio.left_out if one.id == page.PART]

    assert (left.title, left.section) == ("2 of 3 entries of the CPD record", "context")


def test_a_record_is_no_placeholder():
    """A section with a record and no words of its own is written; without both it still waits."""
    assert not section(built(public(), text="", edition=PRIVATE)).placeholder
    assert section(built(text="", edition=PRIVATE)).placeholder
    assert [p.id for p in section(built(public(), text="I began.", edition=PUBLIC)).parts] == ["", page.PART]


def test_people_are_named_as_they_agreed():
    """By name with permission, as they wish to be shown, else as a colleague; roles stand with each."""
    one = public(people=(With("Sam Taylor", "co-presenter"), With("Kit Lee"), With("Pat Ray", "chair")))
    people = (Person("Sam Taylor", permission="yes"), Person("Kit Lee", shown="the library team"), Person("Pat Ray"))

    words = shown(built(one, people=people))

    assert "with Sam Taylor (co-presenter), the library team and a colleague (chair)" in words
    assert "Pat Ray" not in words
    assert "with Sam Taylor" not in shown(built(one))
    assert "Pat Ray (chair)" in shown(built(one, edition=PRIVATE))


@pytest.mark.parametrize("edition", [ASSESSOR, PUBLIC])
def test_whom_the_owner_assessed_is_never_named(edition):
    """Not as a person, not in the title, and not with any permission; the owner's own draft has it."""
    one = public(type="Assessing", title="Portfolio of sam TAYLOR, review", people=(With("Sam Taylor"),))
    people = (Person("Sam Taylor", permission="yes"),)

    words = shown(built(one, edition=edition, people=people))

    assert "taylor" not in words.lower()
    assert "Portfolio of a candidate, review" in words
    assert "sam TAYLOR" in shown(built(one, edition=PRIVATE))
    by_family = replace(one, title="Ms Taylor’s portfolio", provider="S. Taylor")
    assert "taylor" not in shown(built(by_family, edition=edition)).lower()
    assert "An assessment" in shown(built(by_family, edition=edition))


def test_what_came_of_it_is_linked():
    """A public post, an address and another entry of the record: each says where it leads."""
    post = item(1, "My notes")
    html = record_of(
        built(
            public("c1", title="Talk", evidence=(post.id, "https://www.a.example/talk%20one/", "c2")),
            public("c2", title="Paper"),
            entries=[post],
        )
    )

    assert [(a["href"], a.get_text()) for a in html.find_all("a")] == [
        ("https://blog.example.org/post-1/", "My notes"),
        ("https://www.a.example/talk%20one/", "a.example/talk one"),
    ]
    assert "see “Paper”" in html.get_text()


def test_private_evidence_is_not_named():
    """An item that the edition may not show leaves no title and no address, by id or by address; the owner is told."""
    secret = item(1, "Appraisal", visibility=PRIVATE, url="https://blog.example.org/secret/")
    portfolio = built(public(evidence=(secret.id, secret.entry.url, "javascript:alert(1)", "c9")), entries=[secret])

    assert not any(word in shown(portfolio) for word in ("Appraisal", "secret", "javascript", "c9"))
    assert "Appraisal" in [left.title for left in portfolio.left_out]


def test_evidence_that_nobody_can_open_comes_along():
    """What an assessor may see and no public address shows is brought with the page, as evidence of the section."""
    held = item(1, "Peer observation", visibility=ASSESSOR, url="")
    portfolio = built(public(evidence=(held.id,)), edition=ASSESSOR, entries=[held])

    assert "Peer observation" in shown(portfolio)
    assert [one.entry_id for one in section(portfolio).evidence] == [held.id]
    assert [kept.title for kept in portfolio.kept] == ["Peer observation"]


def test_a_page_speaks_html_only_where_we_wrote_it():
    """Titles, providers, themes and addresses from anywhere are text, in tables and in the drawing."""
    evil = "<script>alert(1)</script>"
    portfolio = built(
        public(title=evil, provider=evil, type=evil, themes=(evil,), people=(With("x", evil),)),
        public("c2", type="qualification", title=evil, provider=evil, evidence=(f'https://a.example/"{evil}',)),
    )

    html = "".join(p.html + p.drawing for p in section(portfolio).parts) + "".join(p.html for p in portfolio.panels)
    assert "<script" not in html
    assert 'example/"' not in html


def test_columns_that_are_empty_are_left_out():
    """A record without themes has no column for them; the place of work is said only where it changed."""
    plain = record_of(built(public()))
    moved = record_of(built(public("c1", "2025-03-01"), public("c2", "2026-03-01", themes=("Video",))))

    assert [th.get_text() for th in plain.find_all("th", scope="col")] == ["Date", "Activity"]
    assert [th.get_text() for th in moved.find_all("table")[0].find_all("th", scope="col")] == [
        "Date",
        "Activity",
        "Theme",
    ]
    assert "at Northshire" in moved.find_all("table")[0].get_text()
    assert "Northshire" not in plain.get_text()


def test_a_framework_may_ask_for_the_reflections():
    """Where its fields name them they have a column; of an assessment without the name of who was assessed."""
    record = page.Record(
        (
            public("c1", reflection="I ask first now."),
            public("c2", type="assessing", people=(With("Sam Taylor"),), reflection="Sam Taylor wrote well."),
        ),
        (None, None),
        ("date", "title", "reflection"),
    )
    words = shown(assembled([], context(), PUBLIC, making={"context": page.make(record)}))

    assert "I ask first now." in words
    assert "a candidate wrote well." in words
    assert "I ask first now." not in shown(built(*record.activities))


def test_principles_are_numbered_and_explained():
    """Each entry names its principles by number, and the list says what they are."""
    html = record_of(built(public(principles=("current", "disseminate"))))

    assert "principle 2, 4" in html.find("table").get_text()
    assert [li.get_text() for li in html.find_all("li")] == [p.title for p in CMALT.principles]
    assert isinstance(CMALT.principles[0], Principle)


def test_a_time_that_still_runs_ends_today():
    """Of a window that reaches into the future the record speaks until today."""
    portfolio = built(public(), window=(date(2026, 1, 1), date(2028, 12, 31)))

    assert "from 1 January 2026 to 1 November 2026." in shown(portfolio)


def test_days_as_a_person_writes_them():
    """Of one day, of several in a month, of several beyond it; and the day on which a recording was watched."""
    one = public(until=date(2026, 3, 3), viewed=date(2026, 4, 5))

    assert page.days(public()) == "1 March 2026"
    assert page.days(one) == "1 to 3 March 2026"
    assert page.days(replace(one, until=date(2026, 4, 1))) == "1 March 2026 to 1 April 2026"
    assert "recording watched on 5 April 2026" in shown(built(one))


def test_an_address_says_where_it_leads():
    """Without what every address has, readable, and not endless."""
    assert traces.label("https://www.alt.ac.uk/events/") == "alt.ac.uk/events"
    assert len(traces.label("https://a.example/" + "x" * 400)) == 48


def test_the_page_builds_with_it(tmp_path):
    """The record stands on the built page: tables, drawing and qualifications."""
    portfolio = built(public(type="event"), public("c2", type="qualification", title="PG Cert", provider="Northshire"))

    document = pages.render(portfolio, Bytes(tmp_path).path, tmp_path / "build").release.document

    assert "CPD in 2026: 2 activities" in document
    assert "<svg" in document
    assert "Northshire, 1 March 2026" in document


# --- qualifications -------------------------------------------------------------------------------------------------


def test_qualifications_are_listed_newest_first():
    """Title, who gave it and when; other entries, planned and private ones are not among them."""
    (panel,) = built(
        public("c1", "2020-06-30", "First", type="qualification", provider="A"),
        public("c2", "2024-06-30", "Second", type="Qualification"),
        public("c3", "2025-06-30", "Ahead", type="qualification", status="planned"),
        public("c4", title="Webinar", type="webinar"),
        activity("c5", title="Hidden", type="qualification"),
    ).panels

    html = BeautifulSoup(panel.html, "html.parser")

    assert [h.get_text() for h in html.find_all("h3")] == ["Second", "First"]
    assert [p.get_text() for p in html.find_all("p")] == ["30 June 2024", "A, 30 June 2020"]


def test_without_qualifications_there_is_no_heading():
    """Nothing to say is no heading."""
    assert built(public()).panels == ()


def test_a_certificate_is_a_small_picture(tmp_path):
    """It goes out as a small copy without its original; a badge is shown with its alt text; a post is a link."""
    files = Bytes(tmp_path)
    scan = item(1, "Scan", kind="media", files=(files.add("scan.png", picture(2000, 1400)),))
    badge = item(2, "Badge", kind="badge", files=(files.add("badge.png", picture(colour="#333333"), alt="Gold star"),))
    post = item(3, "How it went")
    one = public(type="qualification", title="PG Cert", evidence=(scan.id, badge.id, post.id))

    portfolio = built(one, entries=[scan, badge, post])
    release = pages.render(portfolio, files.path, tmp_path / "build").release
    html = BeautifulSoup(release.document, "html.parser").find(id="kf-panel-qualifications").parent

    first, second = html.find_all("img")
    assert portfolio.pictures[scan.id].certificate
    assert (int(first["width"]) <= 900, first["alt"], second["alt"]) == (True, "Picture: Scan", "Gold star")
    assert scan.entry.files[0].sha256 not in {upload.sha256 for upload in release.uploads}
    assert scan.entry.files[0].url not in release.document
    assert html.find("a", string="How it went")["href"] == post.entry.url


def test_a_certificate_that_is_closed_is_not_shown(tmp_path):
    """Neither its picture nor its title."""
    scan = item(1, "Scan", kind="media", visibility=PRIVATE, files=(Bytes(tmp_path).add("scan.png", picture()),))

    (panel,) = built(public(type="qualification", title="PG Cert", evidence=(scan.id,)), entries=[scan]).panels

    assert "PG Cert" in panel.html
    assert "Scan" not in panel.html
    assert "<img" not in panel.html


def test_the_record_leads_to_no_whole_certificate(tmp_path):
    """Where an entry of the record has a certificate as evidence, nothing leads to its original."""
    scan = item(1, "Certificate", kind="media", files=(Bytes(tmp_path).add("certificate.png", picture()),))

    portfolio = built(public(type="training", evidence=(scan.id,)), entries=[scan])

    assert "Certificate" in record_of(portfolio).get_text()
    assert record_of(portfolio).find("a") is None
    assert [figure.certificate for one in section(portfolio).evidence for figure in one.figures] == [True]


@pytest.mark.parametrize(("edition", "stands"), [(PRIVATE, True), (ASSESSOR, False), (PUBLIC, False)])
def test_a_line_with_the_title_of_a_closed_post_is_closed(edition, stands):
    """Opened among many, a line that was made of a private post does not tell its title; a line in other words may."""
    closed = item(5, title="Appraisal notes", visibility=PRIVATE)
    lines = (
        public("c1", title="Appraisal notes", evidence=(closed.id,)),
        public("c2", "2026-03-02", "A talk with my manager", evidence=(closed.id,)),
    )

    said = shown(built(*lines, edition=edition, entries=(closed,)))

    assert ("Appraisal notes" in said) is stands
    assert "A talk with my manager" in said


def test_a_picture_of_the_record_stands_in_its_theme_alone(tmp_path):
    """Evidence that a theme shows in full is a line in the record; what no theme shows is seen there."""
    held = Bytes(tmp_path)
    files = [held.add(f"{n}.png", picture(colour=c), alt="Bars") for n, c in ((1, "red"), (2, "blue"))]
    media = [item(n, kind="media", url="", files=(file,), visibility=ASSESSOR) for n, file in enumerate(files)]
    record = page.Record((public(evidence=tuple(one.id for one in media)),), (None, None), ALL_FIELDS)

    def made(section, edition):
        (whole,) = page.make(record)(section, edition)
        theme = replace(whole, id="theme", within=whole.id, parts=(), evidence=whole.evidence[:1])
        return whole, theme

    portfolio = assembled(media, context(), ASSESSOR, making={"context": made})

    assert [[len(i.figures) for i in s.evidence] for s in portfolio.sections if s.evidence] == [[0, 1], [1]]
