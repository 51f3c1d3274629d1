"""What happens on a site between two harvests, and while one runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from archive.entry import Visibility
from connectors.contract import Checkpoint, Found, SourceRefused
from connectors.wordpress import api
from tests.contract.shelf import Shelf
from tests.servers.site import Site
from tests.wordpress.rest_lab import blog, rows, session

pytestmark = pytest.mark.server


@pytest.fixture
def shelf(own_wordpress: Site) -> Shelf:
    """What is held before the test changes something."""
    shelf = Shelf()
    shelf.harvest(blog(own_wordpress))
    return shelf


def titles(entries) -> list[str]:
    return sorted(entry.title for entry in entries)


def number(site: Site, title: str) -> int:
    return int(rows(site, f"select ID from wp_posts where post_title = '{title}' and post_type != 'revision'")[0][0])


def add(site: Site, title: str, **fields: str) -> int:
    values = {"post_title": title, "post_content": "x", "post_status": "publish", **fields}
    given = ", ".join(f"'{name}' => '{value}'" for name, value in values.items())
    return int(site.php(f"echo wp_insert_post([{given}]);"))


def test_exactly_what_happened_is_reported(own_wordpress: Site, shelf: Shelf):
    """Three edits, one binned, one purged, a tag renamed, a comment, a file: nothing more, nothing less."""
    site = own_wordpress
    site.php(
        "foreach (get_posts(['s' => 'One instant', 'numberposts' => 3, 'orderby' => 'title', 'order' => 'ASC']) as $p)"
        " wp_update_post(['ID' => $p->ID, 'post_content' => $p->post_content . ' edited']);"
        f"wp_trash_post({number(site, 'A sticky post')});"
        f"wp_delete_post({number(site, 'An aside')}, true);"
        "wp_update_term(get_term_by('slug', 'moodle', 'post_tag')->term_id, 'post_tag', ['name' => 'Moodle 5']);"
        f"wp_insert_comment(['comment_post_ID' => {number(site, 'Many tags')}, 'comment_content' => 'New!',"
        " 'comment_author' => 'Ann', 'comment_author_email' => 'ann@example.org']);"
        "$f = wp_upload_bits('new.txt', null, 'a new file'); wp_insert_attachment(['post_title' => 'new',"
        " 'post_mime_type' => 'text/plain', 'post_status' => 'inherit'], $f['file']);"
    )
    report = shelf.harvest(blog(site))
    created = {(entry.kind, entry.title or entry.content_html) for entry in report.created}
    assert created == {("comment", "<p>New!</p>"), ("media", "new")}
    assert titles(report.updated) == ["A sticky post", "Moodle 5", "One instant 0", "One instant 1", "One instant 2"]
    assert titles(report.gone) == ["An aside"]
    assert shelf.of("post")[str(number(site, "A sticky post"))].status == "trash"
    assert shelf.harvest(blog(site)).stored == []


def test_a_post_made_private_takes_its_comments_and_files_along(own_wordpress: Site):
    """They are as public as their post, and WordPress moves no time of theirs."""
    site = own_wordpress
    post = add(site, "Soon private")
    site.php(
        f"wp_insert_comment(['comment_post_ID' => {post}, 'comment_content' => 'Said below', 'comment_author' => 'B']);"
        "$f = wp_upload_bits('below.txt', null, 'a file'); wp_insert_attachment(['post_title' => 'below',"
        f" 'post_mime_type' => 'text/plain', 'post_status' => 'inherit'], $f['file'], {post});"
    )
    shelf = Shelf()
    shelf.harvest(blog(site))

    def seen() -> dict[str, Visibility]:
        mine = [e for e in shelf.entries.values() if e.native_id == str(post) or (e.parent or "").endswith(f"/{post}")]
        return {entry.kind: entry.visibility for entry in mine}

    assert seen() == dict.fromkeys(("post", "comment", "media"), Visibility.PUBLIC)
    site.php(f"wp_update_post(['ID' => {post}, 'post_status' => 'private']);")
    shelf.harvest(blog(site))
    assert seen() == dict.fromkeys(("post", "comment", "media"), Visibility.PRIVATE)


def test_the_files_of_a_purged_post_become_private(own_wordpress: Site):
    """WordPress gives them to no post, and moves no time of theirs: nothing shows them to strangers any more."""
    site = own_wordpress
    post = add(site, "Soon purged with a file")
    site.php(
        "$f = wp_upload_bits('left.txt', null, 'a file'); wp_insert_attachment(['post_title' => 'left behind',"
        f" 'post_mime_type' => 'text/plain', 'post_status' => 'inherit'], $f['file'], {post});"
    )
    long_ago = "post_modified = '2020-01-01 12:00:00', post_modified_gmt = '2020-01-01 12:00:00'"
    site.sql(f"update wp_posts set {long_ago} where post_title = 'left behind'")
    shelf = Shelf()
    shelf.harvest(blog(site))

    def left() -> Visibility:
        (file,) = [entry for entry in shelf.of("media").values() if entry.title == "left behind"]
        return file.visibility

    assert left() is Visibility.PUBLIC
    site.php(f"wp_delete_post({post}, true);")
    shelf.harvest(blog(site))
    assert left() is Visibility.PRIVATE
    assert shelf.harvest(blog(site)).stored == []


def test_a_published_block_is_private(own_wordpress: Site):
    """It has no page of its own: strangers see it only where a post shows it."""
    add(own_wordpress, "A block to use again", post_type="wp_block")
    for role in ("admin", "subscriber"):
        shelf = Shelf()
        shelf.harvest(blog(own_wordpress, role))
        assert {entry.visibility for entry in shelf.of("block").values()} <= {Visibility.PRIVATE}


def test_what_is_counted_and_never_given_stays_missing(own_wordpress: Site):
    """A plugin keeps one post from the list: it is promised, proves no deletion, and is looked for until it comes."""
    site = own_wordpress
    lost = add(site, "Kept back by a plugin")
    plugin = site.docroot / "wp-content" / "mu-plugins" / "keep-back.php"
    plugin.write_text(
        "<?php add_filter('the_posts', fn($p) => defined('REST_REQUEST') ?"
        f" array_values(array_filter($p, fn($one) => $one->ID != {lost})) : $p);"
    )
    shelf = Shelf()
    try:
        for _ in range(2):
            report = shelf.harvest(blog(site))
            assert report.promised["post"] == len(shelf.of("post")) + 1
            assert not any(scope.endswith("/post") for scope in report.listed)
    finally:
        plugin.unlink()
    report = shelf.harvest(blog(site))
    assert titles(report.created) == ["Kept back by a plugin"]
    assert report.promised["post"] == len(shelf.of("post"))


def test_comments_on_others_posts_are_not_promised(own_wordpress: Site):
    """An author harvests what was said below her own posts, and is promised no more."""
    site = own_wordpress
    author = site.php("echo get_user_by('login', 'author')->ID;")
    mine = add(site, "By the author", post_author=author)
    others = add(site, "By the administrator")
    said = "wp_insert_comment(['comment_post_ID' => {}, 'comment_content' => 'x', 'comment_author' => 'Ann']);"
    shelf = Shelf()
    shelf.harvest(blog(site, "author"))
    site.php(said.format(mine) + said.format(others))
    report = shelf.harvest(blog(site, "author"))
    assert [entry.kind for entry in report.created] == ["comment"]
    assert report.promised["comment"] == len(shelf.of("comment"))


def test_comments_of_a_binned_post_are_kept(own_wordpress: Site):
    """WordPress hides them from its list, but still has them: unlisted, not gone."""
    site = own_wordpress
    post = add(site, "Soon binned")
    site.php(
        f"wp_insert_comment(['comment_post_ID' => {post}, 'comment_content' => 'Keep me', 'comment_author' => 'C']);"
    )
    shelf = Shelf()
    shelf.harvest(blog(site))
    site.php(f"wp_trash_post({post});")
    report = shelf.harvest(blog(site))
    assert report.gone == []
    assert [entry.content_html for entry in report.unlisted] == ["<p>Keep me</p>"]


def test_many_changes_in_one_second_are_all_found(own_wordpress: Site, shelf: Shelf):
    """More than the window shows, all with one time: ordering by time would give some twice and some never."""
    site = own_wordpress
    site.php(
        "global $wpdb; $ids = get_posts(['numberposts' => 45, 'post_status' => 'publish', 'fields' => 'ids']);"
        '$wpdb->query(\'update wp_posts set post_title = concat(post_title, " again"), post_modified = now(),'
        " post_modified_gmt = utc_timestamp() where ID in (' . implode(',', $ids) . ')');"
    )
    assert len(shelf.harvest(blog(site)).updated) == 45


def test_a_change_in_the_repeated_hour_of_autumn_is_found(own_wordpress: Site):
    """Modified at 01:30 after the clocks went back, below twenty that were modified at 01:31 before."""
    site = own_wordpress
    site.php(
        "global $wpdb; $wpdb->query(\"update wp_posts set post_modified = '2026-10-25 01:31:00',"
        " post_modified_gmt = '2026-10-25 00:31:00' where post_type = 'post'\");"
    )
    shelf = Shelf()
    shelf.harvest(blog(site))
    shelf.cursor["inner"]["kinds"]["post"]["at"] = "2026-10-25T00:40:00Z"  # the last harvest was in summer time
    site.php(
        "global $wpdb; $wpdb->query(\"update wp_posts set post_content = 'in the hour', post_modified ="
        " '2026-10-25 01:30:00', post_modified_gmt = '2026-10-25 01:30:00' where post_title = 'A sticky post'"
        " or post_title = 'Many tags again' or post_title = 'Many tags'\");"
    )
    assert {entry.content_html for entry in shelf.harvest(blog(site)).updated} == {"<p>in the hour</p>"}


def test_paging_loses_nothing_while_posts_come_and_go(own_wordpress: Site, monkeypatch: pytest.MonkeyPatch):
    """A purge moves all later posts one place forward: the one at the page's edge would never be seen."""
    site = own_wordpress
    monkeypatch.setattr(api, "PAGE", 10)
    doomed = add(site, "Soon purged", import_id="2")
    shelf = Shelf()
    shelf.harvest(_while_reading(site, f"wp_delete_post({doomed}, true); wp_delete_post(1, true);"))
    monkeypatch.undo()
    truth = {
        row[0] for row in rows(site, "select ID from wp_posts where post_type = 'post' and post_status != 'auto-draft'")
    }
    assert truth <= set(shelf.of("post"))
    shelf.harvest(blog(site))
    assert set(shelf.of("post")) == truth


