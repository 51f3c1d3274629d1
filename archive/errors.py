"""
The one family of errors, raised in every room and shown to a person by the command line.

    KeepfolioError              1   something failed
    ├── UsageError              2   wrong usage or configuration
    ├── NeedsOwner              4   nothing done: the owner decides
    ├── ArchiveDamaged          5   bytes are not what was sealed
    └── Locked                  6   another run holds the archive

Exit code 3 (some items failed, all others are safe) is no error: it is what a report of several items ends with.

A module with more to say subclasses one of these; the exit code stays that of the family.
"""

from __future__ import annotations


class KeepfolioError(Exception):
    """
    What happened, what was not changed, and what mends it.

    Args:
        message: What happened, in words for the owner. Never holds a secret.

        code: A stable word for scripts, such as ``wrong-password``.

        unchanged: What is still as it was ("Nothing in your archive was changed.").

        mend: The command or settings page that mends it.
    """

    exit_code = 1
    default_code = "failed"

    def __init__(self, message: str, *, code: str = "", unchanged: str = "", mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.unchanged = unchanged
        self.mend = mend


class UsageError(KeepfolioError):
    """The command or the configuration is wrong; nothing was started."""

    exit_code = 2
    default_code = "usage"


class NeedsOwner(KeepfolioError):
    """Nothing was done, because only the owner can decide."""

    exit_code = 4
    default_code = "needs-owner"


class ArchiveDamaged(KeepfolioError):
    """Bytes in the archive are missing or not what was sealed."""

    exit_code = 5
    default_code = "archive-damaged"


class Locked(KeepfolioError):
    """Another run is writing to this archive."""

    exit_code = 6
    default_code = "locked"
