"""Names on disk: total, safe on NTFS, exFAT, APFS and in synchronised folders, short, and readable."""

from __future__ import annotations

import io
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from archive import naming, segment
from archive.entry import Entry
from archive.store import Archive
from tests.archive.make import BLOG
from tests.crash.model import IN_MEMORY, NoSync

MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
ANY = st.text(st.characters(), max_size=300)
"""Any text at all: control characters, lone surrogates and all planes."""
NASTY = st.sampled_from(
    (
        *(
            "con",
            "NUL",
            "aux.txt",
            "COM¹",
            "lpt9.tar.gz",
            ".",
            "..",
            "...",
            "a.",
            "a ",
            " a",
            "a/b",
            "a\\b",
            "C:",
            "a:b",
        ),
        *("é", "e\u0301", "ﬁ", "İ", "ß", "ẞ", "ſ", "K", "A", "a", "\u200b", "\u202egpj.exe", "\x00", "\x7f", "\ud800"),
        *("a" * 300, "-" * 99, "._-", "Thumbs.db", ".DS_Store", "-rf", "$(id)", "a\nb", "%00", "*?<>|", "~$x", "🎓"),
    )
)
NAMES = ANY | NASTY
RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(10))}


def acceptable(path: str) -> bool:
    """What the rules of those file systems come to, said without the module under test."""
    return all(
        part not in {"", ".", ".."}
        and part.isascii()
        and part == part.lower()
        and not set(part) & set('<>:"\\|?*')
        and all(" " < sign < "\x7f" for sign in part)
        and part[-1] != "."
        and part.split(".")[0] not in RESERVED
        and len(part) <= 255
        for part in path.split("/")
    )


def assert_fits(part: str, path: str) -> None:
    """Every path in a part is so; the part's own name is fixed but for its slug (only T and Z are capital)."""
    assert acceptable(part.lower())
    assert acceptable(path)
    assert len(f"{part}/{path}") <= naming.LONGEST
    assert naming.is_safe(path, naming.LONGEST - len(part) - 1)


def paths(source: str, kind: str, published: datetime | None, title: str, native_id: str) -> tuple[str, list[str]]:
    """A part's name, and all paths of an entry in it."""
    name = naming.segment_name(1, datetime(2026, 3, 1, tzinfo=UTC), source, "3f9a")
    stem = naming.entry_stem(name, kind, published, title, native_id)
    return name, [f"{stem}.json", f"{stem}.raw.html", naming.numbered(f"{stem}.html", 99)]


@given(NAMES, NAMES, st.none() | MOMENTS, NAMES, NAMES)
@example("con", "aux", None, "nul", "lpt1")
@example("", "", None, "", "")
@example("x" * 99, "kind-" * 30, datetime(2024, 3, 4, tzinfo=UTC), "ä" * 500, "../../etc/passwd")
def test_any_entry_has_a_safe_name(source, kind, published, title, native_id):
    """Whatever a source says, the path is ASCII, lower case, of safe parts, and at most 100 characters."""
    part, made = paths(source, kind, published, title, native_id)
    for path in made:
        assert_fits(part, path)


@given(NAMES, NAMES, st.binary(min_size=32, max_size=32), MOMENTS)
@example("s", "CON.jpg", b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
@example("s", ".htaccess", b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
@example("s", "a" * 200 + "." + "b" * 200, b"0" * 32, datetime(2024, 3, 4, tzinfo=UTC))
def test_any_file_has_a_safe_name(source, name, digest, moment):
    part = naming.segment_name(999_999, moment, source, "3f9a")
    assert_fits(part, naming.numbered(naming.file_path(part, digest.hex(), name, moment), 99))


@given(NAMES, st.integers(-5, 120))
def test_a_slug_is_one_safe_part_or_nothing(text, longest):
    """Never a reserved name, at the cut neither."""
    slug = naming.slug(text, longest)
    assert len(slug) <= max(longest, 0)
    assert slug == "" or longest <= 2 or acceptable(slug)


@given(NAMES)
def test_each_maker_of_a_part_gives_a_safe_one(text):
    for part in (naming.folder_of(text), naming.identifier(text), naming.short_hash(text)):
        assert acceptable(part)
        assert naming.is_safe(part)


@given(st.text("abcABCé.-_ /\\:comnulaux019\n\0~", max_size=40) | NAMES)
def test_what_is_called_safe_is(path):
    """``is_safe`` lets nothing through that one of those file systems refuses, changes or takes for another name."""
    if naming.is_safe(path):
        assert acceptable(path)


@given(NAMES, NAMES, NAMES)
def test_composed_and_decomposed_accents_make_one_name(source, kind, title):
    """macOS gives back other code points than it was given: no name depends on which."""
    forms = [[unicodedata.normalize(form, text) for text in (source, kind, title)] for form in ("NFC", "NFD")]
    first, second = (paths(s, k, None, t, "7") for s, k, t in forms)
    assert first == second


@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.lists(st.tuples(*[NASTY | st.text("aAé\u0301.-", min_size=1, max_size=9)] * 4), min_size=2, max_size=6),
    st.sampled_from(["post", "comment", "term", "Post", "con"]),
)
def test_no_two_files_of_a_part_are_one_on_any_disk(told, kind):
    """Through the real writer: what differs only in case or accents stays apart."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder, begun(Path(folder)) as archive:
        with archive.append(BLOG) as writer:
            for number, (native_id, title, name, shared) in enumerate(told):
                entry = Entry(
                    keys=(f"key:{number}",), kind=kind, native_id=native_id, title=title, content_html="<p>x</p>",
                    parent=shared, extra={"taxonomy": shared},
                )  # fmt: skip
                writer.add_file(io.BytesIO(b"%d" % number), name=name)
                writer.put(entry, b"{}")
            sealed = writer.seal()
        listed = list(segment.manifest(archive.root / "segments" / str(sealed)))
        assert len({unicodedata.normalize("NFKC", path).casefold() for path in listed}) == len(listed)
        for path in listed:
            assert_fits(str(sealed), path)
        assert len(list(archive.entries(kind=kind))) == len(told)


def begun(folder: Path) -> Archive:
    return Archive.create(folder / "archive", folder / "state", disk=NoSync())


@given(st.integers(0, 999_998), st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)), NAMES)
def test_parts_sort_by_number_first(number, moment, source):
    name = naming.segment_name(number, moment, source, "ffff")
    assert segment.is_name(name)
    assert name < naming.segment_name(number + 1, datetime(2000, 1, 1, tzinfo=UTC), "", "0000")


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
    unsafe += ["x" * 101, "", "data/x\n", "data/nul.tar.gz", "data/lpt0", "c:x", "data/..", "."]
    assert [p for p in unsafe if naming.is_safe(p)] == []
