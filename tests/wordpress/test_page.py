"""The portfolio as a page on a real WordPress: written once, changed in place, never over somebody's words."""

from __future__ import annotations

import hashlib

import pytest

from archive.errors import NeedsOwner
from bridge.publish import execute, refused
from connectors.contract import Action, SourceRefused, TargetChanged, TargetRefused
from connectors.wordpress import identity
from tests.publish.samples import BYTES, MINUTES, NOTES, PICTURE, PNG, Publisher, read, release, upload
from tests.servers.site import remove, start
from tests.wordpress.publishing import api, edit, empty, methods, new_slug, publisher, raw, status, stranger

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def nothing_of_others(empty_wordpress):
    """Files are known by their bytes, and words are searched for: what an earlier test left would be found."""
    yield
    empty(empty_wordpress)


def test_publishing_twice_plans_nothing(empty_wordpress, tmp_path):
    """The page is there with its files; the second plan is empty."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release())
    text = raw(empty_wordpress, site)
    assert site.agreed[PICTURE.name].url in text
    assert "keepfolio:kf-" not in text
    assert site.plan(release()).actions == ()


def test_five_publishes_leave_one_page_and_one_copy_of_each_file(empty_wordpress, tmp_path):
    """Each change goes into the same page; files that did not change are not sent again."""
    site = publisher(empty_wordpress, tmp_path)
    before = api(empty_wordpress, "media", per_page=100).headers["X-WP-Total"]
    for number in range(5):
        site.publish(release(f"Version {number}."))
    pages = api(empty_wordpress, "pages", search=site.target._slug, status="any", per_page=100).json()
    assert len(pages) == 1
    assert "Version 4." in raw(empty_wordpress, site)
    site.withdraw()
    assert api(empty_wordpress, "media", per_page=100).headers["X-WP-Total"] == before


def test_a_plan_sends_only_get_and_head(empty_wordpress, tmp_path):
    """Looking changes nothing: the server's own log says so, for a new page, a changed one and a withdrawal."""
    site = publisher(empty_wordpress, tmp_path)
    with methods(empty_wordpress) as seen:
        site.plan(release())
        list(site.target.check())
    assert set(seen) <= {"GET", "HEAD"}
    assert seen
    site.publish(release())
    with methods(empty_wordpress) as seen:
        site.plan(release("Other."))
        list(site.target.check())
    assert set(seen) <= {"GET", "HEAD"}


def test_an_edit_by_hand_is_a_conflict_and_each_answer_works(empty_wordpress, tmp_path):
    """Nothing is sent until the owner says whose words stay."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release())
    edit(empty_wordpress, site, content="<!-- wp:paragraph -->\n<p>My own words</p>\n<!-- /wp:paragraph -->")
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release("New."))
    assert stop.value.code == "edited"
    assert "My own words" in raw(empty_wordpress, site)

    plan, observed = site.look(release("New."), keep="theirs")
    assert "My own words" in observed["page"].text
    site.execute(plan, release("New."))
    assert "My own words" in raw(empty_wordpress, site)
    assert site.plan(release("New.")).actions == ()

    edit(empty_wordpress, site, content="<p>Again mine</p>")
    site.publish(release("New."), keep="ours")
    assert "New." in raw(empty_wordpress, site)
    assert "Again mine" not in raw(empty_wordpress, site)


def test_a_page_that_is_not_ours_is_never_written_to(empty_wordpress, tmp_path):
    """Whatever the owner answers: a page at the slug without our mark stays as it is."""
    slug = new_slug()
    made = api(
        empty_wordpress, "pages", method="POST", title="Shop", content="<p>Shop</p>", slug=slug, status="publish"
    ).json()
    for keep in ("", "theirs", "ours"):
        with pytest.raises(NeedsOwner) as stop:
            publisher(empty_wordpress, tmp_path, slug).publish(release(), keep=keep)
        assert stop.value.code == "not-ours"
    now = api(empty_wordpress, f"pages/{made['id']}", context="edit").json()
    assert now["content"]["raw"] == "<p>Shop</p>"
    assert now["modified"] == made["modified"]
    findings = [f.code for f in publisher(empty_wordpress, tmp_path, slug).target.check()]
    assert "not-ours" in findings


def test_the_page_of_another_portfolio_is_not_ours(empty_wordpress, tmp_path):
    """The mark says which portfolio: two people on one site do not write over each other."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    other = publisher(empty_wordpress, tmp_path, site.target._path)
    with pytest.raises(NeedsOwner) as stop:
        other.publish(release(uploads=(), portfolio="11111111-2222-3333-4444-555555555555"))
    assert stop.value.code == "not-ours"


