"""
Passwords and tokens: found along one chain, and never shown.

The chain is: the environment, the command that the configuration names, the system's keyring, the 0600 file that
``keepfolio login`` writes where there is no keyring. What is stored belongs to an *account* (user and site), so that a
source and a target on one site share it, and two workspaces never mix theirs up.
"""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from archive.entry import site_of
from archive.errors import KeepfolioError, UsageError
from bridge.statefile import read_json, write_json
from bridge.workspace import state_root

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from bridge.config import Config

What: TypeAlias = str
"""``password`` or ``token``."""

SERVICE = "keepfolio"
MESSAGES = "messages"
"""The name of the mail server's secret, beside the names of sources and targets."""

COMMAND_SECONDS = 60  # a password manager may have to be unlocked first
KEYRING_SECONDS = 60  # the same; with nobody there its window would stand open for ever, and the run with it


@dataclass(frozen=True)
class Secret:
    """A secret and where it was found. Only ``reveal`` gives it."""

    _value: str = field(repr=False)
    where: str

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return f"<secret from {self.where}>"


class MissingSecretError(UsageError):
    """No link of the chain knows it; ``looked`` names each place, in order."""

    default_code = "missing-secret"

    def __init__(self, name: str, what: What, looked: tuple[str, ...], *, otherwise: str = "") -> None:
        self.looked = looked
        places = "".join(f"\n  {n}. {place}" for n, place in enumerate(looked, 1))
        super().__init__(
            f"There is no {what} for {name}. Looked, in this order:{places}",
            unchanged="Nothing was sent.",
            mend=f"Run: keepfolio login {name}" + (f"   (or, {otherwise})" if otherwise else ""),
        )


def lookup(name: str, what: What, config: Config) -> Secret | None:
    """
    Return the secret of a source, a target or ``messages``, or None where no link of the chain knows it.

    Raises:
        UsageError: The file of secrets is readable by others.
    """
    return next((found for found in _chain(name, what, config) if isinstance(found, Secret)), None)


def require(name: str, what: What, config: Config) -> Secret:
    """
    Return the secret.

    Raises:
        MissingSecretError: It is nowhere; the message lists every place looked at.
    """
    looked = []
    for found in _chain(name, what, config):
        if isinstance(found, Secret):
            return found
        looked.append(found)
    part = config.sources.get(name)
    public = part is not None and part.type == "wordpress"  # other systems show a stranger nothing of the owner's
    raise MissingSecretError(
        name,
        what,
        tuple(looked),
        otherwise="to keep only what is public, take `user` out of config.yaml" if public else "",
    )


def store(name: str, what: What, value: str, config: Config) -> str:
    """Keep a secret in the keyring, or in the 0600 file where there is none; return where, in words."""
    account = account_of(name, config)
    if _keyring_set(account, what, value):
        _file_change(account, what, None)
        return "this computer's keyring"
    _file_change(account, what, value)
    return f"the file {secrets_file()}, which only you may read"


def forget(name: str, what: What, config: Config) -> bool:
    """Remove a stored secret from keyring and file; tell whether there was one."""
    account = account_of(name, config)
    in_keyring = _keyring_delete(account, what)
    return _file_change(account, what, None) or in_keyring


def account_of(name: str, config: Config) -> str:
    """Return the account that a name stands for, such as ``jane@blog.example.org``."""
    if name == MESSAGES:
        smtp = config.messages.smtp
        return f"{smtp.user}@{smtp.host} (mail)" if smtp else MESSAGES
    part = config.sources.get(name) or config.targets.get(name)
    user, url = getattr(part, "user", ""), getattr(part, "url", "")
    if getattr(part, "sso", False) or getattr(part, "type", "") == "moodle":
        user = user or "browser"
    return f"{user}@{site_of(url)}" if user and url else name


def names_of(account: str, config: Config) -> tuple[str, ...]:
    """Return every configured name of an account."""
    return tuple(n for n in (*config.sources, *config.targets, MESSAGES) if account_of(n, config) == account)


def variable(name: str, what: What) -> str:
    """Return the name of the environment variable, such as ``KEEPFOLIO_OLD_BLOG_PASSWORD``."""
    return f"KEEPFOLIO_{name.upper().replace('-', '_')}_{what.upper()}"


def secrets_file() -> Path:
    return state_root() / "secrets.json"


# --- the chain ------------------------------------------------------------------------------------------------------


def _chain(name: str, what: What, config: Config) -> Iterator[Secret | str]:
    """Yield, link by link, the secret or the words for where it was not."""
    account = account_of(name, config)
    names = dict.fromkeys((name, *names_of(account, config)))
    for one in names:
        yield _from_environment(variable(one, what))
    for one in names:
        if command := _command(one, what, config):
            yield _from_command(one, command)
    yield _from_keyring(account, what)
    yield _from_file(account, what)


