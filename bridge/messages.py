"""
How a run without anybody watching reaches its owner: a notice on the desktop, an e-mail, a ping address.

A message says what happened in general words and what mends it. It holds no title, no text and no address of anything
harvested, and no secret. The same cause is told once a day until it is gone.
"""

from __future__ import annotations

import logging
import os
import shutil
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from archive.entry import format_time, parse_time
from archive.errors import ArchiveDamaged, KeepfolioError
from bridge.statefile import read_json, write_json
from connectors.contract import SourceRefused, TargetRefused

if TYPE_CHECKING:
    from bridge.config import Config, Smtp
    from bridge.workspace import Workspace
    from connectors.contract import Finding

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(hours=24)
SECONDS = 20  # for a mail server, a ping or a notice
PASSING = frozenset({1, 3, 6})  # exit codes that another try may mend


@dataclass(frozen=True)
class Outcome:
    """
    How one job of a run went.

    Attributes:
        code: An exit code of the program: 0 and 3 count as success unless ``failed``, 4 waits for the owner.

        text: What happened, in words that may leave the computer.

        cause: A stable word for it, such as ``blog:refused``: a message is repeated only when this changes.

        mend: The command or settings page that mends it.

        passing: Another try may mend it without the owner.

        failed: A whole source or target failed, whatever the exit code says of the others.

        later: Nothing went wrong, and another try ends it: said in the log, and to nobody.

        waiting: The job did its part and only the owner's word is missing: told, but no failure however long it takes.

        once: Nothing that the owner does today ends it: told when it begins, and not on each day.
    """

    code: int = 0
    text: str = ""
    cause: str = ""
    mend: str = ""
    passing: bool = False
    failed: bool = False
    waiting: bool = False
    later: bool = False
    once: bool = False

    @property
    def good(self) -> bool:
        return self.code in (0, 3) and not self.failed

    @classmethod
    def of(cls, error: KeepfolioError) -> Outcome:
        """Return the outcome that an error stands for. What was refused is not tried again."""
        passing = error.exit_code in PASSING and not isinstance(error, (SourceRefused, TargetRefused))
        if isinstance(error, ArchiveDamaged):  # its words name the damaged file, which may hold the title of a post
            return cls(error.exit_code, "The archive is damaged.", error.code, "Run: keepfolio verify", failed=True)
        return cls(error.exit_code, error.message, error.code, error.mend, passing, failed=True)


@dataclass(frozen=True)
class Delivery:
    """How one way of reaching the owner went; ``problem`` is empty when it worked."""

    way: str
    problem: str = ""


def report(config: Config, workspace: Workspace, job: str, outcome: Outcome) -> list[Delivery]:
    """
    Tell the owner of an outcome that needs telling, and the ping address of every one.

    Never raises for a way that fails: that is logged, and said in what is returned.
    """
    if outcome.later:
        return []
    done = list(_ping(config, good=outcome.good)) if outcome.cause != "stale" else []
    told = read_json(workspace.state / "messages.json")
    if outcome.good:
        _note(workspace, told, job, {})
    elif _is_news(told, job, outcome):
        subject, text = words(job, outcome)
        notice = " ".join(part for part in (outcome.text, outcome.mend) if part)
        sent = [*_notice(config, subject, notice), *_email(config, workspace, subject, text)]
        if any(not delivery.problem for delivery in sent):
            # another cause takes the place of the last one, but "for too long" stands beside what it lasts from
            kept = {cause: at for cause, at in told.get(job, {}).items() if "stale" in (cause, outcome.cause)}
            _note(workspace, told, job, {**kept, outcome.cause: format_time(_now())})
        done += sent
    for delivery in done:
        if delivery.problem:
            log.warning("%s: %s", delivery.way, delivery.problem)
    return done


def remind(config: Config, workspace: Workspace, text: str) -> list[Delivery]:
    """
    Tell the owner of what is due, by notice and e-mail. Whether it was told before is for the caller to know.

    Never raises for a way that fails: that is logged, and said in what is returned.
    """
    subject = "keepfolio: a reminder"
    mail = f"{text}\n\nTo see all that is due, run: keepfolio due"
    done = [*_notice(config, subject, text), *_email(config, workspace, subject, mail)]
    for delivery in done:
        if delivery.problem:
            log.warning("%s: %s", delivery.way, delivery.problem)
    return done


def words(job: str, outcome: Outcome) -> tuple[str, str]:
    """Return the subject and the text of a message."""
    needs_owner = outcome.code == 4
    subject = f"keepfolio: the {job} needs you" if needs_owner else f"keepfolio: the {job} did not work"
    lines = [outcome.text or "There is nothing more to say here than that.", ""]
    if outcome.mend:
        lines += [outcome.mend, ""]
    lines.append("What was stored before is safe. To see how things stand, run: keepfolio status")
    return subject, "\n".join(lines)


# --- what was told --------------------------------------------------------------------------------------------------


def _is_news(told: dict[str, Any], job: str, outcome: Outcome) -> bool:
    at = told.get(job, {}).get(outcome.cause)
    if at and outcome.once:
        return False
    return not at or abs(_now() - parse_time(at)) >= AGAIN_AFTER  # abs: told by a clock that went wrong


