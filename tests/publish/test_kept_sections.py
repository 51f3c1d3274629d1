"""A section that is being written anew keeps the words of its last release; what became private is not among them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.entry import Entry, MediaFile, Visibility
from bridge import publishing, releases
from bridge.building import gates
from tests.portfolio.samples import picture
from tests.publish.folder import Folder

POST = Entry(
    keys=("guid:https://blog.example.org/?p=1",),
    kind="post",
    native_id="1",
    title="Choosing with students",
    url="https://blog.example.org/choosing/",
    status="publish",
    visibility=Visibility.PUBLIC,
)
CHART = Entry(
    keys=("guid:https://blog.example.org/?attachment_id=2",),
    kind="media",
    native_id="2",
    title="The chart",
    url="https://blog.example.org/the-chart/",
    status="inherit",
    visibility=Visibility.PUBLIC,
    files=(
        MediaFile(
            name="chart.png",
            credit="Jane Example",
            url="https://blog.example.org/wp-content/uploads/chart.png",
            media_type="image/png",
            alt="Seven bars",
        ),
    ),
)
BYTES = {"chart.png": picture(300, 200)}


@pytest.fixture
def jane(tmp_path) -> Folder:
    """Section 1a is live with words, a picture among them, and two pieces of evidence; 1b is live, too."""
    folder = Folder(tmp_path / "jane")
    post, chart = folder.hold(POST, CHART, files=BYTES)
    folder.write("1a", f"First words.\n\n![Seven bars]({chart})\n\nSee [the post]({post}).", evidence=(post, chart))
    folder.write("1b", "Other words.")
    folder.publish()
    return folder


def of_1a(page: str) -> str:
    return page.partition('<h3 id="kf-1a"')[2].partition("</section>")[0]


def test_a_section_that_is_not_ready_any_more_shows_what_was_released(jane):
    """Same words, same picture, same evidence; the new draft is nowhere, and nobody is asked to settle anything."""
    before = of_1a(jane.page)
    jane.write("1a", "Half a new sentence", ready=False)
    jane.write("1b", "Better words.")

    prepared = jane.publish()

    assert "First words." in before
    assert before.count("<img") == 2
    assert of_1a(jane.page) == before
    assert "Better words." in jane.page
    assert "Half a new" not in jane.page
    said = {left.id: left.why for left in prepared.portfolio.left_out}
    assert said["1a"] == "its file does not say ready: true; the page shows the text of the last release"
    assert not [finding for finding in gates(jane.desk(), prepared.portfolio) if finding.section == "1a"]


def test_publishing_it_again_plans_nothing(jane):
    """Kept words are kept by each release for the next one."""
    jane.write("1a", "Half a new sentence", ready=False)
    jane.publish()
    jane.write("1b", "Better words.")
    jane.publish()

    assert "First words." in jane.page
    assert jane.plan().plan.actions == ()


def test_a_section_that_was_never_released_is_left_out(jane):
    """As before: there is nothing to keep, and going live asks for it."""
    jane.write("1c", "A draft.", ready=False)

    prepared = jane.publish()

    assert 'id="kf-1c"' not in jane.page
    assert [f.code for f in gates(jane.desk(), prepared.portfolio) if f.section == "1c"] == ["unready"]


@pytest.mark.parametrize("visibility", ["private", "assessor"])
def test_a_section_that_its_owner_closes_goes(jane, visibility):
    """``visibility`` is how an owner takes a section off the page."""
    jane.write("1a", "Half a new sentence", ready=False, visibility=visibility)

    jane.publish()

    assert 'id="kf-1a"' not in jane.page


def test_what_became_private_since_does_not_come_back(jane):
    """Neither as evidence, nor as a picture or link in the words, nor as a file; the words stay."""
    jane.write("1a", "Half a new sentence", ready=False)
    for entry in (POST, CHART):
        (one,) = jane.hold(replace(entry, visibility=Visibility.PRIVATE), files=BYTES)
        jane.mark(one, "private")

    prepared = jane.publish()

    assert "First words." in of_1a(jane.page)
    assert "See the post." in of_1a(jane.page)
    for secret in (POST.title, POST.url, CHART.title, "chart", "Seven bars"):
        assert secret not in jane.page
    assert not list((jane.root / "site" / "files").glob("*chart*"))
    assert prepared.release.uploads == ()


def test_what_the_file_narrows_is_narrowed_in_the_kept_words_too(jane):
    """A citation that says ``visibility: private`` now counts now."""
    (post,) = jane.hold(POST)
    jane.write("1a", ready=False, evidence=())
    path = jane.root / "portfolio" / "original" / "1a.md"
    path.write_text(path.read_text().replace("evidence: []", f"evidence: [{{entry: '{post}', visibility: private}}]"))

    jane.publish()

    assert POST.title not in of_1a(jane.page)


def test_after_a_withdrawal_nothing_is_kept(jane):
    """Taking the portfolio down ends it: a section that is not ready does not come back with the next page."""
    session = jane.session()
    publishing.carry_out(publishing.prepare_withdrawal(session, "preview"), approved=True)
    session.archive.close()
    jane.write("1a", "Half a new sentence", ready=False)

    jane.publish()

    assert 'id="kf-1a"' not in jane.page
    assert "Other words." in jane.page


def test_a_release_without_its_sections_as_data_keeps_nothing(jane):
    """Releases of an earlier version, and previews without files: the section is left out as before."""
    session = jane.session()
    last = publishing.newest_release(session, "preview")
    bare = replace(last, id="0" * 64)
    releases.seal_release(session.archive, bare, {})
    receipt = releases.receipts(session.archive, "preview")["index.html"]

    assert releases.last_sections(session.archive, ["preview"], last.portfolio, "public")
    assert releases.last_sections(session.archive, ["preview"], last.portfolio, "assessor") == {}
    releases.seal_receipt(
        session.archive, "other", receipt, release=bare.id, at=releases.history(session.archive, "preview")[-1].at
    )
    assert releases.last_sections(session.archive, ["other"], last.portfolio, "public") == {}
    session.archive.close()


def test_a_private_post_chosen_as_text_is_published_with_its_section_and_kept(jane):
    """From front matter to page; and when the post is gone from its site the released words stay."""
    draft = replace(
        POST,
        keys=("guid:https://blog.example.org/?p=3",),
        native_id="3",
        title="Draft of 2a",
        url="https://blog.example.org/?p=3",
        status="private",
        visibility=Visibility.PRIVATE,
        content_html="<h2>Description</h2><p>Written on the blog.</p>",
    )
    (chosen,) = jane.hold(draft)
    jane.write("2a", more=f"narrative: {chosen}\n")
    jane.publish()
    assert "Written on the blog." in jane.page
    assert "Draft of 2a" not in jane.page

    jane.hold(replace(draft, status="trash"))
    jane.publish()
    assert "Written on the blog." in jane.page
