"""An export of somebody else, in the place of the owner's."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import UsageError
from tests.mahara import generated
from tests.mahara.place import ALL, LATER, Place


def test_another_account_is_not_taken_for_the_owners(tmp_path: Path) -> None:
    """A colleague's zip, or her session in a browser that two people use: nothing of it becomes the owner's."""
    place = Place(tmp_path)
    place.drop(ALL)
    place.harvest()
    held = place.held()
    place.replace()
    generated.write(place.folder / "of a colleague.zip", generated.odd())

    with pytest.raises(UsageError) as raised:
        place.harvest()

    assert raised.value.code == "other-account"
    assert raised.value.unchanged
    assert place.held() == held


def test_the_owners_own_goes_on_after_it(tmp_path: Path) -> None:
    """Once the other one is away."""
    place = Place(tmp_path)
    place.drop(ALL)
    place.harvest()
    place.replace()
    generated.write(place.folder / "of a colleague.zip", generated.odd())
    with pytest.raises(UsageError):
        place.harvest()
    place.replace(LATER)

    assert place.harvest().created == 3
