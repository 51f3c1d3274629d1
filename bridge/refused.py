"""
Which secrets were refused: one that was is not sent again, for a few wrong ones lock an account.

Beside the workspace stands, by the name of a source or target, why it was refused and a digest by which the same secret
is known again: salted, slow to make and cut short, so that nobody reads the secret out of it.
"""

from __future__ import annotations

import hashlib
import secrets as chance
from typing import TYPE_CHECKING

from bridge import secrets
from bridge.statefile import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.config import Config
    from bridge.workspace import Workspace

NOT_JUDGED = frozenset({"application-passwords-off", "locked", "account-closed"})
"""Codes of a refusal that says nothing of the secret: once that is settled at the site, the same one will do."""

_ROUNDS = 200_000
_LONG = 6  # bytes


def note(name: str, why: str, code: str, config: Config, workspace: Workspace) -> None:
    """Remember that the secret which the chain gives for a source or target was refused, why, and the error's code."""
    held = read_json(_place(workspace))
    salt = str(held.get("salt") or chance.token_hex(16))
    known: dict[str, dict[str, str]] = _known(held) | {
        name: {"why": why, "secret": "" if code in NOT_JUDGED else _digest(name, config, salt)}
    }
    write_json(_place(workspace), {"salt": salt, "names": known})


def forget(name: str, workspace: Workspace) -> None:
    """Let a source or target be asked again."""
    held = read_json(_place(workspace))
    if name in (known := _known(held)):
        write_json(_place(workspace), held | {"names": {k: v for k, v in known.items() if k != name}})


def why(name: str, workspace: Workspace) -> str:
    """Return why a source or target was refused; ``""`` where none stands."""
    return _known(read_json(_place(workspace))).get(name, {}).get("why", "")


def stands(name: str, config: Config, workspace: Workspace) -> str:
    """Return why the secret that would be sent now was refused, here or by another name of its account, or ``""``."""
    held = read_json(_place(workspace))
    known = _known(held)
    alike = [known[one] for one in secrets.names_of(secrets.account_of(name, config), config) if one in known]
    mine = _digest(name, config, str(held.get("salt", ""))) if alike else ""
    return next((one.get("why", "") for one in alike if mine and one.get("secret") == mine), "")


def _digest(name: str, config: Config, salt: str) -> str:
    """Return a digest of what the chain gives; ``""`` where it gives nothing."""
    found = [secrets.lookup(name, what, config) for what in ("token", "password")]
    text = "\0".join(one.reveal() if one else "" for one in found)
    if not any(found):
        return ""
    return hashlib.pbkdf2_hmac("sha256", text.encode("utf-8", "replace"), salt.encode(), _ROUNDS)[:_LONG].hex()


def _known(held: dict[str, object]) -> dict[str, dict[str, str]]:
    names = held.get("names")
    return names if isinstance(names, dict) else {}


def _place(workspace: Workspace) -> Path:
    return workspace.state / "refused.json"
