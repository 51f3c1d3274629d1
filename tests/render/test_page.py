"""The page as text: regular elements, no hidden guidance, the same bytes each time."""

import hashlib
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.render.page import render, upload_name
from tests.portfolio import jane
from tests.portfolio.samples import Bytes, assembled, item, picture

ALLOWED = {
    *("section", "nav", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "a", "span", "br", "strong", "em", "hr"),
    *(
        "figure",
        "img",
        "figcaption",
        "blockquote",
        "pre",
        "code",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "s",
    ),
}


@pytest.fixture
def held(tmp_path):
    """The archive's files."""
    (tmp_path / "files").mkdir()
    return Bytes(tmp_path / "files")


@pytest.fixture
def built(tmp_path, held):
    """Jane's public page."""
    return render(jane.portfolio(tmp_path / "portfolio", held), held.path, tmp_path / "build")


def soup(built):
    return BeautifulSoup(built.release.fragment, "lxml")


def one_item(held_item, held, tmp_path, **cited):
    narrative = Narrative(
        "1a",
        ready=True,
        visibility=Visibility.PUBLIC,
        evidence=(Cited(held_item.id, **cited),),
        passages=(Passage("description", "Description", "Words."),),
    )
    return render(assembled([held_item], {"1a": narrative}), held.path, tmp_path / "build")


def test_the_fragment_is_made_of_few_elements(built):
    """Targets make blocks of it: no script, style, heading one, nor anything unforeseen."""
    found = {tag.name for tag in soup(built).find("body").find_all(True)}

    assert found <= ALLOWED
    assert all(c.startswith("kf-") for tag in soup(built).find_all(class_=True) for c in tag["class"])
    assert not soup(built).find_all(style=True)


def test_guidance_for_the_owner_is_in_no_output(built):
    """Comments of section files and prompts reach neither text."""
    for text in (built.release.fragment, built.release.document):
        assert "Guidance that nobody else reads" not in text
        assert "<!--" not in text
        assert "Which technologies did you weigh" not in text


def test_each_section_has_a_way_back_with_its_own_name(built):
    """One back link after each section; their names differ."""
    links = [a.get_text() for a in soup(built).select(".kf-back a")]
    sections = soup(built).select("section:not(.kf-group)")

    assert len(links) == len(set(links)) == len(sections)


def test_contents_name_every_section(built):
    """Each section's heading is in the contents, under its own words, and every entry leads to one."""
    named = {a["href"]: a.get_text() for a in soup(built).select("nav a")}
    headings = {
        f"#{s['aria-labelledby']}": s.find(id=s["aria-labelledby"]).get_text() for s in soup(built).select("section")
    }

    assert named == headings


def test_the_same_portfolio_gives_the_same_release(tmp_path, held):
    """Built twice, with and without cache, the release is the same to the last byte; there is no date of building."""
    portfolio = jane.portfolio(tmp_path / "portfolio", held)

    one = render(portfolio, held.path, tmp_path / "one")
    two = render(portfolio, held.path, tmp_path / "two")

    assert one.release == two.release
    assert render(portfolio, held.path, tmp_path / "one").release == one.release


def test_the_release_has_an_id_of_its_content(tmp_path, held):
    """Another title is another release."""
    portfolio = jane.portfolio(tmp_path / "portfolio", held)

    one = render(portfolio, held.path, tmp_path / "b").release
    two = render(replace(portfolio, title="Other"), held.path, tmp_path / "b").release

    assert one.id != two.id


def test_uploads_are_named_by_their_bytes(built):
    """Each upload's name begins with its digest, is plain ASCII, and its bytes are those named."""
    assert built.release.uploads
    for upload in built.release.uploads:
        assert re.fullmatch(rf"kf-{upload.sha256[:8]}-[a-z0-9-]+\.[a-z0-9]+", upload.name)
        data = built.files[upload.sha256].read_bytes()
        assert hashlib.sha256(data).hexdigest() == upload.sha256
        assert len(data) == upload.size


def test_every_upload_is_on_the_page_and_the_other_way_round(built):
    """The page names all uploads and no others; the item that each belongs to is known."""
    named = set(re.findall(r"keepfolio:([^\"]+)", built.release.fragment))

    assert named == {upload.name for upload in built.release.uploads}
    assert all(upload.evidence.startswith("urn:uuid:") for upload in built.release.uploads)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("Übersicht für 2024.PDF", "kf-01234567-ubersicht-fur-2024.pdf"),
        ("../../etc/passwd", "kf-01234567-passwd.pdf"),
        ("证书.pdf", "kf-01234567-file.pdf"),
        ("a" * 200, "kf-01234567-" + "a" * 60 + ".pdf"),
        ("C:\\x\\y z.pdf", "kf-01234567-y-z.pdf"),
    ],
)
def test_any_file_name_becomes_a_plain_one(name, result):
    """Names are lower case, ASCII and short, whatever the source called the file."""
    assert upload_name("0123456789abcdef", name, "pdf") == result


def test_pictures_say_what_they_show(built):
    """Each picture has a description that is no file name, and its size."""
    for image in soup(built).select("img"):
        assert image["alt"]
        assert not re.search(r"\.(png|jpe?g|webp|gif)$", image["alt"], re.IGNORECASE)
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0


def test_a_file_name_as_description_is_replaced_by_the_caption(tmp_path, held):
    """``IMG_1.png`` describes nothing: the caption does."""
    file = held.add("IMG_1.png", picture(40, 30), alt="IMG_1.png", media_type="image/png")

    built = one_item(item(1, "The workshop", kind="media", files=(file,)), held, tmp_path)

    assert soup(built).find("img")["alt"] == "The workshop"


