"""What a data-request zip holds in a person's own context: blog, private files, badges, evidence, plans, ratings."""

from __future__ import annotations

import html
from collections.abc import Iterator

from archive.entry import Fidelity, Json, Key, Visibility
from connectors.contract import Found
from connectors.moodle import export_badges, identity, text
from connectors.moodle.export_making import Maker, last_number, plain
from connectors.moodle.export_tree import Document, Stored

_STATES = {"Anyone in the world": "public", "Anyone on this site": "site", "Yourself (draft)": "draft"}
"""English words for who may see a blog entry. Other languages' words stay as they are, and the entry private."""


def read(maker: Maker) -> Iterator[Found]:
    """Yield all of it."""
    for one in maker.tree.documents:
        if one.place == maker.tree.person and one.folder and isinstance(one.value, dict):
            yield from maker.guarded(one, _made(maker, one, last_number(one.folder[-1])))
    yield from _private(maker)


def _made(maker: Maker, one: Document, number: str) -> Iterator[Found]:
    """Yield what a document is: its fields say it."""
    if isinstance(one.value.get("issued"), dict) and one.value["issued"].get("unique_hash"):
        yield _badge(maker, one)
    elif not number:
        return
    elif one.has("subject", "summary", "publishstate"):
        yield from _blog(maker, one, number)
    elif one.has("name", "url", "created_or_modified_by_you", "competencies"):
        yield _evidence(maker, one, number)
    elif one.has("name", "status", "duedate", "competencies"):
        yield _plan(maker, one, number)
    elif one.has("idnumber", "name", "rating", "evidence"):
        yield from _rating(maker, one, number)


def _blog(maker: Maker, one: Document, number: str) -> Iterator[Found]:
    value, key = one.value, identity.blog(maker.site, number)
    copy = str(value.get("uniquehash") or "")
    title, url = plain(value["subject"]), copy or f"{maker.root}/blog/index.php?entryid={number}"
    state = _STATES.get(str(value["publishstate"]), str(value["publishstate"]))
    yield maker.found(
        {**value, "tags": maker.tags(one)},
        keys=(key, identity.external_copy(copy)) if copy else (key,),
        kind="post",
        family="blog",
        native_id=number,
        title=title,
        url=url,
        status=state,
        visibility=Visibility.PUBLIC if state == "public" else Visibility.PRIVATE,
        created=value.get("created"),
        modified=value.get("lastmodified"),
        content=str(value["summary"] or ""),
        files=maker.files(one),
        tags=maker.tags(one),
        fidelity=Fidelity.FEED if copy else Fidelity.EXPORT,
        extra={"copy_of": copy} if copy else {},
    )
    yield from maker.comments(one.place, one.folder, key, title, url)


def _badge(maker: Maker, one: Document) -> Found:
    """Return a badge; who issued it, and what for, only its picture tells."""
    value, issued = one.value, one.value["issued"]
    unique = str(issued["unique_hash"])
    stored = [file for file in maker.tree.below(one.place, one.folder) if file.area == "userbadge"]
    badge = maker.baked(stored[0]).badge if stored else None
    course: Json = {"course_name": plain(value["course"])} if value.get("course") else {}
    expires = maker.clock.day(issued.get("expires_on"))
    return maker.found(
        value,
        keys=(identity.badge(maker.site, unique),),
        kind="badge",
        family="badges",
        native_id=unique,
        title=plain(value.get("name")),
        url=f"{maker.root}/badges/badge.php?hash={unique}",
        creator=badge.issuer if badge else "",
        created=issued.get("issued_on"),
        published=badge.issued if badge else None,
        content=export_badges.words(badge) if badge else text.definitions([("Expires", html.escape(expires))]),
        files=[maker.addresses.media(file, "original", plain(value.get("name"))) for file in stored],
        extra={
            **export_badges.sayings(badge, maker.emails),
            "issued": maker.clock.day(issued.get("issued_on")),
            "expires": expires,
            "alignment": value.get("alignment") or [],
            **course,
        },
    )


