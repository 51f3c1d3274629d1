"""``export markdown``, read by readers that are not ours: PyYAML for the front matter, markdown-it-py for the text."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from archive import naming
from archive.entry import Entry, MediaFile, Visibility
from archive.store import Origin
from bridge import demo, owner, runs
from bridge.export import Exported, Wanted, export
from bridge.export.markdown_text import to_markdown
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive.make import keep, keep_with_file, picture, post

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BLOCK = "p, li, td, th, dd, dt, h1, h2, h3, h4, h5, h6, div, figcaption, caption, pre, blockquote, br, summary, table"

Do = Callable[..., Exported]


class Silent:
    """A harvest that nobody watches."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\n")
    return Session(Workspace(folder))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def do(session: Session, out: Path) -> Do:
    return lambda **wanted: export("markdown", session, out, Wanted(**wanted))


def read(path: Path) -> tuple[dict[str, Any], str]:
    """Return front matter and text, as a static site generator takes them apart."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def of(out: Path, title: str) -> tuple[dict[str, Any], str, Path]:
    found = [(*read(path), path) for path in out.rglob("*.md") if path.read_text(encoding="utf-8").startswith("---\n")]
    return next(one for one in found if one[0].get("title") == title)


def words(html: str) -> list[str]:
    soup = BeautifulSoup(html, "html.parser")
    for unseen in soup.find_all(["script", "style", "template", "noscript"]):
        unseen.decompose()
    for image in soup.find_all("img"):
        image.replace_with(f" {image.get('alt') or ''} ")
    for block in soup.select(BLOCK):
        block.insert_before(" ")
        block.insert_after(" ")
    return re.findall(r"\w+", soup.get_text())


def shown(markdown: str) -> list[str]:
    return words(READER.render(markdown))


def links(markdown: str) -> list[str]:
    soup = BeautifulSoup(READER.render(markdown), "html.parser")
    return [str(part.get("href") or part.get("src")) for part in soup.find_all(["a", "img"])]


def dangling(out: Path) -> list[str]:
    """Return the relative links of all files that lead nowhere."""
    found = []
    for path in out.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        matter, body = read(path) if text.startswith("---\n") else ({}, text)
        relative = [link for link in links(body) if not re.match(r"[a-z]+:", link)]
        relative += [file["path"] for file in matter.get("files", ()) if "path" in file]
        found += [f"{path}: {link}" for link in relative if not (path.parent / unquote(link)).is_file()]
    return found


def test_the_sample_is_read_whole_by_others(tmp_path: Path) -> None:
    """Every live entry with all its words, every file, and no relative link that leads nowhere."""
    session = Session(demo.prepare(tmp_path / "rowan"))
    runs.harvest_all(session, ["blog"], progress=Silent, stop=lambda: False)
    owner.keep(session.archive, session.workspace)
    out = tmp_path / "out"

    done = export("markdown", session, out, Wanted())

    matters = {}
    for path in out.rglob("*.md"):
        if path.name != "index.md" and "portfolio" not in path.parts:
            matter, body = read(path)
            matters[matter["id"]] = body
            matters |= {said["id"]: body for said in matter.get("comments", ())}
    live = [one for one in session.archive.entries(content=True) if one.entry.content_html or one.entry.files]
    assert len(live) > 70
    for stored in live:
        seen = re.sub(r"\[/?caption[^]]*\]", "", stored.entry.content_html)
        lost = set(words(seen)) - set(shown(matters[stored.id]))
        assert (stored.entry.title, lost) == (stored.entry.title, set())
    assert dangling(out) == []
    held = {file.sha256 for stored in live for file in stored.entry.files}
    brought = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / "media").rglob("*") if path.is_file()}
    assert held <= brought
    assert (done.left_out, done.entries) == ((), len(live) + len(list((out / "portfolio").rglob("*.*"))))
    assert done.bytes == sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    own = session.workspace.portfolio / "original/1a.md"
    assert (out / "portfolio/original/1a.md").read_bytes() == own.read_bytes()


def test_front_matter_tells_all_that_is_known(session: Session, do: Do, out: Path) -> None:
    """Id, kind, dates in UTC, address, status, tags, author, keys; a title that YAML could misread stays a title."""
    keep(session.archive, post(1, title="no: 2024-01-01 # yes", tags=("cpd", "on"), creator="Jane", language="cy"))

    do()

    matter, _, path = of(out, "no: 2024-01-01 # yes")
    stored = next(iter(session.archive.entries()))
    assert matter["id"] == stored.id
    assert (matter["kind"], matter["status"], matter["visibility"], matter["source"]) == (
        "post", "publish", "private", "blog",
    )  # fmt: skip
    assert matter["date"] == stored.entry.published
    assert matter["url"] == "https://b.org/1/"
    assert (matter["tags"], matter["author"], matter["language"]) == (["cpd", "on"], "Jane", "cy")
    assert matter["keys"] == ["guid:https://b.org/?p=1", "wordpress:b.org/post/1"]
    assert path.relative_to(out).as_posix() == "posts/2024/2024-03-02-no-2024-01-01-yes-1.md"


def test_a_picture_in_a_text_is_the_file_beside_it(session: Session, do: Do, out: Path) -> None:
    """Also where the text shows a smaller size of it, by http, by www, or from the site's root."""
    text = "".join(
        f'<p><a href="{link}"><img src="{source}" alt="a photo"></a></p>'
        for link, source in [
            ("https://b.org/uploads/photo.jpg", "https://b.org/uploads/photo-300x200.jpg"),
            ("http://www.b.org/uploads/photo.jpg", "/uploads/photo-1024x768.jpg?ssl=1"),
            ("https://b.org/uploads/photo-scaled.jpg", "//b.org/uploads/photo.jpg"),
        ]
    )
    media = post(9, kind="media", files=(picture(alt="A photo"),), title="Photo", content_html="", url="")
    _, digest = keep_with_file(session.archive, media, b"jpeg bytes")
    keep(session.archive, post(1, content_html=text))

    do()

    _, body, path = of(out, "Post 1")
    assert set(links(body)) == {f"../../media/2024/{digest[:8]}-photo.jpg"}
    assert (path.parent / links(body)[0]).read_bytes() == b"jpeg bytes"
    matter, body, _ = of(out, "Photo")
    assert matter["files"][0] == {
        "path": f"{digest[:8]}-photo.jpg",
        "name": "photo.jpg",
        "type": "image/jpeg",
        "sha256": digest,
        "url": "https://b.org/uploads/photo.jpg",
        "alt": "A photo",
    }
    assert links(body) == [matter["files"][0]["path"]]


