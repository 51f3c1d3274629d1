"""An owner at the command line: a workspace of her own, and the real program as a process."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"no JSON (code {self.code}): {self.out[:500]!r} {self.err[-3000:]}") from error


@dataclass
class Owner:
    """Runs ``keepfolio`` in her folder, with her own state and secrets."""

    folder: Path
    state: Path
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if not k.startswith("KEEPFOLIO_")}
        return {
            **keep,
            "KEEPFOLIO_STATE": str(self.state),
            "HOME": str(self.state / "home"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "NO_COLOR": "1",
            **self.secrets,
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bridge.cli", *words]

    def run(self, *words: str, timeout: float = 300, cwd: Path | None = None) -> Answer:
        done = subprocess.run(
            self.command(*words),
            cwd=cwd or self.folder,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str, code: int = 0) -> dict:
        """Run a command with ``--json`` and return its answer, once the exit code is the expected one."""
        answer = self.run(*words, "--json")
        assert answer.code == code, f"{words}: code {answer.code}, not {code}: {answer.out[-2000:]}{answer.err[-3000:]}"
        return answer.json

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )

    def configure(self, **config: object) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def harvest(self, *words: str, code: int = 0) -> dict:
        """Harvest and return the report of the only source."""
        return self.ask("harvest", *words, code=code)["sources"][0]

    def entries(self, *words: str) -> list[dict]:
        return self.ask("list", *words)["entries"]

    def verify(self) -> None:
        assert self.ask("verify")["ok"]
        check_bags(self.folder / "archive")

    def everything_on_disk(self) -> bytes:
        """All bytes that the program left anywhere, for looking for secrets."""
        files = [p for root in (self.folder, self.state) for p in root.rglob("*") if p.is_file() and not p.is_symlink()]
        return b"\0".join(p.read_bytes() for p in files)


def check_bags(archive: Path) -> None:
    """Every bag is valid for bagit-python and for coreutils."""
    import bagit

    for bag in sorted((archive / "segments").iterdir()):
        bagit.Bag(str(bag)).validate()
        for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            subprocess.run(["sha256sum", "--quiet", "-c", manifest], cwd=bag, check=True, capture_output=True)


def content_of(owner: Owner) -> dict[str, tuple]:
    """The final state of an archive, comparable between two archives of one site."""
    return {
        f"{e['kind']}/{e['native_id']}": (
            e["title"],
            e["status"],
            e["visibility"],
            tuple(e["tags"]),
            tuple(e["sha256"]),
            e["deleted"] is None,
        )
        for e in owner.entries()
    }


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process that this test started, without a chance to tidy up."""
    process.send_signal(signal.SIGKILL)
    process.wait(30)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
