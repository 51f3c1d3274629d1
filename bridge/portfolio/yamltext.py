"""YAML that people write: read so that every mistake is named with its file, line and column."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from archive.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
Loader = type[yaml.BaseLoader] | type[yaml.SafeLoader]


def parse(text: str, model: type[Model], where: str, *, first_line: int = 1, loader: Loader = yaml.BaseLoader) -> Model:
    """
    Return the validated model of a YAML mapping.

    With the default loader every scalar stays the text that was written (``no``, ``1.10`` and ``1a`` keep their
    meaning) and the model's types decide.

    Args:
        where: The file's name as a person knows it.

        first_line: The line of the file in which ``text`` begins.

    Raises:
        UsageError: It is not YAML, a key stands twice, or a value does not fit; every mistake is in the message.
    """
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise UsageError(
            f"{_place(error.problem_mark, where, first_line)}: this is not valid YAML: {error.problem}",
            code="invalid-yaml",
            mend=f"Open {where} and mend that line.",
        ) from error
    problems = [
        f"{_place(mark, where, first_line)}: {key!r} stands twice" for key, mark in _duplicates(node) if node is not None
    ]
    if node is not None and not isinstance(node, yaml.MappingNode):
        problems.append(f"{where}:{first_line}: a list of `name: value` lines is expected here")
    if problems:
        raise _mistakes(problems, where)
    try:
        return model.model_validate(yaml.load(text, Loader=loader) or {})  # noqa: S506 - Base or Safe, by the type
    except ValidationError as error:
        problems = [_problem(found, node, model, where, first_line) for found in error.errors()]
        raise _mistakes(problems, where) from error


def save(path: Path, text: str) -> None:
    """Replace the file with ``text`` in one step, readable by its owner only; a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_text(path: Path) -> str:
    """
    Return the text of a file that a person wrote, with unix line ends.

    Raises:
        UsageError: It is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path.name} is not UTF-8 text.", code="not-utf-8", mend=f"Save {path} as UTF-8 in your editor."
        ) from error


def quoted(text: str) -> str:
    """Return ``text`` as one double-quoted YAML scalar on one line."""
    return yaml.safe_dump(text, default_style='"', width=10**9, allow_unicode=True).strip()


def comment(text: str) -> str:
    """Return ``text`` so that it can stand behind a ``#``: one line."""
    return " ".join(text.split())


def _mistakes(problems: Sequence[str], where: str) -> UsageError:
    return UsageError(
        "\n".join(problems),
        code="invalid-file",
        unchanged="Nothing was changed.",
        mend=f"Mend {where} and run the command again.",
    )


def _problem(found: Any, root: yaml.Node | None, model: type[BaseModel], where: str, first_line: int) -> str:
    path = tuple(found["loc"])
    mark = _mark(root, path)
    name = ".".join(str(part) for part in path)
    if found["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _keys(model, path[:-1]), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{_place(mark, where, first_line)}: {name}: unknown key{hint}"
    message = str(found["msg"]).removeprefix("Value error, ")
    return f"{_place(mark, where, first_line)}: {name}: {message[:1].lower()}{message[1:]}"


def _keys(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Return the keys that are known at ``path``, as far as the types tell."""
    here: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        field = here.model_fields.get(part) if hasattr(here, "model_fields") else None
        inner = [a for a in _types(field.annotation if field else None) if hasattr(a, "model_fields")]
        if not inner:
            return []
        here = inner[0]
    return [f.alias or name for name, f in here.model_fields.items()]


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _types(inner)


def _mark(node: yaml.Node | None, path: tuple[Any, ...]) -> yaml.Mark | None:
    """Return where the value at ``path`` begins, or the last thing on the way to it that exists."""
    mark = node.start_mark if node is not None else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
            if str(part) not in pairs:
                break
            key, node = pairs[str(part)]
            mark = key.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return mark


def _duplicates(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Mark]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key.value, key.start_mark
                seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item)


def _place(mark: yaml.Mark | None, where: str, first_line: int) -> str:
    if mark is None:
        return f"{where}:{first_line}"
    return f"{where}:{mark.line + first_line}:{mark.column + 1}"
