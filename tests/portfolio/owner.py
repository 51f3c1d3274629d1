"""An owner with the sample blog in her archive, who gives commands: what a person reads and what a script gets."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge import demo, runs
from bridge.cli import main
from bridge.session import Session


class Silent:
    """A harvest that nobody watches."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@dataclass(frozen=True)
class Owner:
    """Runs commands in one folder."""

    folder: Path

    def says(self, *words: str) -> tuple[int, str, str]:
        """Run a command as it is typed; return its exit code, what it gave and what it said."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with pytest.raises(SystemExit) as ended, redirect_stdout(out), redirect_stderr(err):
            main(["--workspace", str(self.folder), *words])
        said = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined] # BytesIO
        return int(ended.value.code or 0), said[0], said[1]

    def asks(self, *words: str) -> Any:
        """Run a command for a script and return its JSON."""
        return json.loads(self.says("--json", *words)[1])

    def configures(self, old: str, new: str) -> None:
        """Change the configuration, as in an editor."""
        text = (self.folder / "config.yaml").read_text()
        assert old in text
        (self.folder / "config.yaml").write_text(text.replace(old, new))

    def writes(self, section: str, front: str = "", body: str = "", generation: str = "original") -> Path:
        """Write a section's file."""
        path = self.folder / "portfolio" / generation / f"{section}.md"
        path.write_text(f"---\nsection: {section}\nvisibility: public\n{front}---\n\n{body}\n")
        return path


def of_the_sample(folder: Path) -> Owner:
    """Return the owner of the sample, everything harvested."""
    runs.harvest_all(Session(demo.prepare(folder)), ["blog"], progress=Silent, stop=lambda: False)
    return Owner(folder)
