"""What the probes are for: each finds the fault that is planted, and nothing on a page without."""

from __future__ import annotations

import pytest

from tests.page import probes

pytestmark = pytest.mark.browser

CLEAN = """<!doctype html><html lang="en"><head><title>T</title><meta name="viewport" content="width=device-width">
<style>a:focus { outline: 3px solid #000 } a { display: inline-block; min-height: 24px }</style></head>
<body><main><h1>Title</h1><p>Words to read, <a href="#x" style="display: inline">and a link</a> among them.</p>
<p id="x"><a href="#x">A link that stands alone</a></p>
<div role="region" tabindex="0" aria-label="Table" style="overflow-x: auto">
<table style="width: 900px"><caption>A</caption>
<tr><th scope="col">Wide</th></tr><tr><td>1</td></tr></table></div></main></body></html>"""

PLANTED = [
    (probes.reflow, "<h1>Title", '<h1 style="width: 500px">Title'),
    (probes.reflow, "<h1>Title", f"<h1>{'Title' * 40}"),
    (probes.text_spacing, "<p>Words", '<p style="height: 2.4em; overflow: hidden">Words'),
    (
        probes.text_spacing,
        "<h1>Title",
        '<h1 style="white-space: nowrap; font-size: 16px">Titles of a considerable length',
    ),
    (probes.focus, "outline: 3px solid #000", "outline: none"),
    (probes.focus, 'id="x"', 'id="x" style="position: absolute; left: -999px; top: -999px"'),
    (probes.targets, "min-height: 24px", "font-size: 10px; line-height: 1"),
    (probes.axe, 'lang="en"', ""),
    (probes.axe, "<p>Words", '<p style="color: #aaa; background: #fff">Words'),
]
NAMES = [
    *("too wide", "a long word", "cut off", "too wide with spacing"),
    *("no outline", "out of sight", "too low", "no language", "pale"),
]


def opened(tab, html):
    tab.set_content(html)
    tab.set_viewport_size({"width": 320, "height": 640})
    return tab


@pytest.mark.parametrize("probe", [probes.reflow, probes.text_spacing, probes.focus, probes.targets, probes.axe])
def test_a_page_without_faults_has_none(tab, probe):
    """What scrolls in its own region may be wide; a link among words may be low."""
    assert probe(opened(tab, CLEAN)) == []


@pytest.mark.parametrize(("probe", "good", "bad"), PLANTED, ids=NAMES)
def test_a_planted_fault_is_found(tab, probe, good, bad):
    """Each is found by its probe."""
    assert good in CLEAN

    assert probe(opened(tab, CLEAN.replace(good, bad)))


def test_the_fault_with_spacing_is_none_without(tab):
    """What only fits with the author's own spacing is a fault of 1.4.12, not of reflow."""
    _, good, bad = PLANTED[3]

    assert probes.reflow(opened(tab, CLEAN.replace(good, bad))) == []


def test_the_window_is_left_as_it_was(tab):
    """A probe changes the page only while it looks."""
    opened(tab, CLEAN).set_viewport_size({"width": 777, "height": 555})

    probes.text_spacing(tab)

    assert tab.viewport_size == {"width": 777, "height": 555}
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") == "normal"
