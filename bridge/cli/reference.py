"""
Write the reference pages from the code: ``python -m bridge.cli.reference docs/reference``.

The pages are kept in the repository, and a test compares them with what this module would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bridge.cli import COMMANDS, keepfolio

HEAD_COMMANDS = """\
# Commands

This page is written from the commands' own help; change it there.
Every command also takes the shared options, before or after its name:

"""

HEAD_CONFIGURATION = """\
# Configuration

All keys of `config.yaml`, written from the program's own schema; `config.example.yaml` explains them at more length.
A mistake is reported with its line and column, all mistakes at once.

"""


def commands() -> str:
    """Return the page of all commands and options."""
    context = click.Context(keepfolio, info_name="keepfolio")
    lines = [HEAD_COMMANDS.rstrip(), "", *_options(keepfolio, skip=frozenset({"help", "version"})), ""]
    for name in COMMANDS:
        command = keepfolio.get_command(context, name)
        assert command is not None
        lines += _command(command, context, f"keepfolio {name}", "##")
    return "\n".join(lines).rstrip() + "\n"


def _command(command: click.Command, parent: click.Context, path: str, level: str) -> Iterator[str]:
    context = click.Context(command, info_name=path, parent=None)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"{level} {path}", "", f"    {path} {usage}".rstrip(), "", _paragraphs(command.help or ""), "")
    yield from _options(command, skip=frozenset({"json", "quiet", "verbose", "workspace", "help"}))
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _command(inner, parent, f"{path} {name}", level + "#")


def _paragraphs(text: str) -> str:
    import inspect

    return inspect.cleandoc(text)


def _options(command: click.Command, skip: frozenset[str]) -> Iterator[str]:
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in skip and not option.hidden:
            names = ", ".join([*option.opts, *option.secondary_opts])
            value = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(command))}"
            yield f"- `{names}{value}`: {option.help}"


def configuration() -> str:
    """Return the page of all configuration keys."""
    from bridge.config import schema

    whole = schema()
    lines = [HEAD_CONFIGURATION.rstrip(), ""]
    lines += _model("", whole, whole.get("$defs", {}), 0)
    return "\n".join(lines).rstrip() + "\n"


def _model(path: str, model: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, part in model.get("properties", {}).items():
        if "const" in part and name == "type":
            continue  # it stands in the heading of the type
        where, indent = f"{path}{name}", "  " * depth
        default = part.get("default")
        shown = (
            ""
            if default in (None, "", {}, []) or isinstance(default, (dict, list))
            else f" (default: `{_yaml(default)}`)"
        )
        choices = " One of " + ", ".join(f"`{c}`" for c in part["enum"]) + "." if "enum" in part else ""
        yield f"{indent}- `{where}`{shown}: {part.get('description', '')}{choices}".rstrip().rstrip(":")
        for reference, marker in _inner(part):
            inner = defs[reference.rsplit("/", 1)[-1]]
            kind = inner.get("properties", {}).get("type", {})
            if "const" in kind:
                yield f"{indent}  - `{where}.{marker}type: {kind['const']}`"
                yield from _model(f"{where}.{marker}", inner, defs, depth + 2)
            elif "type" not in inner.get("properties", {}):  # else: the part of an extension, which explains itself
                yield from _model(f"{where}.{marker}", inner, defs, depth + 1)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inner(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the references of a property: its own, those of a list, those of a mapping by the owner's names."""
    if "$ref" in part:
        yield part["$ref"], ""
    for choice in (*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("allOf", ())):
        yield from _inner(choice)
    for key, marker in (("items", "[]."), ("additionalProperties", "NAME.")):
        below = part.get(key)
        if isinstance(below, Mapping):
            for reference, rest in _inner(below):
                yield reference, marker + rest


PAGES = {"commands.md": commands, "configuration.md": configuration}


def main() -> None:
    """Write the pages into the folder named on the command line."""
    folder = Path(sys.argv[1])
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
