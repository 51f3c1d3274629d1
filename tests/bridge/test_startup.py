"""`keepfolio --help` is fast, because nothing heavy is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"pydantic", "requests", "lxml", "rich", "jinja2", "yaml", "PIL", "keyring", "bs4", "feedparser", "apscheduler"}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["harvest", "--help"], ["publish", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """Configuration, network, rendering and pictures are imported by the commands that need them."""
    code = (
        "import sys, json\nfrom bridge.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(json.loads(out.splitlines()[-1]))

    assert loaded & HEAVY == set()
    assert "click" in loaded


def test_without_a_workspace_the_door_says_how_to_begin(tmp_path) -> None:
    """`keepfolio` alone, anywhere, is never an error."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge.cli"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "keepfolio init" in done.stdout
    assert "keepfolio demo" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["frobnicate"], 2),
        (["harvst"], 2),
        (["list"], 2),
        (["publish", "--keep", "mine"], 2),
        (["--json", "status"], 2),
    ],
)
def test_wrong_usage_is_two_and_says_what_mends_it(tmp_path, words: list[str], code: int) -> None:
    """Unknown commands name the nearest; a missing workspace says how to make one; JSON errors have their shape."""
    done = subprocess.run([sys.executable, "-m", "bridge.cli", *words], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if "--json" in words:
        error = json.loads(done.stdout)
        assert error["ok"] is False
        assert set(error["error"]) == {"code", "message", "unchanged", "mend"}
    if words == ["harvst"]:
        assert "harvest" in done.stderr
