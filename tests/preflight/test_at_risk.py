"""Links that will not answer for ever, the nearest danger first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bridge import config
from bridge.preflight import at_risk

TODAY = date(2026, 11, 22)
TEXT = """\
roles:
  - {title: Developer, place: Northshire University, from: 2012-01-01, to: 2019-07-31}
  - {title: Adviser, place: Bournemouth University, from: 2019-08-01, to: 2022-01-31}
  - {title: Head of Learning, place: University of Westmark, from: 2022-02-01}
sources:
  mahara: {type: mahara, url: "https://folio.westmark.ac.uk", user: jane, closes: 2027-07-31}
targets:
  site: {type: wordpress, url: "https://northshire-jane.example.org", user: jane}
"""
URLS = (
    "https://www.westmark.ac.uk/policy/",
    "https://vle.northshire.ac.uk/bbcswebdav/plan.pdf",
    "https://elearn.bu.ac.uk/staff/jane/",
    "https://folio.westmark.ac.uk/view/view.php?id=3",
    "https://northshire-jane.example.org/post/",
    "https://example.org/subu/",
)


def found() -> list[tuple[str, tuple[str, ...]]]:
    known = at_risk.risks(config.parse(TEXT, "config.yaml", Path()), TODAY)
    return [(risk.why, urls) for risk, urls in at_risk.ranked(URLS, known)]


def test_what_closes_comes_first_then_former_employers() -> None:
    """By the words of their names, and by their initials; today's employer and the owner's own site are no danger."""
    assert found() == [
        ("folio.westmark.ac.uk closes to you on 2027-07-31", (URLS[3],)),
        ("you left Northshire University on 2019-07-31", (URLS[1],)),
        ("you left Bournemouth University on 2022-01-31", (URLS[2],)),
    ]


def test_each_danger_is_one_finding() -> None:
    """With its addresses, and what may be done."""
    known = at_risk.risks(config.parse(TEXT, "config.yaml", Path()), TODAY)
    findings = list(at_risk.findings(URLS, known))
    assert [finding.code for finding in findings] == ["link-at-risk"] * 3
    assert URLS[3] in findings[0].message
