"""What leaves as a file: ``build`` says what publishing would refuse, and makes the file all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portfolio.owner import Owner
from tests.publish.folder import Folder

HEAD = "Before you give it away:"
BY_MAIL = "jd@elsewhere.example"


@pytest.fixture
def jane(tmp_path: Path) -> Owner:
    """Two sections hold what others should be asked about; the rest is not written."""
    folder = Folder(tmp_path / "jane")
    folder.hold()
    folder.write("1a", f"Lou Example helped; ask {BY_MAIL}.")
    folder.write("2a", "I teach.")
    (folder.root / "portfolio" / "people.yaml").write_text("people:\n  - {name: Lou Example, permission: no}\n")
    return Owner(folder.root)


@pytest.mark.parametrize(
    "words",
    [
        ("--edition", "assessor", "--as", "zip"),
        ("--edition", "assessor"),
        ("--edition", "assessor", "--section", "1a", "--as", "file"),
        ("--edition", "public", "--as", "text"),
        ("--paste",),
    ],
)
def test_what_publishing_would_refuse_is_said(jane: Owner, words: tuple[str, ...]):
    """A bundle, a share and a page to paste alike: who is in it unasked, and how to mend it."""
    code, told, _ = jane.says("build", *words)
    made = jane.asks("build", *words)

    assert code == 0
    before = told.partition(HEAD)[2]
    for one in ("names Lou Example, who said no", BY_MAIL, 'keepfolio people add "Lou Example" --permission yes'):
        assert one in before
    assert {f["code"] for f in made["findings"]} == {"personal-data", "person-no-permission"}
    assert {f["section"] for f in made["findings"]} == {"1a"}
    assert Path(made["path"]).exists()


@pytest.mark.parametrize("words", [(), ("--edition", "assessor", "--section", "2a", "--as", "file")])
def test_a_draft_and_a_part_without_them_need_nothing(jane: Owner, words: tuple[str, ...]):
    """Nor is anything said of what is only unfinished."""
    assert HEAD not in jane.says("build", *words)[1]
    assert jane.asks("build", *words)["findings"] == []


def test_what_the_owner_let_go_is_not_said(jane: Owner):
    """As in publishing: by the section's own file."""
    waive = f'waive: ["personal-data:{BY_MAIL}", "person-no-permission:Lou Example"]\nready: true\n'
    jane.writes("1a", waive, f"## Statement\n\nLou Example helped; ask {BY_MAIL}.")

    made = jane.asks("build", "--edition", "public")

    assert made["findings"] == []
    assert "Lou Example helped" in Path(made["path"]).read_text()
