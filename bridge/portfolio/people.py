"""
Who is named in the portfolio, and whether they agreed: ``portfolio/people.yaml``.

    people:
      - name: Sam Taylor
        shown: a colleague in the library    # how the page names them; empty: by name
        role: gave feedback on the workshop
        permission: yes    # yes, no, asked, not-needed
        date: 2027-03-01
        acknowledge: true    # names them once, under Acknowledgements
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

FILE_NAME = "people.yaml"
Permission = Literal["", "yes", "no", "asked", "not-needed"]


@dataclass(frozen=True)
class Person:
    """
    Somebody whom the portfolio names.

    Attributes:
        name: As they are called; looked for in the texts of an edition.

        shown: How the page may name them; ``""``: by name.

        permission: What they said; ``""``: nobody asked yet.

        on: When they said it.

        acknowledge: Named under Acknowledgements, with their permission.
    """

    name: str
    shown: str = ""
    role: str = ""
    permission: Permission = ""
    on: date | None = None
    acknowledge: bool = False
    also: tuple[str, ...] = ()
