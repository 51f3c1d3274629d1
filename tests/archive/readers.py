"""What a stranger has: bagit-python, sha256sum, and the README's ten lines."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Any

import bagit


def assert_valid_for_others(root: Path) -> None:
    """bagit-python and coreutils find every bag valid."""
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    for bag in sorted((root / "segments").iterdir()):
        bagit.Bag(str(bag)).validate(processes=1)
        if shutil.which("sha256sum"):
            command = ["sha256sum", "--quiet", "-c", "tagmanifest-sha256.txt", "manifest-sha256.txt"]
            done = subprocess.run(command, cwd=bag, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr


def read_as_the_readme_says(root: Path) -> dict[str, dict[str, Any]]:
    """Return the state by id, following README.txt with plain Python; the content under ``content``."""
    state: dict[str, dict[str, Any]] = {}
    same: dict[str, str] = {}
    removed: set[str] = set()
    for bag in sorted((root / "segments").iterdir()):
        for text in (bag / "data/records.jsonl").read_text("utf-8").splitlines():
            line = json.loads(text)
            if line["event"] == "redaction":
                state = {i: known for i, known in state.items() if i not in line["ids"]}
                same = {other: i for other, i in same.items() if not {other, i} & set(line["ids"])}
                removed.update(line["ids"] if line.get("forGood") else ())
            if line["event"] == "readmission":
                removed.difference_update(line["ids"])
            if "entry" not in line or line["id"] in removed:
                continue
            entry_id = same.get(line["id"], line["id"])
            for other in line.get("joins", ()):
                same[other] = entry_id
                state.pop(other, None)
            content = line["entry"].get("content_html", "")
            readable = line.get("readable")
            if readable and not content:
                page = _folder(root, readable.get("segment", bag.name)) / readable["path"]
                content = page.read_bytes().decode().split("<!-- keepfolio:content -->\n", 1)[1]
            state[entry_id] = {**line, "content": content}
    return state


def _folder(root: Path, name: str) -> Path:
    """Rule 5: the folder, or the one that replaced it."""
    folder = root / "segments" / name
    if folder.is_dir():
        return folder
    infos = (root / "segments").glob("*/bag-info.txt")
    says = f" {name}"
    return next(
        p.parent
        for p in infos
        if any(
            line.startswith("Replaces-Segment: ") and line.endswith(says) for line in p.read_text("utf-8").splitlines()
        )
    )
