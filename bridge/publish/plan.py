"""What publishing will do, as data. Pure: no network, no clock, no disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from archive.entry import Digest, Json, canonical
from archive.errors import UsageError
from connectors.contract import Receipt, Release, Remote, Resource
from connectors.wanted import asked, uploads_in

FORMAT = "keepfolio-plan/1"
BINNED = "trash"  # the word of WordPress, and of this project, for what lies in the bin

THEIRS = "theirs"  # in a receipt's ``extra``: the owner left a person's edit standing; it is never written over unasked

Keep: TypeAlias = Literal["", "theirs", "ours"]
"""The owner's answer to a conflict: none yet, what is on the site, or what is in the portfolio."""

Reach: TypeAlias = Callable[[Resource, Remote | None], str]
"""The address (or a file's name) at which strangers find a resource once it is there; ``""`` when they do not."""


class Why(StrEnum):
    """Every reason for an action, in the owner's words; the member's name in lower case is its code for scripts."""

    NEW = "not there yet"
    CHANGED = "the portfolio changed"
    MOVED = "it shows a file that is uploaded anew"
    OURS_WINS = "you chose to put the portfolio's version"
    UNUSED = "the portfolio does not show it any more"
    WITHDRAWN = "you take the portfolio down"
    EDITED = "someone edited it there since keepfolio last wrote it"
    NOT_OURS = "what is there was not written by keepfolio, and is never written to"
    DELETED = "someone deleted it there"


@dataclass(frozen=True)
class Step:
    """One action of a plan. ``what`` is the resource's name, ``base`` the digest of what must still be there."""

    do: Literal["create", "update", "withdraw", "conflict"]
    what: str
    kind: Literal["page", "file"]
    why: Why
    base: Digest = ""


