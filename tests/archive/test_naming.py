"""Names on disk: total, safe on every file system, short, and readable."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from archive import naming

MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
ANY = st.text(max_size=300)


@given(ANY, ANY, st.none() | MOMENTS, ANY, ANY)
@example("con", "aux", None, "nul", "lpt1")
@example("", "", None, "", "")
@example("x" * 99, "kind-" * 30, datetime(2024, 3, 4, tzinfo=UTC), "ä" * 500, "../../etc/passwd")
def test_any_entry_has_a_safe_name(source, kind, published, title, native_id):
    """Whatever a source says, the path is ASCII, lower case, of safe parts, and at most 100 characters."""
    segment = naming.segment_name(1, datetime(2026, 3, 1, tzinfo=UTC), source, "3f9a")
    stem = naming.entry_stem(segment, kind, published, title, native_id)
    for path in (f"{stem}.json", f"{stem}.raw.html", naming.numbered(f"{stem}.html", 99)):
        assert naming.is_safe(path, naming.LONGEST - len(segment) - 1), path


@given(ANY, ANY, st.binary(min_size=32, max_size=32), MOMENTS)
@example("s", "CON.jpg", b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
@example("s", ".htaccess", b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
@example("s", "a" * 200 + "." + "b" * 200, b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
def test_any_file_has_a_safe_name(source, name, digest, moment):
    segment = naming.segment_name(999_999, moment, source, "3f9a")
    path = naming.file_path(segment, digest.hex(), name, moment)
    assert naming.is_safe(naming.numbered(path, 99), naming.LONGEST - len(segment) - 1), path


@given(st.integers(0, 999_998), MOMENTS, ANY)
def test_parts_sort_by_number_first(number, moment, source):
    assert naming.segment_name(number, moment, source, "ffff") < naming.segment_name(
        number + 1, datetime(2000, 1, 1, tzinfo=UTC), "", "0000"
    )


def test_names_are_readable():
    segment = naming.segment_name(1, datetime(2026, 3, 1, 12, 0, 4, tzinfo=UTC), "blog", "3f9a")
    day = datetime(2024, 3, 4, 23, tzinfo=UTC)
    assert segment == "000001-20260301T120004Z-blog-3f9a"
    stem = naming.entry_stem(segment, "post", day, "Réflecting on Moodle!", "1042")
    assert stem == "data/posts/2024/2024-03-04-reflecting-on-moodle-1042"
    assert naming.entry_stem(segment, "page", None, "日本語", "7") == "data/pages/undated/7"
    path = naming.file_path(segment, "5d1c09aa" * 8, "Workshop Photo.JPG", day)
    assert path == "data/media/2024/5d1c09aa-workshop-photo.jpg"
    assert naming.folder_of("journal-entry") == "journal-entri"
    assert naming.folder_of("media") == "media"


def test_what_is_not_safe():
    """The names that NTFS, exFAT or a synchronised folder would refuse or change."""
    unsafe = [
        "data/A.txt",
        "data/con",
        "data/aux.txt",
        "data/x.",
        "data/a b",
        "../x",
        "/x",
        "data//x",
        "data/é",
        "a\\b",
    ]
    unsafe.append("x" * 101)
    assert [p for p in unsafe if naming.is_safe(p)] == []
