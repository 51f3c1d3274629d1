"""
The keys of encrypted copies, by age (https://age-encryption.org), a format that other programs open too.

A copy is sealed for public keys. The private key is the owner's: on paper, in a file that she names, or along the
chain of secrets. With a passphrase, the key lies locked in the copy itself, and the passphrase opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from archive.care.places import Through
from archive.errors import ArchiveDamaged, UsageError

Identity: TypeAlias = Any
"""A private key, as pyrage has it; it brings no types."""

NAME = "copies"
"""The name of the copies' secrets: KEEPFOLIO_COPIES_PASSWORD is the passphrase, KEEPFOLIO_COPIES_KEY the key."""

_LARGEST_KEY_FILE = 1 << 20


@dataclass(frozen=True)
class Locked:
    """A new key: the public one, and the private one locked with a passphrase."""

    public: str
    file: bytes


def new_key() -> tuple[str, str]:
    """Return a new private key and its public one; nothing keeps it."""
    identity = _age().x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def new_locked_key(passphrase: str) -> Locked:
    """Return a new key whose private half only the passphrase opens."""
    private, public = new_key()
    return Locked(public, _age().passphrase.encrypt(private.encode() + b"\n", passphrase, armored=True))


def sealing(recipients: Sequence[str]) -> Through:
    """
    Return what encrypts a stream for these public keys.

    Raises:
        UsageError: One is no public key of age, or the extra ``age`` is not installed.
    """
    age = _age()
    public = []
    for text in recipients:
        try:
            public.append(age.x25519.Recipient.from_str(text.strip()))
        except age.RecipientError:
            raise UsageError(
                f"{text} is no public key: it begins with age1 and has 62 characters.",
                code="bad-key",
                unchanged="Nothing was written.",
                mend="Make a pair of keys with: keepfolio replicate --new-key",
            ) from None

    def seal(plain: BinaryIO, out: BinaryIO) -> None:
        age.encrypt_io(plain, out, public)

    return seal


def unsealing(identities: Sequence[Identity]) -> Through:
    """Return what opens a stream that was sealed for one of these keys."""
    age = _age()

    def unseal(sealed: BinaryIO, out: BinaryIO) -> None:
        try:
            age.decrypt_io(sealed, out, list(identities))
        except age.DecryptError as problem:
            if "No matching keys" in str(problem):
                raise UsageError(
                    "The key does not open this copy.",
                    code="wrong-key",
                    unchanged="Nothing was changed.",
                    mend="Name the file with the key that the copy was made for: --key FILE",
                ) from None
            raise _unreadable() from problem
        except OSError as problem:
            if problem.errno is not None:  # the disk's error, not the cipher's
                raise
            raise _unreadable() from problem

    return unseal


def identities_in(text: bytes, passphrase: Callable[[], str]) -> list[Identity]:
    """
    Return the private keys in a key file; one that is locked is opened with the passphrase.

    Raises:
        UsageError: There is none in it (``bad-key``), or the passphrase is wrong (``wrong-passphrase``).
    """
    age = _age()
    if text.startswith((b"-----BEGIN AGE ENCRYPTED FILE-----", b"age-encryption.org/")):
        try:
            text = age.passphrase.decrypt(text, passphrase())
        except age.DecryptError:
            raise UsageError(
                "The passphrase does not open the key of this copy.",
                code="wrong-passphrase",
                unchanged="Nothing was changed.",
                mend="Type the passphrase with which the copy was made.",
            ) from None
    lines = (line.strip() for line in text.decode("utf-8", "replace").splitlines())
    try:
        found = [age.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    except age.IdentityError:
        found = []
    if not found:
        raise UsageError(
            "There is no key in what was given as one: it begins with AGE-SECRET-KEY-1.",
            code="bad-key",
            unchanged="Nothing was changed.",
            mend="Name the file that holds it: --key FILE",
        )
    return found


def read_key_file(path: Path) -> bytes:
    """Return what a key file holds; one that cannot be read is a mistake of the command."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_KEY_FILE)
    except OSError as problem:
        raise UsageError(
            f"The key file {path} cannot be read: {problem.strerror}.",
            code="bad-key",
            unchanged="Nothing was changed.",
            mend="Name the file that holds the key: --key FILE",
        ) from problem


def _unreadable() -> ArchiveDamaged:
    return ArchiveDamaged("An encrypted file of the copy is not what was written there.", code="copy-damaged")


def _age() -> Any:
    try:
        import pyrage  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError(
            "Encrypted copies need one more library.",
            code="no-age",
            unchanged="Nothing was written.",
            mend="Install it: pipx inject keepfolio pyrage   (or: pip install 'keepfolio[age]')",
        ) from None
    return pyrage
