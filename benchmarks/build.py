"""
The second build of a page that cites 300 entries out of 20,000, 50 of them pictures.

The page is that of a review: the portfolio that it continues, sealed; a CPD record; three themes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.export import workspace_of
from benchmarks.measure import Bench, Row, inside, keepfolio, median, peak

ENTRIES, CITED, PICTURES, ACTIVITIES = 20_000, 250, 50, 300
THEMES = ("Captions", "Design", "Credentials")
PASSED = "2023-05-12"


def measure(bench: Bench) -> Iterator[Row]:
    workspace = bench.folder / "build"
    entries, cited, pictures = (bench.size(n) for n in (ENTRIES, CITED, PICTURES))
    tag = '<category domain="post_tag" nicename="cmalt-1a"><![CDATA[cmalt-1a]]></category>\n'
    every = max(1, entries // cited)
    workspace_of(workspace, entries, lambda number: tag if number % every == 0 else "", pictures)
    inside(draw, workspace / "uploads", entries + 1, pictures)
    keepfolio(workspace, "harvest")
    shown = json.loads(keepfolio(workspace, "list", "--kind", "media", "--json").out)["entries"]
    keepfolio(workspace, "build", "--edition", "private")
    _cite(workspace, [one["id"] for one in shown])
    keepfolio(workspace, "result", "pass", "--date", PASSED)
    keepfolio(workspace, "renew")
    _record(workspace, bench.size(ACTIVITIES))
    _themes(workspace)
    first = keepfolio(workspace, "build", "--edition", "private", "--json")
    again = [keepfolio(workspace, "build", "--edition", "private", "--json") for _ in range(bench.repeat)]
    work = f"second build of a review: {again[0].value['evidence']} cited of {entries + pictures:,}"
    seconds = median(again)
    yield Row(work, f"{seconds:.2f} s", f"the first {first.seconds:.2f} s", seconds, 3.0, " s", peak(again))


def draw(folder: str, first: int, count: int) -> None:
    """Draw photographs of twelve megapixels, none like another."""
    from PIL import Image

    for number in range(first, first + count):
        image = Image.effect_noise((800, 600), 40 + number % 50).resize((4000, 3000)).convert("RGB")
        image.save(Path(folder, f"picture-{number}.jpg"), quality=85)


def _cite(workspace: Path, ids: list[str]) -> None:
    """Cite pictures by hand, as figures, in the first section's file."""
    (section,) = workspace.glob("portfolio/*/1a.md")
    lines = [f'  - {{entry: "{one}", caption: "A workshop"}}\n' for one in ids]
    _, front, body = section.read_text(encoding="utf-8").split("---\n", 2)
    kept = "".join(line for line in front.splitlines(keepends=True) if not line.startswith("evidence:"))
    written = body.replace("## Description\n", "## Description\n\nI compared what could be left again.\n", 1)
    section.write_text(f"---\n{kept}evidence:\n{''.join(lines)}---\n{written}", encoding="utf-8")


def _record(workspace: Path, count: int) -> None:
    """Write a CPD record over three years, every entry in a theme and with a reflection."""
    first = date.fromisoformat(PASSED)
    with (workspace / "portfolio" / "cpd.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["date", "title", "type", "hours", "themes", "reflection", "visibility"])
        for number in range(count):
            day = first + timedelta(days=number * 1_000 // count)
            theme = THEMES[number % len(THEMES)]
            rows.writerow([day, f"Workshop {number}", "event", 2, theme, "I would ask first.", "public"])


def _themes(workspace: Path) -> None:
    """Write three themes with their journey."""
    for theme in THEMES:
        keepfolio(workspace, "renew", "theme", theme, "--reason", "My team needed it.")
        (file,) = workspace.glob(f"portfolio/*/themes/{theme.lower()}.md")
        text = file.read_text(encoding="utf-8").replace("ready: false", "ready: true")
        file.write_text(text.replace("## Description\n", "## Description\n\nI read, tried and asked.\n", 1), "utf-8")
