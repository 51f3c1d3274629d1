"""The small types of ``config.yaml``: each refuses what it cannot be, in words for the owner."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", text):
        raise ValueError(f'"{text}" is no e-mail address; write one in each place, such as jane@example.org')
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("this is not an address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("write the whole address, such as https://blog.example.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address here holds no user name or password; use `user`, then run keepfolio login")
    return text.strip()


def _address_or_none(text: str) -> str:
    return _address(text) if text.strip() else ""


def _local(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", Path())
    return base / path.expanduser()


def _framework(text: str, info: ValidationInfo) -> str:
    """A name stays one; what can only be a path starts from the folder of the file, wherever the command runs."""
    is_path = text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text
    return str(_local(Path(text), info)) if is_path else text


def _day(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write a date as year-month-day, such as 2027-07-31")
    if isinstance(value, int):
        raise ValueError("write a whole date, such as 2027-07-31")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'"{text}" is not a time zone; write one such as Europe/London') from error
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, (str, int)) else value


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", text) or text == "messages":
        raise ValueError("a name has small letters, digits and hyphens (and `messages` is taken)")
    return text


def _clock(text: str) -> str:
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f'"{text}" is not a time of day; write one such as 03:30')
    return text


def _weekly(text: str) -> str:
    day, _, clock = text.partition(" ")
    if day not in WEEKDAYS:
        raise ValueError(f'"{text}" should be a day and a time, such as mon 03:30 (days: {", ".join(WEEKDAYS)})')
    _clock(clock)
    return text


def _monthly(text: str) -> str:
    day, _, clock = text.partition(" ")
    if day != "last" and not (re.fullmatch(r"[1-9]\d?", day) and int(day) <= 28):
        raise ValueError(f'"{text}" should be a day from 1 to 28, or last, and a time, such as 1 04:00')
    _clock(clock)
    return text


Address: TypeAlias = Annotated[str, AfterValidator(_address)]
AddressOrNone: TypeAlias = Annotated[str, AfterValidator(_address_or_none)]
LocalPath: TypeAlias = Annotated[Path, AfterValidator(_local)]
FrameworkName: TypeAlias = Annotated[str, AfterValidator(_framework)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Email: TypeAlias = Annotated[str, AfterValidator(_email)]
Name: TypeAlias = Annotated[str, AfterValidator(_name)]
Edition: TypeAlias = Literal["private", "assessor", "public"]
Unattended: TypeAlias = Literal["off", "mend-links", "tagged-public-posts", "all"]

Insecure: TypeAlias = Annotated[
    bool, Field(description="Let the password travel over http. Only in a network you trust.")
]
PasswordCommand: TypeAlias = Annotated[
    str, Field(description="A command that prints the password, such as a password manager's.")
]

Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
Clock: TypeAlias = Annotated[str, AfterValidator(_clock)]
Weekly: TypeAlias = Annotated[str, AfterValidator(_weekly)]
Monthly: TypeAlias = Annotated[str, AfterValidator(_monthly)]
