"""
Semantic HTML as the blocks of WordPress's editor. Pure.

What comes out is what WordPress gives back (``markup``), and what the editor itself would write, so that the digest of
a page that nobody touched stays what it was. Where the editor has no block for something (a menu, a list of terms) it
becomes a Custom HTML block: shown as it is, and still editable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import PageElement, Tag

from connectors.wordpress.markup import (
    DROPPED,
    INLINE,
    KEPT,
    ZERO_WIDTH_SPACE,
    attribute,
    children,
    escaped,
    holds_only,
    inline,
    is_blank,
    markup,
)

WRAPPERS = frozenset({"div", "section", "article", "aside", "header", "footer", "main"})

SOFT_HYPHEN = "\u00ad"
FITS = {2: 11, 3: 13}  # letters of a word that stand on one line of a telephone, in the large headings of block themes

_WORD = re.compile(r"<[^>]*>|&#?\w+;|[A-Za-z\u00c0-\u024f]+")  # a tag, an entity, a word
_SYLLABLE = re.compile(r"(?<=[^\W\d_]{3}[aeiouy])(?=[^\Waeiouy\d_][aeiouy][^\W\d_]{2})", re.IGNORECASE)
_CLUSTER = re.compile(r"(?<=[^\W\d_]{2}[aeiouy][^\Waeiouy\d_])(?=[^\Waeiouy\d_][^\W\d_]{2})", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"https?://\S+")


def to_blocks(fragment: str) -> str:
    """Return a fragment of semantic HTML as block markup; ``keepfolio:NAME`` addresses stay as they are."""
    return _blocks(BeautifulSoup(fragment, "html.parser").children)


def _blocks(nodes: Iterable[PageElement]) -> str:
    return "\n\n".join(_each(nodes))


def _each(nodes: Iterable[PageElement]) -> Iterator[str]:
    for is_block, run in groupby(nodes, key=_is_block):
        if is_block:
            for element in run:
                if isinstance(element, Tag):
                    yield from _block(element)
        elif text := inline(run):  # loose text between blocks
            yield _wrap("paragraph", {}, f"<p>{text}</p>")


def _is_block(node: PageElement) -> bool:
    return isinstance(node, Tag) and (node.name not in INLINE or node.name == "img") and node.name != "time"


def _block(element: Tag) -> Iterator[str]:
    name = element.name
    if name in DROPPED:
        return
    if name in WRAPPERS:
        yield from _group(element)
    elif name == "p":
        yield from _paragraph(element)
    elif re.fullmatch("h[1-6]", name):
        yield _heading(element)
    elif name in {"ul", "ol"}:
        yield _list(element)
    elif name == "hr":
        yield _wrap("separator", {}, '<hr class="wp-block-separator has-alpha-channel-opacity" />')
    elif name == "img":
        yield _image(element, element, None)
    elif name == "figure":
        yield from _figure(element)
    elif name == "table":
        yield _table(element)
    elif name == "blockquote":
        yield _quote(element)
    elif name == "pre":
        yield _preformatted(element)
    elif name in KEPT:
        yield _html(element)
    else:  # an element that WordPress would take away: what it holds stays
        yield from _each(element.children)


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    """
    Return block markup in which each picture names its number in the media library, by its upload's name.

    By that number WordPress gives a picture its width, height and smaller sizes when it shows the page.
    """

    def block(found: re.Match[str]) -> str:
        number = numbers.get(found["name"], "")
        if not number:
            return found[0]
        attributes = {"id": int(number), **json.loads(found["attributes"] or "{}")}
        return f'<!-- wp:image {_json(attributes)} -->\n{found["before"]}{found["image"]} class="wp-image-{number}" />'

    return _IMAGE_BLOCK.sub(block, text)


_IMAGE_BLOCK = re.compile(
    r"<!-- wp:image (?:(?P<attributes>\{[^\n]*\}) )?-->\n(?P<before><figure[^\n]*?)"
    r'(?P<image><img src="keepfolio:(?P<name>kf-[^"]+)" alt="[^"]*") />'
)


# --- one function for each block -------------------------------------------------------------------------------------


def _group(element: Tag) -> Iterator[str]:
    inside = _blocks(element.children)
    table = element.find("table", recursive=False)
    if element.get("role") == "region" and isinstance(table, Tag) and holds_only(element, "table"):
        yield _table(table, reached_by=element)
    elif element.has_attr("lang") or element.has_attr("role"):
        yield _html(element)
    elif inside:
        tag = {} if element.name == "div" else {"tagName": element.name}
        opening = _opening(element, "wp-block-group")
        yield _wrap("group", {**tag, **_class_name(element)}, f"{opening}{inside}</{element.name}>")


def _paragraph(element: Tag) -> Iterator[str]:
    if element.has_attr("lang") or element.has_attr("dir"):
        yield _html(element)
        return
    only = [child for child in element.children if not is_blank(child)]
    if len(only) == 1 and isinstance(only[0], Tag) and _picture(only[0]) is not None:
        yield from _figure(element)
        return
    text = inline(element.children)
    if _BARE_ADDRESS.fullmatch(text):  # WordPress would fetch it and show its page here
        text = f'<a href="{text.replace(ZERO_WIDTH_SPACE, "")}">{text}</a>'
    if text:
        yield _wrap("paragraph", _class_name(element), f"{_opening(element)}{text}</p>")


def _heading(element: Tag) -> str:
    level = max(2, int(element.name[1]))  # the page's title is its only h1
    attributes = {} if level == 2 else {"level": level}
    opening = _opening(element, "wp-block-heading", name=f"h{level}")
    text = _breakable(inline(element.children), FITS.get(level, 0))
    return _wrap("heading", {**attributes, **_class_name(element)}, f"{opening}{text}</h{level}>")


def _breakable(text: str, fits: int) -> str:
    """Let words that are longer than fits be broken with a hyphen, where a syllable ends; 0: none is too long."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        if not fits or len(word) <= fits or word[0] in "<&":
            return word
        return (_SYLLABLE if _SYLLABLE.search(word) else _CLUSTER).sub(SOFT_HYPHEN, word)

    return _WORD.sub(broken, text)


