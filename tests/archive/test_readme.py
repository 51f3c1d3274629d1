"""The words in every archive are true: followed with nothing but coreutils and plain JSON."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from archive.entry import Entry, MediaFile
from archive.forget import purge
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, poorer, post
from tests.archive.readers import read_as_the_readme_says

ROOT = Path(__file__).parents[2]


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


def test_the_rules_give_what_the_archive_gives(archive):
    """A stranger with plain Python reads the same: joined, replaced, removed and let in again."""
    keep(archive, poorer(post(1, keys=post(1).keys[:1])), origin=FEED)
    keep(archive, post(1, keys=post(1).keys[1:]), post(2), post(3), post(4))
    keep(archive, post(1), post(2, title="Changed"))  # the two ids of the first turn out to be one
    keep(archive, poorer(post(2)), origin=FEED)  # refers to the page of an earlier part
    first = {i: archive.by_key(post(i).keys[0]).id for i in (2, 3, 4)}
    for number in (3, 4):
        purge.purge(archive, purge.plan(archive, [first[number]]))
    with archive.append(BLOG) as writer:
        writer.readmit(first[4])
        writer.seal()
    keep(archive, post(3), post(4, title="Again"))

    read = read_as_the_readme_says(archive.root)

    held = {s.id: (s.entry.title, s.entry.content_html) for s in archive.entries(content=True)}
    assert {i: (line["entry"]["title"], line["content"]) for i, line in read.items()} == held
    assert first[3] not in read
    assert len(read) == 3


def test_every_rule_stands_in_the_reference_too():
    """The page on the format says what the archive's own words say."""
    reference = (ROOT / "docs/reference/archive-format.md").read_text("utf-8")
    rules = (ROOT / "archive/readme.txt").read_text("utf-8").partition("HOW THE RECORDS ADD UP")[2]
    words = {*re.findall(r'"([A-Za-z-]+)"', rules), "Replaces-Segment"}
    assert {word for word in words if word not in reference} == set()
