"""The owner's small files: nothing is written that the next command would refuse to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archive.entry import Visibility
from archive.errors import UsageError
from bridge.portfolio import generation, licences, marks, people, tags
from bridge.portfolio.cpd import file as cpd
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.submission import handed
from tests.portfolio.owner import Owner

DAY = date(2027, 3, 1)


def _torn(folder: Path) -> generation.Generation:
    """Return a generation whose time ends before it begins."""
    begun = generation.new(folder, "cmalt", "cmalt", started=DAY)
    generation.write(begun)
    return generation.Generation(**{**vars(begun), "window": (DAY, date(2026, 1, 1))})


WRITERS: dict[str, Callable[[Path], object]] = {
    "people.yaml": lambda folder: people.write_down(folder / "people.yaml", people.Person("")),
    "cpd.csv": lambda folder: cpd.write(folder / "cpd.csv", [Activity("no id", DAY, "A webinar")]),
    "generation.yaml": lambda folder: generation.write(_torn(folder)),
    "submissions.yaml": lambda folder: handed.write(folder, [handed.Handed(DAY, Visibility.ASSESSOR, "8: c")]),
    "visibility.yaml": lambda folder: marks.mark(folder / "visibility.yaml", "a: b", Visibility.PUBLIC, ""),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_its_reader_refuses_is_not_written(tmp_path: Path, name: str) -> None:
    """The file is as it was, or is still none."""
    with pytest.raises(UsageError, match="cannot be written down") as refused:
        WRITERS[name](tmp_path)

    assert refused.value.unchanged == f"{name} is as it was."
    assert name == "generation.yaml" or not (tmp_path / name).exists()
    if name == "generation.yaml":
        assert generation.read(tmp_path).window is None


def test_any_words_can_be_said_of_a_picture_and_of_a_tag(tmp_path: Path) -> None:
    """Quotation marks, colons, brackets and signs that YAML does not know come back as they were said."""
    words = "a: [b] “c” \"d\" 'e' # f\x07 \u2028 {g}"
    licences.note(tmp_path / "pictures.yaml", licences.Note("urn:uuid:1", words, credit=words), words)
    tags.write(tmp_path / "tags.yaml", tags.Tags({"1a": (words,)}))

    assert licences.read(tmp_path / "pictures.yaml") == (licences.Note("urn:uuid:1", words, credit=words),)
    assert tags.read(tmp_path / "tags.yaml").cite == {"1a": (words,)}


@pytest.mark.parametrize("name", ["", "  "])
def test_nobody_is_written_down_without_a_name(tmp_path: Path, name: str) -> None:
    """The list can be read afterwards."""
    jane = Owner(tmp_path)
    (tmp_path / "config.yaml").write_text("owner: Jane Example\ntimezone: Europe/London\n")

    code, _, err = jane.says("people", "add", name)

    assert code == 2
    assert "needs a name" in err
    assert jane.asks("people")["people"] == []