def _evidence(maker: Maker, one: Document, number: str) -> Found:
    value, url = one.value, str(one.value.get("url") or "")
    names = [plain(each.get("name")) for each in value["competencies"] if isinstance(each, dict)]
    return maker.found(
        value,
        keys=(identity.prior_learning(maker.site, number),),
        kind="prior-learning",
        family="prior-learning",
        native_id=number,
        title=plain(value["name"]),
        url=f"{maker.root}/admin/tool/lp/user_evidence.php?id={number}",
        created=value.get("timecreated"),
        modified=value.get("timemodified"),
        content=str(value.get("description") or "")
        + text.definitions([("Address", text.link(url)), ("Competencies", html.escape(", ".join(names)))]),
        files=maker.files(one),
        extra={"evidence_url": url, "competencies": list(names)},
    )


def _plan(maker: Maker, one: Document, number: str) -> Found:
    value = one.value
    rows = [
        (plain(each.get("name")), html.escape(_words(maker, each.get("rating")) or "not rated"))
        for each in value["competencies"]
        if isinstance(each, dict)
    ]
    return maker.found(
        value,
        keys=(identity.plan(maker.site, number),),
        kind="plan",
        family="plans",
        native_id=number,
        title=plain(value["name"]),
        url=f"{maker.root}/admin/tool/lp/plan.php?id={number}",
        status=plain(value["status"]),
        created=value.get("timecreated"),
        modified=value.get("timemodified"),
        content=str(value.get("description") or "") + text.definitions(rows),
        extra={"due": maker.clock.day(value.get("duedate"))},
    )


def _rating(maker: Maker, one: Document, number: str) -> Iterator[Found]:
    """Yield how a competency was rated, where it was."""
    value, words = one.value, _words(maker, one.value["rating"])
    if not words:
        return
    rating = value["rating"]
    notes = [_note(maker, each) for each in value["evidence"] if isinstance(each, dict)]
    yield maker.found(
        value,
        keys=(identity.competency(maker.site, maker.person, number),),
        kind="competency",
        family="competencies",
        native_id=number,
        title=plain(value["name"]),
        author="about-me",
        creator="",
        created=rating.get("timecreated"),
        modified=rating.get("timemodified"),
        content=str(value.get("description") or "")
        + text.definitions([("Rating", html.escape(words))])
        + "".join(f"<p>{html.escape(note)}</p>" for note in notes if note),
        extra={
            "idnumber": plain(value["idnumber"]),
            "grade_name": plain(rating.get("rating")),
            "proficient": maker.tree.yes(rating.get("proficient")),
        },
    )


def _words(maker: Maker, rating: object) -> str:
    if not isinstance(rating, dict) or rating.get("rating") in {None, "", "-"}:
        return ""
    name = plain(rating["rating"])
    return f"{name} (proficient)" if maker.tree.yes(rating.get("proficient")) else name


def _note(maker: Maker, each: dict[str, object]) -> str:
    """Return what an assessor wrote, not who."""
    day = maker.clock.day(each.get("timecreated"))
    return " ".join(filter(None, (day, *(text.plain(str(each.get(n) or "")) for n in ("description", "note")))))


def _private(maker: Maker) -> Iterator[Found]:
    folders: set[str] = set()
    for one in maker.tree.files:
        if one.place == maker.tree.person and one.area == "private":
            above = one.path.rpartition("/")[0]
            parts = above.split("/")[1:]
            folders |= {"/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))}
            yield _file(maker, one)
    for path in sorted(folders):
        yield maker.found(
            {"filepath": path},
            keys=(identity.private_folder(maker.site, maker.person, path),),
            kind="folder",
            family="private-files",
            native_id=path,
            title=path.rstrip("/").rpartition("/")[2],
            url=f"{maker.root}/user/files.php",
            parent=_above(maker, path.rstrip("/")),
        )


def _file(maker: Maker, one: Stored) -> Found:
    media = maker.addresses.media(one, "original")
    return maker.found(
        {"filepath": one.path, "filesize": one.size},
        keys=(identity.private_file(maker.site, maker.person, one.path),),
        kind="file",
        family="private-files",
        native_id=one.path,
        title=one.name,
        url=media.url,
        files=(media,),
        parent=_above(maker, one.path),
    )


def _above(maker: Maker, path: str) -> Key | None:
    above = path.rpartition("/")[0] + "/"
    return identity.private_folder(maker.site, maker.person, above) if above != "/" else None
