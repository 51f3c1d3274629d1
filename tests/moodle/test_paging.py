"""Accounts larger than a page: nothing is lost between two pages, and nobody else's things slip in."""

from __future__ import annotations

import copy
import json

import pytest

from connectors.contract import SourceUnavailable
from connectors.moodle import activities, api, blog, forum
from tests.moodle.fake import BATCH, ME, FakeMoodle, Refuse, Reply
from tests.moodle.place import Place

OTHER = 4


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (blog, forum, activities):
        monkeypatch.setattr(module, "PAGE", 5)


def test_small_pages_give_the_same(place: Place):
    """Blog, forums, databases and glossaries, five at a time."""
    report = place.harvest()
    assert report.failed == []
    assert report.missing == []
    held = place.held()
    assert (held["post"], held["forum-post"], held["database-entry"], held["glossary-entry"]) == (18, 14, 2, 2)


def test_a_site_that_gives_fewer_than_were_asked_for_is_read_whole(place: Place, fake: FakeMoodle):
    """Some have limits of their own."""
    fake.most = 3
    report = place.harvest()
    assert report.failed == []
    assert report.missing == []
    held = place.held()
    assert (held["post"], held["forum-post"], held["database-entry"], held["glossary-entry"]) == (18, 14, 2, 2)


def test_entries_that_change_places_between_two_pages_are_all_found(place: Place, fake: FakeMoodle, monkeypatch):
    """Moodle 4.5.6 orders by the second of writing alone: an import's entries stand in another order on each page."""

    def pages(form: dict[str, str]) -> dict[str, object]:
        size, page = int(form["perpage"]), int(form["page"])
        begin = page * size - bool(page)  # the last one of the page before comes again
        return {"entries": fake.blog[begin : begin + size], "totalentries": len(fake.blog), "warnings": []}

    monkeypatch.setattr(fake, "_core_blog_get_entries", pages)
    fake.blog[:] = fake.blog[:10]  # two full pages, so that the last one is on none
    assert place.harvest().missing == []
    assert place.held()["post"] == 10


def test_an_entry_between_strangers_is_found(place: Place, fake: FakeMoodle):
    """On the third page of a database, and of a glossary."""
    for function, rows, arguments in (
        ("mod_data_get_entries", "entries", {"databaseid": 4}),
        ("mod_glossary_get_entries_by_letter", "entries", {"id": 1}),
    ):
        answer = fake.answer(function, **arguments)
        mine = [one for one in answer[rows] if one["userid"] == ME]
        theirs = [one for one in answer[rows] if one["userid"] != ME]
        copies = [{**copy.deepcopy(theirs[0]), "id": 1000 + number} for number in range(12)]
        answer[rows] = [*copies, *mine]
    place.harvest()
    assert (place.held()["database-entry"], place.held()["glossary-entry"]) == (2, 2)


def test_two_own_terms_of_one_name_stay_two(place: Place, fake: FakeMoodle):
    """A glossary may allow it."""
    rows = fake.answer("mod_glossary_get_entries_by_letter", id=1)["entries"]
    mine = next(one for one in rows if one["userid"] == ME)
    rows.append({**copy.deepcopy(mine), "id": 77})
    place.harvest()
    assert place.held()["glossary-entry"] == 3


def test_the_same_comment_twice_stays_two(place: Place, fake: FakeMoodle):
    """By the same person, below the same entry; the second came later, and stands first in Moodle's answer."""
    place.harvest()
    answer = fake.answer("core_comment_get_comments", component="blog", itemid=6)
    answer["comments"].insert(0, {**copy.deepcopy(answer["comments"][0]), "id": 99})
    answer["count"] = 2
    place.harvest()
    assert len([e for e in place.entries("comment") if e.parent == place.entry("blog/6").keys[0]]) == 2


def test_every_page_of_comments_is_read(place: Place, fake: FakeMoodle):
    """Fifteen a page, as Moodle has it."""
    answer = fake.answer("core_comment_get_comments", component="blog", itemid=2)
    rows = [{**copy.deepcopy(answer["comments"][0]), "id": 100 + number} for number in range(40)]
    real = fake._core_comment_get_comments

    def paged(form: dict[str, str]) -> dict:
        if form["itemid"] != "2" or form["component"] != "blog":
            return real(form)
        page = int(form["page"])
        return {"comments": rows[page * 15 : page * 15 + 15], "count": len(rows), "perpage": 15}

    fake._core_comment_get_comments = paged
    place.harvest()
    below = [e for e in place.entries("comment") if e.parent == place.entry("blog/2").keys[0]]
    assert len(below) == 40