def test_captions_credit_maker_and_licence(tmp_path, held):
    """Maker and licence stand below the picture and in the credits."""
    file = held.add("a.png", picture(40, 30), media_type="image/png", credit="Lou Stringer", licence="CC BY 4.0")

    built = one_item(item(1, kind="media", files=(file,)), held, tmp_path)

    assert "Picture: Lou Stringer, CC BY 4.0" in soup(built).find("figcaption").get_text()
    assert "Lou Stringer" in soup(built).find(id="kf-credits").parent.get_text()


def test_a_broken_picture_is_no_figure(tmp_path, held):
    """A picture that can't be reduced is named, and its original never goes up: it may say where it was taken."""
    file = held.add("broken.png", b"not a picture", media_type="image/png")

    built = one_item(item(1, kind="media", files=(file,), visibility=Visibility.PUBLIC), held, tmp_path)

    assert not soup(built).find("img")
    assert "broken.png" in built.release.fragment
    assert built.release.uploads == ()


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "run.js", "macro.docm", "noending"])
def test_files_that_a_browser_might_run_are_not_brought_along(tmp_path, held, name):
    """They are named, and stay in the archive."""
    file = held.add(name, b"<script>alert(1)</script>", url="https://uni.example/x")
    narrative = Narrative("1a", ready=True, visibility=Visibility.PUBLIC, evidence=(Cited(item(1).id),))
    foreign = item(1, kind="media", files=(file,))

    built = render(
        assembled([foreign], {"1a": narrative}, own_hosts=frozenset({"blog.example"})), held.path, tmp_path / "b"
    )

    assert built.release.uploads == ()
    assert name in soup(built).get_text()


def test_files_that_are_brought_along_say_type_size_and_origin(tmp_path, held):
    """A link to a file names its type and size; where it was is kept beside it."""
    file = held.add("Minutes.pdf", b"%PDF" * 1000, media_type="application/pdf", url="https://uni.example/m")
    foreign = item(1, kind="media", files=(file,), visibility=Visibility.PRIVATE)
    narrative = Narrative("1a", ready=True, visibility=Visibility.PUBLIC, evidence=(Cited(foreign.id),))

    built = render(
        assembled([foreign], {"1a": narrative}, marks={foreign.id: Visibility.PUBLIC}), held.path, tmp_path / "b"
    )

    link = soup(built).select_one(".kf-file a")
    assert link.get_text() == "Minutes.pdf (PDF, 4 kB)"
    assert link["data-originalurl"] == "https://uni.example/m"


def test_titles_are_text(tmp_path, held):
    """A title with mark-up in it is shown as it is written."""
    built = one_item(item(1, "<script>alert(1)</script> & more"), held, tmp_path, why='"quoted" <b>')

    assert "<script>" not in built.release.document
    assert "<script>alert(1)</script> & more" in soup(built).get_text()


def test_code_keeps_its_lines(tmp_path, held):
    """Indents and blank lines of a code block stay."""
    narrative = Narrative(
        "context", ready=True, visibility=Visibility.PUBLIC, passages=(Passage("", "", "```\na\n\n    b\n```"),)
    )

    built = render(assembled([], {"context": narrative}), held.path, tmp_path / "b")

    assert "<pre><code>a\n\n    b\n</code></pre>" in built.release.fragment


def test_the_owners_draft_is_marked_as_one(tmp_path, held):
    """The private edition says so at its top and marks what is missing; others don't."""
    draft = render(assembled([], {}, Visibility.PRIVATE), held.path, tmp_path / "b").release

    assert "Your own draft" in draft.document
    assert draft.fragment.count("Nothing written yet") >= 12
    assert draft.edition == "private"


def test_the_page_speaks_its_language(built):
    """The document names its language, has one heading of level one and a title."""
    document = BeautifulSoup(built.release.document, "lxml")

    assert document.html["lang"] == "en-GB"
    assert [h.get_text() for h in document.find_all("h1")] == ["Jane Example: CMALT portfolio"]
    assert document.title.get_text() == "Jane Example: CMALT portfolio"


def test_the_owners_draft_says_who_sees_what(tmp_path, held):
    """Private evidence and sections that are not ready are marked in the draft, and the marks go nowhere else."""
    hidden, shown = item(1, visibility=Visibility.PRIVATE), item(2)
    evidence = (Cited(hidden.id), Cited(shown.id))
    narrative = Narrative("1a", evidence=evidence, visibility=Visibility.PUBLIC)

    draft = assembled([hidden, shown], {"1a": narrative}, Visibility.PRIVATE)
    public = assembled([hidden, shown], {"1a": replace(narrative, ready=True)})

    text = render(draft, held.path, tmp_path / "b").release.fragment
    assert text.count("only you") == 1
    assert "Not ready" in text
    text = render(public, held.path, tmp_path / "b").release.fragment
    assert "only you" not in text
    assert "Not ready" not in text


def test_another_language_is_marked_on_the_page(tmp_path, held):
    """Title and text of a German entry carry their language."""
    german = item(1, "Über Fragen", language="de", visibility=Visibility.PRIVATE, content_html="<p>Ich frage.</p>")
    narrative = Narrative("1a", ready=True, visibility=Visibility.PUBLIC, evidence=(Cited(german.id),))

    page = assembled([german], {"1a": narrative}, marks={german.id: Visibility.PUBLIC})

    built = render(page, held.path, tmp_path / "b")
    assert [(tag.name, tag.get_text().strip()) for tag in soup(built).find_all(lang="de")] == [
        ("span", "Über Fragen"),
        ("h3", "Über Fragen"),
        ("div", "Ich frage."),
    ]
