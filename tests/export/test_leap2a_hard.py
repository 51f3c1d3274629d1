"""What is hard about going back to Mahara, in one archive: all of it was also imported by a real Mahara 22.10."""

from __future__ import annotations

import hashlib
from collections import Counter
from zipfile import ZipFile

import pytest

from archive.entry import Entry
from bridge.export import Exported
from connectors.mahara import identity
from tests.export.leap import ATOM, Leap
from tests.export.leap_made import SITE, file_entry, key, of_mahara, written

NAMES = (
    "tab\there.txt", "..\\..\\evil.txt", "a/b.txt", "plus + percent %41 hash # amp & semi ;.txt", 'quote " and \'.txt',
    "emoji 🎓 学習.png", "مرحبا.txt", ".hidden", "no extension", "trailing dot.", "<b>bold</b>.txt", "ends ]]>.txt",
    "x" * 300 + ".txt", "zero.bin", "same.txt", "same.txt",
)  # fmt: skip
TEXT = (
    "<p>Ends here ]]&gt; and &lt;b&gt; &amp;amp; &amp;nbsp; “quotes” naïve 学習 🎓</p>"
    '<p dir="rtl">مرحبا بالعالم</p><p>bell\x07 nul\x00 lone \ud800</p>Words in no element <em>and</em> in one'
)


def hard() -> list[Entry | tuple[Entry, bytes]]:
    """Return 300 entries in 13 journals, folders seven deep, and every odd name and text."""
    things: list[Entry | tuple[Entry, bytes]] = []
    for number in range(1, 14):
        title = "Twin" if number < 3 else f"Journal {number} 学習 <&>"
        things.append(
            of_mahara("journal", "blog/blog", number, title=title, content_html="<p>About</p>", tags=("cpd",))
        )
    things.append(of_mahara("journal", "blog/blog", 14, title="Empty"))
    for number in range(7):
        above = key(f"artefact{20 + number - 1}") if number else None
        things.append(of_mahara("folder", "file/folder", 20 + number, title="Level", parent=above))
    for number, name in enumerate(NAMES, 30):
        data = b"" if name == "zero.bin" else b"the same" if name == "same.txt" else f"bytes of {name}".encode()
        within = key("artefact26") if number % 2 else key("artefact20") if name == "same.txt" else None
        things.append(file_entry(number, name, data, parent=within, content_html="<p>Said &lt;b&gt;&amp;</p>"))
    for number in range(300):
        shown = 30 + number % len(NAMES)
        address = identity.file_address(f"https://{SITE}", str(shown))
        image = f'<p><img src="{address}" alt="a &gt; b" width="32" height="20"></p>'
        text = (
            "" if number == 7 else TEXT if number == 8 else f"<p>Words of {number}</p>" + (image if number % 3 else "")
        )
        title = "Same" if number % 10 == 0 else "T" * 300 if number == 9 else f"Entry {number} <&> ]]>"
        things.append(
            of_mahara(
                "journal-entry", "blog/blogpost", 100 + number, title=title, content_html=text,
                parent=key(f"artefact{number % 13 + 1}"), status="draft" if number % 25 == 0 else "publish",
                tags=("cpd", "Communication & teamwork", "学習") if number % 2 else ("t" * 300,),
            )
        )  # fmt: skip
    block = {"type": "text", "title": "B" * 300, "x": 0, "y": 0, "width": 6, "height": 3, "settings": {"text": TEXT}}
    odd = {"type": "blogpost", "title": "nul\x00", "x": 99, "y": -1, "width": 40, "height": 0}
    shown_entry = {**odd, "y": 3, "settings": {"artefactid": "artefact108", "copytype": "no\x00copy", "bad name": "x"}}
    things.append(
        of_mahara("page", "view/portfolio", 9, "view9", title="P" * 300, extra={"blocks": [block, shown_entry]})
    )
    things.append(of_mahara("collection", "collection", 1, "collection1", title="C" * 300, extra={"pages": ["view9"]}))
    return things


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exported, Leap]:
    return written(tmp_path_factory.mktemp("hard"), *hard())


def test_everything_hard_arrives(made: tuple[Exported, Leap]) -> None:
    """Every entry in its journal, every file with its bytes, name and folder; nothing leads nowhere."""
    done, leap = made

    assert done.left_out == ()
    journals = [leap.by_id[one] for one in leap.ids("journal")]
    assert len(journals) == 14
    counts = sorted(len(leap.links(one, "leap2:has_part")) for one in journals)
    assert counts == [0, *[23] * 12, 24]
    assert len(leap.ids("journal-entry")) == 300
    files = [leap.by_id[one] for one in leap.ids("file")]
    assert Counter(entry.findtext(f"{ATOM}title") for entry in files) == Counter(NAMES)
    with ZipFile(done.path) as packed:
        for entry in files:
            name, (member,) = entry.findtext(f"{ATOM}title"), leap.links(entry, "enclosure")
            data = b"" if name == "zero.bin" else b"the same" if name == "same.txt" else f"bytes of {name}".encode()
            assert hashlib.sha256(packed.read(member)).digest() == hashlib.sha256(data).digest()
    assert all(entry.findtext(f"{ATOM}summary") == "Said <b>&" for entry in files)


def test_folders_stay_seven_deep(made: tuple[Exported, Leap]) -> None:
    """Each folder names what lies in it, which is how Mahara finds it."""
    _, leap = made

    inside = {one: leap.links(leap.by_id[one], "leap2:has_part") for one in leap.ids("folder")}
    (top,) = set(inside) - {one for held in inside.values() for one in held}
    depth = 0
    while top:
        depth += 1
        top = next((one for one in inside[top] if one in inside), "")
    assert depth == 7
