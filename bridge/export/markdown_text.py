"""
Harvested HTML as Markdown that any reader shows the same way: CommonMark with the pipe tables of GitHub.

No word is lost: what Markdown has no form for (frames, players, nested tables) becomes a link or plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from bridge.export.markdown_html import BLOCKS, TABLES, safe_soup
from bridge.render import sanitise

Address = Callable[[str], str]
"""From an address in a text to the one to write; ``""`` where the words stay and the address goes."""

_MARKS = {"b": "**", "strong": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "code": "`", "kbd": "`", "samp": "`"}
_WIDEST = 50  # columns; a cell that claims a thousand is an attack or a mistake
_MID_LINE = re.compile(r"(?<=\S )(?:\\(?=(?:-+|#{1,6})(?:\s|$))|([0-9]{1,9})\\(?=[.)](?:\s|$)))")
"""Escapes of what begins a list or a heading where no line begins: they are only noise to who reads the file itself."""
_LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|brush:\s*)([\w+#.-]+)")


def to_markdown(html: str, address: Address) -> str:
    """
    Return HTML as Markdown without any HTML in it.

    Args:
        html: What a source sent; nothing in it is trusted.

        address: Asked for each picture and link. Only addresses of the web, of mail and relative ones arrive there,
            and ``data:`` for pictures.
    """
    soup = safe_soup(html)
    for link in soup.find_all("a"):
        _on_one_line(link)
    for part in soup.find_all(list(_MARKS)):
        _join(part)
    for outer in soup.find_all("table"):
        if outer.find_parent("table") is None:
            _flatten(outer)
    _address(soup, address)
    try:
        return str(_Converter().convert_soup(soup)).strip("\n") + "\n"
    except RecursionError:  # thousands of elements inside each other: nobody wrote that by hand, but its words stay
        return f"{escaped(sanitise.text(html))}\n"


def escaped(text: str) -> str:
    """Return words on one line, so that Markdown shows them as they are."""
    return str(_Converter().escape(" ".join(text.split()), set()))


def destination(address: str) -> str:
    """Return an address so that it can stand in the brackets of a link."""
    return quote(address, safe="/:?#@!$&'*+,;=%~[]")


_Base: Any = MarkdownConverter  # its stub knows half of it


class _Converter(_Base):  # type: ignore[misc] # a base without types
    """markdownify with its gaps closed: what breaks links, fences and tables apart."""

    def __init__(self) -> None:
        super().__init__(
            heading_style="ATX",
            escape_misc=True,
            autolinks=False,
            sup_symbol="^",
            strip_pre="strip_one",
            keep_inline_images_in=["td", "th", "a", "p", "div", "figure", "h1", "h2", "h3", "h4", "h5", "h6"],
        )

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _MID_LINE.sub(r"\1", super().escape(text, parent_tags))
        return f"{text[:-1]}\\!" if text.endswith("!") else text  # before a link it would make a picture of it

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        words = " ".join(text.split())
        href = str(el.get("href") or "")
        if "_noformat" in parent_tags or not words or not href:
            return text
        lead, trail = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
        return f"{lead}[{words}]({destination(href)}{_title(el)}){trail}"

    def convert_img(self, el: Tag, _text: str, parent_tags: set[str]) -> str:
        alt = escaped(str(el.get("alt") or ""))
        src = str(el.get("src") or "")
        if "_noformat" in parent_tags or not src:
            return alt
        return f"![{alt}]({destination(src)}{_title(el)})"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        code = super().convert_code(el, " ".join(text.split()) if "_noformat" not in parent_tags else text, parent_tags)
        return str(code).replace("|", r"\|") if parent_tags & {"td", "th"} else str(code)

    convert_kbd = convert_code
    convert_samp = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {self.convert_code(el, text, parent_tags)} "
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        lines = re.sub(r"\A *\n|\n *\Z", "", text)
        return f"\n\n{fence}{_language(el)}\n{lines}\n{fence}\n\n" if text.strip() else ""

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(self.convert_p(el, self.convert_b(el, text.strip(), parent_tags), parent_tags))

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a table with rows of one length: readers drop cells that stand beyond the first row's."""
        if "_inline" in parent_tags:
            return f" {' '.join(text.split())} "
        caption = el.find("caption")
        above = f"\n\n{self.process_tag(caption, {'_inline'}).strip()}" if isinstance(caption, Tag) else ""
        rows = [row for row in _grid(el, lambda cell: self._cell(cell, parent_tags)) if row]
        if not rows:
            return f"{above}\n\n"
        width = max(map(len, rows))
        first = el.find("tr")
        headed = isinstance(first, Tag) and (first.parent.name == "thead" or not first.find("td"))  # type: ignore[union-attr] # found below el
        head, body = (rows[0], rows[1:]) if headed else ([], rows)
        lines = [head, ["---"] * width, *body]
        drawn = ("| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in lines)
        return f"{above}\n\n" + "\n".join(drawn) + "\n\n"

    def _cell(self, cell: Tag, parent_tags: set[str]) -> str:
        inside = "".join(self.process_element(child, {*parent_tags, cell.name, "_inline"}) for child in cell.children)
        return " ".join(inside.split())

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text if "\n\n" in text else str(super().convert_b(el, text, parent_tags))

    convert_strong = convert_b

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text if "\n\n" in text else str(super().convert_em(el, text, parent_tags))

    convert_i = convert_em


def _title(el: Tag) -> str:
    words = " ".join(str(el.get("title") or "").split()).replace("\\", "\\\\").replace('"', '\\"')
    return f' "{words}"' if words else ""


def _language(pre: Tag) -> str:
    for part in (pre, pre.find("code")):
        if isinstance(part, Tag) and (found := _LANGUAGE.search(" ".join(part.get_attribute_list("class")))):
            return found[1]
    return ""


def _join(part: Tag) -> None:
    """Bold next to bold is one bold: in Markdown the marks between them would be read as something else."""
    while isinstance(after := part.next_sibling, Tag) and _MARKS.get(after.name) == _MARKS.get(part.name):
        part.extend(list(after.contents))
        after.decompose()


def _on_one_line(link: Tag) -> None:
    """Markdown ends a link at a blank line: blocks inside it become words of it, and a table leaves it."""
    if link.find("table"):
        link.unwrap()
        return
    for block in link.find_all(list(BLOCKS)):
        block.insert_before(" ")
        block.insert_after(" ")
        block.unwrap()


def _flatten(table: Tag) -> None:
    """A cell holds no blocks: tables inside it become rows of words."""
    inside = {"table": "div", "caption": "p", "thead": "div", "tbody": "div", "tfoot": "div", "tr": "p"}
    for inner in table.find_all("table"):
        for part in [inner, *inner.find_all(list(TABLES))]:
            if part.name in {"td", "th"}:
                part.insert_after(" ")
            part.name = inside.get(part.name, "span")


def _grid(table: Tag, text: Callable[[Tag], str]) -> Iterator[list[str]]:
    """Yield the rows of a table, each cell at its column: what a cell spans is left empty."""
    spanned: dict[int, int] = {}
    for row in table.find_all("tr"):
        cells: list[str] = []
        for cell in row.find_all(["td", "th"]):
            while spanned.get(len(cells), 0):
                spanned[len(cells)] -= 1
                cells.append("")
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for column in range(len(cells), len(cells) + across):
                spanned[column] = down - 1
            cells += [text(cell), *[""] * (across - 1)]
        for column in range(len(cells), 1 + max(spanned, default=-1)):  # spans that reach beyond the last cell
            spanned[column] = max(0, spanned[column] - 1) if column in spanned else 0
        yield cells


def _span(cell: Tag, name: str) -> int:
    given = str(cell.get(name) or "")
    return max(1, min(_WIDEST, int(given))) if re.fullmatch(r"[0-9]{1,6}", given) else 1


def _address(soup: BeautifulSoup, address: Address) -> None:
    for part in soup.find_all(["a", "img"]):
        name = "href" if part.name == "a" else "src"
        given = str(part.get(name) or "").strip()
        part[name] = address(given) if given and (part.name == "img" or not given.startswith("data:")) else ""
