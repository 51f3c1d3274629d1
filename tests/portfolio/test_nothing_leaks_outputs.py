"""Property: nothing private can be read out of any output: no page, zip member, stream, name, link or metadata."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio import marks
from bridge.portfolio.cpd import file as cpd
from bridge.portfolio.cpd.record import Activity, With
from tests.sample import inside, workspace
from tests.sample.drawing import document, picture
from tests.sample.secrets import ASSESSOR, PRIVATE, hidden_from
from tests.sample.workspace import Sample

FORMS = ("folder", "file", "zip", "pdf", "text")
LEVELS = st.sampled_from(Visibility)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Sample:
    return workspace.ready().copy(tmp_path_factory.mktemp("leaks"))


# --- the whole sample -----------------------------------------------------------------------------------------------


def test_every_secret_is_really_there(sample):
    """Each word that is looked for stands in the folder, so that not finding it says something."""
    owned = {
        name: data
        for name, data in inside.files(sample.root).items()
        if name.startswith(("portfolio/", "exports/", "config"))
    }
    standing = {said.partition(" in ")[0] for said in inside.found([*PRIVATE, *ASSESSOR], owned)}

    assert standing == {*PRIVATE, *ASSESSOR}


@pytest.mark.slow
@pytest.mark.parametrize("edition", [Visibility.PUBLIC, Visibility.ASSESSOR], ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_the_sample_gives_a_secret_away(sample, edition, form):
    """Neither in its bytes nor in what can be unpacked, inflated or read as metadata."""
    place = Path(sample.done("build", "--edition", edition.value, "--as", form, "--json").json["path"])
    written = inside.files(place.parent)

    assert written
    assert inside.found(hidden_from(edition), written) == []


def test_neither_pages_nor_paste_nor_a_share_give_a_secret_away(sample):
    """Sub-pages, what is pasted into a WordPress, and one section alone are made of the same edition."""
    for words in (["--layout", "pages"], ["--paste"], ["--section", "cpd-record"], ["--section", "cpd-depth"]):
        place = Path(sample.done("build", "--edition", "public", *words, "--json").json["path"])
        assert inside.found(hidden_from(Visibility.PUBLIC), inside.files(place.parent)) == [], words


@pytest.mark.parametrize("target", ["public", "assessors"])
def test_what_is_published_gives_no_secret_away(sample, target):
    """Neither the folder that others read nor the plan that is shown before."""
    hidden = hidden_from(Visibility.ASSESSOR if target == "assessors" else Visibility.PUBLIC)
    planned = sample.run("plan", target, "--json")
    sample.done("publish", target, "--yes")

    assert inside.found(hidden, {"plan": planned.out.encode()}) == []
    assert inside.found(hidden, inside.files(sample.root / "published" / target)) == []


def test_assessors_read_what_is_opened_to_them(sample):
    """The same words are in their edition: it is no empty page that keeps the secrets."""
    place = Path(sample.done("build", "--edition", "assessor", "--json").json["path"])

    assert {said.partition(" in ")[0] for said in inside.found(ASSESSOR, inside.files(place.parent))} == {*ASSESSOR}


# --- any small folder -----------------------------------------------------------------------------------------------

POST = """<item><title><![CDATA[qtitle{n}q]]></title><link>https://quill.example.net/qslug{n}q/</link>
<pubDate>Mon, 06 Nov 2023 08:05:00 +0000</pubDate><dc:creator><![CDATA[nerys]]></dc:creator>
<guid isPermaLink="false">https://quill.example.net/?p={n}</guid>
<content:encoded><![CDATA[<p>qtext{n}q</p>{image}]]></content:encoded><excerpt:encoded><![CDATA[qcaption{n}q]]></excerpt:encoded>
<wp:post_id>{n}</wp:post_id><wp:post_date_gmt><![CDATA[2023-11-06 08:05:00]]></wp:post_date_gmt>
<wp:post_modified_gmt><![CDATA[2023-11-06 08:05:00]]></wp:post_modified_gmt>
<wp:post_name><![CDATA[qslug{n}q]]></wp:post_name>
<wp:status><![CDATA[{status}]]></wp:status><wp:post_parent>{parent}</wp:post_parent><wp:menu_order>0</wp:menu_order>
<wp:post_type><![CDATA[{kind}]]></wp:post_type><wp:post_password><![CDATA[]]></wp:post_password>
{more}</item>
"""
HEAD = """<?xml version="1.0" encoding="UTF-8" ?><!-- generator="WordPress/6.1.9" created="2026-05-30 12:00" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>A blog</title><link>https://quill.example.net</link><pubDate>Sat, 30 May 2026 12:00:00 +0000</pubDate>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://quill.example.net</wp:base_site_url>
<wp:base_blog_url>https://quill.example.net</wp:base_blog_url>
"""
CONFIG = """owner: Nerys Calloway
sources:
  blog: {type: wordpress-export, path: exports/blog.xml, media: exports/uploads}
