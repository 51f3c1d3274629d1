"""
Names in a text: found whole, in whatever case, with or without accents, and never inside another word.

Of a person's name these forms are known: "Sam Taylor", "Sam Q. Taylor", "S. Taylor", "Taylor, Sam", "Sam Taylor's",
and "Taylor" alone where nobody else is called so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

_PARTICLES = frozenset("van von der den de del della di da dos du la le al el bin ibn ter ten zu".split())  # noqa: SIM905 - words read best as a line
_TITLES = frozenset("dr prof professor mr mrs ms mx miss sir dame lady lord rev".split())  # noqa: SIM905
_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ı": "i"}
_LETTERS |= {small.upper(): plain.upper() for small, plain in _LETTERS.items() if len(small.upper()) == 1}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-"})
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_OPENERS = frozenset(
    "a after all also although and as at because before but by during even for from here how however if in later like "  # noqa: SIM905 - words read best as lines
    "my now of on once only or our since so still that the their then there this though to until when where whether "
    "which while who why with without yet".split()
)
_NEARBY = 80
"""Letters before a name that tell whether it is another's: a text of a million is not read again for each find."""
_WORD_BEFORE = re.compile(r"(?<!\w)([^\W\d_][\w'-]*)(\.?)$")
_BEFORE = r"(?<!\w)(?<!\w')(?<![A-Za-z]-)"
_AFTER = r"(?!\w)(?!-[A-Z])"
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|[-_.+~/\\]+|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def folded(text: str) -> str:
    """Return a text as names are looked for in it: without accents, in its own case, with single spaces."""
    apart = unicodedata.normalize("NFKD", _UNSEEN.sub("", text).translate(_QUOTES))
    letters = (_LETTERS.get(c, c) for c in apart if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def plain(name: str) -> str:
    """Return what is equal for all ways of writing one name: "SAM  TAYLOR" and "Sam Taylor"."""
    return folded(name).casefold()


def spelt_out(name: str) -> str:
    """Return a file's name or an address as words: ``sam-taylor_2.pdf`` and ``SamTaylor`` name somebody, too."""
    return _JOINED.sub(" ", name)


def family(name: str) -> str:
    """Return the family name, as far as the order of words tells; ``""`` for a name of one word."""
    words = name.split()
    first = len(words) - 1
    while first > 1 and words[first - 1].casefold() in _PARTICLES:
        first -= 1
    return " ".join(words[first:]) if len(words) > 1 else ""


@dataclass(frozen=True)
class Names:
    """
    The names to look for.

    Attributes:
        wanted: Each person's name and its other forms.

        never: Names that are no find wherever they stand, such as the owner's own.

        words: Words that the whole page uses in lower case: "page" at the start of a sentence is no Mrs Page.

        families: Whether a family name alone is a find, where it is that of one person only.
    """

    wanted: tuple[tuple[str, ...], ...]
    never: tuple[str, ...] = ()
    words: Collection[str] = ()
    families: bool = True

    def find(self, text: str, hidden: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
        """Yield the number of each person named in a text, with the words that name them; ``hidden`` is passed over."""
        seen = folded(text)
        for phrase in sorted((*self.never, *hidden), key=len, reverse=True):
            seen = re.sub(
                _whole(re.escape(folded(phrase)), phrase), lambda m: "\0" * len(m[0]), seen, flags=re.IGNORECASE
            )
        low = seen.casefold()
        for number, (whole, alone) in enumerate(self._patterns):
            if not any(word in low for word in self._last_words[number]):
                continue  # most people are named in few texts
            found = whole.search(seen)
            initial = folded(self.wanted[number][0])[:1]
            name = found[0] if found else next(self._alone(alone, seen, initial), "") if alone else ""
            if name:
                yield number, name

    @cached_property
    def _last_words(self) -> tuple[frozenset[str], ...]:
        """The word in which each form of a name ends: without it no form is there."""
        return tuple(frozenset(plain(form).split()[-1] for form in forms if plain(form)) for forms in self.wanted)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...]:
        families = [plain(family(forms[0])) for forms in self.wanted]
        taken = {plain(family(name)) for name in self.never}
        made = []
        for forms, name in zip(self.wanted, families, strict=True):
            lone = self.families and name and families.count(name) == 1 and name not in taken
            made.append((_any_form(forms), _family_alone(forms[0]) if lone else None))
        return tuple(made)

    def _alone(self, pattern: re.Pattern[str], text: str, initial: str) -> Iterator[str]:
        """Yield a family name standing alone: not behind another's first name, and not as an ordinary word."""
        for found in pattern.finditer(text):
            before = text[max(0, found.start() - _NEARBY) : found.start()].rstrip()
            opens = not before or before[-1] in ".!?"
            behind = _WORD_BEFORE.search(before)
            if behind is not None and _is_anothers(behind[1], behind[2], initial, self.words, sentence_ends=opens):
                continue
            if opens and found[0].casefold() in self.words:
                continue
            yield found[0]


def _is_anothers(word: str, dot: str, initial: str, words: Collection[str], *, sentence_ends: bool) -> bool:
    """Tell whether the word before a family name is another person's first name or initial."""
    if len(word) == 1 and dot:
        return word.upper() != initial.upper()
    if sentence_ends or not word[0].isupper() or word == "I":
        return False
    return word.casefold() not in _TITLES | _OPENERS and word.casefold() not in words


def _any_form(forms: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = [_form(folded(form)) for form in forms]
    name = folded(forms[0])
    last = family(name)
    if last:
        given = name.removesuffix(last).split()
        lead, initial = re.escape(given[0]), re.escape(given[0][0])
        end = r"\ ".join(map(re.escape, last.split()))
        middle = r"(?:\ (?:[^\W\d_]\.?|[A-Z][a-z]+))?"
        alternatives.append(_whole(rf"(?i:{lead}{middle}\ {end})", name))
        alternatives.append(_whole(rf"(?i:{initial}\.?\ {end})", name))
        alternatives.append(_whole(rf"(?i:{end},\ (?:{lead}|{initial}\.?))", name))
    return re.compile("|".join(alternatives))


def _form(form: str) -> str:
    """Return the pattern of one form: one of a single word counts as written or in capitals, "Will" is not "will"."""
    if " " in form:
        return _whole(rf"(?i:{re.escape(form)})", form)
    return _whole("|".join(map(re.escape, dict.fromkeys((form, form.upper(), form[:1].upper() + form[1:])))), form)


def _family_alone(name: str) -> re.Pattern[str]:
    last = folded(family(name))
    written = dict.fromkeys((last, last[:1].upper() + last[1:], last.upper()))
    return re.compile(_whole("|".join(map(re.escape, written)), last) + r"(?! (?:& )?[A-Z][a-z])")


def _whole(pattern: str, name: str) -> str:
    """Return a pattern that matches no part of a word; scripts without capitals often write names without spaces."""
    cased = any(c.lower() != c.upper() for c in name)
    return rf"{_BEFORE}(?:{pattern}){_AFTER}" if cased else f"(?:{pattern})"