def _while_reading(site: Site, code: str):
    """Return a source during whose first page of posts something happens on the site."""
    inner = blog(site)

    class Meddled:
        exists, open = inner.exists, inner.open

        def harvest(self, known) -> Iterator:
            waiting = True
            for item in inner.harvest(known):
                yield item
                if waiting and isinstance(item, Found) and item.entry.kind == "post":
                    site.php(code)
                    waiting = False

    return Meddled()


def test_a_purge_is_proved_before_anything_is_taken_for_gone(own_wordpress: Site, shelf: Shelf):
    """404 under a login; the same question without one answers 401 or 404 and proves nothing."""
    site = own_wordpress
    post = add(site, "To be asked about")
    shelf.harvest(blog(site))
    key = next(entry.keys[-1] for entry in shelf.of("post").values() if entry.native_id == str(post))
    assert blog(site).exists(key) == "unlisted"
    assert blog(site, "contributor").exists(key) == "unknown"
    site.php(f"wp_delete_post({post}, true);")
    assert blog(site).exists(key) == "gone"
    assert blog(site, "").exists(key) == "unknown"


class TestRefused:
    def test_a_revoked_password_stops_everything(self, own_wordpress: Site, shelf: Shelf):
        """One question, one clear error; WordPress itself would answer as to a stranger, and drafts would seem gone."""
        site = own_wordpress
        made = json.loads(
            site.php(
                "[$p, $i] = WP_Application_Passwords::create_new_application_password("
                "get_user_by('login', 'admin')->ID, ['name' => 'short-lived']); echo json_encode([$p, $i['uuid']]);"
            )
        )
        before = shelf.state()
        shelf.harvest(blog(site, password=made[0]))
        site.php(
            f"WP_Application_Passwords::delete_application_password(get_user_by('login', 'admin')->ID, '{made[1]}');"
        )
        http = session()
        with pytest.raises(SourceRefused) as caught:
            shelf.harvest(blog(site, password=made[0], http=http))
        assert http.sent.requests == 1
        assert "keepfolio login" in caught.value.mend
        assert made[0] not in str(caught.value)
        assert shelf.state() == before

    def test_a_wrong_user_is_refused(self, own_wordpress: Site):
        """The password is right, the configured user another one."""
        with pytest.raises(SourceRefused):
            Shelf().harvest(blog(own_wordpress, "somebody", password=own_wordpress.password("admin")))

    def test_an_e_mail_address_is_a_user_name_too(self, own_wordpress: Site):
        shelf = Shelf()
        shelf.harvest(blog(own_wordpress, "admin@example.org", password=own_wordpress.password("admin")))
        assert shelf.of("post")

    def test_a_lowered_role_deletes_nothing(self, own_wordpress: Site, shelf: Shelf):
        """The account sees less than before: what it does not see any more is kept."""
        site = own_wordpress
        editor = Shelf()
        editor.harvest(blog(site, "editor"))
        before = len(editor.entries)
        site.php("get_user_by('login', 'editor')->set_role('contributor');")
        try:
            report = editor.harvest(blog(site, "editor"))
            assert report.gone == []
            assert len(editor.entries) == before
        finally:
            site.php("get_user_by('login', 'editor')->set_role('editor');")


