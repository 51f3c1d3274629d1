"""Whatever is private, in a review or in the portfolio before it, is in no edition for others."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.building import build
from tests.renewal.workspace import Owner

THEMES = ("design-methodology", "collaboration", "microcredentials")
OLD = ("1a", "2a", "3a", "context")
SEEN = st.sampled_from(Visibility)


@pytest.fixture(scope="module")
def release_of(sample_deep: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """From who may see what, and an edition, to all that is published of it."""
    root = tmp_path_factory.mktemp("leaks") / "rowan"
    shutil.copytree(sample_deep, root)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KEEPFOLIO_STATE", str(root.parent / "state"))
        owner = Owner(root)

        def release(
            themes: list[Visibility], old: list[Visibility], lines: list[Visibility], edition: Visibility
        ) -> str:
            for name, seen in zip(THEMES, themes, strict=True):
                path = owner.file(f"review-1/themes/{name}.md")
                text = re.sub("visibility: [a-z]+", f"visibility: {seen.value}", path.read_text())
                path.write_text(re.sub(r"\nMark: .*", "", text) + f"\nMark: theme-{name}-mark\n")
            for name, seen in zip(OLD, old, strict=True):
                path = owner.file(f"original/{name}.md")
                path.write_text(re.sub("visibility: [a-z]+", f"visibility: {seen.value}", path.read_text()))
            head = "id,date,title,status,themes,evidence,visibility\n"
            rows = [
                f"c{n:04d},2025-01-0{n},line-{n}-mark,done,Design methodology; Collaboration,"
                f"https://secret.example/line-{n}-mark,{seen.value}\n"
                for n, seen in enumerate(lines, 1)
            ]
            owner.file("cpd.csv").write_text(head + "".join(rows))
            built = build(owner.desk(), edition)[1].release
            return f"{built.fragment} {built.document} {built.uploads}"

        yield release


@settings(max_examples=15)
@given(
    themes=st.lists(SEEN, min_size=3, max_size=3),
    old=st.lists(SEEN, min_size=4, max_size=4),
    lines=st.lists(SEEN, min_size=2, max_size=4),
    edition=SEEN,
)
def test_nothing_private_is_in_an_edition_for_others(
    release_of, themes: list[Visibility], old: list[Visibility], lines: list[Visibility], edition: Visibility
) -> None:
    """Of themes, CPD entries and earlier sections each edition has what is open to it, and nothing else."""
    published = release_of(themes, old, lines, edition)

    def may(seen: Visibility) -> bool:
        return seen.openness >= edition.openness

    for name, seen in zip(THEMES, themes, strict=True):
        assert (f"theme-{name}-mark" in published) is may(seen)
    for name, seen in zip(OLD, old, strict=True):
        assert (f"kf-original-{name}" in published) is may(seen)
    of_the_two = any(map(may, themes[:2]))
    for number, seen in enumerate(lines, 1):
        shown = f"line-{number}-mark" in published
        assert not shown or may(seen)
        assert shown or not (may(seen) and of_the_two)
