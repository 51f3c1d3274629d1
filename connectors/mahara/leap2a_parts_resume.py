"""The résumé in a Leap2A file for Mahara: each function returns one Atom entry of the feed. See ``leap2a_parts``."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.mahara.leap2a_parts import About, Id, Kind, Part, ascii_html


def text(id_: Id, about: About, type_: str, html: str) -> Part:
    """Return a text of the résumé: a cover letter, an interest, a goal or a skill."""
    kind: Kind = "ability" if type_.endswith("skill") else "entry"
    return Part(id_, kind, about, ("resume", type_), None, ascii_html(html), html=True)


def section(id_: Id, about: About, type_: str, rows: Iterable[Id]) -> Part:
    """Return a section of the résumé: its rows, in order."""
    links = tuple(("leap2:has_part", one) for one in rows)
    orders = tuple((one, number) for number, (_, one) in enumerate(links, 1))
    return Part(
        id_, "selection", about, ("resume", type_), ("selection_type", "Grouping", ""), links=links, orders=orders
    )


def row(
    id_: Id,
    about: About,
    type_: str,
    html: str,
    within: tuple[Id, int],
    *,
    dates: Iterable[tuple[str, str]] = (),
    role: str = "",
    organisation: Id = "",
    qualification: Id = "",
) -> Part:
    """
    Return a row of a section, such as one job.

    ``within`` is the section and the place in it; ``dates`` are points and words, which is all that Mahara has;
    ``organisation`` and ``qualification`` are entries that are made by ``named``.
    """
    kind, category = _ROWS[type_]
    above, number = within
    links = [("leap2:is_part_of", above)]
    if organisation:
        links.append(("leap2:supported_by", organisation))
    if qualification:
        links.append(("leap2:supports", qualification))
    return Part(
        id_, kind, about, ("resume", f"pseudo:{type_}"), category, ascii_html(html), html=True, links=tuple(links),
        orders=((above, number),), dates=tuple((point, "", words) for point, words in dates), role=role,
    )  # fmt: skip


def named(id_: Id, about: About, kind: Kind, of: Id, type_: str, words: str = "") -> Part:
    """Return the organisation or the achievement that a row of a type names; its title is the name."""
    relation = "leap2:supports" if kind == "organization" else "leap2:supported_by"
    return Part(id_, kind, about, ("resume", f"pseudo:{type_}"), content=words, links=((relation, of),))


_ROWS: dict[str, tuple[Kind, tuple[str, str, str] | None]] = {
    "educationhistory": ("activity", ("life_area", "Education", "")),
    "employmenthistory": ("activity", ("life_area", "Work", "")),
    "certification": ("achievement", None),
    "book": ("publication", ("resource_type", "Printed", "")),
    "membership": ("affiliation", None),
}
SECTIONS = frozenset(_ROWS)
TEXTS = frozenset(
    {"coverletter", "interest"} | {f"{what}{kind}" for what in ("academic", "personal") for kind in ("goal", "skill")}
    | {"careergoal", "workskill"}
)  # fmt: skip
