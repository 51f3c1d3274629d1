"""Who made a picture: from the source, or by the owner's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Entry, MediaFile, Visibility
from bridge import building
from bridge.cli import main
from bridge.portfolio import licences
from bridge.portfolio.licences import Note
from bridge.portfolio.model import Shown
from tests.publish.folder import Folder
from tests.publish.samples import PNG

CHART = Entry(
    keys=("guid:https://blog.example.org/chart.png",),
    kind="media",
    native_id="9",
    title="Who came to the drop-in",
    url="https://blog.example.org/chart/",
    status="inherit",
    visibility=Visibility.PUBLIC,
    files=(
        MediaFile(
            name="chart.png",
            url="https://blog.example.org/chart.png",
            media_type="image/png",
            alt="Bars for twelve months, the highest in October",
        ),
    ),
)


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    [chart] = folder.hold(CHART, files={"chart.png": PNG})
    folder.write("1a", "I counted who came.", evidence=(chart,))
    return folder


def gated(jane: Folder, edition: Visibility = Visibility.PUBLIC) -> dict[str, str]:
    desk = jane.desk()
    found = building.gates(desk, desk.portfolio(edition))
    desk.session.archive.close()
    return {f.code: f.severity for f in found if f.section == "1a"}


def keepfolio(jane: Folder, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(jane.root), *words])
    return int(ended.value.code or 0)


def test_a_picture_of_unknown_maker_stops_a_public_release(jane: Folder) -> None:
    """Lying in one's own media library is no proof; assessors may see it, with a warning."""
    assert gated(jane) == {"licence-unknown": "error"}
    assert gated(jane, Visibility.ASSESSOR) == {"licence-unknown": "warning"}


@pytest.mark.parametrize(
    "words",
    [
        ("chart.png", "--mine"),
        ("Who came to the drop-in", "--mine"),
        ("chart.png", "--credit", "Lou Example"),
        ("chart.png", "--licence", "CC BY 4.0"),
        ("--all-mine",),
    ],
)
def test_one_line_says_whose_it_is(jane: Folder, words: tuple[str, ...]) -> None:
    """The owner's word, a maker or a licence is enough; for all pictures at once, too."""
    assert keepfolio(jane, "picture", *words) == 0
    assert gated(jane) == {}


def test_the_owner_may_let_one_picture_go(jane: Folder) -> None:
    """Item by item, by the words that the finding names it with; another picture's words do nothing."""
    [chart] = jane.desk().connections.cited["1a"]
    jane.write("1a", "I counted.", evidence=(chart,), more='waive: ["licence-unknown:Another picture"]\n')
    assert gated(jane) == {"licence-unknown": "error"}
    jane.write("1a", "I counted.", evidence=(chart,), more='waive: ["licence-unknown:who came to the Drop-in"]\n')
    assert gated(jane) == {}


@pytest.mark.parametrize(
    ("caption", "known"),
    [
        ("Drawing: Jane Example, CC BY 4.0.", True),
        ("Two rabbits. Photo by Lou Example", True),
        ("Rabbits (public domain)", True),
        ("© Northshire University 2024", True),
        ("I would cite the source, but I have no idea where this meme came from", False),
        ("Source: unknown", False),
        ("A picture of the room", False),
        ("Time to answer, by kind of diagram: with the picture, without it", False),
    ],
)
def test_a_caption_may_say_who_made_a_picture(caption: str, known: bool) -> None:
    """As many bloggers do; a caption that only describes, or says that nobody knows, is none."""
    shown = Shown("urn:uuid:1", "0" * 64, "p.png", "image/png", "", caption=caption)
    assert licences.is_known(shown) is known


def test_what_was_said_stands_among_the_credits(jane: Folder) -> None:
    """Maker, licence, alternative text and caption reach the page; the owner's own pictures bear her name."""
    keepfolio(
        jane, "picture", "chart.png", "--mine", "--licence", "CC BY 4.0", "--alt", "Twelve bars", "--caption", "X"
    )
    desk = jane.desk()
    [shown] = desk.portfolio(Visibility.PUBLIC).credits
    desk.session.archive.close()
    assert (shown.credit, shown.licence, shown.alt, shown.caption) == ("Jane Example", "CC BY 4.0", "Twelve bars", "X")


