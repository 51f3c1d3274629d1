"""A Markdown file with front matter, taken apart by line: what stands where, and nothing moved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.yamlfile import ConfigError, Problem

FENCE = re.compile(r"^ {0,3}(```+|~~~+)")


@dataclass(frozen=True)
class Split:
    """The YAML between the ``---`` lines and the body behind them; both begin at the given line of the file."""

    yaml: str
    yaml_line: int
    body: str
    body_line: int


def split(text: str, name: str) -> Split:
    """
    Return the parts of a file.

    Raises:
        ConfigError: It does not begin with front matter, or that is not closed.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise ConfigError([Problem(name, 1, 1, "a section file begins with a line --- and its `section:`")])
    for n, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            return Split("\n".join(lines[1:n]), 2, "\n".join(lines[n + 1 :]), n + 2)
    raise ConfigError([Problem(name, 1, 1, "the front matter is never closed: a second line --- is missing")])


def without_comments(body: str, name: str, first_line: int) -> str:
    """
    Return the body without ``<!-- comments -->``, line by line the same otherwise. Code blocks keep theirs.

    Raises:
        ConfigError: A comment is never closed: what follows would vanish without a word.
    """
    kept: list[str] = []
    fence = ""
    opened = 0
    for number, line in enumerate(body.split("\n"), start=first_line):
        rest, shown = line, ""
        while True:
            if opened:
                _, closing, rest = rest.partition("-->")
                if not closing:
                    break
                opened = 0
            found = FENCE.match(rest) if not shown else None
            if found and not fence:
                fence = found[1]
            elif found and rest.strip().startswith(fence) and not rest.strip().strip(fence[0]):
                fence = ""
            if fence or found:
                shown += rest
                break
            before, opening, rest = rest.partition("<!--")
            shown += before
            if not opening:
                break
            opened = number
        kept.append(shown)
    if opened:
        raise ConfigError([Problem(name, opened, 1, "this comment is never closed: --> is missing")])
    return "\n".join(kept)


def headed(body: str) -> list[tuple[str, int, str]]:
    """Return ``(heading, line, text)`` for each ``## `` heading outside code; "" for what stands first."""
    found: list[tuple[str, int, list[str]]] = [("", 0, [])]
    fence = ""
    for number, line in enumerate(body.split("\n")):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        if not fence and re.match(r"## +\S", line):
            found.append((line[2:].strip().rstrip("#").strip(), number, []))
        else:
            found[-1][2].append(line)
    return [(heading, number, "\n".join(lines).strip("\n")) for heading, number, lines in found]
