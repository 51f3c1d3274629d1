"""
The owner's own forum posts.

The service has no question for "my posts", so discussions are walked. What others wrote is read on the way and cut
before anything is yielded: of the post that was answered remain its date, its length, and whether it was the owner's.

Moodle moves a discussion's time when somebody answers, and not when somebody edits. So discussions in which the owner
wrote are read in each harvest, and others only when they are new or have moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.entry import Entry, Json, Key
from connectors.contract import Yield
from connectors.moodle import files, identity, text
from connectors.moodle.api import BATCH, Api, Call
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Reading, found, named

FORUMS = "mod_forum_get_forums_by_courses"
DISCUSSIONS = "mod_forum_get_forum_discussions"
POSTS = "mod_forum_get_discussion_posts"
POST = "mod_forum_get_discussion_post"
PAGE = 100
OLDEST_FIRST = 4  # by the day of their making: the only order that an answer does not change
_STATE = "forums"
_MYSELF = "myself"
_OWN = (
    *("id", "discussionid", "parentid", "subject", "message", "messageformat", "timecreated", "timemodified"),
    *("isprivatereply", "attachments", "messageinlinefiles", "tags", "wordcount"),
)


@dataclass
class Forum:
    """One forum as it is now: its discussions by number, and the owner's posts in those that were read."""

    about: Any
    discussions: dict[int, Any] = field(default_factory=dict)
    threads: dict[int, list[tuple[Any, Json | None]]] = field(default_factory=dict)
    whole: bool = True

    @property
    def number(self) -> int:
        return int(self.about["id"])

    @property
    def newest(self) -> int:
        return max((_moved(one) for one in self.discussions.values()), default=0)


def read(reading: Reading) -> Iterator[Yield]:
    """Yield the owner's posts, and for each forum which there are."""
    answer = reading.activities.get(FORUMS)
    if answer is None or not reading.offers("Forum posts", DISCUSSIONS, POSTS):
        return
    forums = [Forum(one) for one in answer]
    _list(forums, reading)
    _read_threads(forums, reading)
    for forum in forums:
        yield from _posts(forum, reading)


def exists(api: Api, number: str) -> Literal["unlisted", "gone", "unknown"]:
    """Look straight at one post: only Moodle's word that there is no such post is a proof; a closed door is none."""
    reply = api.call(POST, postid=number)
    return "gone" if isinstance(reply, Refusal) and reply.code == "invalidpostid" else "unlisted"


def _list(forums: list[Forum], reading: Reading) -> None:
    """Fill in the discussions of all forums; page by page, the same page of all forums together."""
    waiting, page = forums, 0
    while waiting:
        asked = [
            Call(DISCUSSIONS, {"forumid": one.number, "sortorder": OLDEST_FIRST, "page": page, "perpage": PAGE})
            for one in waiting
        ]
        more = []
        names = [named("Forum", one.about) for one in waiting]
        for forum, answer in zip(waiting, reading.each(asked, names), strict=True):
            rows = (answer or {}).get("discussions") or ()
            known = len(forum.discussions)
            forum.discussions |= {int(one["discussion"]): one for one in rows}
            forum.whole = forum.whole and answer is not None
            promised = int(forum.about.get("numdiscussions") or 0)
            if known < len(forum.discussions) and (len(rows) >= PAGE or len(forum.discussions) < promised):
                more.append(forum)
        waiting, page = more, page + 1


def _read_threads(forums: list[Forum], reading: Reading) -> None:
    """Read the discussions that are worth it, some at a time; what others wrote is let go at once."""
    asked = [(forum, number) for forum in forums for number in _chosen(forum, reading)]
    for begin in range(0, len(asked), BATCH):
        some = asked[begin : begin + BATCH]
        calls = [
            Call(POSTS, {"discussionid": n, "sortby": "created", "sortdirection": "ASC", "includeinlineattachments": 1})
            for _, n in some
        ]
        names = [named(f"Discussion {number} in forum", forum.about) for forum, number in some]
        for (forum, number), answer in zip(some, reading.each(calls, names), strict=True):
            forum.whole = forum.whole and answer is not None
            forum.threads[number] = _own((answer or {}).get("posts") or (), reading)