def test_mine_takes_no_credit_from_others(jane: Folder, tmp_path: Path) -> None:
    """A maker whom the source names stays named: only an explicit credit is stronger."""
    folder = Folder(tmp_path / "other")
    file = MediaFile(name="chart.png", url="https://b.example/c.png", media_type="image/png", credit="Lou")
    [chart] = folder.hold(Entry(**{**vars(CHART), "files": (file,)}), files={"chart.png": PNG})
    folder.write("1a", "I counted.", evidence=(chart,))
    keepfolio(folder, "picture", "chart.png", "--mine")
    desk = folder.desk()
    [shown] = desk.portfolio(Visibility.PUBLIC).credits
    desk.session.archive.close()
    assert shown.credit == "Lou"


def test_what_is_said_later_adds_to_what_was_said(tmp_path: Path) -> None:
    """Comments of the owner's own stay, too."""
    path = tmp_path / "pictures.yaml"
    licences.note(path, Note("urn:uuid:1", credit="Lou"), "Rabbits")
    path.write_text(path.read_text() + "# mine\n")
    licences.note(path, Note("urn:uuid:2", mine=True), "A chart")
    licences.note(path, Note("urn:uuid:1", licence="CC0"), "Rabbits")
    assert licences.read(path) == (Note("urn:uuid:1", credit="Lou", licence="CC0"), Note("urn:uuid:2", mine=True))
    assert "# mine" in path.read_text().splitlines()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("cc-by-sa 4.0", "CC BY-SA 4.0"),
        ("CC BY NC ND 2.0", "CC BY-NC-ND 2.0"),
        ("Creative Commons Attribution-ShareAlike 4.0", "CC BY-SA 4.0"),
        ("https://creativecommons.org/licenses/by-nc/3.0/", "CC BY-NC 3.0"),
        ("CC BY", "CC BY"),
        ("CC0", "CC0 1.0"),
        ("cc-nc-sa-4.0", "CC BY-NC-SA 4.0"),
        ("cc", "CC BY"),
        ("allrightsreserved", "All rights reserved"),
        ("public domain", "Public domain"),
        ("OGL v3", "Open Government Licence v3.0"),
        ("own work", "Own work"),
        ("By kind permission of the library", "By kind permission of the library"),
        ("© Lou Example 2024", "© Lou Example 2024"),
    ],
)
def test_licences_are_known_by_their_names(written: str, name: str) -> None:
    """Anything else is shown as it was written, and is not taken for an open licence."""
    assert licences.named(written).name == name
    assert licences.named(written).open == (name.startswith(("CC", "Public", "Open")))


@pytest.mark.parametrize("text", ["cc" + "-" * 200_000, "cc " * 100_000, "cc by " * 100_000])
def test_a_licence_of_any_length_is_read_at_once(text: str) -> None:
    """What a source sends as a licence may be anything; the search must not grow with its square."""
    from bridge.portfolio import licences

    assert licences.named(text).name == " ".join(text.split())


def test_the_line_that_lets_a_picture_go_can_be_pasted(jane: Folder) -> None:
    """The finding gives it as YAML, with the words that it is known by."""
    desk = jane.desk()
    [found] = [f for f in building.gates(desk, desk.portfolio(Visibility.PUBLIC)) if f.code == "licence-unknown"]
    [chart] = desk.connections.cited["1a"]
    desk.session.archive.close()

    jane.write("1a", "I counted.", evidence=(chart,), more=found.mend[found.mend.index("waive:") :] + "\n")

    assert gated(jane) == {}


def test_some_words_of_a_caption_are_enough(jane: Folder) -> None:
    """A picture is found by what the page calls it, as the list of pictures does."""
    assert keepfolio(jane, "picture", "chart.png", "--caption", "Three options on four questions; more dots") == 0

    assert keepfolio(jane, "picture", "three options", "--mine") == 0
    assert gated(jane) == {}


def test_a_post_is_no_picture(jane: Folder, capsys) -> None:
    """What holds no picture is refused, and so are words that fit nothing, with the list to look at."""
    jane.hold(Entry(keys=("guid:p",), kind="post", native_id="7", title="Going live", content_html="<p>Words.</p>"))

    code = keepfolio(jane, "picture", "going live", "--mine")
    said = capsys.readouterr().err
    nothing = keepfolio(jane, "picture", "no such thing", "--mine")

    assert (code, "holds no picture" in said, nothing) == (2, True, 2)
    assert "keepfolio picture" in capsys.readouterr().err
    assert not (jane.root / "portfolio/pictures.yaml").exists()
