"""
A page as Mahara drew it for an export -> what it says, without what is there to be clicked on.

Known by the classes of Mahara's templates (theme/raw/templates, 1.10 to 23.04), and never inside what the owner wrote:
whatever classes she gave her own words, they stay. Three things go elsewhere or away, so that an unchanged page is the
same in each export, whoever asked for it:

- what others said (comments, feedback, assessments): entries of their own, and no words of hers;
- what the site lists at that moment (inbox, friends, the newest pages of others), and more of a journal than its block
  shows to a reader;
- what changes by itself: ids, ``2 mins ago``, ``Overdue``, sizes in tool tips, the order of tags and attachments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from archive.entry import JsonValue
from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_html import Tree
from connectors.mahara.leap2a_tidy import tidy

MOST = 50_000
"""Elements of a page that are looked at one by one: real ones have hundreds, and what has more stays as it is."""
LIVE = frozenset({"inbox", "newviews", "watchlist", "wall", "myviews", "mygroups", "myfriends"})
"""Kinds of blocks that list what the site knows at that moment."""

_BLOCK_ID = re.compile(r"(?:user_)*blockinstance_\d+\Z")
_ENTRIES_ID = re.compile(r"(?:user_)*postlist_\d+\Z")
_CHROME = frozenset({
    "block-header", "btn", "btn-group", "btn-top-right", "collapse-indicator", "d-none", "detail-link", "detailslink",
    "commentlink", "quickeditlink", "file-icon", "file-icon-link", "form-group", "hidden", "icon", "js-hidden",
    "link-blocktype", "modal", "pagination-wrapper", "postedon", "requiredmarkerdesc", "sr-only", "switch",
    "visually-hidden",
})  # fmt: skip
_CONTROLS = frozenset({"button", "input", "select", "textarea", "option", "label", "script", "style", "noscript"})
_OWN_WORDS = frozenset({"textblock", "postcontent", "content-text", "viewinstruction-export", "list-group-item-detail"})
_OTHERS = frozenset({"feedbacktable", "annotation-feedback", "feedback"})
_FOR_THE_OWNER = re.compile(r"/(?:(?:related)?tags|artefact/blog/view/index)\.php\?")  # an administrator sees none
_ASIDE = frozenset({"visually-hidden", "sr-only", "metadata"})
_TITLES = ("h1", "h2", "h3", "h4")
_SHOWS = ("img", "audio", "video", "iframe", "embed", "object")


@dataclass(frozen=True)
class Drawn:
    """A block of a page: Mahara's name for its kind, its title as shown, what it shows, and what others said there."""

    type: str
    title: str
    body: Tree
    feedback: list[JsonValue] = field(default_factory=list)


def blocks(content: Tree, journals: Iterable[int] = ()) -> list[Drawn]:
    """
    Return the blocks that Mahara drew, in order; none where another system made the page. Uses the tree up.

    ``journals``: how many entries each block of a journal shows, in the same order; 0 for all.
    """
    found = [element for element in content.iter("div") if _BLOCK_ID.match(element.get("id", ""))]
    for journal, most in zip((e for e in found if "bt-blog" in _classes(e)), journals, strict=False):
        _cut(journal, most)
    return [_block(element) for element in found]


def clean(tree: Tree) -> Tree:
    """Return what a drawn text says. Uses it up."""
    _without_chrome(tree)
    return tidy(tree)


def shows(tree: Tree) -> bool:
    """Whether anything is to be seen of a text."""
    return bool(leap2a_html.words(tree)) or next(tree.iter(*_SHOWS), None) is not None


def _block(element: etree._Element) -> Drawn:
    kind = next((name[3:] for name in sorted(_classes(element)) if name.startswith("bt-")), "")
    body = next((child for child in element if _classes(child) & {"block", "blockinstance-content"}), element)
    heads = (
        child for child in element.iter(*_TITLES) if "title" in _classes(child) and not _is_inside(child, body, element)
    )
    heading = next(heads, None)
    title = ""
    if heading is not None:
        _without_chrome(heading)
        title = leap2a_html.words(heading)
        leap2a_html.drop(heading)
    held = leap2a_html.empty()
    leap2a_html.append(held, body)
    feedback = _feedback(held)
    if kind == "internalmedia":  # says in the place of a player that a browser cannot show it
        for player in [e for e in held.iter("div") if "mediaplayer" in _classes(e)]:
            if next(player.iter("audio", "video"), None) is None:
                leap2a_html.drop(player)
    return Drawn(kind, title, clean(held), feedback)


def _cut(journal: etree._Element, most: int) -> None:
    """
    Leave the entries that a reader of the page sees first.

    For an export of her own the owner gets all of a journal in its block, an administrator for her only the first
    (artefact/blog/blocktype/blog/lib.php, ``$limit``). All of them are entries of their own.
    """
    holder = next((e for e in journal.iter("div") if _ENTRIES_ID.match(e.get("id", ""))), None)
    if holder is not None and most:
        for entry in [e for e in holder if _classes(e) & {"post", "list-group-item"}][most:]:
            leap2a_html.drop(entry)


def _is_inside(element: etree._Element, body: etree._Element, block: etree._Element) -> bool:
    return body is not block and any(above is body for above in element.iterancestors())