def test_links_between_entries_lead_to_their_files(session: Session, do: Do, out: Path) -> None:
    """A post's address and its short link are its file; what is elsewhere stays; what is relative is made whole."""
    text = (
        '<a href="https://b.org/2/#end">two</a> <a href="https://b.org/?p=2">short</a> '
        '<a href="https://example.org/x?a=1&amp;b=(2)">out</a> <a href="/about/">about</a> <a href="#top">top</a> '
        '<a href="javascript:alert(1)">bad</a>'
    )
    keep(session.archive, post(1, content_html=text), post(2))

    do()

    _, body, _ = of(out, "Post 1")
    two = "2024-03-03-post-2-2.md"
    assert links(body) == [
        two,
        two,
        "https://example.org/x?a=1&b=%282%29",
        "https://b.org/about/",
        "https://b.org/1/#top",
    ]
    assert "bad" in shown(body)


def test_a_link_that_leads_nowhere_is_its_words(session: Session, do: Do, out: Path) -> None:
    """Of a text without an address of its own nobody knows where ``notes/x.html`` was."""
    keep(
        session.archive,
        post(1, url="", content_html='<p><a href="notes/x.html">here</a> <img src="y.png" alt="Y"></p>'),
    )

    do()

    assert dangling(out) == []
    assert shown(of(out, "Post 1")[1]) == ["here", "Y"]


