"""
Personal data in a text: what a person would rather not have read by everybody.

Shapes only, for numbers and addresses that are written in the United Kingdom and with an international prefix. That
nothing is found says nothing: a page is to be read by its owner, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Personal:
    """
    Something personal.

    ``kind`` says it to a person: "an e-mail address". ``text`` is what was found, as it stands there. ``own``: it is
    the owner's own, who may well mean it.
    """

    kind: str
    text: str
    own: bool = False


def find(text: str, emails: Collection[str] = ()) -> Iterator[Personal]:
    """Yield each piece of personal data once, in the order of kinds; ``emails`` are the owner's own addresses."""
    mine = {address.casefold() for address in emails}
    for kind, pattern, keep in _KINDS:
        for words in dict.fromkeys(found[0].strip() for found in pattern.finditer(text) if keep(found, text)):
            yield Personal(kind, words, _as_address(words) in mine)


_AT = r"\s?[\[(]\s?at\s?[\])]\s?"
_DOT = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)"
_E_MAIL = re.compile(rf"(?<![\w.+@-])[\w.+-]+(?:@|{_AT})[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.+/-])(?:"
    r"(?:\+|00)[1-9][\d ().-]{6,18}\d"  # international
    r"|\(?0[1-9]\d{1,4}\)?[\d .-]{5,10}\d"  # the United Kingdom's own form, and those like it
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|[2-9]\d{2}[.-][2-9]\d{2}[.-]\d{4}"  # North America
    r")(?![\w/-]|\.\d)"
)
_STUDENT = re.compile(
    r"\b(?:student|learner|candidate|matriculation|enrolment|banner|user|staff)?'?s?\s?"
    r"\b(?:id|i\.d\.|no\.?|number|student|learner|candidate|matriculation)\b[^.\n\d]{0,20}(?<!\d)(\d{7,9})\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\b[a-z]{1,2}\d{7,8}\b(?!\.(?:jpe?g|png|heic|webp|mp4|mov)\b)", re.IGNORECASE)  # P1010001.JPG
_INSURANCE = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]\b", re.IGNORECASE
)
_HOME = re.compile(
    r"\b(?:flat \d+[a-z]?,? )?(?!(?:19|20)\d\d )\d{1,4}[a-z]?,? (?:[A-Z][\w'’.-]*,? ){1,8}"
    r"(?:GIR 0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})\b"
)
_BORN = re.compile(
    r"\b(?:date of birth|d\.?o\.?b\.?|born(?: on)?)\b:? "
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]+ \d{4})",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"(?<![\w.+-])https?://[^\s/?#@:]{1,200}:[^\s/?#@]{1,200}@", re.IGNORECASE)
_OTHER_NUMBERS = re.compile(r"(?:isbn|issn|doi|orcid|version|ref(?:erence)?)[\s:.#-]*(?:1[03][\s:-]*)?$", re.IGNORECASE)


def _is_phone(found: re.Match[str], text: str) -> bool:
    """Tell a telephone number from a row of years, an ISBN and other numbers that look alike."""
    words = found[0]
    digits = re.sub(r"\D", "", words)
    if _OTHER_NUMBERS.search(text[max(0, found.start() - 24) : found.start()]) or re.search(r"[ .()-]{3}", words):
        return False
    if words.startswith(("+", "00")):
        return 8 <= len(digits.removeprefix("00")) <= 15
    if digits.startswith("0"):
        return len(digits) in (10, 11) and digits[1] in "12378"
    return len(digits) == 10


def _always(_found: re.Match[str], _text: str) -> bool:
    return True


_Keep = Callable[[re.Match[str], str], bool]
_KINDS: tuple[tuple[str, re.Pattern[str], _Keep], ...] = (
    ("a password in an address", _PASSWORD, _always),
    ("an e-mail address", _E_MAIL, _always),
    ("what looks like a telephone number", _PHONE, _is_phone),
    ("what looks like a student or staff number", _STUDENT, _always),
    ("what looks like somebody's account number", _ACCOUNT, _always),
    ("what looks like a national insurance number", _INSURANCE, _always),
    ("what looks like somebody's home address", _HOME, _always),
    ("a date of birth", _BORN, _always),
)


def _as_address(words: str) -> str:
    plain = re.sub(_AT, "@", words, flags=re.IGNORECASE)
    return re.sub(r"\s?[\[(]\s?dot\s?[\])]\s?", ".", plain, flags=re.IGNORECASE).casefold()
