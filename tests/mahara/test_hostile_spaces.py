"""Blanks without end, where an id or a category should stand: what is looked for in them is found in one pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FEED = b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:leap2="http://terms.leapspecs.org/">'
LOOK = """
import sys
from pathlib import Path
from connectors.contract import SourceUnavailable
from connectors.mahara.leap2a_file import look
from connectors.mahara.leap2a_sights import has_private_feedback
from connectors.mahara.leap2a_survey import survey

try:
    for package in look(Path(sys.argv[1]), Path(sys.argv[2])).packages:
        survey(package)
        has_private_feedback(package)
except SourceUnavailable:
    pass
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"<id>" + b" " * 60_000, id="in the id of the feed"),
        pytest.param(b"<id>1</id><entry><id>" + b" " * 200_000 + b"x" * 600 + b"</i></entry>", id="in a broken entry"),
        pytest.param(b"<id>1</id><!-- " + b"<category " * 200_000 + b" --></feed>", id="tags that do not end"),
    ],
)
def test_what_does_not_end_is_not_looked_at_again_and_again(tmp_path: Path, text: bytes) -> None:
    """In a process of its own, for an expression that runs for ever cannot be interrupted."""
    (tmp_path / "leap2a.xml").write_bytes(FEED + text)

    done = subprocess.run([sys.executable, "-c", LOOK, str(tmp_path), str(tmp_path)], timeout=60, check=False)

    assert done.returncode == 0