def test_warnings_in_front_of_the_data_harm_nothing(own_wordpress: Site, shelf: Shelf):
    """A broken plugin prints before each answer; the data is good."""
    site = own_wordpress
    site.php("update_option('lab_fault', ['fault' => 'warning', 'left' => 500]);")
    try:
        fresh = Shelf()
        fresh.harvest(blog(site))
        assert fresh.state() == shelf.state()
        assert any(finding.code == "noise" for finding in blog(site).check())
    finally:
        site.php("delete_option('lab_fault');")


def test_our_own_page_and_uploads_are_releases(own_wordpress: Site):
    """What keepfolio published is known by its marker and name, and is never evidence."""
    site = own_wordpress
    add(site, "CMALT portfolio of Jane", post_type="page", post_content="<!-- keepfolio v1 portfolio=x --><p>Mine.</p>")
    site.php(
        "$f = wp_upload_bits('kf-0123abcd-certificate.txt', null, 'x'); wp_insert_attachment(['post_title' => 'kf',"
        " 'post_mime_type' => 'text/plain', 'post_status' => 'inherit'], $f['file']);"
    )
    shelf = Shelf()
    report = shelf.harvest(blog(site))
    assert titles(shelf.of("release").values()) == ["CMALT portfolio of Jane", "kf"]
    assert report.promised["page"] == len(shelf.of("page"))
    assert report.promised["media"] == len(shelf.of("media"))


