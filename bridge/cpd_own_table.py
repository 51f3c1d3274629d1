"""A CPD record that keepfolio wrote, read back as offers: what the record has already is not offered again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge import cpd
from bridge.cpd_offers import Offer, numbered
from bridge.portfolio.cpd import choosing, file
from bridge.portfolio.cpd.record import Activity
from bridge.session import Session


def offers(session: Session, path: Path) -> tuple[Offer, ...]:
    """
    Return what an exported record offers: each entry with the status, the days and the visibility that it has there.

    Raises:
        ConfigError: The file has mistakes; all of them are in the message.
    """
    known = choosing.by_id(cpd.record(session))
    return numbered(_with_trace(one, known.get(one.id)) for one in file.read(path, session.config.language))


def _with_trace(one: Activity, here: Activity | None) -> Activity:
    """
    Return an entry with what tells that the record has it: its id, where that stands for the same event here, too.

    In another person's record, or another of the owner's, the same id means something else.
    """
    elsewhere = tuple(name for name in one.seen if not file.is_given(name))
    same = here is not None and (here.on == one.on or here.title == one.title or one.id in here.seen)
    return replace(one, seen=(*elsewhere, here.id) if here is not None and same else elsewhere)
