"""`keepfolio run`: what is due is done once, alone, and nothing new goes live without the owner."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pytest_httpserver import HTTPServer

from tests.bridge.doors import Door
from tests.bridge.smtp_server import Mailbox, serving
from tests.journey.owner import ROOT, Answer, Owner, wait_for

DEMO = ROOT / "bridge" / "data" / "demo"


@pytest.fixture
def owner(new_owner: Callable[[str], Owner]) -> Owner:
    """An owner with the sample's export and words, a folder as target, and a schedule."""
    owner = new_owner("jane")
    shutil.copytree(DEMO / "portfolio", owner.folder / "portfolio")
    (owner.folder / "exports").mkdir()
    shutil.copy(DEMO / "blog.xml", owner.folder / "exports")
    shutil.copytree(DEMO / "uploads", owner.folder / "exports" / "uploads")
    scheduled(owner, unattended="off")
    return owner


def scheduled(owner: Owner, *, unattended: str) -> None:
    owner.configure(
        owner="Rowan Ashby",
        timezone="Europe/London",
        sources={"blog": {"type": "wordpress-export", "path": "exports/blog.xml", "media": "exports/uploads"}},
        targets={"preview": {"type": "static", "path": "site"}},
        schedule={
            "harvest": {"daily": "03:30"},
            "publish": {"daily": "04:00", "unattended": unattended},
            "verify": {"weekly": "sun 05:00"},
        },
        messages={"desktop": False},
    )


def test_a_run_does_what_is_due_and_once(owner: Owner) -> None:
    """The first run harvests, verifies and waits with publishing; a second one in the same slot does nothing."""
    first = owner.run("run", "--once")
    held = len(owner.entries())
    second = owner.run("run", "--once")

    assert first.code == 4, first.err
    assert held > 100
    assert "harvest:" in first.err
    assert "verify:" in first.err
    assert "harvest:" not in second.err


def test_nothing_goes_live_while_unattended_is_off(owner: Owner) -> None:
    """Publishing becomes a preview and a message; the target stays as it was."""
    answer = owner.run("run", "--once")

    assert answer.code == 4
    assert not (owner.folder / "site" / "index.html").exists()
    assert (owner.folder / "build" / "preview" / "index.html").exists()
    assert "keepfolio publish preview" in answer.err or "waits for your word" in answer.err


def test_all_publishes_and_what_is_not_ready_stays_out(owner: Owner) -> None:
    """With `all` the page goes to its folder by itself; sections that are not ready are not on it."""
    scheduled(owner, unattended="all")
    answer = owner.run("run", "--once")

    page = (owner.folder / "site" / "index.html").read_text(encoding="utf-8")
    assert answer.code == 0, answer.err
    assert "Contextual Statement" in page
    assert "Future Plans" not in page


def test_a_second_run_refuses(owner: Owner) -> None:
    """Two runs on one workspace: the second says who is at work and ends with 6."""
    process = owner.start("run")
    try:
        wait_for((owner.folder / "archive" / "archive.json").exists)
        assert owner.run("run", "--json").code == 6
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_sigterm_finishes_and_ends_with_zero(owner: Owner) -> None:
    """A stop finishes what is being stored; the archive is whole, and the next run goes on."""
    process = owner.start("run")
    wait_for((owner.folder / "archive" / "archive.json").exists)
    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0
    assert owner.ask("verify")["ok"]


@pytest.fixture
def told(owner: Owner, httpserver: HTTPServer) -> Iterator[Told]:
    """The owner's messages go to a mailbox and a ping address on loopback; two passwords and the ping are secret."""
    owner.secrets |= {"KEEPFOLIO_MESSAGES_PASSWORD": "mail-hunter2", "KEEPFOLIO_LIVE_PASSWORD": "blog-hunter2"}
    for path in ("/ping-secret", "/ping-secret/fail"):
        httpserver.expect_request(path).respond_with_data("ok")
    with serving() as box:
        messages = {
            "desktop": False,
            "ping": httpserver.url_for("/ping-secret"),
            "email": "jane@b.example",
            "smtp": {"host": "localhost", "port": box.port, "security": "none", "user": "jane"},
        }
        configured = yaml.safe_load((owner.folder / "config.yaml").read_text())
        owner.configure(**{**configured, "schedule": {"harvest": {"daily": "03:30"}}, "messages": messages})
        yield Told(box, httpserver)


