"""A site whose clock was wrong for a while."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from tests.mahara.place import ALL, FIXTURES, LATER, Place

YEARS = timedelta(days=4 * 365)


def _ahead(to: Path) -> None:
    """Write the first export as if it had been made years later."""
    with zipfile.ZipFile(FIXTURES / ALL) as packed, zipfile.ZipFile(to, "w") as out:
        for info in packed.infolist():
            data = packed.read(info)
            if info.filename == "leap2a.xml":
                head, entry, rest = data.decode().partition("<entry>")
                said = re.search("<updated>(.*?)</updated>", head)
                assert said
                when = (datetime.fromisoformat(said[1]) + YEARS).isoformat()
                data = (head.replace(said[1], when) + entry + rest).replace("/1795304247", "/1921448247").encode()
            out.writestr(info, data)


def test_what_is_new_after_it_is_no_deleted_thing(tmp_path: Path) -> None:
    """An export of a day to come is not for ever the newest."""
    place = Place(tmp_path)
    _ahead(place.folder / "ahead.zip")
    place.harvest()
    place.drop(LATER)

    place.harvest()

    assert not place.is_deleted("artefact702")
    assert place.is_deleted("artefact91")
    assert place.entry("artefact87").status == "publish"


def test_such_an_export_proves_nothing_as_deleted_and_what_is_new_in_it_lives(tmp_path: Path) -> None:
    """And the report says so."""
    place = Place(tmp_path)
    place.drop(LATER)
    place.harvest()
    place.replace()
    _ahead(place.folder / "ahead.zip")

    report = place.harvest()

    assert report.deleted == 0
    assert any("yet to come" in note for note in report.notes)
