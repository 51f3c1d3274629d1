"""The same portfolio on the same day gives the same bytes, wherever and by whomever it is built."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample import inside, workspace
from tests.sample.workspace import Sample

ROOT = Path(__file__).resolve().parents[2]

BUILD = """
import os, sys
from pathlib import Path
from tests.sample.workspace import Sample
os.umask(int(sys.argv[2], 8))
sample = Sample(Path(sys.argv[1]), Path(sys.argv[1] + "-state"))
for edition in ("public", "assessor"):
    for form in ("folder", "file", "zip", "pdf", "text"):
        sample.done("build", "--edition", edition, "--as", form)
sample.done("build", "--edition", "public", "--layout", "pages", "--out", str(sample.root / "build" / "pages"))
sample.done("build", "--paste", "--out", str(sample.root / "build" / "pasted"))
sample.done("build", "--section", "cpd-depth", "--edition", "assessor", "--out", str(sample.root / "build" / "share"))
"""


def all_built(folder: Path, zone: str, mask: str, seed: str) -> dict[str, bytes]:
    """Build everything in a new process, with another clock, other rights and another order of sets."""
    sample: Sample = workspace.ready().copy(folder)
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(sample.root), mask], env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return inside.files(sample.root / "build")


@pytest.mark.slow
def test_every_output_is_the_same_to_the_byte(tmp_path):
    """Ten forms of two editions, pages, paste and a share: names and bytes alike, in two folders, zones and umasks."""
    (tmp_path / "here").mkdir()
    (tmp_path / "quite" / "another-place").mkdir(parents=True)

    one = all_built(tmp_path / "here", "Pacific/Auckland", "022", "1")
    other = all_built(tmp_path / "quite" / "another-place", "America/Anchorage", "077", "2")

    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []
    assert len(one) > 100


def test_the_sample_itself_is_the_same_every_time(tmp_path):
    """Pictures, documents and the export are drawn and written alike: what is compared begins alike."""
    first, second = (inside.files(workspace.original(tmp_path / name).root / "exports") for name in ("one", "two"))

    assert first == second
