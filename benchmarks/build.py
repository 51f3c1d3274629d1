"""The second build of a page that cites 300 entries out of 20,000, 50 of them pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.export import workspace_of
from benchmarks.measure import Bench, Row, inside, keepfolio, median, peak

ENTRIES, CITED, PICTURES = 20_000, 250, 50


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
    first = keepfolio(workspace, "build", "--edition", "private", "--json")
    again = [keepfolio(workspace, "build", "--edition", "private", "--json") for _ in range(bench.repeat)]
    work = f"second build: {again[0].value['evidence']} cited of {entries + pictures:,}"
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
    section.write_text(f"---\n{kept}evidence:\n{''.join(lines)}---\n{body}", encoding="utf-8")