portfolio: {framework: cmalt-review}
"""


@st.composite
def folders(draw):
    """Draw who may see each of a few posts with files, CPD lines, sections and themes."""
    posts = [
        {
            "n": n,
            "status": draw(st.sampled_from(["publish", "private", "draft"])),
            "file": draw(st.sampled_from(["", "png", "pdf"])),
            "mark": draw(st.none() | LEVELS),
            "narrowed": draw(st.none() | LEVELS),
        }
        for n in range(11, 11 + draw(st.integers(1, 3)))
    ]
    lines = [draw(LEVELS) for _ in range(draw(st.integers(0, 4)))]
    themes = [(draw(LEVELS), draw(st.booleans())) for _ in range(draw(st.integers(0, 3)))]
    sections = {name: (draw(LEVELS), draw(st.booleans())) for name in ("summary", "cpd-record", "cpd-depth")}
    return {"posts": posts, "lines": lines, "themes": themes, "sections": sections}


def lay_out(folder: Path, drawn: dict) -> Sample:
    """Write the folder as its owner would, and harvest."""
    sample = Sample(folder / "quill", folder / "state")
    written = sample.root / "portfolio" / "original"
    (written / "themes").mkdir(parents=True)
    uploads = sample.root / "exports" / "uploads" / "2023" / "11"
    uploads.mkdir(parents=True)
    (sample.root / "config.yaml").write_text(CONFIG)
    items = []
    for post in drawn["posts"]:
        n, image = post["n"], ""
        if post["file"]:
            name = f"qfile{n}q.{post['file']}"
            data = picture(f"q{n}", "badge")[1] if post["file"] == "png" else document(f"qpdf{n}q", 1)
            (uploads / name).write_bytes(data)
            url = f"https://quill.example.net/wp-content/uploads/2023/11/{name}"
            image = f'<img src="{url}" alt="qalt{n}q">' if post["file"] == "png" else f'<a href="{url}">qlink{n}q</a>'
            more = f"<wp:attachment_url><![CDATA[{url}]]></wp:attachment_url>\n"
            items.append(
                POST.format(n=n + 50, status="inherit", parent=n, kind="attachment", image="", more=more).replace(
                    f"q{n + 50}q", f"q{n}q"
                )
            )
        items.append(POST.format(n=n, status=post["status"], parent=0, kind="post", image=image, more=""))
    (sample.root / "exports" / "blog.xml").write_text(HEAD + "".join(items) + "</channel></rss>")
    (written / "generation.yaml").write_text(
        "portfolio: 5f2d1c64-9d0b-4e6e-8a37-3b8f0a4f9c99\nframework: cmalt-review\npathway: ''\n"
        "started: 2023-05-12\nwindow: {from: 2023-05-12, to: 2026-06-01}\n"
    )
    sample.done("harvest")
    held = sample.done("list", "--json").json["entries"]
    ids = {one["title"]: one["id"] for one in held if one["kind"] == "post"}
    for post in drawn["posts"]:
        if post["mark"] is not None:
            marks.mark(sample.root / "portfolio" / marks.FILE_NAME, ids[f"qtitle{post['n']}q"], post["mark"], "a title")
    _write(written, drawn, ids)
    record = [
        Activity(
            id=f"c{at:04}",
            on=date(2024, 3, 1),
            title=f"qcpd{at}q",
            hours=Decimal(at + 1),
            provider=f"qprovider{at}q",
            people=(With(f"Qperson{at}q Quill", "host"),),
            note=f"qnote{at}q",
            reflection=f"qreflection{at}q",
            evidence=tuple(ids.values()),
            themes=(f"qtheme{at}q",),
            visibility=visibility,
        )
        for at, visibility in enumerate(drawn["lines"])
    ]
    cpd.write(sample.root / "portfolio" / cpd.FILE_NAME, record)
    return sample


def _write(folder: Path, drawn: dict, ids: dict[str, str]) -> None:
    narrowed = {ids[f"qtitle{post['n']}q"]: post["narrowed"] for post in drawn["posts"]}
    cited = "".join(
        f"\n  - {{entry: '{one}', why: because{', visibility: ' + level.value if level else ''}}}"
        for one, level in narrowed.items()
    )
    shown = " ".join(f"![]({one}) [there]({one})" for one in ids.values())
    for section, (visibility, ready) in drawn["sections"].items():
        (folder / f"{section}.md").write_text(
            f"---\nsection: {section}\nvisibility: {visibility.value}\nready: {str(ready).lower()}\nevidence:{cited}\n"
            f"---\n<!-- qcomment-{section}q -->\n\nqsection-{section}q {shown}\n"
        )
    for at, (visibility, ready) in enumerate(drawn["themes"]):
        (folder / "themes" / f"theme-{at}.md").write_text(
            f"---\ntheme: qtheme{at}q\nreason: qreason{at}q\nvisibility: {visibility.value}\n"
            f"ready: {str(ready).lower()}\njourney: {{intended: qcell{at}q}}\nentries: [c0000, c0001]\n"
            f"evidence:{cited}\n---\n\n## Description\n\nqdescribed{at}q {shown}\n"
        )


def secrets_of(drawn: dict, edition: Visibility) -> list[str]:
    """Return every word that an edition may not hold."""
    hidden = [f"qcomment-{section}q" for section in drawn["sections"]]
    for post in drawn["posts"]:
        own = Visibility.PUBLIC if post["status"] == "publish" else Visibility.PRIVATE
        if (post["mark"] or own).openness < edition.openness:
            hidden += [
                f"q{what}{post['n']}q" for what in ("title", "slug", "text", "caption", "file", "alt", "link", "pdf")
            ]
    for at, visibility in enumerate(drawn["lines"]):
        if visibility.openness < edition.openness:
            hidden += [f"q{what}{at}q" for what in ("cpd", "provider", "person", "reflection")]
        hidden.append(f"qnote{at}q") if visibility is Visibility.PRIVATE else None
    open_lines = {at for at, level in enumerate(drawn["lines"]) if level.openness >= edition.openness}
    for at, (visibility, ready) in enumerate(drawn["themes"]):
        if visibility.openness < edition.openness or not ready:
            hidden += [f"q{what}{at}q" for what in ("reason", "cell", "described")]
            hidden += [] if at in open_lines else [f"qtheme{at}q"]
    for section, (visibility, ready) in drawn["sections"].items():
        if visibility.openness < edition.openness or not ready:
            hidden.append(f"qsection-{section}q")
    return hidden


@given(drawn=folders(), edition=st.sampled_from([Visibility.ASSESSOR, Visibility.PUBLIC]), form=st.sampled_from(FORMS))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@pytest.mark.slow
def test_no_output_of_any_folder_gives_anything_away(drawn, edition, form):
    """Whoever may see posts, files, CPD entries, themes and sections: an output holds what its readers may see."""
    with tempfile.TemporaryDirectory() as name:
        sample = lay_out(Path(name), drawn)
        place = Path(sample.done("build", "--edition", edition.value, "--as", form, "--json").json["path"])

        assert inside.found(secrets_of(drawn, edition), inside.files(place.parent)) == []


def test_what_is_open_to_all_is_there(tmp_path):
    """With nothing hidden every one of those words can be read: what the property looks for does reach a page."""
    everyone = Visibility.PUBLIC
    post = {"n": 11, "status": "publish", "file": "png", "mark": None, "narrowed": None}
    drawn = {
        "posts": [post],
        "lines": [everyone],
        "themes": [(everyone, True)],
        "sections": dict.fromkeys(("summary", "cpd-record", "cpd-depth"), (everyone, True)),
    }
    sample = lay_out(tmp_path, drawn)

    place = Path(sample.done("build", "--edition", "public", "--json").json["path"])

    shown = (
        "qtitle11q",
        "qslug11q",
        "qcpd0q",
        "qprovider0q",
        "qreason0q",
        "qcell0q",
        "qdescribed0q",
        "qsection-summaryq",
    )
    found = {said.partition(" in ")[0] for said in inside.found(shown, inside.files(place.parent))}
    assert found == set(shown)
