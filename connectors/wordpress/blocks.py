"""
Semantic HTML as the blocks of WordPress's editor. Pure.

What comes out is what WordPress gives back: only elements and attributes that its filter for accounts without
``unfiltered_html`` (kses) keeps on 6.1 and newer, ``<br />`` with its space, JSON escaped as ``serialize_block`` does
it, so that the digest of a page that nobody touched stays what it was. Where the editor has no block for something
(a menu, a list of terms) it becomes a Custom HTML block: shown as it is, and still editable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag

GLOBAL = frozenset({"class", "id", "lang", "dir", "title", "role"})
ARIA = frozenset({"aria-label", "aria-labelledby", "aria-describedby", "aria-hidden"})

INLINE: Mapping[str, frozenset[str]] = {
    "a": frozenset({"href", "rel", "target"}),
    "abbr": frozenset(),
    "b": frozenset(),
    "br": frozenset(),
    "cite": frozenset(),
    "code": frozenset(),
    "del": frozenset({"datetime"}),
    "dfn": frozenset(),
    "em": frozenset(),
    "i": frozenset(),
    "img": frozenset({"src", "alt", "width", "height", "loading"}),
    "ins": frozenset({"datetime"}),
    "kbd": frozenset(),
    "mark": frozenset(),
    "q": frozenset({"cite"}),
    "s": frozenset(),
    "samp": frozenset(),
    "small": frozenset(),
    "span": frozenset(),
    "strong": frozenset(),
    "sub": frozenset(),
    "sup": frozenset(),
    "u": frozenset(),
    "var": frozenset(),
}
BLOCK: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("address", "article", "aside", "blockquote", "caption", "dd", "details", "div", "dl"), frozenset()
    ),
    **dict.fromkeys(("dt", "figcaption", "figure", "footer", "h2", "h3", "h4", "h5", "h6", "header"), frozenset()),
    **dict.fromkeys(("hr", "main", "nav", "p", "pre", "section", "summary", "table", "tbody", "tfoot"), frozenset()),
    **dict.fromkeys(("thead", "tr", "ul"), frozenset()),
    "audio": frozenset({"src", "controls", "preload"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "td": frozenset({"colspan", "rowspan", "headers"}),
    "th": frozenset({"colspan", "rowspan", "scope", "headers"}),
    "video": frozenset({"src", "controls", "preload", "poster", "width", "height"}),
}
KEPT = {**INLINE, **BLOCK}
VOID = frozenset({"br", "hr", "img"})
DROPPED = frozenset({"script", "style", "template", "iframe", "object", "noscript"})  # with all that is in them
WRAPPERS = frozenset({"div", "section", "article", "aside", "header", "footer", "main"})

_SHORTCODE = re.compile(r"\[(?=[/\[]?[A-Za-z_])")
_BARE_ADDRESS = re.compile(r"https?://\S+")
_SPACE = re.compile(r"[ \t\r\n]+")


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
        elif text := _inline(run):  # loose text between blocks
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
    elif name == "details":
        yield _details(element)
    elif name in KEPT:
        yield _html(element)
    else:  # an element that WordPress would take away: what it holds stays
        yield from _each(element.children)


# --- one function for each block -------------------------------------------------------------------------------------


def _group(element: Tag) -> Iterator[str]:
    inside = _blocks(element.children)
    table = element.find("table", recursive=False)
    if element.get("role") == "region" and isinstance(table, Tag):
        yield inside  # the table block scrolls by itself
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
    only = [child for child in element.children if not _is_blank(child)]
    if len(only) == 1 and isinstance(only[0], Tag) and _picture(only[0]) is not None:
        yield from _figure(element)
        return
    text = _inline(element.children)
    if _BARE_ADDRESS.fullmatch(text):  # WordPress would fetch it and show its page here
        text = f'<a href="{text}">{text}</a>'
    if text:
        yield _wrap("paragraph", _class_name(element), f"{_opening(element)}{text}</p>")


def _heading(element: Tag) -> str:
    level = max(2, int(element.name[1]))  # the page's title is its only h1
    attributes = {} if level == 2 else {"level": level}
    opening = _opening(element, "wp-block-heading", name=f"h{level}")
    return _wrap("heading", {**attributes, **_class_name(element)}, f"{opening}{_inline(element.children)}</h{level}>")


def _list(element: Tag) -> str:
    items = _children(element, "li")
    if not all(_is_simple_item(item) for item in items):
        return _html(element)
    ordered: dict[str, object] = {"ordered": True} if element.name == "ol" else {}
    inside = "\n\n".join(_item(item) for item in items)
    return _wrap(
        "list", {**ordered, **_class_name(element)}, f"{_opening(element, 'wp-block-list')}{inside}</{element.name}>"
    )


def _item(element: Tag) -> str:
    nested = _children(element, "ul", "ol")
    text = _inline(child for child in element.children if child not in nested)
    lists = "".join(_list(child) for child in nested)
    return _wrap("list-item", _class_name(element), f"{_opening(element)}{text}{lists}</li>")


def _is_simple_item(item: Tag) -> bool:
    """A list item of the editor holds a line of text, and lists of the same kind."""
    if any(item.has_attr(name) for name in ("id", "lang", "dir", "value")):
        return False
    for child in item.children:
        if isinstance(child, Tag) and child.name in {"ul", "ol"}:
            if child.has_attr("id") or not all(_is_simple_item(inner) for inner in _children(child, "li")):
                return False
        elif _is_block(child):
            return False
    return True


def _figure(element: Tag) -> Iterator[str]:
    caption = element.find("figcaption", recursive=False)
    caption = caption if isinstance(caption, Tag) else None
    rest = [child for child in element.children if child is not caption and not _is_blank(child)]
    if len(rest) == 1 and isinstance(rest[0], Tag):
        image = _picture(rest[0])
        if image is not None:
            yield _image(element, rest[0], caption)
            return
        if rest[0].name == "table":
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
    inside = [child for child in node.children if not _is_blank(child)]
    if node.name == "a" and len(inside) == 1 and isinstance(inside[0], Tag) and inside[0].name == "img":
        return inside[0]
    return None


def _image(outer: Tag, shown: Tag, caption: Tag | None) -> str:
    """Width and height stay away: WordPress writes them differently in every version."""
    image = _picture(shown)
    assert image is not None
    mark = f'<img src="{_attribute(image.get("src"))}" alt="{_attribute(image.get("alt"))}" />'
    linked = shown is not image
    if linked:
        mark = f'<a href="{_attribute(shown.get("href"))}">{mark}</a>'
    attributes: dict[str, object] = {"linkDestination": "custom"} if linked else {}
    own = outer if outer.name == "figure" else BeautifulSoup("", "html.parser").new_tag("figure")
    opening = _opening(own, "wp-block-image", name="figure")
    return _wrap("image", {**attributes, **_class_name(own)}, f"{opening}{mark}{_caption(caption)}</figure>")


def _table(element: Tag, caption: Tag | None = None) -> str:
    if any(_is_block(child) for cell in element.find_all(["td", "th"]) for child in cell.children):
        return _html(element)
    own = element.find("caption", recursive=False)
    caption = caption or (own if isinstance(own, Tag) else None)
    rows = "".join(_rows(part) for part in _parts(element))
    return _wrap(
        "table",
        _class_name(element),
        f"{_opening(element, 'wp-block-table', name='figure')}<table>{rows}</table>{_caption(caption)}</figure>",
    )


def _parts(table: Tag) -> list[Tag]:
    return _children(table, "thead", "tbody", "tfoot") or [table]


def _rows(part: Tag) -> str:
    name = part.name if part.name != "table" else "tbody"
    rows = "".join(
        f"<tr>{''.join(_cell(cell) for cell in _children(row, 'td', 'th'))}</tr>" for row in _children(part, "tr")
    )
    return f"<{name}>{rows}</{name}>"


def _cell(cell: Tag) -> str:
    kept = "".join(f' {n}="{_attribute(cell[n])}"' for n in ("scope", "colspan", "rowspan") if cell.has_attr(n))
    return f"<{cell.name}{kept}>{_inline(cell.children)}</{cell.name}>"


def _caption(caption: Tag | None) -> str:
    text = _inline(caption.children) if caption is not None else ""
    return f'<figcaption class="wp-element-caption">{text}</figcaption>' if text else ""


def _quote(element: Tag) -> str:
    cite = element.find(["cite", "footer"], recursive=False)
    inside = _blocks(child for child in element.children if child is not cite)
    source = f"<cite>{_inline(cite.children)}</cite>" if isinstance(cite, Tag) else ""
    opening = _opening(element, "wp-block-quote")
    return _wrap("quote", _class_name(element), f"{opening}{inside}{source}</blockquote>")


def _preformatted(element: Tag) -> str:
    text = element.get_text().strip("\n")
    if _children(element, "code"):
        return _wrap("code", {}, f'<pre class="wp-block-code"><code>{_text(text)}</code></pre>')
    return _wrap("preformatted", {}, f'<pre class="wp-block-preformatted">{_text(text)}</pre>')


def _details(element: Tag) -> str:
    """A block from WordPress 6.3 on; before that it shows the same, and the editor offers it as HTML."""
    summary = element.find("summary", recursive=False)
    label = _inline(summary.children) if isinstance(summary, Tag) else ""
    inside = _blocks(child for child in element.children if child is not summary)
    opening = _opening(element, "wp-block-details")
    return _wrap("details", _class_name(element), f"{opening}<summary>{label}</summary>{inside}</details>")


def _html(element: Tag) -> str:
    return _wrap("html", {}, _markup(element).strip())


# --- writing ---------------------------------------------------------------------------------------------------------


def _wrap(name: str, attributes: Mapping[str, object], inside: str) -> str:
    given = f" {_json(attributes)}" if attributes else ""
    return f"<!-- wp:{name}{given} -->\n{inside}\n<!-- /wp:{name} -->"


def _json(attributes: Mapping[str, object]) -> str:
    """JSON inside an HTML comment, escaped as WordPress's ``serialize_block_attributes`` does it."""
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
    for plain, escaped in (("--", "\\u002d\\u002d"), ("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    return text.replace('\\"', "\\u0022")


def _class_name(element: Tag) -> dict[str, object]:
    own = " ".join(element.get_attribute_list("class")) if element.has_attr("class") else ""
    return {"className": own} if own else {}


def _opening(element: Tag, block_class: str = "", *, name: str = "") -> str:
    """The element's start tag with its id (the editor's anchor) and classes; other attributes make a block invalid."""
    classes = " ".join(filter(None, (block_class, str(_class_name(element).get("className", "")))))
    id_ = f' id="{_attribute(element["id"])}"' if element.has_attr("id") else ""
    class_ = f' class="{_attribute(classes)}"' if classes else ""
    return f"<{name or element.name}{class_}{id_}>"


def _inline(nodes: Iterable[PageElement]) -> str:
    return _SPACE.sub(" ", "".join(_markup(node) for node in nodes)).strip(" ")


def _markup(node: PageElement) -> str:
    """An element as WordPress keeps it: known elements and attributes, every other element by what it holds."""
    if isinstance(node, (Comment, PreformattedString)):
        return ""
    if isinstance(node, NavigableString):
        return _text(str(node))
    assert isinstance(node, Tag)
    if node.name in DROPPED:
        return ""
    inside = "".join(_markup(child) for child in node.children)
    if node.name not in KEPT:
        return inside
    attributes = "".join(_kept(node))
    if node.name in VOID:
        return f"<{node.name}{attributes} />"
    return f"<{node.name}{attributes}>{inside}</{node.name}>"


def _kept(element: Tag) -> Iterator[str]:
    allowed = GLOBAL | ARIA | KEPT[element.name]
    for name in element.attrs:
        if name in {"controls", "reversed"} & allowed:
            yield f" {name}"
        elif name in allowed or name.startswith("data-"):
            yield f' {name}="{_attribute(element.get(name))}"'


def _attribute(value: object) -> str:
    text = " ".join(value) if isinstance(value, list) else str(value or "")
    return _SHORTCODE.sub("&#091;", escape(text, quote=False).replace('"', "&quot;"))


def _text(text: str) -> str:
    """Text that WordPress shows as it stands: ``[gallery]`` in somebody's sentence is no instruction."""
    return _SHORTCODE.sub("&#091;", escape(text, quote=False))


def _children(element: Tag, *names: str) -> list[Tag]:
    return [child for child in element.children if isinstance(child, Tag) and child.name in names]


def _is_blank(node: PageElement) -> bool:
    return isinstance(node, NavigableString) and (isinstance(node, Comment) or not node.strip())
