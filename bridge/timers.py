"""
Let the computer's own timer call ``keepfolio run --once`` every hour.

Every hour, not at the configured times: what is due is decided by ``run``, so that a sleeping laptop catches up and a
change of the schedule in ``config.yaml`` needs no new timer. systemd for the user comes first, cron second.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from archive.errors import KeepfolioError, UsageError

if TYPE_CHECKING:
    from bridge.workspace import Workspace

Kind: TypeAlias = Literal["systemd", "cron"]

SECONDS = 30  # for systemctl and crontab


@dataclass(frozen=True)
class Timer:
    """An installed timer: which kind, where it stands, and what the owner should know of it."""

    kind: Kind
    where: str
    notes: tuple[str, ...] = ()


def install(workspace: Workspace, kind: Kind | None = None) -> Timer:
    """
    Install the timer of this workspace, in the place of an older one.

    Raises:
        UsageError: This system has neither; the message gives the line to use by hand.

        KeepfolioError: The system refused it.
    """
    chosen = kind or _available(workspace)
    remove(workspace)
    return _install_systemd(workspace) if chosen == "systemd" else _install_cron(workspace)


def remove(workspace: Workspace) -> list[Timer]:
    """Remove the timers of this workspace, and return what was there."""
    found = installed(workspace)
    for timer in found:
        if timer.kind == "systemd":
            name = f"{_name(workspace)}.timer"
            _run(["systemctl", "--user", "disable", "--now", name], may_fail=True)
            for unit in _units(workspace):
                unit.unlink(missing_ok=True)
            _run(["systemctl", "--user", "daemon-reload"], may_fail=True)
        else:
            _write_crontab([line for line in _own_crontab() if not line.endswith(_mark(workspace))])
    return found


def installed(workspace: Workspace) -> list[Timer]:
    """Return the timers that stand for this workspace."""
    found = []
    if (unit := _unit_folder() / f"{_name(workspace)}.timer").is_file():
        found.append(Timer("systemd", str(unit)))
    if any(line.endswith(_mark(workspace)) for line in _crontab()):
        found.append(Timer("cron", "your crontab"))
    return found


def command(workspace: Workspace) -> list[str]:
    """Return the command that a timer calls."""
    return [*_program(), "run", "--once", "--quiet", "--workspace", str(workspace.root.resolve())]


def cron_line(workspace: Workspace) -> str:
    """Return the line for a crontab: hourly, at a minute of this workspace's own."""
    minute = int(_mark(workspace)[-4:], 16) % 60
    words = [f"KEEPFOLIO_STATE={shlex.quote(state)}"] if (state := os.environ.get("KEEPFOLIO_STATE")) else []
    words += [shlex.quote(word) for word in command(workspace)]
    # cron turns a bare % into a new line
    return f"{minute} * * * * {' '.join(words)} {_mark(workspace)}".replace("%", r"\%")


def by_hand(workspace: Workspace, platform: str = sys.platform) -> str:
    """Return words for a system without systemd and cron: what comes later, and the line to use until then."""
    if platform == "win32":
        line = subprocess.list2cmdline(command(workspace)).replace('"', '\\"')
        task = f'schtasks /Create /SC HOURLY /TN keepfolio /TR "{line}"'
        return f"A Windows task is not yet written by keepfolio. Until then, run once in a terminal:\n  {task}"
    if platform == "darwin":
        return (
            "A launchd agent is not yet written by keepfolio. Until then, run `crontab -e` and add this line:\n"
            f"  {cron_line(workspace)}"
        )
    return f"Call this every hour:\n  {shlex.join(command(workspace))}"


# --- systemd --------------------------------------------------------------------------------------------------------


def _install_systemd(workspace: Workspace) -> Timer:
    service, timer = _units(workspace)
    service.parent.mkdir(parents=True, exist_ok=True)
    service.write_text(_service(workspace), "utf-8")
    timer.write_text(_timer(workspace), "utf-8")
    try:
        _run(["systemctl", "--user", "daemon-reload"])
        _run(["systemctl", "--user", "enable", "--now", timer.name])
    except KeepfolioError:
        service.unlink()
        timer.unlink()
        raise
    note = "It runs while you are logged in. To let it run always: loginctl enable-linger"
    return Timer("systemd", str(timer), (note,))