def test_the_cursor_is_plain_and_holds_no_secret(own_wordpress: Site):
    source = blog(own_wordpress)
    cursors = [item.cursor for item in source.harvest(Shelf()) if isinstance(item, Checkpoint)]
    text = json.dumps(cursors[-1])
    assert own_wordpress.password("admin") not in text
    assert "admin@example.org" not in text


def test_large_pictures_come_as_they_were_uploaded(own_wordpress: Site):
    """WordPress names the ``-scaled`` copy; the original lies beside it."""
    site = own_wordpress
    site.php(
        "require_once ABSPATH . 'wp-admin/includes/image.php'; ob_start(); imagejpeg(imagecreatetruecolor(2800, 60));"
        "$f = wp_upload_bits('wide.jpg', null, ob_get_clean()); $n = wp_insert_attachment(['post_title' => 'wide',"
        " 'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit'], $f['file']);"
        "wp_update_attachment_metadata($n, wp_generate_attachment_metadata($n, $f['file']));"
    )
    shown = rows(site, "select meta_value from wp_postmeta where meta_value like '%/wide-scaled.jpg'")
    assert shown
    shelf, source = Shelf(), blog(site)
    shelf.harvest(source)
    entry = next(entry for entry in shelf.of("media").values() if entry.title == "wide")
    original = site.docroot / "wp-content/uploads" / shown[0][0].replace("-scaled", "")
    assert entry.files[0].name == "wide.jpg"
    assert entry.files[0].size is None
    assert shelf.digest(source, entry) == hashlib.sha256(original.read_bytes()).hexdigest()