def _from_environment(name: str) -> Secret | str:
    place = f"the environment variable {name}"
    value = os.environ.get(name, "")
    return Secret(value, place) if value else place


def _command(name: str, what: What, config: Config) -> str:
    part = config.messages if name == MESSAGES else config.sources.get(name) or config.targets.get(name)
    command: str = getattr(part, f"{what}_command", "")
    return command


def _from_command(name: str, command: str) -> Secret | str:
    place = f"the command configured for {name}"
    try:
        words = shlex.split(command, posix=os.name != "nt")
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except ValueError:
        return f"{place} (it cannot be read: check its quotes)"
    except subprocess.TimeoutExpired:
        return f"{place} (it gave no answer within {COMMAND_SECONDS} seconds)"
    except OSError as error:
        return f"{place} (it cannot be started: {error.strerror})"
    if done.returncode:
        return f"{place} (it failed with code {done.returncode})"
    # only the first line: password managers append notes
    value = done.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")
    return Secret(value, place) if value else f"{place} (it printed nothing)"


def _from_keyring(account: str, what: What) -> Secret | str:
    place = "this computer's keyring"
    found: list[Secret | str] = []
    asking = threading.Thread(target=lambda: found.append(_ask_keyring(account, what, place)), daemon=True)
    asking.start()
    asking.join(KEYRING_SECONDS)
    return found[0] if found else f"{place} (it gave no answer within {KEYRING_SECONDS} seconds: is it locked?)"


def _ask_keyring(account: str, what: What, place: str) -> Secret | str:
    from keyring.errors import KeyringError

    try:
        keyring = _keyring()
        value = keyring.get_password(SERVICE, f"{account} {what}") if keyring else None
    except KeyringError:
        return f"{place} (it is locked, or refused)"
    except Exception as error:  # noqa: BLE001 - a backend may raise whatever its system does
        return f"{place} (it failed: {type(error).__name__})"
    if keyring is None:
        return f"{place} (there is none)"
    return Secret(value, place) if value else place


def _from_file(account: str, what: What) -> Secret | str:
    place = f"the file {secrets_file()}"
    value = _file_read().get(f"{account} {what}")
    return Secret(value, place) if value else place


# --- the two places that can be written -----------------------------------------------------------------------------


def _keyring() -> KeyringBackend | None:
    """Return the keyring, or None where there is none, or only one that keeps passwords in clear text."""
    import keyring

    backend = keyring.get_keyring()
    clear_text = type(backend).__module__.startswith("keyrings.alt")
    return None if clear_text or backend.priority <= 0 else backend


def _keyring_set(account: str, what: What, value: str) -> bool:
    from keyring.errors import KeyringError

    try:
        if backend := _keyring():
            backend.set_password(SERVICE, f"{account} {what}", value)
            return True
    except KeyringError:
        pass  # locked, or no session bus: the file is there for that
    return False


def _keyring_delete(account: str, what: What) -> bool:
    from keyring.errors import KeyringError

    try:
        if backend := _keyring():
            backend.delete_password(SERVICE, f"{account} {what}")
            return True
    except KeyringError:
        pass  # nothing stored, or locked
    return False


def _file_read() -> dict[str, str]:
    path = secrets_file()
    if not path.exists():
        return {}
    _only_ours(path)
    return {str(k): str(v) for k, v in read_json(path).items()}


def _file_change(account: str, what: What, value: str | None) -> bool:
    """Set or remove one secret; tell whether the file changed."""
    held = _file_read()
    key = f"{account} {what}"
    changed = {k: v for k, v in held.items() if k != key} | ({key: value} if value is not None else {})
    if changed == held:
        return False
    try:
        write_json(secrets_file(), dict(changed))
    except OSError as error:
        raise KeepfolioError(
            f"The {what} could not be stored in {secrets_file()}: {error.strerror}.",
            code="secret-not-stored",
            mend=f"Make that folder writable, or set {variable('NAME', what)} in the environment instead.",
        ) from error
    return True


def _only_ours(path: Path) -> None:
    if os.name == "nt":  # the profile folder's own access list guards it; mode bits mean nothing there
        return
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid not in (os.getuid(), 0):
        raise UsageError(
            f"Others may read {path}, which holds passwords, so keepfolio does not use it.",
            code="loose-secrets-file",
            unchanged="Nothing was sent.",
            mend=f"Run: chmod 600 '{path}' - and if others use this computer, change those passwords.",
        )