def test_a_binned_or_deleted_page_is_not_made_again_unasked(empty_wordpress, tmp_path):
    """Taking the page away on the site is the owner's choice; putting it back is another."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    number = site.agreed["page"].native_id
    api(empty_wordpress, f"pages/{number}", method="DELETE")
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release("New.", uploads=()))
    assert stop.value.code == "deleted"
    assert status(empty_wordpress, site) == "trash"
    site.publish(release("New.", uploads=()), keep="ours")
    assert status(empty_wordpress, site) == "draft"
    api(empty_wordpress, f"pages/{number}", method="DELETE", force=True)
    with pytest.raises(NeedsOwner):
        site.publish(release("Newer.", uploads=()))
    site.publish(release("Newer.", uploads=()), keep="ours")
    assert site.agreed["page"].native_id != number
    assert "Newer." in raw(empty_wordpress, site)


def test_a_draft_stays_a_draft_and_a_live_page_live(empty_wordpress, tmp_path):
    """``status`` is for a new page alone."""
    draft = publisher(empty_wordpress, tmp_path)
    draft.publish(release(uploads=()))
    draft.publish(release("Two.", uploads=()))
    assert status(empty_wordpress, draft) == "draft"
    edit(empty_wordpress, draft, status="publish")
    draft.publish(release("Three.", uploads=()))
    assert status(empty_wordpress, draft) == "publish"
    live = publisher(empty_wordpress, tmp_path, status="publish")
    live.publish(release(uploads=()))
    edit(empty_wordpress, live, status="private")
    live.publish(release("Two.", uploads=()))
    assert status(empty_wordpress, live) == "private"


def test_a_stale_plan_is_not_carried_out(empty_wordpress, tmp_path):
    """What was agreed to is done, or nothing."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    plan = site.plan(release("New.", uploads=()))
    edit(empty_wordpress, site, content="<p>Meanwhile</p>")
    with pytest.raises(NeedsOwner) as stop:
        site.execute(plan, release("New.", uploads=()))
    assert stop.value.code == "stale-plan"
    with pytest.raises(NeedsOwner):
        site.execute(site.plan(release("New.", uploads=()), keep="ours"), release("Other.", uploads=()))
    assert raw(empty_wordpress, site) == "<p>Meanwhile</p>"


def test_the_page_is_read_again_just_before_it_is_written(empty_wordpress, tmp_path):
    """WordPress has no conditional write: the base of the action is compared in the last moment."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    base = site.agreed["page"].returned
    edit(empty_wordpress, site, content="<p>Just now</p>")
    page = site.target.shape(release("New.", uploads=()))[0]
    with pytest.raises(TargetChanged):
        site.target.execute(Action("update", page, "x", base), site.agreed, read)
    assert raw(empty_wordpress, site) == "<p>Just now</p>"


def test_lost_records_are_found_again(empty_wordpress, tmp_path):
    """Without any receipt the page is known by its mark and the files by their names; nothing is sent twice."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release())
    again = Publisher(site.target)
    plan = again.publish(release())
    assert [(step.do, step.kind) for step in plan.actions] == [("update", "page")]
    assert plan.becomes_public == ()
    assert {n: r.native_id for n, r in again.agreed.items()} == {n: r.native_id for n, r in site.agreed.items()}
    assert again.plan(release()).actions == ()


