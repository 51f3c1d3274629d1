"""Every form, read as others read it: nothing that its edition may not show, and the same bytes always."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge import forms
from tests.outputs import samples

KINDS = ("post", "media", "journal-entry")
FORMS = ("folder", "file", "pdf", "zip", "text")


@st.composite
def archives(draw):
    """Draw items with words, addresses, files and metadata that no other has."""
    return [
        {
            "kind": draw(st.sampled_from(KINDS)),
            "visibility": draw(st.sampled_from(Visibility)),
            "mark": draw(st.none() | st.sampled_from(Visibility)),
            "file": draw(st.sampled_from(["", "jpg", "pdf"])),
            "section": draw(st.sampled_from(["context", "1a"])),
        }
        for _ in range(draw(st.integers(1, 4)))
    ]


@given(
    drawn=archives(),
    edition=st.sampled_from([Visibility.ASSESSOR, Visibility.PUBLIC]),
    form=st.sampled_from([one for one in FORMS if one != "pdf" or not forms.pdf.missing()]),
    layout=st.sampled_from(["flat", "pages"]),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_private_items_are_in_no_form(drawn, edition, form, layout):
    """Neither words, address, name, bytes nor metadata of an item: in members, attachments, links or lists."""
    with tempfile.TemporaryDirectory() as name:
        folder, seen = _folder(Path(name) / "jane", drawn)
        made = forms.make(folder.desk(), forms.Wish(edition, form, layout))
        told = samples.said(samples.members(made.path if form == "zip" else made.path.parent))
        for number, open_to in enumerate(seen):
            if open_to.openness < edition.openness:
                assert f"secret{number}x" not in told
        assert "EXIF-AUTHOR" not in told
        assert "PDF-AUTHOR" not in told


def _folder(root, drawn):
    """Return a folder that holds what was drawn, cited, and who may see each item in the end."""
    folder, seen, cited = samples.Folder(root), [], {"context": [], "1a": []}
    for number, one in enumerate(drawn):
        secret = f"secret{number}x"
        files, data = (), {}
        if one["file"]:
            file = f"file-{secret}.{one['file']}"
            files = (samples.attached(file, alt=f"alt-{secret}"),)
            data = {file: _bytes(one["file"], secret)}
        made = samples.entry(
            number,
            f"title-{secret}",
            kind=one["kind"],
            visibility=one["visibility"],
            url=f"{samples.SITE}/url-{secret}/",
            content_html=f"<p>text-{secret}</p>",
            files=files,
        )
        (held,) = folder.hold(made, files=data)
        if one["mark"] is not None:
            folder.mark(held, one["mark"].value)
        seen.append(one["mark"] or one["visibility"])
        cited[one["section"]].append(held)
    shown = "".join(f"\n\n![]({one}) [here]({one})" for ids in cited.values() for one in ids)
    for section, ids in cited.items():
        folder.write(section, f"Words.{shown}", evidence=ids)
    return folder, seen


def _bytes(ending, secret):
    if ending == "pdf":
        return samples.paper(f"paper-{secret}")
    return samples.gps(samples.noise(64, 48) + secret.encode())


# --- the same bytes -------------------------------------------------------------------------------------------------

ELSEWHERE = {"LC_ALL": "C", "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}
HERE = {"LC_ALL": "C.UTF-8", "TZ": "Europe/London", "PYTHONHASHSEED": "1"}


@pytest.fixture(scope="module")
def jane(tmp_path_factory):
    folder = samples.whole(tmp_path_factory.mktemp("bytes") / "jane")[0]
    folder.desk()
    return folder.root


@pytest.mark.parametrize(
    ("form", "layout"), [*((form, "flat") for form in FORMS), ("folder", "pages"), ("zip", "pages")]
)
def test_the_same_folder_gives_the_same_bytes(jane, tmp_path, form, layout):
    """In another place, under another name, with another umask, language, time zone and order of hashes."""
    if form == "pdf" and forms.pdf.missing():
        pytest.skip(forms.pdf.missing())
    first = _built(jane, tmp_path / "a" / "jane", form, layout, HERE, 0o022)
    second = _built(jane, tmp_path / "an other place" / "x", form, layout, ELSEWHERE, 0o077)
    assert first
    assert second == first


def _built(source, place, form, layout, environment, umask):
    shutil.copytree(source, place, ignore=shutil.ignore_patterns("build"))
    home = place.parent / "home"  # two copies of one archive may not share what is remembered of it
    home.mkdir()
    asked = ["build", "--edition", "assessor", "--as", form, "--layout", layout, "--section", "1a"]
    subprocess.run(
        [sys.executable, "-m", "bridge.cli", "--workspace", str(place), *asked],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
        cwd=Path(__file__).parents[2],
        umask=umask,
        check=True,
        capture_output=True,
    )
    return samples.members(next(path for path in (place / "build").iterdir() if path.name.startswith("assessor")))
