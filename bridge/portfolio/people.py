"""
Who is named in the portfolio, and whether they agreed: ``portfolio/people.yaml``.

    people:
      - name: Sam Taylor
        shown: a colleague in the library    # how the page names them; empty: by name
        role: gave feedback on the workshop
        permission: yes    # yes, no, asked, not-needed
        date: 2027-03-01
        acknowledge: true    # names them once, under Acknowledgements
        also: [Samantha Taylor]    # other forms of their name
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bridge.portfolio import listed, ownerfile
from bridge.portfolio.model import Panel
from bridge.portfolio.naming import Names, plain
from bridge.portfolio.ownerfile import Text

FILE_NAME = "people.yaml"
SOMEBODY = "a colleague"
"""How a page calls who did not agree to be named."""

Permission = Literal["", "yes", "no", "asked", "not-needed"]
AGREED = frozenset({"yes", "not-needed"})
"""Permissions with which a name may be read by everybody."""

_HEAD = "# Whom your portfolio names, and whether they agreed. You may edit this by hand.\n"


@dataclass(frozen=True)
class Person:
    """
    Somebody whom the portfolio names.

    Attributes:
        name: As they are called; looked for in the texts of an edition.

        shown: How the page may name them; ``""``: by name.

        permission: What they said; ``""``: nobody asked yet.

        on: When they said it.

        acknowledge: Named under Acknowledgements, with their permission.

        also: Other forms of their name, looked for as well.
    """

    name: str
    shown: str = ""
    role: str = ""
    permission: Permission = ""
    on: date | None = None
    acknowledge: bool = False
    also: tuple[str, ...] = ()


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: Text = Field(min_length=1)
    shown: Text = ""
    role: Text = ""
    permission: Permission = ""
    on: date | None = Field(default=None, alias="date")
    acknowledge: bool = False
    also: list[Text] = []

    @field_validator("permission", mode="before")
    @classmethod
    def _said(cls, value: object) -> object:
        """``true`` is how some people write yes."""
        return ("yes" if value else "no") if isinstance(value, bool) else "" if value is None else value

    @field_validator("also", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return [] if value is None else [value] if isinstance(value, str) else value


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    people: list[_Person] = []

    @field_validator("people", mode="before")
    @classmethod
    def _nobody(cls, value: object) -> object:
        return [] if value is None else value


def read(path: Path) -> tuple[Person, ...]:
    """
    Return the people of the file, in its order; none where there is no file.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    if not path.is_file():
        return ()
    found = ownerfile.parse(ownerfile.read_text(path), _File, path.name).people
    return tuple(
        Person(
            one.name, one.shown, one.role, one.permission, one.on, one.acknowledge, tuple(filter(str.strip, one.also))
        )
        for one in found
    )


def write_down(path: Path, person: Person) -> None:
    """
    Put somebody into the file, or what is said of them now in the place of what was; every other line stays.

    Raises:
        ConfigError: The file has a mistake; it was not changed.

        UsageError: They cannot be written down so, such as without a name; the file was not changed.

        KeepfolioError: They do not stand on lines of their own; the file was not changed.
    """
    people = read(path)
    text = ownerfile.read_text(path) if path.is_file() else _HEAD
    at = next((n for n, one in enumerate(people) if same_name(person.name, one)), None)
    ownerfile.put(path, listed.put(text, path.name, "people", at, _said(person)), _File)


def _said(person: Person) -> list[tuple[str, str]]:
    return [
        ("name", ownerfile.quoted(person.name)),
        ("shown", listed.quoted(person.shown)),
        ("role", listed.quoted(person.role)),
        ("permission", person.permission),
        ("date", person.on.isoformat() if person.on else ""),
        ("acknowledge", "true" if person.acknowledge else ""),
        ("also", f"[{', '.join(map(ownerfile.quoted, person.also))}]" if person.also else ""),
    ]


def same_name(name: str, person: Person) -> bool:
    """Tell whether a name is that of a person, in any of its forms."""
    return plain(name) in {plain(form) for form in (person.name, *person.also)}


def of_name(name: str, people: Iterable[Person]) -> Person | None:
    """Return who is called that, or None."""
    return next((one for one in people if same_name(name, one)), None)


def page_name(name: str, people: Iterable[Person]) -> str:
    """Return how an edition may name somebody: as agreed, by name with their permission, else "a colleague"."""
    known = of_name(name, people)
    if known is None:
        return SOMEBODY
    return allowed(known) or SOMEBODY


def allowed(person: Person) -> str:
    """Return how a page may call somebody; ``""`` where they did not agree, and what they are shown as names them."""
    if person.permission in AGREED:
        return person.shown or person.name
    named = Names(tuple((form,) for form in (person.name, *person.also)))
    return "" if any(named.find(person.shown)) else person.shown


def acknowledgements(people: Iterable[Person]) -> Panel | None:
    """Return the thanks at the end of the page: whoever agreed and is to be thanked, once; None where nobody is."""
    thanked: dict[str, str] = {}
    for person in people:
        if person.acknowledge and person.permission == "yes":
            name = person.shown or person.name
            thanked.setdefault(plain(name), f"{name}: {person.role}" if person.role else name)
    if not thanked:
        return None
    rows = "".join(f"<li>{escape(line)}</li>" for line in thanked.values())
    return Panel("acknowledgements", "Acknowledgements", f"<ul>{rows}</ul>", place="after")