def test_comments_stand_below_their_post(session: Session, do: Do, out: Path) -> None:
    """With who said it and when; one whose post is not held has a file of its own. None is lost."""

    def comment(number: int, about: int, text: str) -> Entry:
        return post(
            number, kind="comment", keys=(f"c:{number}",), title="", creator="Ann *", content_html=text, url="",
            parent=f"guid:https://b.org/?p={about}",
        )  # fmt: skip

    keep(session.archive, post(1), comment(5, 1, "<p>First!</p>"), comment(6, 77, "<p>An orphan</p>"))

    done = do()

    matter, body, _ = of(out, "Post 1")
    assert [said["author"] for said in matter["comments"]] == ["Ann *"]
    assert shown(body)[-6:] == ["Comments", "Ann", "2024", "03", "06", "First"]
    orphan = next((out / "comments").rglob("*.md"))
    assert "An orphan" in read(orphan)[1]
    assert done.entries == 3


def test_a_choice_brings_the_pictures_of_what_was_chosen(session: Session, do: Do, out: Path) -> None:
    """Pictures carry no tags: those that a chosen post shows come along, others do not, and nor do other posts."""
    for number, name in ((8, "shown.jpg"), (9, "other.jpg")):
        media = post(number, kind="media", title=name, files=(picture(name),), content_html="")
        keep_with_file(session.archive, media, name.encode())
    text = '<img src="https://b.org/uploads/shown.jpg" alt=""><a href="https://b.org/2/">two</a>'
    keep(session.archive, post(1, tags=("cpd",), content_html=text), post(2))

    done = do(tag="cpd")

    files = {path.read_bytes() for path in (out / "media").rglob("*.jpg")}
    assert (done.entries, done.files, files) == (1, 1, {b"shown.jpg"})
    assert "https://b.org/2/" in links(of(out, "Post 1")[1])
    assert dangling(out) == []


def test_private_files_stay_out_of_what_is_for_everybody(session: Session, do: Do, out: Path) -> None:
    """A public post that shows a private picture keeps its address, not its bytes; the owner's own words stay home."""
    owner.keep(session.archive, session.workspace)
    private = post(9, kind="media", files=(picture(),), content_html="")
    keep_with_file(session.archive, private, b"private")
    shows = post(1, visibility=Visibility.PUBLIC, content_html='<img src="https://b.org/uploads/photo.jpg" alt="p">')
    keep(session.archive, shows, post(2, title="Secret"))

    do(visibility=Visibility.PUBLIC)

    assert not [path for path in out.rglob("*") if path.is_file() and b"private" in path.read_bytes()[:7]]
    assert links(of(out, "Post 1")[1]) == ["https://b.org/uploads/photo.jpg"]
    assert "Secret" not in (out / "index.md").read_text()


def test_what_is_not_held_is_said(session: Session, do: Do, out: Path) -> None:
    """A file that never arrived is named, and its entry is there all the same."""
    keep(session.archive, post(9, kind="media", title="Lost", files=(picture("lost.jpg"),), content_html=""))

    done = do()

    assert [(item.title, "lost.jpg" in item.why) for item in done.left_out] == [("Lost", True)]
    assert of(out, "Lost")[0]["files"] == [
        {"name": "lost.jpg", "type": "image/jpeg", "url": "https://b.org/uploads/lost.jpg"}
    ]


@pytest.mark.parametrize(
    "name",
    ["portfolio/../../outside.md", "portfolio//etc/x", "portfolio/a\\..\\b", "portfolio/C:x", f"portfolio/{'x' * 300}"],
)
def test_an_own_file_with_a_hostile_name_is_not_written(session: Session, do: Do, out: Path, name: str) -> None:
    """An archive may be anybody's: a name that leads out of the folder is left out and named."""
    own = Entry(keys=("workspace:x",), kind="workspace", native_id=name, files=(MediaFile(name="x.md", url="x"),))
    keep_with_file(session.archive, own, b"bytes", Origin("workspace", "workspace"))

    done = do()

    assert [item.title for item in done.left_out] == [name]
    assert [path.name for path in out.rglob("*") if path.is_file()] == ["index.md"]
    assert not (out.parent / "outside.md").exists()


def test_names_that_want_one_place_end_nothing(session: Session, do: Do, out: Path) -> None:
    """A file of the owner's own that is another one's folder is named; the rest is there."""
    for number, name in enumerate(("portfolio/a", "portfolio/a/b.md", "portfolio/c.md")):
        file = MediaFile(name="x.md", url=name)
        own = Entry(keys=(f"workspace:{name}",), kind="workspace", native_id=name, files=(file,))
        keep_with_file(session.archive, own, bytes([number]), Origin("workspace", "workspace"))

    done = do()

    assert len(done.left_out) == 1
    assert (out / "portfolio/c.md").read_bytes() == b"\x02"