def _list(element: Tag) -> str:
    items = children(element, "li")
    if not holds_only(element, "li") or not all(_is_simple_item(item) for item in items):
        return _html(element)
    ordered: dict[str, object] = {"ordered": True} if element.name == "ol" else {}
    inside = "\n\n".join(_item(item) for item in items)
    return _wrap(
        "list", {**ordered, **_class_name(element)}, f"{_opening(element, 'wp-block-list')}{inside}</{element.name}>"
    )


def _item(element: Tag) -> str:
    nested = children(element, "ul", "ol")
    text = inline(child for child in element.children if child not in nested)
    lists = "".join(_list(child) for child in nested)
    return _wrap("list-item", _class_name(element), f"{_opening(element)}{text}{lists}</li>")


def _is_simple_item(item: Tag) -> bool:
    """A list item of the editor holds a line of text, and lists of the same kind."""
    if any(item.has_attr(name) for name in ("id", "lang", "dir", "value")):
        return False
    for child in item.children:
        if isinstance(child, Tag) and child.name in {"ul", "ol"}:
            inner = children(child, "li")
            if child.has_attr("id") or not holds_only(child, "li") or not all(_is_simple_item(i) for i in inner):
                return False
        elif _is_block(child):
            return False
    return True


def _figure(element: Tag) -> Iterator[str]:
    caption = element.find("figcaption", recursive=False)
    caption = caption if isinstance(caption, Tag) else None
    rest = [child for child in element.children if child is not caption and not is_blank(child)]
    if len(rest) == 1 and isinstance(rest[0], Tag):
        image = _picture(rest[0])
        if image is not None:
            yield _image(element, rest[0], caption)
            return
        if rest[0].name == "table" and not (caption and children(rest[0], "caption")):
            yield _table(rest[0], caption)
            return
        if rest[0].name in {"div", "p"} and caption is None:
            yield from _block(rest[0])
            return
    if any(_is_block(child) for child in rest) and element.find(["img", "video", "audio", "table"]) is None:
        yield from _each(element.children)  # a figure whose picture is not there (yet): its words stay
    else:
        yield _html(element)


def _picture(node: Tag) -> Tag | None:
    """The image that a node is, or that it is a link around."""
    if node.name == "img":
        return node
    inside = [child for child in node.children if not is_blank(child)]
    if node.name == "a" and len(inside) == 1 and isinstance(inside[0], Tag) and inside[0].name == "img":
        return inside[0]
    return None


def _image(outer: Tag, shown: Tag, caption: Tag | None) -> str:
    """Width and height stay away: WordPress writes them differently in every version, and shows them by number."""
    image = _picture(shown)
    assert image is not None
    mark = f'<img src="{attribute(image.get("src"))}" alt="{attribute(image.get("alt"))}" />'
    linked = shown is not image
    if linked:
        mark = f'<a href="{attribute(shown.get("href"))}">{mark}</a>'
    attributes: dict[str, object] = {"linkDestination": "custom"} if linked else {}
    own = outer if outer.name == "figure" else BeautifulSoup("", "html.parser").new_tag("figure")
    opening = _opening(own, "wp-block-image", name="figure")
    return _wrap("image", {**attributes, **_class_name(own)}, f"{opening}{mark}{_caption(caption)}</figure>")


