"""Everything that a real WordPress holds for this account arrives, once, and later only what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.journey.owner import Owner, content_of, sha256
from tests.servers import site as servers
from tests.servers.site import Site

pytestmark = pytest.mark.server

UNCHANGED_REQUESTS = 12


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    running = servers.start()
    try:
        running.seed(200, 30)
        yield running
    finally:
        servers.remove(running)


def _utc(value: str) -> str | None:
    return None if value.startswith("0000") else value.replace(" ", "T") + "Z"


def test_all_that_the_database_holds_is_listed_and_a_second_harvest_takes_nothing(
    site: Site, blogger: Callable[..., Owner]
) -> None:
    """Posts, pages, media, blocks, terms, comments: status, dates, tags and digests; nothing twice; then nothing new."""
    owner = blogger(site)

    first = owner.harvest()
    owner.verify()
    entries = owner.entries()
    second = owner.harvest()

    by_number = {(e["kind"], e["native_id"]): e for e in entries}
    assert len(by_number) == len(entries)
    rows = site.sql(
        "select ID, post_type, post_status, post_date_gmt, post_modified_gmt, post_title from wp_posts"
        " where post_type in ('post','page','attachment','wp_block') and post_status not in ('auto-draft','inherit') or post_type='attachment'"
    )
    kinds = {"post": "post", "page": "page", "attachment": "media", "wp_block": "block"}
    wanted = {(kinds[kind], number) for number, kind, *_ in rows}
    assert wanted == {key for key in by_number if key[0] in set(kinds.values())}
    for number, kind, status, date, modified, _title in rows:
        entry = by_number[kinds[kind], number]
        assert entry["status"] == status, entry
        assert entry["published"] == _utc(date), entry
        assert entry["updated"] == _utc(modified), entry
        if status in ("draft", "private", "pending", "future", "trash"):
            assert entry["visibility"] == "private", entry
    _tags_are_right(site, by_number)
    _digests_are_right(site, by_number)
    _comments_are_right(site, by_number)
    assert {k: second[k] for k in ("created", "updated", "deleted")} == {"created": 0, "updated": 0, "deleted": 0}
    assert second["requests"] <= UNCHANGED_REQUESTS
    assert first["missing"] == []
    assert first["failed"] == []


def _tags_are_right(site: Site, by_number: dict) -> None:
    rows = site.sql(
        "select r.object_id, t.name from wp_term_relationships r join wp_term_taxonomy x using (term_taxonomy_id)"
        " join wp_terms t using (term_id) join wp_posts p on p.ID=r.object_id where x.taxonomy='post_tag' and p.post_type='post'"
    )
    tags: dict[str, set[str]] = {}
    for number, name in rows:
        tags.setdefault(number, set()).add(name)
    for number, names in tags.items():
        assert names <= set(by_number["post", number]["tags"])
    terms = site.sql("select count(*) from wp_term_taxonomy where taxonomy in ('post_tag','category')")[0][0]
    held = Counter(kind for kind, _ in by_number)
    assert held["term"] >= int(terms)


def _digests_are_right(site: Site, by_number: dict) -> None:
    rows = site.sql(
        "select p.ID, m.meta_value from wp_posts p join wp_postmeta m on m.post_id=p.ID and m.meta_key='_wp_attached_file'"
    )
    assert rows
    for number, name in rows:
        folder = site.docroot / "wp-content" / "uploads"
        original = folder / name.replace("-scaled.", ".")
        served = original if original.is_file() else folder / name
        assert by_number["media", number]["sha256"] == [sha256(served.read_bytes())], name


def _comments_are_right(site: Site, by_number: dict) -> None:
    rows = site.sql(
        "select c.comment_ID, c.comment_type from wp_comments c join wp_posts p on p.ID=c.comment_post_ID where comment_approved in ('0','1') and p.post_status<>'trash'"
    )
    wanted = {("pingback" if kind == "pingback" else "comment", number) for number, kind in rows}
    assert wanted == {key for key in by_number if key[0] in ("comment", "pingback")}


def test_exactly_what_changed_is_reported(site: Site, blogger: Callable[..., Owner]) -> None:
    """Edit 3, bin 1, purge 1, rename a tag, add a comment, upload a file: exactly those."""
    owner = blogger(site)
    owner.harvest()
    ids = [
        row[0]
        for row in site.sql(
            "select ID from wp_posts where post_type='post' and post_status='publish' order by ID desc limit 5"
        )
    ]

    site.php(
        f"""foreach ([{ids[0]}, {ids[1]}, {ids[2]}] as $id) wp_update_post(['ID' => $id, 'post_content' => 'Edited '.$id]);
        wp_trash_post({ids[3]});
        wp_delete_post({ids[4]}, true);
        $t = get_term_by('slug', 'moodle', 'post_tag'); wp_update_term($t->term_id, 'post_tag', ['name' => 'Moodle renamed']);
        wp_insert_comment(['comment_post_ID' => {ids[0]}, 'comment_author' => 'New', 'comment_author_email' => 'secret@example.org', 'comment_content' => 'Hello', 'comment_approved' => 1]);
        $up = wp_upload_bits('fresh-upload.txt', null, 'A fresh file.'); wp_insert_attachment(['post_title' => 'fresh', 'post_mime_type' => 'text/plain', 'guid' => $up['url'], 'post_status' => 'inherit'], $up['file']);"""
    )
    report = owner.harvest()
    quiet = owner.harvest()

    purged_comments = 0
    assert report["created"] == 2, report  # the comment and the file
    assert report["updated"] == 5, report  # three edits, one in the bin, one renamed tag
    assert report["deleted"] >= 1 + purged_comments, report
    entries = {(e["kind"], e["native_id"]): e for e in owner.entries()}
    assert entries["post", ids[3]]["status"] == "trash"
    assert ("post", ids[4]) not in entries
    assert ("post", ids[4]) in {(e["kind"], e["native_id"]) for e in owner.entries("--deleted")}
    assert any(e["title"] == "Moodle renamed" for e in entries.values() if e["kind"] == "term")
    assert [quiet["created"], quiet["updated"], quiet["deleted"]] == [0, 0, 0]
    owner.verify()


def test_what_must_never_be_kept_is_nowhere_on_disk(site: Site, blogger: Callable[..., Owner]) -> None:
    """Commenters' addresses, spam, post passwords and the application password are in no file of the program."""
    owner = blogger(site)
    owner.harvest()
    disk = owner.everything_on_disk()

    for secret in (
        b"ann@example.org",
        b"zoe@example.org",
        b"Buy!",
        b'"seeded"',
        site.password("admin").encode(),
        site.password("admin").replace(" ", "").encode(),
    ):
        assert secret not in disk, secret
    assert b"A reply" in disk