@dataclass
class Told:
    """What reached the owner: mails, and what the ping address was asked."""

    box: Mailbox
    server: HTTPServer

    @property
    def mail(self) -> str:
        (text,) = self.box.messages
        return email.message_from_string(text, policy=email.policy.default).get_content()

    @property
    def pings(self) -> list[str]:
        return [request.path for request, _ in self.server.log if request.path.startswith("/ping")]


def test_a_failure_reaches_the_owner(owner: Owner, told: Told) -> None:
    """A source that cannot be read: the ping address hears /fail, and a mail names the source and what mends it."""
    (owner.folder / "exports" / "blog.xml").write_text("no export")

    answer = owner.run("run", "--once")

    assert answer.code == 1, answer.err
    assert "Traceback" not in answer.err
    assert told.pings == ["/ping-secret/fail"], answer.err
    assert told.box.logins == [("jane", "mail-hunter2")]
    assert "blog: " in told.mail
    error = owner.ask("harvest", code=1)["sources"][0]["error"]
    assert error["mend"]
    assert error["mend"] in told.mail
    assert_no_secret(told, answer)


def test_a_refused_password_reaches_the_owner_though_another_source_is_fine(owner: Owner, told: Told) -> None:
    """One of two sources refuses the login: told by mail and /fail, sent once only, and the other one is harvested."""
    door = Door(told.server)
    configured = yaml.safe_load((owner.folder / "config.yaml").read_text())
    configured["sources"]["live"] = {"type": "wordpress", "url": door.url, "user": "jane"}
    owner.configure(**configured)

    answer = owner.run("run", "--once")

    assert answer.code == 3, answer.err
    assert told.pings == ["/ping-secret/fail"], answer.err
    assert "live: " in told.mail
    assert "keepfolio login" in told.mail, answer.err
    assert_no_secret(told, answer)
    assert len(owner.entries()) > 100
    assert owner.ask("status")["next_step"].startswith("keepfolio login live")

    owner.run("harvest")
    owner.run("harvest", "--dry-run")
    assert door.logins == ["blog-hunter2"]


def assert_no_secret(told: Told, answer: Answer) -> None:
    for secret in ("hunter2", "ping-secret", "Rowan"):
        assert secret not in told.mail
        assert secret not in answer.out + answer.err


def test_without_a_schedule_it_says_what_to_write(owner: Owner) -> None:
    """`run` without a schedule is an error of usage, in words and as JSON."""
    owner.configure(sources={"blog": {"type": "wordpress-export", "path": "exports/blog.xml"}})

    error = owner.ask("run", "--once", code=2)

    assert error["ok"] is False
    assert error["error"]["code"] == "no-schedule"
    assert "harvest" in error["error"]["mend"]
    assert "Running" not in owner.run("run").err


def test_status_tells_what_runs_next(owner: Owner) -> None:
    """The next runs are in `status`, with their times."""
    owner.run("run", "--once")

    runs = owner.ask("status")["next_runs"]

    assert {run["job"] for run in runs} == {"harvest", "publish", "verify"}
    assert all(run["at"].endswith("Z") for run in runs)
    assert json.dumps(runs)


def test_the_timer_s_command_is_this_program(owner: Owner, tmp_path: Path) -> None:
    """`schedule show` works without a timer; `schedule install` is refused in words where there is neither systemd nor cron."""
    assert owner.ask("schedule", "show")["timers"] == []
    nothing = subprocess.run(
        owner.command("schedule", "install"),
        cwd=owner.folder,
        env={**owner.environment, "PYTHONPATH": str(ROOT), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert nothing.returncode == 2
    assert "run --once" in nothing.stderr
