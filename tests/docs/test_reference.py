"""The manual says what the program does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from bridge.cli import COMMANDS, keepfolio
from bridge.cli.reference import PAGES

ROOT = Path(__file__).resolve().parents[2]
MANUAL = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])


@pytest.mark.parametrize("name", PAGES)
def test_reference_page_is_what_the_code_says(name: str) -> None:
    """The reference in docs/ is written from the code and up to date (`make docs` writes it)."""
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.parametrize("name", COMMANDS)
def test_short_help_is_the_first_line_of_the_help(name: str) -> None:
    """Every command can be imported, has a help text, and explains each of its options."""
    command = keepfolio.get_command(click.Context(keepfolio), name)

    assert command is not None
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{name} {parameter.opts}"


def _spoken() -> list[tuple[str, str]]:
    """Every `keepfolio ...` line in a code block or in backticks of the manual."""
    found = []
    for page in MANUAL:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
        lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
        lines += re.findall(r"`(keepfolio [^`\n]+)`", text)
        found += [(page.name, line) for line in lines if line.startswith("keepfolio ")]
    return found


@pytest.mark.parametrize(("page", "line"), _spoken())
def test_commands_in_the_manual_exist(page: str, line: str) -> None:
    """Commands and options that the manual shows are the program's."""
    words = shlex.split(line.split("#")[0].replace("|", " ").replace("...", ""))[1:]
    context = click.Context(keepfolio)
    group: click.Command = keepfolio
    for word in words:
        if word.startswith("-"):
            known = {o for p in (*group.params, *keepfolio.params) for o in (*p.opts, *p.secondary_opts)}
            assert word.split("=")[0] in known | {"--help", "-h"}, f"{page}: {line}: {word}"
        elif isinstance(group, click.Group):
            inner = group.get_command(context, word)
            assert inner is not None, f"{page}: {line}: no command {word}"
            group = inner