def test_somebody_elses_entry_in_the_answer_is_not_kept(place: Place, fake: FakeMoodle):
    """Also where a site's filter fails: the author number decides."""
    fake.entry(1)["userid"] = OTHER
    report = place.harvest()
    assert place.held()["post"] == 17
    assert report.missing == ["1 post"]


def test_a_blog_that_lists_less_than_it_counts_proves_nothing(place: Place, fake: FakeMoodle):
    """A page that moved while it was read: nothing is taken for deleted."""
    place.harvest()
    fake.entry(1)["userid"] = OTHER
    assert place.harvest().deleted == 0
    assert not place.is_deleted("blog/1")


# --- batches --------------------------------------------------------------------------------------------------------


def calls(place: Place, numbers: list[int]) -> tuple[api.Api, list[api.Call]]:
    way, _ = place.source()._enter()
    return way, [api.Call("tool_lp_data_for_user_evidence_page", {"id": number}) for number in numbers]


def test_a_batch_goes_on_after_the_first_refusal(place: Place, fake: FakeMoodle):
    """Moodle ends it there; the rest is sent again, and each answer stands in its place."""
    way, asked = calls(place, [1, 99, 2, 98, 1])
    fake.forget()
    replies = way.many(asked)
    assert [getattr(one, "code", "") or one["userevidence"]["id"] for one in replies] == [
        1,
        "invalidrecord",
        2,
        "invalidrecord",
        1,
    ]
    batches = [one for one in fake.asked if one[2] == BATCH]
    assert len(batches) == 2


def test_many_questions_travel_in_several_batches(place: Place, fake: FakeMoodle):
    """No more than a server answers in good time."""
    way, asked = calls(place, [1, 2] * 30)
    fake.forget()
    assert [one["userevidence"]["id"] for one in way.many(asked)] == [1, 2] * 30
    assert len([one for one in fake.asked if one[2] == BATCH]) == 3


@pytest.mark.parametrize("status", [500, 504])
def test_a_batch_that_is_too_much_is_halved(place: Place, fake: FakeMoodle, status: int):
    """Until the server manages it."""
    way, asked = calls(place, [1, 2] * 4)

    def too_much(_method: str, _path: str, function: str) -> Reply | None:
        return Reply(status, b"<html><title>Fatal error</title></html>") if fake.size > 2 else None

    real = fake.respond

    def measure(method, target, headers, body):
        fake.size = body.count(b"%5Bfunction%5D")
        return real(method, target, headers, body)

    fake.size, fake.respond, fake.spoil = 0, measure, too_much
    assert [one["userevidence"]["id"] for one in way.many(asked)] == [1, 2] * 4


def test_a_server_that_only_fails_ends_the_harvest(place: Place, fake: FakeMoodle):
    """With what it said."""
    way, asked = calls(place, [1, 2])
    fake.spoil = lambda *_: Reply(500, b"<html><h1>Error establishing a database connection</h1></html>")
    with pytest.raises(SourceUnavailable) as caught:
        way.many(asked)
    assert caught.value.code == "server-error"
    assert "database connection" in caught.value.message


@pytest.mark.parametrize(
    "answer", [{"responses": []}, {"responses": [{"error": False, "data": "{half"}]}, {"strange": 1}, []]
)
def test_half_a_batch_is_no_answer(place: Place, fake: FakeMoodle, answer: object):
    """It never turns into data, nor into a loop."""
    way, asked = calls(place, [1, 2])
    fake.spoil = lambda *_: Reply(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})
    with pytest.raises(SourceUnavailable):
        way.many(asked)


def test_a_function_that_a_batch_may_not_ask_is_left_out_from_then_on(place: Place, fake: FakeMoodle):
    """Whether the token is dead is asked once."""
    fake.refused["core_comment_get_comments"] = Refuse("accessexception")
    report = place.harvest()
    assert [note for note in report.notes if "does not let the token ask" in note]
    assert "comment" not in place.held()
    infos = [one for one in fake.asked if one[2] == "core_webservice_get_site_info"]
    assert len(infos) == 2