def test_a_page_moved_to_another_address_is_found_by_its_mark(empty_wordpress, tmp_path):
    """The slug is only the first search."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    edit(empty_wordpress, site, slug=new_slug())
    again = Publisher(site.target)
    again.publish(release("New.", uploads=()))
    assert again.agreed["page"].native_id == site.agreed["page"].native_id


def test_an_edited_page_without_record_is_still_the_owners_decision(empty_wordpress, tmp_path):
    """The mark carries the digest of the text: an edit shows although the receipt is gone."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    edit(empty_wordpress, site, content=raw(empty_wordpress, site).replace("I chose", "We chose"))
    with pytest.raises(NeedsOwner) as stop:
        Publisher(site.target).publish(release("New.", uploads=()))
    assert stop.value.code == "edited"


def test_a_failure_half_way_is_continued(empty_wordpress, tmp_path):
    """After the first file something breaks: its receipt stands, the page is not half there, the next plan goes on."""
    site = publisher(empty_wordpress, tmp_path)

    def broken(digest):
        if digest == MINUTES.sha256:
            raise OSError("disk")
        return read(digest)

    with pytest.raises(OSError):
        execute(site.plan(release()), release(), site.target, {}, broken, site._sealed, approved=True)
    assert set(site.agreed) == {PICTURE.name}
    plan = site.publish(release())
    assert [step.what for step in plan.actions] == [MINUTES.name, "page"]
    assert site.plan(release()).actions == ()


