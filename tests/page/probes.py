"""
What only a browser can tell of a page, as questions that any test may ask of an open one.

Each returns what it found, so that ``assert probes.reflow(tab) == []`` says in its failure what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
"""The spacing that WCAG 1.4.12 allows readers to set."""

_BEYOND = """(ours) => {
    const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true; return false };
    const hidden = e => { const s = getComputedStyle(e.closest('svg') || e);
        return s.visibility === 'hidden' || s.clipPath !== 'none' || e.getClientRects().length === 0 };
    const found = [...document.querySelectorAll(ours + ' *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e) && !hidden(e))
        .map(e => e.outerHTML.slice(0, 120));
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.unshift(`the page is ${root.scrollWidth} px wide`);
    return found }"""

_CUT = """(ours) => [...document.querySelectorAll(ours + ' *')].filter(e => {
        const s = getComputedStyle(e);
        if (s.clipPath !== 'none' || !['hidden', 'clip'].includes(s.overflowY)) return false;
        return e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1 })
    .map(e => e.outerHTML.slice(0, 120))"""

_UNFOCUSED = """() => { const look = e => { const s = getComputedStyle(e);
        return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor,
                s.textDecorationLine, s.textDecorationThickness].join() };
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const now = look(e); const there = e.getBoundingClientRect(); const name = e.outerHTML.slice(0, 120);
    const shown = there.width > 0 && there.bottom > 0 && there.top < innerHeight;
    e.blur(); const before = look(e); e.focus({preventScroll: true});
    return {name, faint: now === before, shown} }"""

_SMALL = """([ours, least]) => [...document.querySelectorAll(ours + ' :is(a, button, input, select)')].filter(e => {
        const box = e.getBoundingClientRect(); const s = getComputedStyle(e);
        if (!box.width || s.clipPath !== 'none') return false;
        const text = [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        return !text && box.height < least && box.width > 0 })
    .map(e => `${Math.round(e.getBoundingClientRect().height)} px: ${e.outerHTML.slice(0, 120)}`)"""


def reflow(page: Page, ours: str = "body", width: int = 320) -> list[str]:
    """Return what is wider than a narrow window (WCAG 1.4.10); what scrolls in a region of its own may be."""
    with _narrow(page, width):
        found: list[str] = page.evaluate(_BEYOND, ours)
        return found


def text_spacing(page: Page, ours: str = "body", width: int = 320) -> list[str]:
    """Return what does not fit, or is cut off, with the spacing that readers may set (WCAG 1.4.12)."""
    style = page.add_style_tag(content=TEXT_SPACING)
    try:
        with _narrow(page, width):
            return [*page.evaluate(_BEYOND, ours), *page.evaluate(_CUT, ours)]
    finally:
        style.evaluate("s => s.remove()")


@contextmanager
def _narrow(page: Page, width: int) -> Iterator[None]:
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 640})
    try:
        yield
    finally:
        if before:
            page.set_viewport_size(before)


def focus(page: Page, stops: int = 200) -> list[str]:
    """Go through the page with the Tab key; return what has the focus and doesn't show it (WCAG 2.4.7)."""
    found: list[str] = []
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0) }")
    seen: set[str] = set()
    for _ in range(stops):
        page.keyboard.press("Tab")
        state = page.evaluate(_UNFOCUSED)
        if state is None:
            break
        if state["faint"]:
            found.append(f"cannot be seen: {state['name']}")
        if not state["shown"]:
            found.append(f"is out of sight: {state['name']}")
        seen.add(state["name"])
    return found if seen else ["nothing on the page takes the focus"]


def targets(page: Page, ours: str = "body", least: int = 24) -> list[str]:
    """Return what is lower than a finger needs (WCAG 2.5.8); links among words may be."""
    found: list[str] = page.evaluate(_SMALL, [ours, least])
    return found


def axe(page: Page, ours: str = "") -> list[str]:
    """Return what axe has against the page, or against a part of it, at WCAG 2.2 AA and good practice."""
    context = {"include": [[ours]]} if ours else None
    results = Axe().run(page, context=context, options={"runOnly": WCAG, "preload": False})
    return [
        f"{broken['id']}: {node['html'][:160]}" for broken in results.response["violations"] for node in broken["nodes"]
    ]