@pytest.mark.parametrize("role", ["editor", "author", "contributor", "subscriber", ""])
def test_every_role_gets_its_own_and_nothing_is_deleted(site: Site, blogger: Callable[..., Owner], role: str) -> None:
    """As any role: no crash, no false deletion, and `check` says what will be missed."""
    owner = blogger(site, role, author="all") if role else blogger(site, "")

    first = owner.harvest()
    second = owner.harvest()
    check = owner.ask("check", "blog")

    assert first["created"] > 0
    assert [second["created"], second["updated"], second["deleted"]] == [0, 0, 0]
    if role in ("author", "contributor", "subscriber", ""):
        assert any(f["severity"] in ("warning", "note") for f in check["findings"]), check
    owner.verify()


def test_a_poorer_account_does_not_delete_what_a_richer_one_saw(site: Site, blogger: Callable[..., Owner]) -> None:
    """The administrator's harvest stays whole when the same source is later read as a stranger."""
    owner = blogger(site)
    owner.harvest()
    before = content_of(owner)
    owner.configure(sources={"blog": {"type": "wordpress", "url": site.url, "author": "all"}})
    owner.secrets.clear()

    answer = owner.run("harvest", "--full", "--json")

    assert answer.code in (0, 3), answer.err
    assert content_of(owner) == before


def test_a_revoked_password_stops_at_once_and_parks_the_source(site: Site, blogger: Callable[..., Owner]) -> None:
    """A clear error, nothing deleted, one try; the next harvest does not even ask."""
    owner = blogger(site, "editor")
    owner.harvest()
    before = content_of(owner)
    owner.secrets["KEEPFOLIO_BLOG_PASSWORD"] = "wrong wrong wrong wrong"
    log = site.access_log.read_text().count("users/me")

    refused = owner.ask("harvest", code=1)["sources"][0]
    asked = site.access_log.read_text().count("users/me") - log
    parked = owner.ask("harvest", code=1)["sources"][0]

    assert refused["error"]["mend"]
    assert "password" in refused["error"]["message"].lower()
    assert asked == 1
    assert parked["error"]["code"] == "parked"
    assert parked["requests"] == 0
    assert content_of(owner) == before


def test_a_login_after_a_stranger_s_harvest_brings_the_whole_texts(site: Site, blogger: Callable[..., Owner]) -> None:
    """First without a password, then with one: drafts come, and what was seen as a stranger comes whole."""
    owner = blogger(site, "", name="late")
    owner.harvest()
    owner.configure(sources={"blog": {"type": "wordpress", "url": site.url, "author": "all", "user": "admin"}})
    owner.secrets["KEEPFOLIO_BLOG_PASSWORD"] = site.password("admin")
    owner.harvest()

    posts = [owner.ask("show", e["id"]) for e in owner.entries("--kind", "post")[:8]]

    assert {p["provenance"]["fidelity"] for p in posts} == {"full"}


def test_an_edit_that_a_stranger_saw_first_is_not_lost_for_the_owner(site: Site, blogger: Callable[..., Owner]) -> None:
    """Owner, edit, stranger, owner: the edited words are held."""
    owner = blogger(site)
    owner.harvest()
    with_password = (owner.folder / "config.yaml").read_text()
    secrets = dict(owner.secrets)
    number = site.sql("select ID from wp_posts where post_type='post' and post_status='publish' order by ID limit 1")[
        0
    ][0]
    site.php(f"wp_update_post(['ID' => {number}, 'post_content' => 'Words edited between two harvests.']);")
    owner.configure(sources={"blog": {"type": "wordpress", "url": site.url, "author": "all"}})
    owner.secrets.clear()
    owner.run("harvest", "--json")
    (owner.folder / "config.yaml").write_text(with_password)
    owner.secrets.update(secrets)

    owner.harvest()

    entry = next(e for e in owner.entries("--kind", "post") if e["native_id"] == number)
    assert "edited between" in owner.ask("show", entry["id"])["content_html"]


def test_without_a_login_public_comments_come_along(site: Site, blogger: Callable[..., Owner]) -> None:
    """`author: me` means nothing without an account: what is public is kept, what was said below it included."""
    owner = blogger(site, "", name="stranger", author="me")
    owner.harvest()

    kinds = Counter(e["kind"] for e in owner.entries())

    approved = site.sql(
        "select count(*) from wp_comments c join wp_posts p on p.ID=c.comment_post_ID where comment_approved='1'"
        " and comment_type='comment' and p.post_status='publish' and p.post_password=''"
    )
    assert kinds["comment"] == int(approved[0][0])
