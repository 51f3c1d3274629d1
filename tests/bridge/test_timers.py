"""The computer's own timer calls the program, whatever the folder is called."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import KeepfolioError, UsageError
from bridge import timers
from tests.bridge.schedules import workspace

ODD = 'my "portfolio" 100% $HOME it\'s'

FAKE = """#!{python}
import json, os, sys
log = {log!r}
given = sys.stdin.read() if sys.argv[1:] == ["-"] else ""
open(log, "a").write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
tab = log + ".tab"
if os.path.basename(sys.argv[0]) == "crontab":
    if given or sys.argv[1:] == ["-"]:
        open(tab, "w").write(given)
    elif os.path.exists(log + ".refuse"):
        sys.exit("cannot open the spool")
    elif os.path.exists(tab):
        print(open(tab).read(), end="")
    else:
        sys.exit("no crontab for you")
elif "enable" in sys.argv and os.path.exists(log + ".refuse"):
    sys.exit("Failed to connect to bus")
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Stand-ins for crontab and systemctl that keep what they are told; the real ones would change this computer."""

    def make(*names: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(FAKE.format(python=sys.executable, log=str(tmp_path / "log")))
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        return tmp_path / "log"

    return make


@pytest.fixture
def folder(tmp_path):
    return workspace(tmp_path / ODD)


def test_systemd_comes_first(folder, programs):
    """Where the user's systemd answers, a service and an hourly timer that catches up are written and started."""
    log = programs("systemctl", "crontab")

    timer = timers.install(folder)

    assert timer.kind == "systemd"
    unit = Path(timer.where)
    assert unit.parent == Path.home() / ".config/systemd/user"
    assert "OnCalendar=hourly" in unit.read_text()
    assert "Persistent=true" in unit.read_text()
    assert log.read_text().splitlines()[-1] == f'["systemctl", "--user", "enable", "--now", "{unit.name}"]'


def test_the_unit_files_are_what_systemd_reads(folder, programs):
    """systemd's own checker finds nothing in them, odd folder names included."""
    real = shutil.which("systemd-analyze")
    if not real:
        pytest.skip("systemd-analyze is not here")
    programs("systemctl")
    unit = Path(timers.install(folder).where)

    files = [str(unit.with_suffix(".service")), str(unit)]
    done = subprocess.run([real, "verify", "--user", "--man=no", *files], capture_output=True, text=True)

    assert "keepfolio" not in done.stderr


def test_the_service_line_survives_odd_names(folder, programs):
    """Quotes, per cent and dollar signs in a path reach the program as they are."""
    programs("systemctl")
    unit = Path(timers.install(folder).where).with_suffix(".service")

    line = next(line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))

    assert not re.search(r"(?<!%)%(?!%)|(?<!\$)\$(?!\$)", line)  # to systemd a single one begins a name
    words = shlex.split(line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$"))
    assert words == timers.command(folder)


def test_a_refusing_systemd_leaves_nothing(folder, programs):
    """When the timer cannot be started, no half of it stays."""
    log = programs("systemctl")
    Path(f"{log}.refuse").touch()

    with pytest.raises(KeepfolioError, match="Failed to connect to bus"):
        timers.install(folder)

    assert timers.installed(folder) == []


def test_cron_is_second_and_keeps_the_other_lines(folder, programs):
    """Our line is added once, changed in place, and taken out again; the owner's own lines stay."""
    log = programs("crontab")
    Path(f"{log}.tab").write_text("0 1 * * * mine # keepfolio too\n")

    timers.install(folder)
    timer = timers.install(folder)

    lines = Path(f"{log}.tab").read_text().splitlines()
    assert timer.kind == "cron"
    assert len(lines) == 2
    assert [t.kind for t in timers.installed(folder)] == ["cron"]

    assert [t.kind for t in timers.remove(folder)] == ["cron"]
    assert Path(f"{log}.tab").read_text() == "0 1 * * * mine # keepfolio too\n"


def test_a_crontab_that_cannot_be_read_is_not_replaced(folder, programs):
    """When cron does not give the owner's lines, they are not overwritten by ours alone."""
    log = programs("crontab")
    Path(f"{log}.tab").write_text("0 1 * * * mine\n")
    Path(f"{log}.refuse").touch()

    with pytest.raises(KeepfolioError, match="cannot be read"):
        timers.install(folder)

    assert Path(f"{log}.tab").read_text() == "0 1 * * * mine\n"


def test_the_cron_line_survives_odd_names(folder, tmp_path, monkeypatch):
    """A shell that reads the line as cron does gets the same words."""
    monkeypatch.setenv("KEEPFOLIO_STATE", str(tmp_path / "a state"))
    line = timers.cron_line(folder)
    minute, *stars, rest = line.split(" ", 5)

    assert not re.search(r"(?<!\\)%", line)  # to cron a bare one ends the command
    rest = rest.replace(r"\%", "%")  # as cron does, which then hands the rest to sh
    rest = rest.replace(shlex.quote(timers.command(folder)[0]), "show", 1)
    done = subprocess.run(
        ["/bin/sh", "-c", f'show() {{ printf \'%s\\n\' "$KEEPFOLIO_STATE" "$@"; }}; {rest}'],
        capture_output=True,
        text=True,
        env={**os.environ, "KEEPFOLIO_STATE": ""},
    )

    assert 0 <= int(minute) < 60
    assert stars == ["*"] * 4
    assert done.stdout.splitlines() == [str(tmp_path / "a state"), *timers.command(folder)[1:]]


def test_two_workspaces_have_two_timers(tmp_path, programs):
    """Removing one leaves the other."""
    programs("crontab")
    one, two = workspace(tmp_path / "one"), workspace(tmp_path / "two")
    timers.install(one)
    timers.install(two)

    timers.remove(one)

    assert timers.installed(one) == []
    assert timers.installed(two)


def test_without_either_the_line_is_given(folder, programs):
    """A system that is not known gets the command to call by hand."""
    programs()

    with pytest.raises(UsageError) as raised:
        timers.install(folder)

    assert "run --once" in raised.value.mend


@pytest.mark.parametrize(("platform", "said"), [("win32", "schtasks /Create"), ("darwin", "crontab -e")])
def test_other_systems_get_a_line_to_use(folder, platform, said):
    """macOS and Windows are told that theirs comes later, and what to do until then."""
    words = timers.by_hand(folder, platform)

    assert "not yet" in words
    assert said in words