def _feedback(tree: Tree) -> list[JsonValue]:
    """Take what others said out of a block, and return it."""
    said: list[JsonValue] = []
    for item in [e for e in tree.iter("div") if "comment-item" in _classes(e)]:
        heading = next(item.iter(*_TITLES), None)
        for hidden in [e for e in item.iter(etree.Element) if _is_chrome(e, _classes(e))]:
            leap2a_html.drop(hidden)
        who = "" if heading is None else leap2a_html.words(heading)
        if heading is not None:
            leap2a_html.drop(heading)
        said.append({"who": who, "words": leap2a_html.words(item)})
    for element in [e for e in tree.iterdescendants(etree.Element) if _classes(e) & _OTHERS]:
        leap2a_html.drop(element)
    return said


def _without_chrome(tree: Tree) -> None:
    own = _own(tree)
    mahara = [element for element in tree.iterdescendants(etree.Element) if element not in own]
    for element in mahara:
        classes = _classes(element)
        if not _is_within(element, tree):
            continue
        if "complete-task" in classes:  # a tick, and a word for who cannot see it
            words = leap2a_html.words(element)
            for child in list(element):
                element.remove(child)
            element.text = words
        elif _is_wordless(element):
            _name_the_link(element)
        elif "has-attachment" in classes:
            _sort_attachments(element)
        elif "tags" in classes:
            _sort_tags(element)
        elif "postdetails" in classes:
            _without_name(element)
        elif _is_chrome(element, classes):
            leap2a_html.drop(element)
        elif element.tag == "span" and classes & {"title", "text-muted", "text-midtone"}:
            above = element.getparent()
            element.tag = "p" if above is not None and above.tag in {"div", "li", "td"} else "span"
    for link in mahara:
        if link.tag == "a" and _is_within(link, tree):
            _without_click(link)


def _own(tree: Tree) -> set[etree._Element]:
    """Return the elements of what people wrote; the list of files below a text is Mahara's."""
    own: set[etree._Element] = set()
    for holder in tree.iter("div"):
        if _classes(holder) & _OWN_WORDS:
            own.update(holder.iterdescendants(etree.Element))
    for lists in [e for e in own if "has-attachment" in _classes(e)]:
        own.difference_update(lists.iter(etree.Element))
    return own


def _is_chrome(element: etree._Element, classes: set[str]) -> bool:
    if element.tag in _CONTROLS or classes & _CHROME:
        return True
    if element.tag == "iframe":
        return not element.get("src")
    return element.tag == "img" and "/theme/" in element.get("src", "")


def _without_click(link: etree._Element) -> None:
    """Leave the words of a link that leads nowhere outside of a browser, or to what only the owner is offered."""
    address = link.get("href") or "#"
    if address.startswith("#") or _FOR_THE_OWNER.search(address):
        leap2a_html.unwrap(link)
    elif not len(link):
        link.text = (link.text or "").strip()


def _is_wordless(link: etree._Element) -> bool:
    """Whether it is the link to a file that has an arrow, or words for a screen reader, and its name beside it."""
    if link.tag != "a" or "has_part" not in link.get("rel", "") or (link.text or "").strip():
        return False
    return all(_is_chrome(part, _classes(part)) and not (part.tail or "").strip() for part in link)


def _name_the_link(link: etree._Element) -> None:
    """Give the link to a file the words that stand before it (since 20.04) or after it (until 19.10)."""
    after = "outer-link" in _classes(link)
    name = link.getnext() if after else link.getprevious()
    while name is not None and "title" not in _classes(name):
        known = _classes(name) & {"icon", "file-icon"}
        name = (name.getnext() if after else name.getprevious()) if known else None
    if name is not None:
        for aside in [e for e in name.iterdescendants(etree.Element) if _classes(e) & _ASIDE]:
            leap2a_html.drop(aside)
        words = leap2a_html.words(name)
        leap2a_html.drop(name)
    else:
        words = next((e.get("title", "") for e in link.iterdescendants(etree.Element) if e.get("title")), "")
        words = re.sub(r" ?\[[^\[\]]*\]\Z", "", " ".join(words.split()) or leap2a_html.words(link))
    for child in list(link):
        link.remove(child)
    link.text = words
    holder = link.getparent()
    if holder is not None and words:
        boxed = etree.Element("p")
        boxed.tail, link.tail = link.tail, None
        holder.replace(link, boxed)
        boxed.append(link)


def _sort_attachments(element: etree._Element) -> None:
    """Put attached files in order: the database gives them in another one each time."""
    for listed in element.iter("ul"):
        rows = sorted(listed, key=leap2a_html.words)
        for row in rows:
            row.tail = None
        listed[:] = rows


def _sort_tags(element: etree._Element) -> None:
    """Put tags in order, for the same reason."""
    links = [link for link in element.iter("a") if "tag" in _classes(link)]
    if not links:
        return
    tags = ", ".join(sorted(leap2a_html.words(link) for link in links))
    before = "".join([element.text or "", *(child.tail or "" for child in element if "icon" in _classes(child))])
    for child in list(element):
        element.remove(child)
    element.text = f"{' '.join(before.split())} {tags}".strip()


def _without_name(element: etree._Element) -> None:
    """Say when, and not by whom: Mahara names the owner only to herself, so that an administrator's export differs."""
    for icon in [e for e in element.iterdescendants(etree.Element) if "icon" in _classes(e)]:
        leap2a_html.drop(icon)
    element.text = re.sub(r"^\s*Posted by .*? on (?=\d)", "Posted on ", element.text or "")


def is_huge(tree: Tree) -> bool:
    """Whether a page has more elements than are looked at."""
    return next(islice(tree.iter(), MOST, None), None) is not None


def _is_within(element: etree._Element, tree: Tree) -> bool:
    """Whether an element was not dropped with another one."""
    return any(above is tree for above in element.iterancestors())


def _classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").split())
