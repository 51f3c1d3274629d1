"""The owner's small files: marks on items, and the generation."""

from dataclasses import replace
from datetime import date

import pytest

from archive.entry import Visibility
from archive.errors import KeepfolioError, UsageError
from bridge.portfolio import generation, marks
from bridge.yamlfile import ConfigError
from tests.portfolio.samples import item


def test_a_mark_is_read_back_and_the_rest_stays(tmp_path):
    """Marking changes one line; the title stands behind it; notes of the owner stay."""
    path = tmp_path / "visibility.yaml"
    marks.mark(path, "urn:uuid:1", Visibility.PUBLIC, "A: #title\nin two lines")
    path.write_text(path.read_text() + "# my note\n")
    marks.mark(path, "urn:uuid:2", Visibility.ASSESSOR, "B")
    marks.mark(path, "urn:uuid:1", Visibility.PRIVATE, "A")

    assert marks.read(path) == {"urn:uuid:1": Visibility.PRIVATE, "urn:uuid:2": Visibility.ASSESSOR}
    assert "# my note\n" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_mistake_in_the_marks_has_its_line(tmp_path):
    """An unknown visibility is refused with its line, and nothing is public by mistake."""
    path = tmp_path / "visibility.yaml"
    path.write_text("# marks\nurn:uuid:1: pubic\n")

    with pytest.raises(ConfigError, match=r"visibility\.yaml:2:1"):
        marks.read(path)


def test_the_owners_mark_decides():
    """A mark goes over what the source says, in both directions."""
    private = item(1, visibility=Visibility.PRIVATE)
    public = item(2)

    assert marks.effective(private, {private.id: Visibility.ASSESSOR}) is Visibility.ASSESSOR
    assert marks.effective(public, {public.id: Visibility.PRIVATE}) is Visibility.PRIVATE
    assert marks.effective(public, {}) is Visibility.PUBLIC


@pytest.mark.parametrize("gone", [{"deleted": True}, {"status": "trash"}])
def test_what_is_gone_is_private_whatever_was_marked(gone):
    """Deleting or binning an item at its source takes it out of every edition but the owner's own."""
    held = item(1, **gone)

    assert marks.effective(held, {held.id: Visibility.PUBLIC}) is Visibility.PRIVATE


def test_a_generation_is_read_as_it_was_written(tmp_path):
    """Written and read, nothing is lost."""
    made = generation.new(tmp_path / "original", "cmalt", "cmalt", started=date(2026, 11, 1), title="Mine: a portfolio")
    made = replace(made, titles={"specialist-1": 'Media "and" more'})
    generation.write(made)

    assert generation.read(tmp_path / "original") == made


def test_the_current_generation_is_the_newest_that_is_not_closed(tmp_path):
    """Work goes on in the newest open generation."""
    from dataclasses import replace

    old = generation.new(tmp_path / "original", "cmalt", "cmalt", started=date(2023, 1, 1))
    generation.write(replace(old, state="closed"))
    generation.write(generation.new(tmp_path / "review-1", "cmalt-review", "", started=date(2026, 1, 1)))

    assert generation.current(tmp_path).name == "review-1"
    assert [g.name for g in generation.every(tmp_path)] == ["original", "review-1"]


def test_no_portfolio_yet(tmp_path):
    """Without a generation the owner is told what to run."""
    with pytest.raises(UsageError) as caught:
        generation.current(tmp_path)

    assert "keepfolio init" in caught.value.mend


def test_a_generation_is_never_made_over_another(tmp_path):
    """A folder that holds a generation keeps it, and its UUID with it."""
    generation.write(generation.new(tmp_path / "original", "cmalt", "cmalt", started=date(2026, 1, 1)))

    with pytest.raises(UsageError, match="already holds"):
        generation.new(tmp_path / "original", "cmalt", "cmalt", started=date(2026, 1, 1))


def test_marks_in_another_shape_are_left_alone(tmp_path):
    """A mark that does not stand on a line of its own is never doubled: the owner is asked to edit it."""
    path = tmp_path / "visibility.yaml"
    path.write_text("{'urn:uuid:1': public}\n")

    with pytest.raises(KeepfolioError, match="line by line"):
        marks.mark(path, "urn:uuid:1", Visibility.PRIVATE, "A")

    assert path.read_text() == "{'urn:uuid:1': public}\n"
