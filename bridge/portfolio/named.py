"""Who is named in an edition, of the people that the owner wrote down and of those that the archive knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.portfolio import naming, said
from bridge.portfolio.model import Portfolio
from bridge.portfolio.people import Person, allowed


@dataclass(frozen=True)
class Named:
    """
    Somebody whom a section names.

    ``section`` is ``""`` beside the sections; ``where`` says it to a person; ``words`` are those found.
    """

    person: Person
    section: str
    where: str
    words: str


def named(portfolio: Portfolio, people: Sequence[Person]) -> tuple[Named, ...]:
    """Return each person that a section names, once for each section; what the page agreed to call them is no name."""
    passages = list(said.everything(portfolio))
    names = naming.Names(
        wanted=tuple((person.name, *person.also) for person in people),
        never=_own(portfolio.owner),
        words=_lower_case(passages),
    )
    hidden = tuple(person.shown for person in people if person.shown and allowed(person) == person.shown)
    return _each_once(passages, names, people, hidden)


def strangers(portfolio: Portfolio, known: Iterable[str], people: Sequence[Person]) -> tuple[Named, ...]:
    """
    Return who of the people that the archive knows is named whole and stands in no list of the owner's.

    ``known`` are names as systems write them: what is no name of two words or more is passed over.
    """
    passages = list(said.everything(portfolio))
    words = {word for one in passages for word in _words(one)}
    listed = {naming.plain(form) for person in people for form in (person.name, *person.also)}
    found = {
        naming.plain(name): name
        for name in known
        if 1 < len(name.split()) < 6 and "@" not in name and set(naming.plain(name).split()) <= words
    }
    asked = [Person(" ".join(name.split())) for plain, name in found.items() if plain not in listed]
    names = naming.Names(tuple((one.name,) for one in asked), _own(portfolio.owner), families=False)
    return _each_once(passages, names, asked, ())


def _each_once(
    passages: Iterable[said.Said], names: naming.Names, people: Sequence[Person], hidden: Collection[str]
) -> tuple[Named, ...]:
    found: dict[tuple[str, str], Named] = {}
    for one in passages:
        text = naming.spelt_out(one.text) if one.joined else one.text
        for number, words in names.find(text, hidden) if text else ():
            person = people[number]
            found.setdefault((person.name, one.section), Named(person, one.section, one.where, words))
    return tuple(found.values())


def _own(owner: str) -> tuple[str, ...]:
    return (owner,) if owner.strip() else ()


def _words(one: said.Said) -> Iterator[str]:
    text = naming.spelt_out(one.text) if one.joined else one.text
    yield from re.findall(r"[\w'-]+", naming.plain(text))


def _lower_case(passages: Iterable[said.Said]) -> frozenset[str]:
    """Return the words that stand somewhere in lower case: at the start of a sentence they name nobody."""
    text = " ".join(naming.folded(one.text) for one in passages if not one.joined)
    return frozenset(re.findall(r"(?<![\w'-])[a-z][\w'-]*", text))