def _service(workspace: Workspace) -> str:
    line = " ".join(_systemd_quoted(word, in_command=True) for word in command(workspace))
    state = os.environ.get("KEEPFOLIO_STATE")
    environment = f"Environment={_systemd_quoted(f'KEEPFOLIO_STATE={state}', in_command=False)}\n" if state else ""
    return (
        f"[Unit]\nDescription=keepfolio: harvest and publish what is due\n\n"
        f"[Service]\nType=oneshot\n{environment}ExecStart={line}\nSuccessExitStatus=3\nNice=10\n"
    )


def _timer(workspace: Workspace) -> str:
    return (
        f"[Unit]\nDescription=keepfolio: once an hour for {_systemd_quoted(workspace.root.name, in_command=False)}\n\n"
        "[Timer]\nOnCalendar=hourly\nRandomizedDelaySec=10min\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def _systemd_quoted(word: str, *, in_command: bool) -> str:
    """Quote for a unit file: ``%`` begins a specifier everywhere, ``$`` a variable in commands (systemd.syntax(7))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped.replace("$", "$$") if in_command else escaped}"'


def _units(workspace: Workspace) -> tuple[Path, Path]:
    folder, name = _unit_folder(), _name(workspace)
    return folder / f"{name}.service", folder / f"{name}.timer"


def _unit_folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


# --- cron -----------------------------------------------------------------------------------------------------------


def _install_cron(workspace: Workspace) -> Timer:
    _write_crontab([*_own_crontab(), cron_line(workspace)])
    note = "Cron may not reach your desktop's keyring: `password_command` in config.yaml is a way around that."
    return Timer("cron", "your crontab", (note,))


def _crontab() -> list[str]:
    """Return the lines of the crontab; none where cron is not here, or not for this user."""
    try:
        return _own_crontab()
    except KeepfolioError:
        return []


def _own_crontab() -> list[str]:
    """Return the lines of the crontab, which is about to be written again: an error must not pass for "empty"."""
    try:
        done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KeepfolioError(f"crontab could not be started: {error}", code="no-timer") from error
    if done.returncode and "no crontab" not in done.stderr.lower():  # so says every cron when there is none yet
        raise KeepfolioError(
            f"Your crontab cannot be read: {done.stderr.strip() or done.returncode}",
            code="no-timer",
            unchanged="Your crontab is as it was.",
        )
    return done.stdout.splitlines() if done.returncode == 0 else []


def _write_crontab(lines: list[str]) -> None:
    _run(["crontab", "-"], given="".join(f"{line}\n" for line in lines))


# --- what both share ------------------------------------------------------------------------------------------------


def _available(workspace: Workspace) -> Kind:
    if sys.platform.startswith("linux"):
        if shutil.which("systemctl") and _run(["systemctl", "--user", "show-environment"], may_fail=True) == 0:
            return "systemd"
        if shutil.which("crontab"):
            return "cron"
    raise UsageError(
        "keepfolio knows no timer of this system.",
        code="no-timer",
        unchanged="Nothing was installed.",
        mend=by_hand(workspace),
    )


def _run(words: list[str], *, given: str | None = None, may_fail: bool = False) -> int:
    try:
        done = subprocess.run(words, input=given, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        if may_fail:
            return 1
        raise KeepfolioError(f"{words[0]} could not be started: {error}", code="no-timer") from error
    if done.returncode and not may_fail:
        raise KeepfolioError(
            f"`{shlex.join(words)}` failed: {done.stderr.strip() or done.returncode}",
            code="no-timer",
            unchanged="No timer was installed.",
        )
    return done.returncode


def _program() -> list[str]:
    """Return the installed ``keepfolio`` of this very environment: a timer has no PATH to speak of."""
    beside = Path(sys.executable).with_name("keepfolio.exe" if os.name == "nt" else "keepfolio")
    if beside.is_file():
        return [str(beside)]
    return [sys.executable, "-m", "bridge.cli"]


def _name(workspace: Workspace) -> str:
    return f"keepfolio-{hashlib.sha256(str(workspace.root.resolve()).encode()).hexdigest()[:8]}"


def _mark(workspace: Workspace) -> str:
    return f"# {_name(workspace)}"