def _note(workspace: Workspace, told: dict[str, Any], job: str, causes: dict[str, str]) -> None:
    if told.get(job, {}) == causes:
        return
    try:
        write_json(workspace.state / "messages.json", {**told, job: causes})
    except OSError as error:  # better told twice than not at all
        log.warning("what was told could not be noted: %s", error)


# --- the ways -------------------------------------------------------------------------------------------------------


def _ping(config: Config, *, good: bool) -> Iterator[Delivery]:
    if not config.messages.ping:
        return
    from connectors.http import Http
    from connectors.http_address import host_of

    parts = urlsplit(config.messages.ping)
    url = config.messages.ping if good else urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))
    http = Http(configured={host_of(url)}, attempts=2, timeout=SECONDS)
    try:
        answer = http.get(url)
    except KeepfolioError as error:
        yield Delivery("ping", error.message)
    else:
        yield Delivery("ping", "" if answer.ok else f"the ping address answered {answer.status}")
    finally:
        http.close()


def _email(config: Config, workspace: Workspace, subject: str, text: str) -> Iterator[Delivery]:
    if not config.messages.email:
        return
    sender = (config.messages.smtp and config.messages.smtp.sender) or config.messages.email
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, config.messages.email, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office programs do not answer
    mail.set_content(f"{text}\n\nFolder: {workspace.root.name}\n")
    yield Delivery("e-mail", _mail_problem(config, lambda server: server.send_message(mail)))


def check(config: Config) -> Iterator[Finding]:
    """Tell whether messages will reach the owner: the mail server is asked and logged in to, and nothing is sent."""
    from connectors.contract import Finding

    if not config.messages.email:
        return
    problem = _mail_problem(config, lambda server: server.noop())
    if not problem:
        yield Finding("mail", "ok", f"Messages go to {config.messages.email}.")
    elif config.messages.smtp:
        yield Finding(
            "mail", "error", f"Messages cannot be mailed: {problem}.", "Look at messages.smtp in config.yaml."
        )
    else:
        mend = "Name a mail server under messages.smtp in config.yaml, then: keepfolio login messages"
        yield Finding("mail", "error", "This computer has no mail system of its own to take messages.", mend)


def _mail_problem(config: Config, use: Callable[[smtplib.SMTP], object]) -> str:
    """Connect, log in and use the server; return what went wrong, in words without a secret, or ``""``."""
    try:
        with _connected(config.messages.smtp) as server:
            if config.messages.smtp and config.messages.smtp.user:
                from bridge.secrets import MESSAGES, require

                server.login(config.messages.smtp.user, require(MESSAGES, "password", config).reveal())
            use(server)
    except KeepfolioError as error:
        return error.message
    except (smtplib.SMTPException, OSError) as error:
        # an SMTP error may quote what was sent, so only its kind and number are told
        number = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        return f"the mail server did not take it ({type(error).__name__}{number})"
    return ""


def _connected(smtp: Smtp | None) -> smtplib.SMTP:
    if smtp is None:  # the computer's own mail system, as cron uses it
        return smtplib.SMTP("localhost", 25, timeout=SECONDS)
    if smtp.security == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(smtp.host, smtp.port or 465, timeout=SECONDS, context=context)
    if smtp.security == "none" and smtp.user and smtp.host not in {"localhost", "127.0.0.1", "::1"}:
        raise KeepfolioError(
            "a password is not sent to a mail server without encryption", mend="Use security: starttls."
        )
    server = smtplib.SMTP(smtp.host, smtp.port or (587 if smtp.security == "starttls" else 25), timeout=SECONDS)
    if smtp.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _notice(config: Config, subject: str, text: str) -> Iterator[Delivery]:
    if not config.messages.desktop:
        return
    command, environment = _notice_command(subject, text)
    if not command:
        return
    try:
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Delivery("desktop", f"the notice could not be shown ({type(error).__name__})")
    else:
        yield Delivery("desktop", "" if done.returncode == 0 else f"the notice failed with code {done.returncode}")


def _notice_command(title: str, body: str) -> tuple[list[str], dict[str, str]]:
    """Return command and environment for a notice, or nothing. The text is an argument, and never read as a program."""
    if sys.platform == "darwin":
        script = "on run {title, body}\ndisplay notification body with title title\nend run"
        return ["osascript", "-e", script, title, body], {}
    if sys.platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _BALLOON], {
            "KF_TITLE": title,
            "KF_TEXT": body,
        }
    if shutil.which("notify-send") and (os.environ.get("DBUS_SESSION_BUS_ADDRESS") or os.environ.get("DISPLAY")):
        return ["notify-send", "--app-name=keepfolio", "--", title, body], {}
    return [], {}


_BALLOON = (
    "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; $n = New-Object System.Windows.Forms.NotifyIcon;"
    "$n.Icon = [System.Drawing.SystemIcons]::Information; $n.Visible = $true;"
    "$n.ShowBalloonTip(10000, $env:KF_TITLE, $env:KF_TEXT, 'Info'); Start-Sleep 10; $n.Dispose()"
)


def _now() -> datetime:
    return datetime.now(UTC)
