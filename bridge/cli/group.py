"""A group of commands that are found by name and imported when they run, so that ``--help`` stays fast."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Group(click.Group):
    """
    A group of commands.

    Args:
        members: Where each is (``module:attribute``) and what it does, by name, in the order in which a person needs
            them.
    """

    def __init__(self, *given: Any, members: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.members = members

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names."""
        return list(self.members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command of that name."""
        if cmd_name not in self.members:
            return None
        module, _, attribute = self.members[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.members.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        name = args[0]
        if name not in self.members and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.members, 1)
            _, *below = ctx.command_path.split()
            wanted = " ".join([*below, name])
            ctx.fail(f"No such command: {wanted}." + (f" Did you mean “{near[0]}”?" if near else ""))
        return super().resolve_command(ctx, args)