def test_a_file_that_is_not_shown_any_more_is_deleted_on_the_site(empty_wordpress, tmp_path):
    """Its address answers nobody; the other file's does."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release())
    gone = site.agreed[MINUTES.name]
    site.publish(release(uploads=(PICTURE,)))
    assert api(empty_wordpress, f"media/{gone.native_id}").status_code == 404
    assert api(empty_wordpress, f"media/{site.agreed[PICTURE.name].native_id}").ok


def test_a_file_that_another_target_shows_stays(empty_wordpress, tmp_path):
    """Two pages of one owner share an upload: withdrawing one leaves the other whole."""
    one = publisher(empty_wordpress, tmp_path)
    one.publish(release())
    two = publisher(empty_wordpress, tmp_path)
    two.publish(release())
    assert two.agreed[PICTURE.name].native_id == one.agreed[PICTURE.name].native_id
    number = one.agreed[PICTURE.name].native_id
    one.withdraw(shared={r.url for r in two.agreed.values()})
    assert api(empty_wordpress, f"media/{number}").ok
    two.withdraw()
    assert api(empty_wordpress, f"media/{number}").status_code == 404


def test_only_the_part_between_our_marks_is_ours_with_prose_on_the_site(empty_wordpress, tmp_path):
    """The owner writes around it; edits there are no conflict, and are kept."""
    slug = new_slug()
    mine = (
        "<!-- wp:paragraph -->\n<p>My introduction</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:html -->\n"
        "<!-- keepfolio:begin -->\n<!-- keepfolio:end -->\n<!-- /wp:html -->\n\n"
        "<!-- wp:paragraph -->\n<p>My last word</p>\n<!-- /wp:paragraph -->"
    )
    api(empty_wordpress, "pages", method="POST", title="Me", content=mine, slug=slug, status="draft")
    site = publisher(empty_wordpress, tmp_path, slug, prose="site")
    site.publish(release())
    text = raw(empty_wordpress, site)
    assert text.startswith("<!-- wp:paragraph -->\n<p>My introduction</p>")
    assert text.endswith("<p>My last word</p>\n<!-- /wp:paragraph -->")
    assert "I chose Moodle." in text
    edit(empty_wordpress, site, content=text.replace("My introduction", "My better introduction"), title="Still me")
    assert site.plan(release()).actions == ()
    site.publish(release("I chose Mahara.", title="Never mind"))
    text = raw(empty_wordpress, site)
    assert "My better introduction" in text
    assert "I chose Mahara." in text
    assert "I chose Moodle." not in text
    edit(empty_wordpress, site, content=text.replace("I chose Mahara.", "They chose."))
    with pytest.raises(NeedsOwner):
        site.publish(release("I chose Moodle again."))


def test_a_page_that_keepfolio_began_is_the_owners_to_write_around(empty_wordpress, tmp_path):
    """The other way to begin: the first publish makes the page; words above and below it are no conflict and stay."""
    site = publisher(empty_wordpress, tmp_path, prose="site")
    site.publish(release(uploads=()))
    text = raw(empty_wordpress, site)
    above, below = (f"<!-- wp:paragraph -->\n<p>{words}</p>\n<!-- /wp:paragraph -->" for words in ("Above", "Below"))
    edit(empty_wordpress, site, content=f"{above}\n\n{text}\n\n{below}")
    assert site.plan(release(uploads=())).actions == ()
    site.publish(release("New words.", uploads=()))
    text = raw(empty_wordpress, site)
    assert text.startswith(above)
    assert text.endswith(below)
    assert "New words." in text
    assert identity.is_ours(text)  # harvested, it is a release: what keepfolio wrote is no evidence for itself


def test_marks_as_the_editor_keeps_them_are_an_invitation(empty_wordpress, tmp_path):
    """Each mark in a Custom HTML block of its own, nothing between: ours to fill; without them it is not."""
    block = "<!-- wp:html -->\n<!-- keepfolio:{} -->\n<!-- /wp:html -->"
    mine = f"<p>Mine</p>\n\n{block.format('begin')}\n\n{block.format('end')}"
    slugs = {content: new_slug() for content in (mine, "<p>Mine</p>")}
    for content, slug in slugs.items():
        api(empty_wordpress, "pages", method="POST", title="Me", content=content, slug=slug, status="draft")
    site = publisher(empty_wordpress, tmp_path, slugs[mine], prose="site")
    site.publish(release(uploads=()))
    assert raw(empty_wordpress, site).startswith("<p>Mine</p>\n\n<!-- wp:html -->\n<!-- keepfolio:begin v1")
    assert site.plan(release(uploads=())).actions == ()
    other = "11111111-2222-3333-4444-555555555555"
    with pytest.raises(NeedsOwner) as stop:
        publisher(empty_wordpress, tmp_path, slugs["<p>Mine</p>"], prose="site").publish(
            release(uploads=(), portfolio=other)
        )
    assert stop.value.code == "not-ours"


def test_prose_on_the_site_survives_the_loss_of_our_marks(empty_wordpress, tmp_path):
    """A person deleted our part: putting ours adds it again below their words; torn marks stop everything."""
    slug = new_slug()
    mine = "<!-- wp:paragraph -->\n<p>My introduction</p>\n<!-- /wp:paragraph -->"
    marks = "<!-- keepfolio:begin -->\n<!-- keepfolio:end -->"
    api(empty_wordpress, "pages", method="POST", title="Me", content=f"{mine}\n{marks}", slug=slug, status="draft")
    site = publisher(empty_wordpress, tmp_path, slug, prose="site")
    site.publish(release(uploads=()))
    edit(empty_wordpress, site, content=mine)
    with pytest.raises(NeedsOwner):
        site.publish(release("New.", uploads=()))
    site.publish(release("New.", uploads=()), keep="ours")
    text = raw(empty_wordpress, site)
    assert text.startswith(mine)
    assert "New." in text
    torn = text.replace("<!-- keepfolio:end -->", "")
    edit(empty_wordpress, site, content=torn)
    with pytest.raises(TargetRefused) as stop:
        site.publish(release("Newer.", uploads=()), keep="ours")
    assert stop.value.code == "marks-torn"
    assert raw(empty_wordpress, site) == torn


def test_the_owners_title_stays(empty_wordpress, tmp_path):
    """A title is carried while nobody chose another on the site."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    site.publish(release(uploads=(), title="CMALT & more"))
    number = site.agreed["page"].native_id
    assert api(empty_wordpress, f"pages/{number}", context="edit").json()["title"]["raw"] == "CMALT & more"
    edit(empty_wordpress, site, title="By hand")
    site.publish(release("New.", uploads=(), title="Portfolio 2"))
    assert api(empty_wordpress, f"pages/{number}", context="edit").json()["title"]["raw"] == "By hand"


def test_plain_permalinks(tmp_path):
    """The REST interface stands in the query there; everything works, the deletion of files too."""
    plain = start(PERMALINKS="plain")
    try:
        site = publisher(plain, tmp_path)
        site.publish(release())
        assert site.plan(release()).actions == ()
        address = site.agreed[PICTURE.name].url
        assert stranger(address).content == PNG
        site.withdraw()
        assert stranger(address).content != PNG  # such a site gives its front page for every address
    finally:
        remove(plain)


