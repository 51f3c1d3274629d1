"""The fields of the submission form, filled from what is known: to be copied, and never sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge import preflight
from bridge.preflight import history

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.config import Role


@dataclass(frozen=True)
class Field:
    """
    One field of the form.

    ``value`` is ``""`` where nobody told; ``missing`` then says where to write it down. ``choices`` are what the form
    offers.
    """

    id: str
    title: str
    value: str
    missing: str = ""
    choices: tuple[str, ...] = ()


def sheet(desk: Desk, target: str = "") -> tuple[Field, ...]:
    """Return the fields that the framework's form has, in its order; none where the framework names none."""
    submission = preflight.submission_of(desk.framework)
    known = _known(desk, target)
    fields = []
    for field in submission.form_fields if submission else ():
        value = known[field.id](field.values) if field.id in known else ""
        missing = "" if value else _where(desk, target, field.id)
        fields.append(Field(field.id, _titled(field.id), value, missing, field.values))
    return tuple(fields)


def in_words(title: str, fields: tuple[Field, ...]) -> str:
    """Return the sheet as text."""
    width = max((len(field.title) for field in fields), default=0) + 2
    lines = [f"Submission form: {title}", ""]
    lines += [f"{field.title + ':':{width}} {field.value or '(empty: ' + field.missing + ')'}" for field in fields]
    return "\n".join(lines)


_WHERE = {
    "name": "write `owner:` in config.yaml",
    "email": "write `emails:` in config.yaml",
    "organisation": "write your post of today under `roles:` in config.yaml",
    "link": "name a target: keepfolio preflight TARGET --form",
    "access-information": "say how assessors get in; nobody has looked at the address from outside yet",
}


def _where(desk: Desk, target: str, field: str) -> str:
    """Return where the owner writes down what a field lacks."""
    if field == "link" and getattr(desk.session.config.targets.get(target), "type", "") == "static":
        return f"write `url:` under {target} in config.yaml, the address at which the folder is served"
    return _WHERE.get(field, "fill it in by hand")


def _titled(field: str) -> str:
    words = {"email": "E-mail", "link": "Link to the portfolio"}
    return words.get(field, field.replace("-", " ").capitalize())


def _known(desk: Desk, target: str) -> dict[str, Callable[[tuple[str, ...]], str]]:
    config = desk.session.config
    role = _role(desk)
    link = _link(desk, target)
    return {
        "name": lambda _: config.owner,
        "email": lambda _: next(iter(config.emails), "") or config.messages.email,
        "organisation": lambda _: role.place if role else "",
        "pathway": lambda _: _pathway(desk),
        "submission-type": lambda choices: _kind(desk, choices),
        "link": lambda _: link,
        "access-information": lambda _: _access(desk, link),
    }


def _role(desk: Desk) -> Role | None:
    today = desk.session.today
    held = [r for r in desk.session.config.roles if r.place and r.start <= today and (r.end is None or r.end >= today)]
    return max(held, key=lambda r: r.start, default=None)


def _pathway(desk: Desk) -> str:
    return desk.framework.pathway_title(desk.generation.pathway)


def _kind(desk: Desk, choices: tuple[str, ...]) -> str:
    """Return which of the form's kinds this is: by the word in it, for the form names them in its own way."""
    generation = desk.generation
    states = {generation.state, *(stage.state for stage in generation.stages)}
    again = states & {"referred", "resubmitted"}
    word = "resubmission" if again else "review" if desk.framework.earlier or generation.continues else "first"
    return next((choice for choice in choices if word in choice.casefold()), word if not choices else "")


def _link(desk: Desk, target: str) -> str:
    """Return where the page is, or will be, on the web."""
    chosen = desk.session.config.targets.get(target)
    site, slug = getattr(chosen, "url", ""), getattr(chosen, "page", "")
    there = preflight.page_address(desk, target)
    if there or not slug:
        return there or str(site)
    if not site:
        return ""
    return "/".join(part for part in (str(site).rstrip("/"), getattr(chosen, "parent", ""), slug) if part) + "/"


def _access(desk: Desk, link: str) -> str:
    """Say how assessors get in, where the address was asked from outside and answered."""
    stretches = history.read(desk.workspace).get(link, ())
    open_ = bool(stretches) and stretches[-1].state == "works"
    return "The page is open: no account and no password is needed." if open_ else ""
