"""
Read YAML strictly, and remember where each thing stands.

PyYAML's own loader reads ``no`` as false, ``1.10`` as 1.1, ``12:30`` as 750 and silently keeps the last of two equal
keys. Here plain text stays text: only ``true``, ``false``, whole numbers and nothing at all (``null``, ``~``) have a
meaning of their own, keys are always text, and a repeated key is a mistake. Dates stay text: the schema that wants a
date asks for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import yaml

from archive.errors import UsageError

Path: TypeAlias = tuple[str | int, ...]
Marks: TypeAlias = dict[Path, tuple[int, int]]
"""Line and column, both from 1, of each key or list item, by its path: ``("sources", "blog", "url")``."""


class Problem(NamedTuple):
    """One mistake in a file that the owner writes; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ConfigError(UsageError):
    """All mistakes found in a file, as ``problems``; the message has a line for each."""

    default_code = "bad-config"

    def __init__(self, problems: Iterable[Problem], *, mend: str = "") -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line, p.column))
        super().__init__(
            "\n".join(str(p) for p in self.problems),
            unchanged="Nothing was started.",
            mend=mend or "Put this right in the file, then try again.",
        )


class _Loader(yaml.SafeLoader):
    """PyYAML's reader with the few implicit types that cannot surprise."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML reads it from the class


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
# a leading zero is a code or a time to a person, not a number
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), "-0123456789")


def load_yaml(text: str, name: str, *, first_line: int = 1, problems: list[Problem] | None = None) -> tuple[Any, Marks]:
    """
    Return the value of one YAML document and the place of each of its parts; an empty document is ``None``.

    Args:
        text: The document.

        name: What to call the file in messages.

        first_line: The line of the file on which the text starts, for front matter.

        problems: Where to add mistakes that leave the rest readable (a key that is there twice), to be told together
            with others; without it they are raised.

    Raises:
        ConfigError: The text is not YAML, a key is there twice, or a tag or an endless reference is used.
    """
    shift = first_line - 1
    try:
        loader = _Loader(text.removeprefix("\ufeff"))
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ConfigError([Problem(name, line + shift, column, _words(error))]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character {error.character!r} cannot stand in a YAML file"
        raise ConfigError([Problem(name, line + shift, 1, what)]) from error
    except RecursionError as error:
        raise ConfigError([Problem(name, 1 + shift, 1, "too many brackets in one another")]) from error
    reading = _Reading(name, shift)
    value = reading.value(node, ()) if node is not None else None
    if problems is not None:
        problems += reading.problems
    elif reading.problems:
        raise ConfigError(reading.problems)
    return value, reading.marks


def _words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "not readable as YAML"
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = " (text with a colon in it needs quotes; check the spaces at the start of the line)"
    elif "'\\t'" in problem:
        hint = " (use spaces at the start of a line, not tabs)"
    return f"this is not readable as YAML: {problem}{hint}"


class _Reading:
    """One pass over the nodes of a document: values, places, mistakes."""

    def __init__(self, name: str, shift: int) -> None:
        self.name = name
        self.shift = shift
        self.marks: Marks = {(): (1 + shift, 1)}
        self.problems: list[Problem] = []
        self._done: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        """Return the value of a node. One that is referred to several times is built once: no "billion laughs"."""
        if id(node) in self._done:
            return self._done[id(node)]
        if id(node) in self._open:
            self.problem(node, "this refers to itself")
            return None
        self._open.add(id(node))
        built = self._build(node, path)
        self._open.discard(id(node))
        self._done[id(node)] = built
        return built

    def _build(self, node: yaml.Node, path: Path) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return [self._item(child, (*path, n)) for n, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            match kind:
                case "str":
                    return node.value
                case "null":
                    return None
                case "bool":
                    return node.value.lower() == "true"
                case "int" if re.fullmatch(r"-?[0-9]+", node.value):
                    return int(node.value)
        self.problem(node, f"the tag {node.tag} has no meaning here")
        return None

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self._mark(node, path)
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problem(key, "a key must be a word")
                continue
            here = (*path, key.value)
            if key.value in built:
                line = self.marks[here][0]
                self.problem(key, f"{dotted(here)}: this key is already on line {line}")
                continue
            self._mark(key, here)
            built[key.value] = self.value(child, here)
        return built

    def _mark(self, node: yaml.Node, path: Path) -> None:
        self.marks[path] = (node.start_mark.line + 1 + self.shift, node.start_mark.column + 1)

    def problem(self, node: yaml.Node, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.name, mark.line + 1 + self.shift, mark.column + 1, message))


def dotted(path: Path) -> str:
    """Return a path as a person reads it: ``sources.blog.url``, ``roles[2].title``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
