"""Citing in a section file: the list under ``evidence:`` is changed, every other line stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from archive.errors import KeepfolioError, UsageError
from bridge.portfolio import frontmatter, ownerfile
from bridge.yamlfile import load_yaml


def cite(
    folder: Path, section: str, entry_id: str, title: str, why: str | None, principles: Sequence[str] | None = None
) -> Path:
    """
    Cite an entry in a section, or change why it is cited; return the file.

    Args:
        folder: The generation's.

        section: Its file's name without the ending.

        entry_id: What is cited.

        title: It stands behind the id as a comment, for the reader of the file.

        why: None: one that is written there already stays.

        principles: Ids of those that it shows; None: those that are written there already stay.

    Raises:
        UsageError: The section has no file yet.

        ConfigError: Its front matter has a mistake; nothing was changed.
    """

    def change(lines: list[str], node: yaml.MappingNode) -> list[str]:
        lines, sequence = _block(lines, node)
        said = {} if why is None else {"why": ownerfile.quoted(why)}
        said |= {} if principles is None else {"principles": f"[{', '.join(principles)}]"}
        item = [f"  - entry: {entry_id}    # {ownerfile.comment(title)}"]
        item += [f"    {key}: {value}" for key, value in ({"why": '""'} | said).items()]
        for cited in sequence.value if sequence else []:
            _, last = _lines_of(cited)
            if _entry_of(cited) == entry_id:
                for key, value in said.items():
                    lines, last = _set(lines, cited, last, key, value)
                return lines
        end = _lines_of(sequence.value[-1])[1] + 1 if sequence else _line_of_key(lines, "evidence") + 1
        if sequence:
            indent = " " * (sequence.value[0].start_mark.column - 2)
            item = [indent + line[2:] for line in item]
        return [*lines[:end], *item, *lines[end:]]

    return _edit(folder, section, change, lambda ids: ids if entry_id in ids else [*ids, entry_id])


def uncite(folder: Path, section: str, entry_id: str) -> Path:
    """
    Take a citation out of a section and return the file. Citing by a tag is undone at the source, not here.

    Raises:
        UsageError: The section has no file, or does not cite that entry.

        ConfigError: Its front matter has a mistake; nothing was changed.
    """

    def change(lines: list[str], node: yaml.MappingNode) -> list[str]:
        lines, sequence = _block(lines, node)
        for cited in sequence.value if sequence else []:
            if _entry_of(cited) == entry_id:
                first, last = _lines_of(cited)
                rest = [*lines[:first], *lines[last + 1 :]]
                if sequence is not None and len(sequence.value) == 1:
                    rest[_line_of_key(rest, "evidence")] = "evidence: []"
                return rest
        raise UsageError(
            f"Section {section} does not cite this item in its file.",
            code="not-cited",
            unchanged="Nothing was changed.",
            mend="If a tag cites it, remove the tag at its source, or from portfolio.tags in config.yaml.",
        )

    return _edit(folder, section, change, lambda ids: [i for i in ids if i != entry_id])


def cites(folder: Path, section: str, entry_id: str) -> bool:
    """
    Tell whether a section's file cites an entry.

    Raises:
        ConfigError: Its front matter has a mistake.
    """
    path = folder / f"{section}.md"
    return path.is_file() and entry_id in _cited(
        frontmatter.split(ownerfile.read_text(path), path.name).yaml, path.name
    )


Change = Callable[[list[str], yaml.MappingNode], list[str]]


def _edit(folder: Path, section: str, change: Change, wanted: Callable[[list[str]], list[str]]) -> Path:
    path = folder / f"{section}.md"
    if not path.is_file():
        raise UsageError(
            f"There is no file {path.name} for section {section}.",
            code="no-section-file",
            mend="Run: keepfolio init   to add it",
        )
    text = ownerfile.read_text(path)
    parts = frontmatter.split(text, path.name)
    before = _cited(parts.yaml, path.name)
    node = yaml.compose(parts.yaml, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(
            f"{path.name} has no `section:` in its front matter.", code="invalid-file", unchanged="It is as it was."
        )
    new = "\n".join(change(parts.yaml.split("\n"), node))
    if _cited(new, path.name) != wanted(before):
        raise KeepfolioError(
            f"The evidence list of {path.name} is written in a way that cannot be changed line by line.",
            code="evidence-list",
            unchanged="The file is as it was.",
            mend=f"Edit the list under evidence: in {path} by hand.",
        )
    lines = text.split("\n")
    ownerfile.save(path, "\n".join([lines[0], *new.split("\n"), *lines[parts.body_line - 2 :]]))
    return path


def _cited(text: str, name: str) -> list[str]:
    value, _ = load_yaml(text, name, first_line=2)
    items = (value or {}).get("evidence") or []
    return [str(item.get("entry", "")) if isinstance(item, dict) else "" for item in items]


def _block(lines: list[str], node: yaml.MappingNode) -> tuple[list[str], yaml.SequenceNode | None]:
    """Return the lines with ``evidence:`` as a block list, and that list; None when it is empty."""
    value = _value(node, "evidence")
    if value is None:
        return [*lines, "evidence:"], None
    if isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style:
        return lines, value
    first, last = _line_of_key(lines, "evidence"), max(_end(value), _line_of_key(lines, "evidence"))
    items = yaml.safe_load("\n".join(lines))["evidence"] or []
    block = ["evidence:"]
    for item in items:
        text = yaml.safe_dump(item, allow_unicode=True, sort_keys=False, width=10**9).rstrip("\n").split("\n")
        block += [f"  - {text[0]}", *(f"    {line}" for line in text[1:])]
    lines = [*lines[:first], *block, *lines[last + 1 :]]
    again = yaml.compose("\n".join(lines), Loader=yaml.SafeLoader)
    assert isinstance(again, yaml.MappingNode)
    found = _value(again, "evidence")
    return lines, found if isinstance(found, yaml.SequenceNode) else None


def _set(lines: list[str], cited: yaml.MappingNode, last: int, key: str, value: str) -> tuple[list[str], int]:
    """Write one line of a citation whose last line is ``last``, anew or instead of the old one; return both as now."""
    line = f"{' ' * cited.start_mark.column}{key}: {value}"
    places = [number for number in range(cited.start_mark.line, last + 1) if _key_at(lines[number], cited) == key]
    if not places:
        return [*lines[: last + 1], line, *lines[last + 1 :]], last + 1
    at = places[0]
    if at == cited.start_mark.line:
        line = f"{lines[at][: cited.start_mark.column]}{line.strip()}"
    length = _end(_value(cited, key)) - next(k.start_mark.line for k, _ in cited.value if k.value == key)
    return [*lines[:at], line, *lines[at + length + 1 :]], last - length


def _key_at(line: str, cited: yaml.MappingNode) -> str:
    """Return the key that a line of a citation begins with, or ``""``."""
    begins = line[: cited.start_mark.column].strip(" -") == ""
    return line[cited.start_mark.column :].partition(":")[0].strip("'\"") if begins else ""


def _value(node: yaml.MappingNode, name: str) -> Any:
    return next((value for key, value in node.value if key.value == name), None)


def _entry_of(node: yaml.Node) -> str:
    found = _value(node, "entry") if isinstance(node, yaml.MappingNode) else None
    return str(found.value) if found is not None else ""


def _lines_of(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line, _end(node)


def _end(node: yaml.Node) -> int:
    """Return the last line of a value; PyYAML's own mark of a block's end lies behind the comments that follow it."""
    if isinstance(node, yaml.ScalarNode):
        behind = node.style in ("|", ">") and node.end_mark.column == 0
        return int(node.end_mark.line) - (1 if behind else 0)
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.line)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


def _line_of_key(lines: list[str], name: str) -> int:
    return next(n for n, line in enumerate(lines) if line.startswith(f"{name}:"))
