"""The words in every archive are true: followed with nothing but coreutils and plain JSON."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import fields

import pytest

from archive.entry import Entry, MediaFile
from tests.archive.make import keep, keep_with_file, picture, post


@pytest.mark.skipif(not shutil.which("sha256sum") or not shutil.which("bash"), reason="needs bash and coreutils")
def test_the_check_in_the_readme_works(archive, damage):
    """It prints nothing when all is well, and names the file when a byte changed."""
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    keep(archive, post(2))
    [line] = re.findall(r"^ +(for bag in .*)$", (archive.root / "README.txt").read_text(), re.MULTILINE)

    def check():
        done = subprocess.run(["bash", "-c", line], cwd=archive.root, capture_output=True, text=True)
        return done.stdout + done.stderr

    assert check() == ""
    [media] = (damage(archive) / "segments").glob("*/data/media/*/*")
    media.write_bytes(b"bytez")
    assert media.name in check()


def test_every_field_of_the_records_is_explained(archive):
    """context.jsonld maps each field of an entry and a file that a stranger would look up."""
    context = json.loads((archive.root / "context.jsonld").read_text())["@context"]
    ours = {"scope", "stamp", "fidelity", "extra", "author", "role"}  # the program's own; no standard has them
    named = {f.name for kind in (Entry, MediaFile) for f in fields(kind)} - ours
    assert named <= context.keys()
