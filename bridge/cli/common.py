"""What every command shares: its options, where it writes, and how an error becomes words."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar, cast

import click

from archive.errors import KeepfolioError

if TYPE_CHECKING:
    from rich.console import OverflowMethod

_A_COMMAND = re.compile(r"""keepfolio(?: (?:"[^"]*"|'[^']*'|(?:[^\s"'().,;:]|[.,;:](?! |$))+)){1,6}""")
"""A command amid words, as far as its end can be told: a quoted title is one of its words."""
_GLUE = "\ue000"
"""Stands for a space at which no line may end; no text has it, for it is not printable."""

OUR_ROOMS = frozenset({"archive", "connectors", "bridge"})

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Settings:
    """The options that stand before or after any command."""

    json: bool = False
    quiet: bool = False
    verbose: int = 0
    workspace: Path | None = None


def shared_options(command: F) -> F:
    """Add ``--json``, ``-q``, ``-v`` and ``--workspace``, accepted before and after the command's name."""
    options = (
        click.option("--json", "json", is_flag=True, help="Print the result as JSON."),
        click.option("-q", "--quiet", "quiet", is_flag=True, help="Say only results and errors."),
        click.option("-v", "--verbose", "verbose", count=True, help="Say more; twice: also each request."),
        click.option(
            "--workspace",
            "workspace",
            type=click.Path(path_type=Path, file_okay=False),
            help="Your portfolio's folder (default: here, or a parent with config.yaml).",
        ),
    )
    for option in reversed(options):
        command = option(command)
        parameter = command.params[-1] if isinstance(command, click.Command) else command.__click_params__[-1]  # type: ignore[attr-defined]
        parameter.expose_value = False
        parameter.callback = _remember
    return command


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    settings = ctx.find_root().obj
    if isinstance(settings, Settings) and value:
        setattr(settings, str(parameter.name), value)
        if parameter.name == "verbose":
            _log(value)
    return value


def _log(level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    if level == 1:
        handler.addFilter(lambda record: record.name.partition(".")[0] in OUR_ROOMS)
    logging.basicConfig(
        handlers=[handler], level=logging.DEBUG if level > 1 else logging.INFO, format="%(name)s: %(message)s"
    )


_running = Settings()


def running(chosen: Settings) -> None:
    """Note the options of the command that runs: threads of a schedule have no click context of their own."""
    global _running  # noqa: PLW0603 - one process runs one command
    _running = chosen


def settings() -> Settings:
    """Return the shared options of the running command."""
    context = click.get_current_context(silent=True)
    found = context.find_root().obj if context else _running
    return found if isinstance(found, Settings) else _running


def command(name: str, **more: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command with the shared options."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made = cast("Callable[[Any], click.Command]", click.command(name, **more))
        return made(shared_options(function))

    return decorate


def interactive() -> bool:
    """Tell whether a person can be asked."""
    return sys.stdin.isatty() and not settings().json


def say(text: str = "") -> None:
    """Tell something to a person, on stderr; silent with ``--quiet`` and ``--json``."""
    if not (settings().quiet or settings().json):
        click.echo(wrapped(printable(text), sys.stderr), err=True)


def result(value: object, text: str | Callable[[], str]) -> None:
    """Print the result on stdout: JSON when asked for, else words."""
    if settings().json:
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        click.echo(text.encode("utf-8", "backslashreplace"))  # half a character, as JSON writes it
    else:
        click.echo(wrapped(printable(text() if callable(text) else text), sys.stdout))


def json_wanted(arguments: Sequence[str]) -> bool:
    """Tell whether ``--json`` stands among the arguments; for a line that click could not take apart."""
    before_free_text = list(arguments)[: list(arguments).index("--")] if "--" in arguments else arguments
    return "--json" in before_free_text


def leave(code: int) -> NoReturn:
    """End the command with an exit code of the table."""
    raise click.exceptions.Exit(code)


def wrapped(text: str, stream: TextIO) -> str:
    """
    Return text with its long lines ended at words, for a terminal; for a pipe or a file as it is.

    A command is never broken, so that it can be copied; nor is a row of a table.
    """
    if not stream.isatty():
        return text
    import shutil

    width = shutil.get_terminal_size().columns
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        fits = len(click.unstyle(line)) <= width or len(line.split()) < 4  # an address behind its name
        prose, run, order = ("", "", line) if fits or line.lstrip().startswith("|") else _command_in(line)
        order, beside, aside = order.partition("   (") if run else (order, "", "")
        lines += _filled(prose, width, f"{indent}  " if indent else "")
        if order or run or not prose:
            lines.append(f"{indent}{run}{order}" if run else order)
        if aside:
            lines += _filled(f"{indent}  {beside.lstrip()}{aside}", width, f"{indent}  ")
    return "\n".join(lines)


def _filled(prose: str, width: int, indent: str) -> list[str]:
    """Return prose in lines of that width, no command in it broken."""
    import textwrap

    glued = _A_COMMAND.sub(lambda command: command[0].replace(" ", _GLUE), prose)
    lines = textwrap.wrap(glued, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_GLUE, " ") for line in lines]


def _command_in(line: str) -> tuple[str, str, str]:
    """Return the prose of a line, and a command that it ends with; a line that begins with a command has no prose."""
    prose, run, order = line.partition("Run: ")
    if order.startswith("keepfolio ") and "keepfolio " not in prose:
        return prose.rstrip(), run, order
    return ("", "", line) if line.lstrip().startswith("keepfolio ") else (line, "", "")


def room() -> int:
    """Return how many signs a line of output may have; a file takes wide ones."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


_READABLE = 30
"""Signs in a line of a cell that goes on in further lines: others give way until it has so many."""


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, give_way: Sequence[int] = (), wraps: int | None = None
) -> str:
    """
    Return a table as text, fitted to the terminal.

    Args:
        columns: Their heads.

        rows: The cells of each.

        give_way: The columns that are cut where it is narrow, the first one first. What stands left of all of them,
            such as numbers and ids, is what a person types next: it stays whole.

        wraps: The column whose cells go on in further lines, once the others gave way.
    """
    from io import StringIO

    from rich.cells import cell_len
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    tty = sys.stdout.isatty()
    width = room()
    cells = [list(columns), *([printable(cell).replace("\n", " ") for cell in row] for row in rows)]
    firm = min([*give_way, *([] if wraps is None else [wraps])], default=0)
    head, *body = _cut(cells, width, give_way, wraps)
    shown = [index for index in range(len(head)) if any(row[index] for row in (head, *body))]
    grid = Table(box=None, pad_edge=False, show_edge=False, header_style="none", expand=False)
    for index in shown:
        least = max(cell_len(row[index]) for row in (head, *body)) if index < firm else None
        over: OverflowMethod = "fold" if index in (0, wraps) else "ellipsis"
        grid.add_column(head[index], overflow=over, no_wrap=index != wraps, min_width=least)
    for row in body:
        grid.add_row(*(escape(row[index]) for index in shown))
    out = StringIO()
    Console(
        file=out, width=width, height=25, force_terminal=tty, highlight=False, no_color="NO_COLOR" in os.environ
    ).print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _cut(
    rows: list[list[str]], width: int, give_way: Sequence[int], wraps: int | None = None, least: int = 4
) -> list[list[str]]:
    """Cut the cells of some columns, heads included, so that the others keep their width; empty columns vanish."""
    from rich.cells import cell_len, set_cell_size

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    line = 0
    if wraps is not None:
        line = widths[wraps] = min(widths[wraps], _READABLE)
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for index in give_way if over > 0 else ():
        needed = min(widths[index], least) if any(row[index] for row in rows[1:]) else 0
        room = max(widths[index] - max(over, 0), needed)
        over -= widths[index] - room
        widths[index] = room
        for row in rows:
            if cell_len(row[index]) > room:
                row[index] = set_cell_size(row[index], room - 1).rstrip() + "…" if room else ""
    for index in give_way if line else ():
        if over > line // 2:  # a cell of a few signs says less than a readable line
            over -= widths[index] + 2
            for row in rows:
                row[index] = ""
    return rows


def printable(text: str) -> str:
    """Return text without control characters but line ends: what was harvested must not steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def fail(error: BaseException, chosen: Settings) -> int:
    """Tell what happened, what was not changed, and what mends it; return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        if isinstance(error, click.Abort) and error.__cause__ is None:  # at a question; click gives others a cause
            click.echo("\nNothing was sent, and nothing was changed.", err=True)
        else:
            click.echo("Stopped. What was complete is safe; run the command again to go on.", err=True)
        return 130
    known = _as_known(error)
    if known is None:
        if chosen.verbose:
            import traceback

            traceback.print_exception(error)
        known = KeepfolioError(
            f"Something went wrong that keepfolio did not expect ({type(error).__name__}: {error}).",
            code="unexpected",
            unchanged="Your archive is safe: nothing half-written counts.",
            mend="Run it again with -v and report what it prints.",
        )
    if chosen.json:
        shape = {"code": known.code, "message": known.message, "unchanged": known.unchanged, "mend": known.mend}
        click.echo(json.dumps({"ok": False, "error": shape}, ensure_ascii=False, indent=2))
    else:
        click.echo(wrapped(_words(known), sys.stderr), err=True)
    return known.exit_code


def _words(error: KeepfolioError) -> str:
    head = "Error: " if "NO_COLOR" in os.environ else click.style("Error: ", fg="red", bold=True)
    lines = [head + printable(error.message)]
    if error.unchanged:
        lines.append(f"  Unchanged: {printable(error.unchanged)}")
    if error.mend:
        lines.append(f"  To mend it: {printable(error.mend)}")
    return "\n".join(lines)


def _as_known(error: BaseException) -> KeepfolioError | None:
    from archive.errors import UsageError

    if isinstance(error, KeepfolioError):
        return error
    if isinstance(error, click.UsageError):
        usage = error.ctx.get_usage() if error.ctx else ""
        path = error.ctx.command_path if error.ctx else "keepfolio"
        return UsageError(f"{error.format_message()}\n{usage}".rstrip(), mend=f"See: {path} --help")
    if isinstance(error, click.ClickException):
        return UsageError(error.format_message())
    if isinstance(error, OSError):
        return _system(error)
    return None


def _system(error: OSError) -> KeepfolioError | None:
    import errno

    place = f": {error.filename}" if error.filename else ""
    unchanged = "What was stored before is safe; nothing half-written counts."
    if error.errno == errno.ENOSPC:
        return KeepfolioError(
            f"The disk is full{place}.",
            code="disk-full",
            unchanged=unchanged,
            mend="Free some space, then run it again.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return KeepfolioError(
            f"keepfolio may not write here{place}.",
            code="not-writable",
            unchanged=unchanged,
            mend="Make the folder writable for you, or move it to one that is.",
        )
    if isinstance(error, BrokenPipeError):
        return KeepfolioError("The reader of the output went away.", code="broken-pipe")
    return None
