"""A secret is found along one chain, belongs to an account, and is never shown."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from archive.errors import UsageError
from bridge import secrets
from bridge.config import parse
from bridge.secrets import MissingSecretError, forget, lookup, require, store

TEXT = """
sources:
  blog: {type: wordpress, url: "https://www.blog.example", user: jane%s}
  other: {type: wordpress, url: "https://other.example", user: jane}
targets:
  my-site: {type: wordpress, url: "https://blog.example/", user: jane}
messages: {email: j@b.example, smtp: {host: smtp.example, user: jane}}
"""


def config(command: str = ""):
    more = f", password_command: '{command}'" if command else ""
    return parse(TEXT % more, "config.yaml", Path("/w"))


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 5

    def __init__(self) -> None:
        self.held = {}

    def get_password(self, service, username):
        return self.held.get((service, username))

    def set_password(self, service, username, password):
        self.held[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.held:
            raise PasswordDeleteError(username)
        del self.held[service, username]


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield keyring.get_keyring()
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def no_ring_unless_asked(request):
    """Whatever keyring the machine has, a test meets none."""
    if "ring" in request.fixturenames:
        yield
        return
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


def printing(tmp_path: Path, text: str) -> str:
    script = tmp_path / "show.py"
    script.write_text(text)
    return f"{sys.executable} {script}"


def test_the_chain_has_one_order(ring, tmp_path, monkeypatch):
    """Environment before command before keyring before file."""
    chain = config(printing(tmp_path, "print('from command')"))
    keyring.set_keyring(keyring.backends.fail.Keyring())
    store("blog", "password", "from file", chain)
    assert lookup("blog", "password", config()).reveal() == "from file"

    keyring.set_keyring(ring)
    ring.set_password("keepfolio", "jane@blog.example password", "from keyring")
    assert lookup("blog", "password", config()).reveal() == "from keyring"

    assert lookup("blog", "password", chain).reveal() == "from command"

    monkeypatch.setenv("KEEPFOLIO_BLOG_PASSWORD", "from environment")
    assert lookup("blog", "password", chain).reveal() == "from environment"


def test_names_in_the_environment(monkeypatch):
    """A name is in capitals there, with hyphens as underscores; a token is not a password."""
    monkeypatch.setenv("KEEPFOLIO_MY_SITE_TOKEN", "t")

    assert lookup("my-site", "token", config()).reveal() == "t"
    assert lookup("my-site", "password", config()) is None


def test_one_login_serves_one_account(monkeypatch):
    """A source and a target on the same site and user share the password; another site does not get it."""
    store("blog", "password", "pw", config())

    assert lookup("my-site", "password", config()).reveal() == "pw"
    assert lookup("other", "password", config()) is None

    monkeypatch.setenv("KEEPFOLIO_OTHER_PASSWORD", "else")
    assert lookup("blog", "password", config()).reveal() == "pw"


def test_a_missing_secret_lists_every_place():
    """The error names each place in order, none of them with a value, and the command that mends it."""
    with pytest.raises(MissingSecretError) as raised:
        require("blog", "password", config("no-such-program-here x"))

    assert [place.split(" (")[0] for place in raised.value.looked] == [
        "the environment variable KEEPFOLIO_BLOG_PASSWORD",
        "the environment variable KEEPFOLIO_MY_SITE_PASSWORD",
        "the command configured for blog",
        "this computer's keyring",
        f"the file {secrets.secrets_file()}",
    ]
    assert "keepfolio login blog" in raised.value.mend
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("script", "said"),
    [("import sys; sys.exit(3)", "code 3"), ("", "printed nothing"), ("import time; time.sleep(60)", "no answer")],
)
def test_a_command_that_fails_is_told(tmp_path, monkeypatch, script, said):
    """A failing, silent or hanging command is a place where nothing was found, with the reason."""
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 1)

    with pytest.raises(MissingSecretError, match=said):
        require("blog", "password", config(printing(tmp_path, script)))


def test_a_keyring_that_waits_for_somebody_is_told(ring, monkeypatch):
    """With nobody to unlock it, a run goes on: the password was not found there, and why is said."""
    done = threading.Event()
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.1)
    monkeypatch.setattr(ring, "get_password", lambda *_: done.wait(60))

    try:
        with pytest.raises(MissingSecretError, match=r"keyring \(it gave no answer") as raised:
            require("blog", "password", config())
    finally:
        done.set()

    assert len(raised.value.looked) == 4  # the file after it was looked at, too


def test_a_keyring_that_breaks_is_told(ring, monkeypatch):
    """Whatever a backend raises, the chain goes on to the next place."""
    monkeypatch.setattr(ring, "get_password", lambda *_: 1 / 0)

    with pytest.raises(MissingSecretError, match=r"keyring \(it failed: ZeroDivisionError\)"):
        require("blog", "password", config())


def test_a_command_gives_its_first_line_and_no_shell(tmp_path):
    """The first line is the password; the command's words are not read by a shell."""
    command = printing(tmp_path, "import sys; print(sys.argv[1]); print('a note')")

    assert lookup("blog", "password", config(f"{command} $HOME;ls")).reveal() == "$HOME;ls"


def test_a_secret_does_not_show_itself():
    """Neither repr nor str gives the value."""
    store("blog", "password", "hunter2", config())

    found = lookup("blog", "password", config())

    assert "hunter2" not in f"{found!r} {found} {[found]}"


def test_without_a_keyring_a_file_of_0600():
    """The file, and its folder, belong to the owner alone, and the words say where it is."""
    where = store("blog", "password", "pw", config())

    assert str(secrets.secrets_file()) in where
    assert stat.S_IMODE(secrets.secrets_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(secrets.secrets_file().parent.stat().st_mode) == 0o700
    assert [p.name for p in secrets.secrets_file().parent.iterdir()] == ["secrets.json"]


@pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing on Windows")
def test_a_file_that_others_may_read_is_refused():
    """Looser modes stop with the command that mends them."""
    store("blog", "password", "pw", config())
    secrets.secrets_file().chmod(0o640)

    with pytest.raises(UsageError) as raised:
        lookup("blog", "password", config())

    assert raised.value.code == "loose-secrets-file"
    assert "chmod 600" in raised.value.mend


def test_with_a_keyring_no_file(ring):
    """What the keyring takes is not written to a file, and an older copy there goes."""
    keyring.set_keyring(keyring.backends.fail.Keyring())
    store("blog", "password", "old", config())
    keyring.set_keyring(ring)

    where = store("blog", "password", "new", config())

    assert where == "this computer's keyring"
    assert "old" not in secrets.secrets_file().read_text()
    assert lookup("blog", "password", config()).reveal() == "new"


def test_a_keyring_in_clear_text_is_not_used(ring):
    """Backends that write passwords unprotected are passed over."""
    type(ring).__module__ = "keyrings.alt.file"
    try:
        assert "the file" in store("blog", "password", "pw", config())
    finally:
        type(ring).__module__ = __name__
    assert ring.held == {}


def test_forget(ring):
    """A forgotten secret is nowhere; forgetting again finds nothing."""
    store("blog", "password", "pw", config())

    assert forget("blog", "password", config())
    assert lookup("blog", "password", config()) is None
    assert not forget("blog", "password", config())


def test_the_mail_password_has_a_name_of_its_own(monkeypatch):
    """`messages` is looked up like a source."""
    store("messages", "password", "mail", config())

    assert lookup("messages", "password", config()).reveal() == "mail"
    assert lookup("other", "password", config()) is None