def test_a_page_below_another(empty_wordpress, tmp_path):
    """``parent`` is found, and the page is made under it; a missing parent is named."""
    parent = new_slug()
    above = api(empty_wordpress, "pages", method="POST", title="P", slug=parent, status="publish").json()["id"]
    site = publisher(empty_wordpress, tmp_path, "cmalt", parent=parent)
    site.publish(release(uploads=()))
    made = api(empty_wordpress, f"pages/{site.agreed['page'].native_id}", context="edit").json()
    assert (made["parent"], made["slug"]) == (above, "cmalt")
    with pytest.raises(TargetRefused) as stop:
        publisher(empty_wordpress, tmp_path, "cmalt", parent=new_slug()).publish(release(uploads=()))
    assert stop.value.code == "no-parent"


def test_a_refused_type_goes_up_as_text_or_packed_and_is_offered_once(empty_wordpress, tmp_path):
    """WordPress refuses Markdown and JSON with a 500: each arrives in a form that it takes, and only once."""
    markdown = upload(NOTES, "notes.md", "text/markdown")
    fits = upload(PNG, "data.json", "application/json")  # bytes that are no text either: only a zip is left
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=(markdown, fits)))
    assert site.agreed[markdown.name].url.endswith("-notes-md.txt")
    assert site.agreed[fits.name].url.endswith("-data-json.zip")
    assert site.plan(release(uploads=(markdown, fits))).actions == ()


def test_a_picture_that_the_site_refuses_is_named_and_not_linked(empty_wordpress, tmp_path, monkeypatch):
    """Nothing broken on the page, no second try in the next run, and the words are there."""
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    drawing = upload(svg, "drawing.svg", "image/svg+xml", alt="My drawing")
    site = publisher(empty_wordpress, tmp_path)
    monkeypatch.setitem(BYTES, drawing.sha256, svg)
    site.publish(release(uploads=(drawing,)))
    text = raw(empty_wordpress, site)
    assert "My drawing (this site takes no pictures of this type)" in text
    assert "<img" not in text
    assert "not allowed" in refused(site.agreed.values())[drawing.name]
    assert site.plan(release(uploads=(drawing,))).actions == ()


def test_a_wrong_password_is_never_taken_for_an_empty_site(empty_wordpress, tmp_path):
    """WordPress answers a wrong password as it answers a stranger, who sees no drafts: that stops everything."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release(uploads=()))
    site.target._desk.__dict__.pop("me")
    site.target._desk._auth = ("admin", "wrong wrong wrong")
    with pytest.raises(SourceRefused) as stop:
        site.plan(release(uploads=()))
    assert stop.value.code == "not-logged-in"
    assert "keepfolio login" in stop.value.mend


@pytest.mark.parametrize("role", ["author", "contributor"])
def test_an_account_that_may_not_write_pages_is_told_what_to_do(empty_wordpress, tmp_path, role):
    """Nothing is sent but the one refused request; check knows it before."""
    site = publisher(empty_wordpress, tmp_path, role=role)
    with pytest.raises(TargetRefused) as stop:
        site.publish(release(uploads=()))
    assert stop.value.code == "may-not-write"
    assert "--paste" in stop.value.mend
    assert "may-not-write" in [f.code for f in site.target.check()]


def test_an_editor_may(empty_wordpress, tmp_path):
    """The role that is enough: check says so, and the page arrives."""
    site = publisher(empty_wordpress, tmp_path, role="editor")
    assert {f.severity for f in site.target.check()} == {"ok"}
    site.publish(release())
    assert site.plan(release()).actions == ()
    assert [f.code for f in site.target.check()] == ["login", "page"]


def test_check_names_a_file_that_has_the_pages_address(empty_wordpress, tmp_path):
    """Attachments own slugs: the page would get another address."""
    slug = new_slug()
    body = {"slug": slug, "title": slug}
    made = publisher(empty_wordpress, tmp_path, slug)
    made.target._desk.upload(read(PICTURE.sha256), f"{slug}.png", hashlib.md5(PNG).hexdigest(), body)
    assert "slug-taken" in [f.code for f in made.target.check()]