def test_only_the_owner_can_read_it(session: Session, do: Do, out: Path) -> None:
    """Folders 0700 and files 0600, for private things are in it."""
    media = post(9, kind="media", files=(picture(),), content_html="")
    keep_with_file(session.archive, media, b"x")

    do()

    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [out, *out.rglob("*")]}
    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("title", ["../../x", "CON", "a" * 500, "Ümläute 学习", "…", "a\x00b/c:d", "index"])
def test_names_are_safe_everywhere(session: Session, do: Do, out: Path, title: str) -> None:
    """Whatever entries and files are called: every path could stand on NTFS, exFAT and APFS, in the folder."""
    media = post(9, kind="media", title=title, native_id=title, files=(picture(f"{title}.md"),), content_html="")
    keep_with_file(session.archive, media, b"x")
    keep(session.archive, post(1, kind=title, title=title, native_id=title))

    do()

    names = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    assert len(names) == 4
    assert [name for name in names if not naming.is_safe(name)] == []
    assert dangling(out) == []


def test_visibility_is_what_the_owner_says(session: Session, do: Do, out: Path) -> None:
    """What she marked public is public in the front matter, and in a choice of what is public."""
    keep(session.archive, post(1), post(2))
    marked = next(one for one in session.archive.entries() if one.entry.title == "Post 1")
    session.workspace.portfolio.mkdir()
    (session.workspace.portfolio / "visibility.yaml").write_text(f"{marked.id}: public\n")

    do(visibility=Visibility.PUBLIC)

    assert of(out, "Post 1")[0]["visibility"] == "public"
    assert len(list((out / "posts").rglob("*.md"))) == 1


def test_two_exports_are_the_same(session: Session, do: Do, out: Path) -> None:
    """The same archive gives the same bytes under the same names."""
    keep(session.archive, *(post(n, title="Same title", native_id="7") for n in range(4)))
    do()
    first = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    export("markdown", session, out.parent / "again", Wanted())

    again = out.parent / "again"
    assert {
        path.relative_to(again).as_posix(): path.read_bytes() for path in again.rglob("*") if path.is_file()
    } == first
    assert len(first) == 5


TABLE = """<table><caption>Costs</caption><thead><tr><th>System</th><th>A|B</th></tr></thead>
<tbody><tr><td rowspan="2">one<ul><li>x</li><li>y</li></ul></td><td>two</td><td>beyond the head</td></tr>
<tr><td><code>a|b</code><pre>p|q</pre></td></tr>
<tr><td colspan="9999">wide</td></tr>
<tr><td>in<table><tr><td>inner1</td><td>inner2</td></tr></table></td></tr></tbody></table>"""


def test_tables_keep_every_cell() -> None:
    """Spans, missing cells, lists, code and tables in cells: nothing stands beyond the head and is dropped."""
    html = READER.render(to_markdown(TABLE, str))

    assert words(html) == words(TABLE)
    assert html.count("<table>") == 1
    assert [len(row.find_all(["td", "th"])) for row in BeautifulSoup(html, "html.parser").find_all("tr")] == [50] * 5
    assert "<code>a|b</code>" in html


def test_code_stays_code() -> None:
    """With its language, its indentation, and backticks inside it."""
    code = 'def f():\n```\n    return "```", <b>'
    escaped = code.replace("<", "&lt;")

    html = READER.render(to_markdown(f'<pre><code class="language-python hl">{escaped}\n</code></pre>', str))

    soup = BeautifulSoup(html, "html.parser")
    assert soup.code is not None
    assert (soup.code["class"], soup.code.get_text()) == (["language-python"], f"{code}\n")


def test_marks_mean_what_they_meant() -> None:
    """Bold beside bold, and a word with an exclamation mark before a link: neither becomes something else."""
    html = READER.render(to_markdown('<p><b>a</b><strong>b</strong> Wow!<a href="u">l</a></p>', str))

    assert html == '<p><strong>ab</strong> Wow!<a href="u">l</a></p>\n'