def _table(element: Tag, caption: Tag | None = None, *, reached_by: Tag | None = None) -> str:
    """
    The table block, which scrolls by itself.

    WordPress takes ``tabindex`` away, so a link to the table, in its caption, is what the keyboard reaches it by.
    """
    own = caption or next(iter(children(element, "caption")), None)
    link = _permalink(reached_by, own)
    anchored = reached_by if reached_by is not None and reached_by.has_attr("id") else element
    if not _is_simple_table(element):
        above = f"<p>{link}</p>" if link else ""
        id_ = f' id="{attribute(anchored["id"])}"' if anchored is not element else ""
        return _wrap("html", {}, f'<div{id_} style="overflow:auto">{above}{markup(element).strip()}</div>')
    rows = "".join(_rows(part) for part in _parts(element))
    opening = _opening(anchored, "wp-block-table", name="figure")
    return _wrap("table", _class_name(anchored), f"{opening}<table>{rows}</table>{_caption(own, link)}</figure>")


def _is_simple_table(table: Tag) -> bool:
    """The editor's table: rows of cells with a line of text each, none of which spans others."""
    parts = _parts(table)
    rows = [row for part in parts for row in children(part, "tr")]
    regular = (
        holds_only(table, "caption", *({"tr"} if parts == [table] else {"thead", "tbody", "tfoot"}))
        and all(part is table or holds_only(part, "tr") for part in parts)
        and all(holds_only(row, "td", "th") for row in rows)
    )
    cells = [cell for row in rows for cell in children(row, "td", "th")]
    return (
        regular
        and len(children(table, "caption")) < 2
        and not any(cell.has_attr("colspan") or cell.has_attr("rowspan") for cell in cells)  # unknown to 6.1
        and not any(_is_block(child) for cell in cells for child in cell.children)
    )


def _parts(table: Tag) -> list[Tag]:
    return children(table, "thead", "tbody", "tfoot") or [table]


def _rows(part: Tag) -> str:
    name = part.name if part.name != "table" else "tbody"
    rows = "".join(
        f"<tr>{''.join(_cell(cell) for cell in children(row, 'td', 'th'))}</tr>" for row in children(part, "tr")
    )
    return f"<{name}>{rows}</{name}>"


def _cell(cell: Tag) -> str:
    scope = f' scope="{attribute(cell["scope"])}"' if cell.has_attr("scope") else ""
    return f"<{cell.name}{scope}>{inline(cell.children)}</{cell.name}>"


def _permalink(region: Tag | None, caption: Tag | None) -> str:
    """Return a link to a table that has only a number; the caption of one that has a name becomes its link."""
    if region is None or not region.has_attr("id"):
        return ""
    address = f"#{region['id']}"
    if region.has_attr("aria-label"):
        return f'<a href="{attribute(address)}">{attribute(region["aria-label"])}</a>'
    if caption is not None and caption.find("a") is None:
        link = BeautifulSoup("", "html.parser").new_tag("a", href=address)
        link.extend(list(caption.contents))
        caption.append(link)
    return ""


def _caption(caption: Tag | None, before: str = "") -> str:
    text = ": ".join(filter(None, (before, inline(caption.children) if caption is not None else "")))
    return f'<figcaption class="wp-element-caption">{text}</figcaption>' if text else ""


def _quote(element: Tag) -> str:
    cite = element.find(["cite", "footer"], recursive=False)
    inside = _blocks(child for child in element.children if child is not cite)
    source = f"<cite>{inline(cite.children)}</cite>" if isinstance(cite, Tag) else ""
    opening = _opening(element, "wp-block-quote")
    return _wrap("quote", _class_name(element), f"{opening}{inside}{source}</blockquote>")


def _preformatted(element: Tag) -> str:
    text = element.get_text().strip("\n")
    if children(element, "code"):
        return _wrap("code", {}, f'<pre class="wp-block-code"><code>{escaped(text)}</code></pre>')
    return _wrap("preformatted", {}, f'<pre class="wp-block-preformatted">{escaped(text)}</pre>')


def _html(element: Tag) -> str:
    return _wrap("html", {}, markup(element).strip())


# --- writing ---------------------------------------------------------------------------------------------------------


def _wrap(name: str, attributes: Mapping[str, object], inside: str) -> str:
    given = f" {_json(attributes)}" if attributes else ""
    return f"<!-- wp:{name}{given} -->\n{inside}\n<!-- /wp:{name} -->"


def _json(attributes: Mapping[str, object]) -> str:
    """JSON inside an HTML comment, escaped as WordPress's ``serialize_block_attributes`` does it."""
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
    for plain, code in (("--", "\\u002d\\u002d"), ("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, code)
    return text.replace('\\"', "\\u0022")


def _class_name(element: Tag) -> dict[str, object]:
    own = " ".join(element.get_attribute_list("class")) if element.has_attr("class") else ""
    return {"className": own} if own else {}


def _opening(element: Tag, block_class: str = "", *, name: str = "") -> str:
    """The element's start tag with its id (the editor's anchor) and classes; other attributes make a block invalid."""
    classes = " ".join(filter(None, (block_class, str(_class_name(element).get("className", "")))))
    id_ = f' id="{attribute(element["id"])}"' if element.has_attr("id") else ""
    class_ = f' class="{attribute(classes)}"' if classes else ""
    return f"<{name or element.name}{class_}{id_}>"
