"""What shows a principle in a review: the CPD since the last portfolio, and nothing from before it."""

from __future__ import annotations

from datetime import date, timedelta

from bridge import advice, cpd_pages
from bridge.building import Desk
from bridge.session import Session
from bridge.workspace import Workspace
from tests.renewal.workspace import Owner


def test_cpd_from_before_the_time_of_a_review_shows_no_principle_in_it(renewing: Owner) -> None:
    """It was judged with the portfolio before; the record on the page does not have it either."""
    first = cpd_pages.days(_desk(renewing))[0]
    assert first is not None
    rows = [f"c9001,{first - timedelta(9)},Before,event,current,done", f"c9002,{first},Since,event,current,done"]
    renewing.file("cpd.csv").write_text("\n".join(["id,date,title,type,principles,status", *rows, ""]))

    shown = {one.principle.id: [a.on for a in one.activities] for one in advice.standings(_desk(renewing))}

    assert shown["current"] == [date(first.year, first.month, first.day)]


def _desk(owner: Owner) -> Desk:
    return Desk(Session(Workspace(owner.root)))
