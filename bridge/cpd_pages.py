"""What the CPD record gives to a page: the section of the record, and the qualifications (see ``bridge.composing``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge.portfolio import generation, people, schema
from bridge.portfolio.cpd import page, qualifications
from bridge.portfolio.renewal import window

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.cpd.choosing import Window
    from bridge.portfolio.making import Make, MakePanel

KIND = "cpd-record"


def making(desk: Desk) -> Mapping[str, Make]:
    """Return what makes the sections that are the record of a time."""
    wanted = [spec for spec in schema.every(desk.framework.spec.sections) if spec.kind == KIND]
    if not wanted:
        return {}
    record = page.Record(
        activities=desk.record,
        window=days(desk),
        posts=desk.session.config.roles,
        people=people.read(desk.workspace.portfolio / people.FILE_NAME),
        principles=desk.framework.principles,
    )
    return {spec.id: page.make(record.with_fields(spec.fields)) for spec in wanted}


def days(desk: Desk) -> Window:
    """Return the time that the record covers: the generation's own, else all since the last portfolio."""
    if desk.generation.window:
        return desk.generation.window
    earlier = generation.before(desk.workspace.portfolio, desk.generation)
    return (window.ended(earlier[0]) if earlier else None), None


def panels(desk: Desk, _edition: Visibility) -> Iterator[MakePanel]:
    """Yield the panel of qualifications."""
    if desk.record:
        yield qualifications.make(desk.record)
