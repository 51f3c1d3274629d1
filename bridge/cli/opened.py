"""The session of the running command: the workspace named by ``--workspace``, or found from here."""

from __future__ import annotations

from bridge.cli.common import settings
from bridge.session import Session
from bridge.workspace import find


def opened() -> Session:
    """Return the session; a clear error when there is no workspace."""
    return Session(find(settings().workspace))