def test_the_file_itself_is_readable() -> None:
    """Only what would begin a list or a heading is escaped, and only where a line begins."""
    assert to_markdown("<p>5 - 3 is 2. See # 4</p>", str) == "5 - 3 is 2. See # 4\n"
    assert to_markdown("<p>2024. A year</p><p># no heading</p>", str) == "2024\\. A year\n\n\\# no heading\n"


def test_what_markdown_has_no_form_for_is_a_link() -> None:
    """Frames, players and objects lead where they showed; figures keep their captions."""
    html = (
        '<iframe src="https://v.example.org/1" title="A [talk]"></iframe>'
        '<video><source src="https://b.org/v.mp4"></video><object data="https://b.org/h5p">Fallback</object>'
        '<figure><a href="https://b.org/p"><img src="https://b.org/a.png" alt="A"></a>'
        "<figcaption>Caption</figcaption></figure>"
    )

    markdown = to_markdown(html, str)

    assert links(markdown) == [
        "https://v.example.org/1", "https://b.org/v.mp4", "https://b.org/h5p", "https://b.org/p", "https://b.org/a.png",
    ]  # fmt: skip
    assert {"talk", "Fallback", "Caption"} <= set(shown(markdown))


def test_a_bare_address_is_a_link() -> None:
    """The block editor and old posts embed a video by nothing but its address; in code it stays text."""
    html = (
        '<figure><div>\nhttps://v.example.org/a_b_c\n</div></figure><p>[embed width="9"]https://v.example.org/2[/embed]</p>'
        '<pre>https://v.example.org/3</pre><a href="u">https://v.example.org/4</a>'
    )

    assert links(to_markdown(html, str)) == ["https://v.example.org/a_b_c", "https://v.example.org/2", "u"]


def test_an_old_caption_is_a_caption() -> None:
    """WordPress's exports write figures as [caption]: a picture and the words below it, not the shortcode."""
    old = '<p>[caption id="a_7"]<a href="u"><img src="a.png" alt="A" /></a> Below <em>it</em>[/caption] on</p>'

    html = READER.render(to_markdown(old, str))

    assert "caption" not in html
    assert words(html) == ["A", "Below", "it", "on"]


def test_nothing_of_it_runs() -> None:
    """No script, no HTML, no address that a browser would run."""
    html = (
        "<script>alert(1)</script><p onclick=x()>&lt;script&gt;alert(2)&lt;/script&gt;</p>"
        '<a href="javascript:alert(3)">x</a><a href="data:text/html,4">y</a>'
        '<img src=x onerror=alert(5) alt="]( javascript:alert(6))">'
    )

    rendered = MarkdownIt("commonmark", {"html": True}).render(to_markdown(html, str))

    soup = BeautifulSoup(rendered, "html.parser")
    assert {part.name for part in soup.find_all()} <= {"p", "img", "a"}
    assert [part.get("href") for part in soup.find_all("a") if part.get("href")] == []
    assert "alert(1)" not in rendered


def test_no_depth_ends_it() -> None:
    """Thousands of elements inside each other lose their form, not their words."""
    assert shown(to_markdown("<div><i>" * 3000 + "deep *words*" + "</i></div>" * 3000, str)) == ["deep", "words"]


PIECES = st.text(st.sampled_from("ab1 .-+*_#>|`~=[]()!<&\\\n:"), max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from(["p", "li", "td", "h2", "em", "a", "code", "pre", "blockquote", "div"]), PIECES))
)
def test_no_word_is_lost_or_made(parts: list[tuple[str, str]]) -> None:
    """Whatever signs a text is made of, a Markdown reader shows the words that a browser shows."""
    from html import escape

    wraps = {"td": "<table><tr><td>{}</td></tr></table>", "li": "<ul><li>{}</li></ul>", "a": '<a href="u">{}</a>'}
    html = "".join(wraps.get(tag, f"<{tag}>{{}}</{tag}>").format(escape(text)) for tag, text in parts)
    inline = "".join(f" {text} " if tag not in {"em", "a", "code"} else text for tag, text in parts)

    assert "".join(shown(to_markdown(html, str))) == "".join(re.findall(r"\w+", inline))
