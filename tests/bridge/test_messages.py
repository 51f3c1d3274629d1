"""A run that needs its owner reaches the owner: once, by every way, without a secret."""

from __future__ import annotations

import email
import email.policy
import os
import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from archive.errors import ArchiveDamaged, KeepfolioError, NeedsOwner
from bridge.messages import Outcome, check, report
from connectors.contract import SourceRefused, TargetRefused
from tests.bridge.schedules import configured, workspace
from tests.bridge.smtp_server import serving

FAILED = Outcome(1, "The blog could not be reached.", cause="blog:unavailable", mend="Run: keepfolio check blog")
NEEDED = Outcome(4, "Someone edited the page.", cause="site:conflict", mend="Run: keepfolio plan site")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return workspace(tmp_path / "my-portfolio")


def mailing(port: int, security: str = "none", user: str = ""):
    login = f", user: {user}" if user else ""
    smtp = f"{{host: localhost, port: {port}, security: {security}{login}}}"
    return configured("{}", f"messages: {{email: jane@b.example, smtp: {smtp}}}")


def at(text: str):
    return time_machine.travel(datetime.fromisoformat(text).replace(tzinfo=UTC), tick=False)


def read(text: str):
    return email.message_from_string(text, policy=email.policy.default)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A certificate for localhost, valid for a day."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    words = [*command.split(), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*words, "-keyout", folder / "both.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    with (folder / "both.pem").open("a") as both:
        both.write((folder / "cert.pem").read_text())
    return folder / "both.pem"


@pytest.fixture
def tls(certificate, monkeypatch) -> ssl.SSLContext:
    """A server's side of TLS that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("cert.pem")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_failure_arrives_as_an_e_mail(folder):
    """The message says what happened and what mends it, and says that a program wrote it."""
    with serving() as box:
        done = report(mailing(box.port), folder, "harvest", FAILED)

    mail = read(box.messages[0])
    assert [d.problem for d in done] == [""]
    assert (mail["to"], mail["subject"]) == ("jane@b.example", "keepfolio: the harvest did not work")
    assert mail["auto-submitted"] == "auto-generated"
    assert "could not be reached" in mail.get_content()
    assert "keepfolio check blog" in mail.get_content()
    assert "my-portfolio" in mail.get_content()
    assert str(folder.root.parent) not in mail.get_content()


def test_what_waits_for_the_owner_says_so(folder):
    """A decision reads as one, not as a failure."""
    with serving() as box:
        report(mailing(box.port), folder, "publish", NEEDED)

    assert read(box.messages[0])["subject"] == "keepfolio: the publish needs you"


def test_the_same_cause_is_told_once_a_day(folder):
    """Hourly failures are one message a day; another cause, or the same after a success, is a new one."""
    with serving() as box:
        config = mailing(box.port)

        for moment, outcome, expected in [
            ("2026-11-22 03:30", FAILED, 1),
            ("2026-11-22 04:30", FAILED, 1),
            ("2026-11-22 05:30", NEEDED, 2),
            ("2026-11-22 06:30", NEEDED, 2),
            ("2026-11-23 05:30", NEEDED, 3),
            ("2026-11-23 06:30", Outcome(), 3),
            ("2026-11-23 07:30", NEEDED, 4),
        ]:
            with at(moment):
                report(config, folder, "harvest", outcome)
            assert len(box.messages) == expected, moment


def test_too_long_without_success_stands_beside_its_cause(folder):
    """The two are told once each, and do not make each other new."""
    stale = Outcome(1, "No harvest has succeeded since 2026-11-01.", cause="stale")
    with serving() as box, at("2026-11-22 03:30"):
        for outcome in (FAILED, stale, FAILED, stale):
            report(mailing(box.port), folder, "harvest", outcome)

    assert len(box.messages) == 2


def test_jobs_do_not_silence_each_other(folder):
    """The same cause of another job is news."""
    with serving() as box:
        report(mailing(box.port), folder, "harvest", FAILED)
        report(mailing(box.port), folder, "publish", FAILED)

    assert len(box.messages) == 2


def test_success_is_silent(folder):
    """Nothing is sent when all went well, partly done runs included."""
    with serving() as box:
        report(mailing(box.port), folder, "harvest", Outcome())
        report(mailing(box.port), folder, "harvest", Outcome(3, "Two items did not arrive."))

    assert box.messages == []


def test_what_could_not_be_told_is_told_later(folder):
    """A message that no way delivered is not remembered as told."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert report(mailing(port), folder, "harvest", FAILED)[0].problem

    with serving() as box:
        report(mailing(box.port), folder, "harvest", FAILED)

    assert len(box.messages) == 1