@dataclass(frozen=True)
class Plan:
    """
    What publishing will do at one target.

    Attributes:
        release: The id of the release it publishes; ``""`` when it takes one down.

        observed: Digest over what the target held when the plan was made.

        becomes_public: Every address or upload name that strangers can reach after it and cannot now.

        live: Strangers see the page's text after it.

        theirs: Names of the pages that stay as they were edited on the site; execution records that as agreed.
    """

    target: str
    release: Digest
    observed: Digest
    becomes_public: tuple[str, ...] = ()
    live: bool = False
    theirs: tuple[str, ...] = ()
    actions: tuple[Step, ...] = ()

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The actions that only the owner can decide."""
        return tuple(step for step in self.actions if step.do == "conflict")

    @property
    def opens(self) -> bool:
        """Whether strangers see anything new by it, in the page or as a file: then the gates of going live apply."""
        return self.live or bool(self.becomes_public)

    def to_json(self) -> Json:
        """Return the plan as ``plan -o FILE`` writes it."""
        return {
            "format": FORMAT,
            "target": self.target,
            "release": self.release,
            "observed": self.observed,
            "becomes_public": list(self.becomes_public),
            "live": self.live,
            "theirs": list(self.theirs),
            "actions": [{**asdict(step), "why": step.why.value} for step in self.actions],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """
        Return the plan that ``to_json`` wrote.

        Raises:
            UsageError: It is no plan, or of a later format.
        """
        if value.get("format") != FORMAT:
            raise UsageError(
                f"This is not a plan that this version can carry out (format {value.get('format')!r}).",
                code="not-a-plan",
                mend="Make a new one: keepfolio plan -o FILE",
            )
        try:
            return cls(
                target=value["target"],
                release=value["release"],
                observed=value["observed"],
                becomes_public=tuple(value["becomes_public"]),
                live=value["live"],
                theirs=tuple(value["theirs"]),
                actions=tuple(Step(**{**step, "why": Why(step["why"])}) for step in value["actions"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"The plan is incomplete or was changed by hand: {error}.",
                code="not-a-plan",
                mend="Make a new one: keepfolio plan -o FILE",
            ) from error


def digest_of(observed: Mapping[str, Remote]) -> Digest:
    """Return the digest that tells whether a target still holds what was observed."""
    value: Json = {
        name: [remote.native_id, remote.url, remote.revision, remote.body, remote.ours, remote.status]
        for name, remote in observed.items()
    }
    return hashlib.sha256(canonical(value)).hexdigest()


def make_plan(
    target: str,
    release: Release,
    wanted: Iterable[Resource],
    observed: Mapping[str, Remote],
    agreed: Mapping[str, Receipt],
    *,
    reach: Reach,
    keep: Keep = "",
    shared: Collection[str] = (),
) -> Plan:
    """
    Return what makes the target hold the release, and nothing when it does already.

    Args:
        target: The target's name in the configuration.

        release: What is published.

        wanted: What the target shall hold (``Target.shape``).

        observed: What it holds (``Target.observe``).

        agreed: The receipts of what keepfolio left there.

        reach: Where strangers find a resource.

        keep: The owner's answer, if there is a conflict.

        shared: Addresses that another target of the same owner still shows; they are not taken down.
    """
    wanted = tuple(wanted)
    files = [_for_one(r, observed.get(r.name), agreed.get(r.name), keep) for r in wanted if r.kind == "file"]
    steps = [step for step in files if step]
    fresh = {step.what for step in steps if step.do == "create"}
    pages = [r for r in wanted if r.kind == "page"]
    for page in pages:
        step = _for_one(page, observed.get(page.name), agreed.get(page.name), keep)
        if step is None and page.name in agreed and fresh & uploads_in(page.body):
            # equal text, but the address of a picture in it will be another
            step = Step("update", page.name, "page", Why.MOVED, observed[page.name].body)
        if step:
            steps.append(step)
    steps += _unused({r.name for r in wanted}, observed, agreed, shared, Why.UNUSED)
    by_name = {r.name: r for r in wanted}
    public = (reach(by_name[step.what], observed.get(step.what)) for step in steps if step.do == "create")
    return Plan(
        target=target,
        release=release.id,
        observed=digest_of(observed),
        becomes_public=tuple(address for address in public if address),
        live=any(reach(page, observed.get(page.name)) for page in pages),
        theirs=tuple(_left_to_them(pages, observed, agreed)) if keep == "theirs" else (),
        actions=tuple(steps),
    )


def make_withdrawal(
    target: str,
    observed: Mapping[str, Remote],
    agreed: Mapping[str, Receipt],
    *,
    keep: Keep = "",
    shared: Collection[str] = (),
) -> Plan:
    """Return what takes down all that keepfolio left at the target: pages first, then the files that only they used."""
    steps = list(_unused(set(), observed, agreed, shared, Why.WITHDRAWN))
    if keep != "ours":
        edited = {s.what for s in steps if s.kind == "page" and _is_edited(s.base, agreed[s.what])}
        steps = [Step("conflict", s.what, s.kind, Why.EDITED, s.base) if s.what in edited else s for s in steps]
    return Plan(target=target, release="", observed=digest_of(observed), actions=tuple(steps))


def _for_one(resource: Resource, remote: Remote | None, receipt: Receipt | None, keep: Keep) -> Step | None:
    """The cases of life of one wanted thing."""

    def step(do: Literal["create", "update", "conflict"], why: Why) -> Step:
        return Step(do, resource.name, resource.kind, why, remote.body if remote else "")

    if remote is None and receipt is None:  # nothing there, nothing agreed
        return step("create", Why.NEW)
    if remote is not None and not remote.ours:  # somebody else's page at our place: no answer lets us write to it
        return step("conflict", Why.NOT_OURS)
    if remote is None or remote.status == BINNED:  # we left it there, and its owner took it away: that is a choice
        if keep == "ours":
            return step("create" if remote is None else "update", Why.OURS_WINS)
        return None if keep == "theirs" else step("conflict", Why.DELETED)
    if receipt is None or remote.body != receipt.returned:  # a person edited it since
        if keep == "ours":
            return step("update", Why.OURS_WINS)
        return None if keep == "theirs" else step("conflict", Why.EDITED)
    if receipt.sent != asked(resource):  # as we left it, and the portfolio has moved on
        if receipt.extra.get(THEIRS) and keep != "ours":  # but what stands there are a person's words, once kept
            return None if keep == "theirs" else step("conflict", Why.EDITED)
        return step("update", Why.CHANGED)
    return None  # as we left it, and as it shall be


def _is_edited(body: Digest, receipt: Receipt) -> bool:
    return body != receipt.returned or bool(receipt.extra.get(THEIRS))


def _left_to_them(
    pages: Iterable[Resource], observed: Mapping[str, Remote], agreed: Mapping[str, Receipt]
) -> Iterator[str]:
    for page in pages:
        step = _for_one(page, observed.get(page.name), agreed.get(page.name), "")
        if step and step.why is Why.EDITED:
            yield page.name


def _unused(
    wanted: set[str],
    observed: Mapping[str, Remote],
    agreed: Mapping[str, Receipt],
    shared: Collection[str],
    why: Why,
) -> Iterator[Step]:
    """Withdraw what we left and nothing wants any more: pages before the files that they show."""
    left = [receipt for name, receipt in agreed.items() if name not in wanted and name in observed]
    for receipt in sorted(left, key=lambda r: (r.kind != "page", r.name)):
        remote = observed[receipt.name]
        if remote.ours and remote.status != BINNED and receipt.url not in shared and remote.url:
            yield Step("withdraw", receipt.name, receipt.kind, why, remote.body)
