"""The same post by REST, by the export, by XML-RPC and by the feed is one entry, and an unchanged one is unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.entry import fingerprint, to_json
from connectors import feed
from connectors.http import Http
from connectors.wordpress import site, wxr, xmlrpc
from tests.wordpress.wxr_samples import context, taken

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def routes(wordpress, tmp_path_factory):
    """One harvest of one live site by each way, as administrator where there is a login."""
    export = tmp_path_factory.mktemp("export") / "blog.xml"
    export.write_bytes(wordpress.wxr())
    http = Http()
    here = replace(context(http), secret=lambda what: wordpress.password() if what == "password" else "")
    login = {"url": wordpress.url, "user": "admin"}
    return {
        "rest": taken(site.source("blog", login, here)),
        "export": taken(wxr.source("old", {"path": export, "author": "admin"}, here)),
        "xmlrpc": taken(xmlrpc.source("blog", {**login, "endpoint": f"{wordpress.url}/xmlrpc.php"}, here)),
        "feed": taken(feed.source("feed", {"url": f"{wordpress.url}/feed/"}, here)),
    }


def by_key(got):
    return {key: entry for entry in got.entries for key in entry.keys}


def differences(ours, theirs):
    """Return what of the fingerprint differs, in words."""
    a, b = to_json(ours), to_json(theirs)
    told = {"keys", "stamp", "updated", "fidelity", "extra", "scope", "tags"}
    return {k: (a.get(k), b.get(k)) for k in sorted(set(a) | set(b)) if k not in told and a.get(k) != b.get(k)}


@pytest.mark.parametrize("route", ["export", "xmlrpc"])
@pytest.mark.parametrize("kind", ["post", "page", "media", "comment", "pingback", "term"])
def test_every_thing_has_the_keys_that_rest_gives_it(routes, route, kind):
    """Guid first, then the number; nothing is seen by one way only."""
    by_rest = {entry.keys for entry in routes["rest"].of(kind)}
    other = {entry.keys for entry in routes[route].of(kind)}
    assert by_rest
    assert other == by_rest


@pytest.mark.parametrize("kind", ["post", "page", "comment", "pingback"])
@pytest.mark.parametrize("route", ["export", "xmlrpc"])
def test_an_unchanged_thing_has_the_fingerprint_that_rest_gives_it(routes, route, kind):
    """So that bringing an export, or losing REST for a while, makes no new version of anything."""
    by_rest = by_key(routes["rest"])
    differing = {}
    for entry in routes[route].of(kind):
        twin = by_rest[entry.keys[0]]
        if fingerprint(entry) != fingerprint(twin):
            differing[entry.title or entry.keys[0]] = differences(entry, twin)
    assert differing == {}


def test_a_file_of_the_export_has_the_fingerprint_that_rest_gives_it(routes):
    """An export does not tell a file's type; WordPress's usual one for the name is taken."""
    by_rest = by_key(routes["rest"])
    for seen in routes["export"].of("media"):
        entry, twin = seen, by_rest[seen.keys[0]]
        if entry.title == "interview":  # the seeder gave it a type that WordPress itself does not use
            (file,) = entry.files
            entry = replace(entry, files=(replace(file, media_type=twin.files[0].media_type),))
        assert fingerprint(entry) == fingerprint(twin), differences(entry, twin)


def test_a_file_of_xmlrpc_is_the_original_that_rest_names(routes):
    """XML-RPC does not tell the alternative text; address, type and owner are the same."""
    by_rest = by_key(routes["rest"])
    for entry in routes["xmlrpc"].of("media"):
        twin = by_rest[entry.keys[0]]
        assert [f.url for f in entry.files] == [f.url for f in twin.files]
        assert set(differences(entry, twin)) <= {"files"}


def test_every_post_of_the_feed_is_one_that_rest_knows(routes):
    """By its guid alone: a feed knows no number."""
    by_rest = by_key(routes["rest"])
    posts = routes["feed"].of("post")
    public = {e.keys[0] for e in routes["rest"].of("post") if e.status == "publish"}
    assert {entry.keys[0] for entry in posts} == public
    for entry in posts:
        twin = by_rest[entry.keys[0]]
        assert (entry.published, entry.url, entry.visibility) == (twin.published, twin.url, twin.visibility)


def test_a_poorer_way_says_that_it_is_poorer(routes):
    """The store lets no poorer sight replace a richer one."""
    order = [min(e.fidelity for e in routes[name].of("post")) for name in ("feed", "xmlrpc", "export", "rest")]
    assert order == sorted(order)
    assert len(set(order)) == 4


def test_no_way_keeps_an_address_or_a_password_of_a_post(routes):
    """Commenters' e-mail is in the export and in XML-RPC; the seeded password is in both."""
    for got in routes.values():
        kept = b"".join(one.raw for one in got.found) + repr(got.entries).encode()
        assert b"@example.org" not in kept
        assert b">seeded<" not in kept
        assert b"[seeded]" not in kept