@pytest.mark.parametrize(("security", "from_start"), [("starttls", False), ("ssl", True)])
def test_the_password_travels_encrypted(folder, tls, monkeypatch, security, from_start):
    """With STARTTLS and with TLS from the start, login and message are encrypted; the password comes from the chain."""
    monkeypatch.setenv("KEEPFOLIO_MESSAGES_PASSWORD", "hunter2")
    with serving(tls=tls, from_start=from_start) as box:
        done = report(mailing(box.port, security, "jane"), folder, "harvest", FAILED)

    assert [d.problem for d in done] == [""]
    assert box.logins == [("jane", "hunter2")]
    assert box.encrypted == [True]


def test_without_the_promised_encryption_nothing_is_sent(folder, monkeypatch):
    """A server that does not offer STARTTLS gets neither password nor message."""
    monkeypatch.setenv("KEEPFOLIO_MESSAGES_PASSWORD", "hunter2")
    with serving() as box:
        done = report(mailing(box.port, "starttls", "jane"), folder, "harvest", FAILED)

    assert done[0].problem
    assert (box.logins, box.messages) == ([], [])


def test_a_certificate_that_nobody_vouches_for_is_refused(folder, tls, monkeypatch):
    """The server's certificate is checked."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving(tls=tls, from_start=True) as box:
        done = report(mailing(box.port, "ssl"), folder, "harvest", FAILED)

    assert "SSLCertVerificationError" in done[0].problem
    assert box.messages == []


def test_no_password_to_a_far_server_in_clear(folder, monkeypatch):
    """`security: none` with a user is for this computer alone."""
    monkeypatch.setenv("KEEPFOLIO_MESSAGES_PASSWORD", "hunter2")
    config = configured("{}", "messages: {email: j@b.example, smtp: {host: mail.invalid, security: none, user: j}}")

    assert "without encryption" in report(config, folder, "harvest", FAILED)[0].problem


def test_a_refused_password_is_not_repeated(folder, monkeypatch):
    """What the mail server says about a login is not quoted: it may hold what was sent."""
    monkeypatch.setenv("KEEPFOLIO_MESSAGES_PASSWORD", "hunter2")
    with serving() as box:
        box.refuse = b"535 wrong: jane hunter2"
        done = report(mailing(box.port, "none", "jane"), folder, "harvest", FAILED)

    assert "535" in done[0].problem
    assert "hunter2" not in done[0].problem


@pytest.mark.parametrize("path", ["/ping/abc", "/ping/abc/"])
def test_the_ping_address_hears_of_every_run(folder, httpserver, path):
    """A good run asks the address itself, a bad one /fail below it, every time."""
    httpserver.expect_request(path).respond_with_data("ok")
    httpserver.expect_request("/ping/abc/fail").respond_with_data("ok")
    config = configured("{}", f"messages: {{ping: '{httpserver.url_for(path)}'}}")

    for outcome in (Outcome(), Outcome(3), FAILED, FAILED):
        assert report(config, folder, "harvest", outcome)[0].problem == ""

    assert [request.path for request, _ in httpserver.log] == [path, path, "/ping/abc/fail", "/ping/abc/fail"]
    assert {request.method for request, _ in httpserver.log} == {"GET"}
    assert not any("could not" in str(request.url) for request, _ in httpserver.log)


def test_a_ping_that_fails_is_said_and_harms_nothing(folder, httpserver):
    """The other ways still work."""
    httpserver.expect_request("/gone/fail").respond_with_data("no", status=404)
    with serving() as box:
        mail = f"email: j@b.example, smtp: {{host: localhost, port: {box.port}, security: none}}"
        config = configured("{}", f"messages: {{ping: '{httpserver.url_for('/gone')}', {mail}}}")
        done = report(config, folder, "harvest", FAILED)

    assert [(d.way, d.problem) for d in done] == [("ping", "the ping address answered 404"), ("e-mail", "")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="notify-send is Linux's")
def test_a_notice_on_the_desktop(folder, tmp_path, monkeypatch):
    """The notice's text is an argument of its own, so that nothing in it is read as an option or a program."""
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/shown\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")

    report(configured("{}"), folder, "harvest", Outcome(1, "--expire $(id) `id`", cause="x"))

    shown = (tmp_path / "shown").read_text().splitlines()
    assert shown == ["--app-name=keepfolio", "--", "keepfolio: the harvest did not work", "--expire $(id) `id`"]


