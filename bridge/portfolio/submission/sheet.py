"""A sheet for whoever marks a portfolio: its headings with the scale, to be filled in. Markdown, or a plain page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from bridge.portfolio.framework import Framework
from bridge.portfolio.generation import Generation
from bridge.portfolio.submission.scheme import Grade, Scheme


@dataclass(frozen=True)
class Sheet:
    """What the sheet asks: ``headings`` are id and title of each heading that is marked; principles likewise."""

    title: str
    headings: tuple[tuple[str, str], ...]
    principles: tuple[str, ...]
    scale: tuple[Grade, ...]
    outcomes: tuple[Grade, ...]
    parts: tuple[str, ...]


def of(framework: Framework, generation: Generation, scheme: Scheme, titles: Mapping[str, str]) -> Sheet:
    """Return the sheet of a portfolio; ``titles`` is what its owner calls her own areas, by section."""
    marked = [s for s in framework.flat(generation.pathway) if not s.gathers and s.assessed is not False]
    headings = []
    for section in marked:
        own = titles.get(section.id, "") if section.owner_title else ""
        headings.append((section.id, f"{section.title}: {own}" if own else section.title))
    return Sheet(
        title=f"{framework.pathway_title(generation.pathway)}: marking sheet",
        headings=tuple(headings),
        principles=tuple(one.title for one in scheme.principles),
        scale=scheme.scale,
        outcomes=scheme.outcomes,
        parts=tuple(part.title for part in framework.spec.parts),
    )


def markdown(sheet: Sheet) -> str:
    """Return the sheet as Markdown, with a box before each mark."""
    lines = [f"# {sheet.title}", ""]
    lines += [f"- **{mark.title}**: {mark.meaning}" for mark in sheet.scale if mark.meaning]
    boxes = "  ".join(f"[ ] {mark.title}" for mark in sheet.scale)
    for name, title in sheet.headings:
        lines += ["", f"## {_called(name, title)}", "", *([boxes, ""] if boxes else []), "Comments:", ""]
        lines += [f"- {part}:" for part in sheet.parts]
    if sheet.principles:
        lines += ["", "## Principles, over the whole portfolio", ""]
        lines += [line for title in sheet.principles for line in (f"### {title}", "", boxes, "")]
    lines += ["", "## Outcome", "", *(f"[ ] {one.title}" for one in sheet.outcomes), "", "Comments:", ""]
    return "\n".join(lines)


def html(sheet: Sheet) -> str:
    """Return the sheet as a page that prints, without styles of its own but a line under each box to write in."""
    body = [f"<h1>{escape(sheet.title)}</h1>"]
    meanings = [f"<dt>{escape(m.title)}</dt><dd>{escape(m.meaning)}</dd>" for m in sheet.scale if m.meaning]
    body += [f"<dl>{''.join(meanings)}</dl>"] if meanings else []
    body.append(_table("Marks by heading", [_called(*one) for one in sheet.headings], sheet.scale))
    if sheet.principles:
        body.append(_table("Principles, over the whole portfolio", sheet.principles, sheet.scale))
    body.append("<h2>Outcome</h2>")
    body.append(f"<ul>{''.join(f'<li>☐ {escape(one.title)}</li>' for one in sheet.outcomes)}</ul>")
    return _PAGE.format(title=escape(sheet.title), body="\n".join(body))


def _table(caption: str, rows: tuple[str, ...] | list[str], scale: tuple[Grade, ...]) -> str:
    head = "".join(f'<th scope="col">{escape(mark.title)}</th>' for mark in scale)
    empty = "<td>☐</td>" * len(scale)
    lines = [f'<tr><th scope="row">{escape(row)}</th>{empty}<td></td></tr>' for row in rows]
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n"
        f'<thead><tr><th scope="col">Heading</th>{head}<th scope="col">Comments</th></tr></thead>\n'
        f"<tbody>\n{chr(10).join(lines)}\n</tbody>\n</table>"
    )


def _called(name: str, title: str) -> str:
    return f"{name}: {title}" if any(c.isdigit() for c in name[:2]) else title


_PAGE = """\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; line-height: 1.5; max-width: 70rem; margin: 1rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100%; margin: 1.5rem 0 }}
caption {{ text-align: left; font-weight: bold }}
th, td {{ border: 1px solid #555; padding: .4rem; text-align: left; vertical-align: top }}
td:last-child {{ width: 30% }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
