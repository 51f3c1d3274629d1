"""A Moodle's copy of the owner's own post is linked to the post: where it is shown, named, cited and exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup

from archive.entry import Entry, Fidelity, Visibility
from archive.store import Archive, Origin
from bridge.browse import site
from bridge.building import Desk
from bridge.cli import main
from bridge.export import Exported, Wanted, export
from bridge.items import find
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive.make import keep, post

VLE = Origin("vle", "moodle", "https://vle.example", "jane")
POST = post(1, title="Open badges", visibility=Visibility.PUBLIC)
COPY = post(
    9,
    keys=("moodle:vle.example/blog/9", f"guid:{POST.url}"),
    title="Open badges",
    url=POST.url,
    published=datetime(2024, 1, 1, tzinfo=UTC),  # a feed may say anything; what is older is met first
    content_html="<p>What the feed gave.</p>",
    tags=("cmalt-1a",),
    scope="moodle:vle.example/7/blog-copies",
    fidelity=Fidelity.FEED,
    extra={"copy_of": POST.url},
)
LINKING = post(2, title="Links", content_html=f'<p>See <a href="{POST.url}">badges</a>.</p>')

Run = Callable[..., str]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\nportfolio: {framework: cmalt, pathway: cmalt}\n")
    return Session(Workspace(folder))


@pytest.fixture
def archive(session: Session) -> Archive:
    return session.archive


@pytest.fixture
def both(archive: Archive) -> Archive:
    """The copy came first; then the blog, with a post that links to the original."""
    keep(archive, COPY, origin=VLE)
    keep(archive, POST, LINKING)
    return archive


@pytest.fixture
def run(session: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(["--workspace", str(session.workspace.root), *words])
        return capsys.readouterr().out

    return command


def id_of(archive: Archive, entry: Entry) -> str:
    stored = archive.by_key(entry.keys[0])
    assert stored is not None
    return stored.id


def test_show_names_the_original(both, run):
    """By its title and its id."""
    assert f"a copy of  Open badges ({id_of(both, POST)})" in run("show", id_of(both, COPY))


def test_show_names_the_address_of_an_original_that_is_not_held(archive, run):
    """It is all that is known."""
    keep(archive, COPY, origin=VLE)

    assert f"a copy of  {POST.url}" in run("show", id_of(archive, COPY))


@pytest.mark.parametrize("words", [POST.url, "Open badges"])
def test_an_address_or_a_title_means_the_original(both, session, words):
    """Nobody has to choose between a post and its copy."""
    assert find(both, session.workspace, words).id == id_of(both, POST)


def test_the_portfolio_cites_the_original(both, session):
    """By the tag that only the copy carries."""
    assert Desk(session).connections.cited == {"1a": (id_of(both, POST),)}


def test_the_portfolio_cites_the_copy_of_what_is_not_held(archive, session):
    """It is evidence like any other."""
    keep(archive, COPY, origin=VLE)

    assert Desk(session).connections.cited == {"1a": (id_of(archive, COPY),)}


def place_of(root: Path, entry_id: str) -> Path:
    pages = root.glob("entries/*/*.html")
    (found,) = [page for page in pages if f"<li>{entry_id}</li>" in page.read_text(encoding="utf-8")]
    return found


def page_of(root: Path, entry_id: str) -> BeautifulSoup:
    return BeautifulSoup(place_of(root, entry_id).read_text(encoding="utf-8"), "lxml")


def fact(page: BeautifulSoup, label: str) -> str:
    """Return where the first link of a fact leads; ``""`` where there is no such fact."""
    name = page.find("dt", string=label)
    return str(name.find_next("a")["href"]) if name else ""


def test_the_website_links_a_copy_to_its_original(both, session):
    """A link in another text leads to the original, too, and so does the section."""
    root = site.browse(session).path.parent
    original = f"../../{place_of(root, id_of(both, POST)).relative_to(root).as_posix()}"

    assert fact(page_of(root, id_of(both, COPY)), "Its original") == original
    assert page_of(root, id_of(both, LINKING)).find("a", string="badges")["href"] == original
    assert fact(page_of(root, id_of(both, POST)), "Cited in")
    assert not fact(page_of(root, id_of(both, COPY)), "Cited in")
    assert not fact(page_of(root, id_of(both, POST)), "Its original")


def test_the_website_follows_when_the_original_is_renamed(both, session):
    """The page of the copy is made again."""
    site.browse(session)
    keep(both, post(1, title="Badges for all", visibility=Visibility.PUBLIC))

    page = page_of(site.browse(session).path.parent, id_of(both, COPY))

    assert page.find("dt", string="Its original").find_next("a").get_text() == "Badges for all"


@pytest.fixture
def do(session: Session, tmp_path: Path) -> Callable[..., Exported]:
    return lambda name, **wanted: export(name, session, tmp_path / f"out-{name}", Wanted(**wanted))


def words_of(done: Exported) -> str:
    """Return all that is written in an export."""
    if done.path.suffix == ".zip":
        with ZipFile(done.path) as made:
            return "".join(made.read(name).decode("utf-8", "replace") for name in made.namelist())
    files = done.path.rglob("*.md") if done.path.is_dir() else [done.path]
    return "".join(file.read_text(encoding="utf-8") for file in files)


FORMATS = ["markdown", "wxr", "leap2a"]


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_leaves_the_copy_out(both, do, name):
    """The original goes once, and why the copy does not is said."""
    done = do(name)

    (left,) = [one for one in done.left_out if one.id == id_of(both, COPY)]
    assert left.title == "Open badges"
    assert left.why.strip(".").casefold() == "it is a copy of “open badges”, which goes itself"
    assert all(one.id != id_of(both, POST) for one in done.left_out)
    assert "What the feed gave" not in words_of(done)
    assert "Words of post 1" in words_of(done)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_without_the_original_has_the_copy(both, do, name):
    """What was not chosen does not stand for it."""
    assert do(name, source="vle").left_out == ()


@pytest.mark.parametrize("name", FORMATS)
def test_a_copy_goes_where_the_original_is_not_shown_to_all(archive, do, name):
    """A choice by visibility that only the copy meets."""
    keep(archive, post(9, **{**given(COPY), "visibility": Visibility.PUBLIC}), origin=VLE)
    keep(archive, post(1, title="Open badges", visibility=Visibility.PRIVATE))

    assert do(name, visibility=Visibility.PUBLIC).left_out == ()


def given(entry: Entry) -> dict[str, object]:
    names = ("keys", "title", "url", "content_html", "tags", "scope", "fidelity", "extra")
    return {name: getattr(entry, name) for name in names}


def test_links_in_markdown_lead_to_the_original(both, do):
    """Not to where the copy would have been."""
    done = do("markdown")
    texts = {path: path.read_text(encoding="utf-8") for path in done.path.rglob("*.md")}

    (linking,) = [text for path, text in texts.items() if "links" in path.name]
    (original,) = [path for path in texts if "open-badges" in path.name]
    assert f"]({original.name})" in linking


def test_what_was_said_of_a_copy_stays_in_markdown(both, do):
    """The course's comments on it are on no other page."""
    said = post(30, kind="comment", title="", parent=COPY.keys[0], content_html="<p>Well done</p>", creator="Ngozi")
    keep(both, said, origin=VLE)

    assert "Well done" in words_of(do("markdown"))