def test_a_notice_can_be_switched_off(folder, tmp_path, monkeypatch):
    """`desktop: false` shows nothing."""
    monkeypatch.setenv("DISPLAY", ":0")

    assert report(configured("{}", "messages: {desktop: false}"), folder, "harvest", FAILED) == []


def test_an_error_becomes_an_outcome():
    """The exit code says whether the owner is needed, and the code whether another try makes sense."""
    away = Outcome.of(KeepfolioError("Away.", code="unavailable", mend="Wait."))
    refused = [Outcome.of(kind("No.", code="not-logged-in")) for kind in (SourceRefused, TargetRefused)]
    asked = Outcome.of(NeedsOwner("You choose.", code="conflict"))

    assert (away.code, away.cause, away.mend, away.passing) == (1, "unavailable", "Wait.", True)
    assert not any(outcome.passing or outcome.good for outcome in refused)
    assert (asked.code, asked.passing, asked.good) == (4, False, False)


def test_a_failure_among_good_ones_is_told(folder, httpserver):
    """Code 3 with a source that failed altogether is mailed and asks /fail; code 3 alone is silent."""
    httpserver.expect_request("/ping/fail").respond_with_data("ok")
    with serving() as box:
        mail = f"email: j@b.example, smtp: {{host: localhost, port: {box.port}, security: none}}"
        config = configured("{}", f"messages: {{ping: '{httpserver.url_for('/ping')}', {mail}}}")
        report(config, folder, "harvest", Outcome(3, "blog: refused", "blog:refused", failed=True))

    assert [request.path for request, _ in httpserver.log] == ["/ping/fail"]
    assert "blog: refused" in read(box.messages[0]).get_content()


def test_a_damaged_file_is_not_named():
    """Its path may hold the title of a post."""
    outcome = Outcome.of(ArchiveDamaged("Damaged: segments/a/my-secret-post.html", mend="Look at my-secret-post."))

    assert (outcome.code, outcome.mend) == (5, "Run: keepfolio verify")
    assert "secret" not in outcome.text


def test_check_logs_in_and_sends_nothing(folder, monkeypatch):
    """`check` proves that the mail server takes the login, without a message."""
    monkeypatch.setenv("KEEPFOLIO_MESSAGES_PASSWORD", "hunter2")
    with serving() as box:
        good = list(check(mailing(box.port, "none", "jane")))
        box.refuse = b"535 wrong"
        bad = list(check(mailing(box.port, "none", "jane")))

    assert [(f.severity, f.code) for f in (*good, *bad)] == [("ok", "mail"), ("error", "mail")]
    assert box.messages == []
    assert list(check(configured("{}"))) == []


def test_a_missing_mail_password_names_every_place(folder):
    """The finding says where the password was looked for."""
    with serving() as box:
        (finding,) = check(mailing(box.port, "none", "jane"))

    assert "KEEPFOLIO_MESSAGES_PASSWORD" in finding.message


def test_a_disk_that_is_full_does_not_silence(folder):
    """When it cannot be noted that the owner was told, the owner is told all the same."""
    folder.state.mkdir(parents=True)
    (folder.state / "messages.json").mkdir()
    with serving() as box:
        report(mailing(box.port), folder, "harvest", FAILED)

    assert len(box.messages) == 1
