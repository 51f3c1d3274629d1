"""
How a page on a WordPress says that it is ours. Pure.

WordPress keeps no field of ours without a plugin, but HTML comments survive every account's filter on all versions. So
our text stands between two of them, each in a Custom HTML block, because the editor turns a bare comment into a
"Classic" block:

    <!-- keepfolio:begin v1 portfolio=UUID page=SLUG text=DIGEST -->    ...    <!-- keepfolio:end -->

``text`` is the digest of what stands between: it tells that nobody edited it where the record of it was lost.
Equal releases give equal bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_PART = re.compile(
    r"(?:<!-- wp:html -->\s*)?<!-- keepfolio:begin(?P<words>[^>]*?)-->(?:\s*<!-- /wp:html -->)?"
    r"(?P<text>(?:(?!<!-- keepfolio:begin).)*?)"
    r"(?:<!-- wp:html -->\s*)?<!-- keepfolio:end -->(?:\s*<!-- /wp:html -->)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """Our part of a page: where it stands in the raw text, what it says, whose it is, whether it is as we left it."""

    start: int
    end: int
    text: str
    portfolio: str
    page: str
    untouched: bool


def wrap(text: str, portfolio: str, page: str) -> str:
    """Return a text between our two comments."""
    begin = f"<!-- keepfolio:begin v1 portfolio={portfolio} page={_word(page)} text={_digest(text)} -->"
    return f"{_block(begin)}\n\n{text}\n\n{_block('<!-- keepfolio:end -->')}"


def find(raw: str) -> Part | None:
    """Return our part of a page's raw text; None where there is none, or more than one."""
    found = list(_PART.finditer(raw))
    if len(found) != 1:
        return None
    words = dict(word.split("=", 1) for word in found[0]["words"].split() if "=" in word)
    text = found[0]["text"].strip()
    return Part(
        found[0].start(),
        found[0].end(),
        text,
        words.get("portfolio", ""),
        unquote(words.get("page", "")),
        untouched=words.get("text") == _digest(text),
    )


def put(raw: str, ours: str) -> str:
    """Return a page's raw text with our part replaced, or added at its end; everything else stays as it is."""
    part = find(raw)
    if part is None:
        return f"{raw.rstrip()}\n\n{ours}"
    return raw[: part.start] + ours + raw[part.end :]


def is_torn(raw: str) -> bool:
    """Say whether marks of ours are there that do not enclose exactly one part: nobody can tell what is ours."""
    return find(raw) is None and ("<!-- keepfolio:begin" in raw or "<!-- keepfolio:end" in raw)


def _block(comment: str) -> str:
    return f"<!-- wp:html -->\n{comment}\n<!-- /wp:html -->"


def _word(path: str) -> str:
    """A page's path as one word; WordPress makes one dash of two in a comment."""
    return quote(path, safe="/").replace("--", "%2D%2D")


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]