def _own(thread: Any, reading: Reading) -> list[tuple[Any, Json | None]]:
    """Return the owner's posts of a thread, each with what is kept of the post that it answers."""
    by_number = {one["id"]: one for one in thread}
    return [
        ({name: one.get(name) for name in _OWN}, _answered(by_number.get(one.get("parentid")), reading))
        for one in thread
        if _is_own(one, reading) and not one.get("isdeleted")
    ]


def _chosen(forum: Forum, reading: Reading) -> list[int]:
    """Return the discussions in which the owner wrote or may have written since."""
    before = _remembered(forum, reading)
    newest, mine = int(before.get("newest", 0)), set(before.get("mine", ()))
    fresh = {number for number, one in forum.discussions.items() if _moved(one) >= newest}
    quiet = {number for number, one in forum.discussions.items() if _moved(one) <= newest}
    # an old discussion can come into sight when a group or a date opens it: then they are more than they were
    seen_all = not reading.full and before.get("quiet") is not None and len(quiet) <= int(before["quiet"])
    worth = {n for n, one in forum.discussions.items() if one.get("numreplies") or reading.mine(one)}
    return sorted(worth & (mine | fresh) if seen_all else worth)


def _posts(forum: Forum, reading: Reading) -> Iterator[Yield]:
    keys = set()
    for thread in forum.threads.values():
        for one, answers in thread:
            entry = _entry(one, answers, forum, reading)
            keys.add(entry.keys[0])
            yield found(entry, one)
    if forum.whole:
        yield reading.listed(f"forum{forum.number}/posts", keys)
        _remember(forum, [number for number, thread in forum.threads.items() if thread], reading)


def _entry(one: Any, answers: Json | None, forum: Forum, reading: Reading) -> Entry:
    who, course = reading.who, reading.course(forum.about.get("course"))
    attached = files.media(one.get("attachments"))
    inline = files.media(one.get("messageinlinefiles"))
    content, _ = text.placed(text.as_html(one.get("message"), one.get("messageformat")), (*inline, *attached))
    extra: Json = {
        **course.extra,
        "forum": str(forum.about.get("name") or ""),
        "discussion": int(one["discussionid"]),
        "private_reply": bool(one.get("isprivatereply")),
        **({"answers": answers} if answers else {}),
    }
    return Entry(
        keys=(identity.forum_post(who.site, one["id"]),),
        kind="forum-post",
        native_id=str(one["id"]),
        title=str(one.get("subject") or ""),
        url=f"{who.root}/mod/forum/discuss.php?d={one['discussionid']}#p{one['id']}",
        creator=who.name,
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=content,
        files=files.unique((*inline, *attached)),
        parent=_own_parent(one, answers, reading),
        tags=tuple(str(tag.get("displayname")) for tag in one.get("tags") or ()),
        scope=reading.scope(f"forum{forum.number}/posts"),
        stamp=str(one.get("timemodified") or one.get("timecreated") or ""),
        extra=extra,
    )


def _is_own(one: Any, reading: Reading) -> bool:
    return reading.mine(one.get("author") or {}, "id")


def _answered(one: Any, reading: Reading) -> Json | None:
    """Of another person's post: when, how many characters, whose; nothing else."""
    if one is None:
        return None
    return {
        "date": text.day(text.moment(one.get("timecreated"))),
        "length": len(text.plain(str(one.get("message") or ""))),
        "role": _MYSELF if _is_own(one, reading) else "another participant",
    }


def _own_parent(one: Any, answers: Json | None, reading: Reading) -> Key | None:
    own = answers is not None and answers["role"] == _MYSELF
    return identity.forum_post(reading.who.site, one["parentid"]) if own else None


def _moved(one: Any) -> int:
    return int(one.get("timemodified") or 0)


def _remembered(forum: Forum, reading: Reading) -> dict[str, Any]:
    forums = reading.state.get(_STATE)
    known = forums.get(str(forum.number)) if isinstance(forums, dict) else None
    return known if isinstance(known, dict) else {}


def _remember(forum: Forum, mine: list[int], reading: Reading) -> None:
    """Keep the newest time, how many discussions are as old or older, and in which the owner wrote."""
    forums = reading.state.setdefault(_STATE, {})
    assert isinstance(forums, dict)  # nothing else is ever put there
    forums[str(forum.number)] = {"newest": forum.newest, "quiet": len(forum.discussions), "mine": list(mine)}
