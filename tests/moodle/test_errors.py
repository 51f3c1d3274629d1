"""Each refusal of a Moodle: the right words, nothing lost, nothing taken for deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract import SourceRefused, SourceUnavailable
from connectors.moodle.faults import FAULTS, Refusal, Then, fault_of, plain, refusal
from tests.moodle.fake import TOKEN, FakeMoodle, Refuse, Reply, recorded
from tests.moodle.place import Place

HTML = Reply(200, b"<html><head><title>Northshire Log in</title></head></html>", {"Content-Type": "text/html"})
CLOSED = Reply(503, b"<title>Northshire under maintenance</title>", {"Content-Type": "text/html", "Retry-After": "300"})
"""What Moodle 4.5.6 answers to everything after ``admin/cli/maintenance.php --enable``."""
POLICY = "The context error message was: Site policy not agreed: <a href='x'>x</a>"


def spoilt_by(fake: FakeMoodle, reply: Reply) -> None:
    fake.spoil = lambda *_: reply


def state(name: str) -> Callable[[FakeMoodle], None]:
    return lambda fake: setattr(fake, "state", name)


REACHED = {"core_webservice_get_site_info", "tool_mobile_call_external_functions"}


def everything_says(code: str) -> Callable[[FakeMoodle], None]:
    """As Moodle 4.5.6 answers all but the listings of courses, which are empty then."""
    return lambda fake: fake.refused.update(
        {one["name"]: Refuse(code) for one in fake.info["functions"] if one["name"] not in REACHED}
    )


def another_token(fake: FakeMoodle) -> None:
    fake.token = TOKEN[::-1]


ENDING = [
    ("replaced token", another_token, SourceRefused, "wrong-token", "does not open this site any more"),
    ("ended token", state("expired"), SourceRefused, "wrong-token", "12 weeks"),
    ("mobile service off", state("mobile-off"), SourceRefused, "wrong-token", "switched off"),
    ("closed account", state("suspended"), SourceRefused, "account-closed", "suspended"),
    ("maintenance", state("maintenance"), SourceUnavailable, "maintenance", "under maintenance"),
    ("closed at its server", lambda fake: spoilt_by(fake, CLOSED), SourceUnavailable, "maintenance", "maintenance"),
    ("web services off", state("off"), SourceUnavailable, "services-off", "switched off"),
    ("moved", state("moved"), SourceUnavailable, "moved", "elsewhere.example"),
    ("new password", everything_says("forcepasswordchangenotice"), SourceUnavailable, "asked-of-you", "your password"),
    ("policy", everything_says("sitepolicynotagreed"), SourceUnavailable, "asked-of-you", "policy"),
    ("profile", everything_says("usernotfullysetup"), SourceUnavailable, "asked-of-you", "profile"),
    ("single sign-on page", lambda fake: spoilt_by(fake, HTML), SourceUnavailable, "not-json", "Northshire Log in"),
    ("nothing", lambda fake: spoilt_by(fake, Reply(200)), SourceUnavailable, "not-json", "an empty answer"),
]


@pytest.mark.parametrize(("what", "change", "kind", "code", "words"), ENDING, ids=[one[0] for one in ENDING])
def test_what_ends_a_harvest(place: Place, fake: FakeMoodle, what, change, kind, code, words):
    """It says what happened and what mends it; what was held stays as it was."""
    place.harvest()
    before = place.state()
    change(fake)
    with pytest.raises(kind) as caught:
        place.harvest()
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.mend
    assert caught.value.unchanged
    assert place.state() == before
    assert {s.deleted for s in place.archive.entries()} == {False}


def test_services_that_are_off_leave_other_ways(place: Place, fake: FakeMoodle):
    """The data export and the feed are named."""
    fake.state = "off"
    with pytest.raises(SourceUnavailable) as caught:
        place.harvest()
    assert "moodle-export" in caught.value.mend
    assert "RSS" in caught.value.mend


def test_a_dead_token_is_sent_once(place: Place, fake: FakeMoodle):
    """One question, and no other."""
    fake.state = "expired"
    with pytest.raises(SourceRefused):
        place.harvest()
    assert len(fake.asked) == 1
    assert place.archive.sources()["vle"].parked


def test_a_token_that_dies_half_way_ends_the_harvest(place: Place, fake: FakeMoodle):
    """On functions it is called ``accessexception``: then whether the token still works is asked, and answered."""

    def dies(_method: str, _path: str, _function: str) -> None:
        if any(function == "mod_forum_get_forum_discussions" for _, _, function in fake.asked):
            fake.state = "expired"

    fake.spoil = dies
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert caught.value.code == "wrong-token"
    assert place.held()["post"] == 18
    assert "forum-post" not in place.held()


def test_a_token_that_dies_between_list_and_file_ends_the_harvest(place: Place, fake: FakeMoodle):
    """On files it is called ``invalidtoken``, with status 200."""

    def dies(_method: str, path: str, _function: str) -> None:
        if path.startswith("/webservice/pluginfile.php"):
            fake.state = "expired"

    fake.spoil = dies
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert caught.value.code == "wrong-token"


SWITCHED_OFF = [
    ("blogdisable", "core_blog_get_entries", "post", "Blogs are switched off"),
    ("badgesdisabled", "core_badges_get_user_badges", "badge", "Badges are switched off"),
    ("competenciesarenotenabled", "tool_lp_data_for_user_evidence_list_page", "prior-learning", "Competencies"),
    ("nopermissions", "core_files_get_files", "file", "may not read"),
    ("requireloginerror", "mod_data_get_databases_by_courses", "database-entry", "not open to you now"),
    ("accessexception", "mod_wiki_get_wikis_by_courses", "wiki-page", "does not let the token ask"),
]


@pytest.mark.parametrize(("code", "function", "kind", "words"), SWITCHED_OFF, ids=[one[0] for one in SWITCHED_OFF])
def test_what_is_switched_off_is_said_and_the_rest_goes_on(place: Place, fake: FakeMoodle, code, function, kind, words):
    """One part is missing from the harvest; nothing of it is taken for deleted; all others come."""
    place.harvest()
    before, held = place.state(), place.held()
    fake.refused[function] = Refuse(code)
    report = place.harvest()
    assert [note for note in report.notes if words in note]
    assert report.failed == []
    assert (place.state(), place.held()) == (before, held)
    assert held[kind]


@pytest.mark.parametrize("code", ["notenroled", "nocriteriaset", "cannotviewreport"])
def test_usual_answers_are_no_news(place: Place, fake: FakeMoodle, code: str):
    """Most courses have no criteria for completion."""
    fake.refused["core_completion_get_course_completion_status"] = Refuse(code)
    report = place.harvest()
    assert report.failed == []
    assert len(report.notes) == 1
    assert "completion" not in place.held()


@pytest.mark.parametrize(
    ("function", "refused"),
    [
        ("mod_forum_get_discussion_posts", Refuse(None, "Call to a member function get_forum_id() on null")),
        ("mod_assign_get_submission_status", Refuse("You do not have permission to perform this action.")),
        ("tool_lp_data_for_user_competency_summary", Refuse("aplugincode", "Something of a plugin")),
    ],
)
def test_an_error_of_moodles_own_costs_that_thing_only(place: Place, fake: FakeMoodle, function, refused):
    """A crash without a code, a code that is a sentence, a code that nobody knows: noted, tried again, nothing lost."""
    place.harvest()
    before = place.state()
    fake.refused[function] = refused
    report = place.harvest()
    assert report.failed
    assert all(one.transient for one in report.failed)
    assert place.state() == before
    fake.refused.clear()
    assert place.harvest().failed == []


def test_a_locked_session_is_asked_again(place: Place, fake: FakeMoodle):
    """Alone and inside of a batch."""
    fake.locks = 2
    assert place.harvest().failed == []
    fake.locks = 0
    seen = []

    def lock(_method: str, _path: str, function: str) -> None:
        if function == "tool_mobile_call_external_functions" and not seen:
            seen.append(function)
            fake.locks = 1

    fake.spoil = lock
    assert place.harvest().failed == []
    assert seen


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("The context error message was: error/forcepasswordchangenotice", "change your password"),
        (POLICY, "policy that you have not agreed"),
        ("The context error message was: Course or activity not accessible.", "not open to you now"),
    ],
)
def test_why_a_course_is_closed_stands_in_the_message(place: Place, fake: FakeMoodle, message: str, words: str):
    """It is said, and what belongs to no course is harvested."""
    for function in ("core_course_get_contents", "mod_assign_get_submission_status", "mod_forum_get_forum_discussions"):
        fake.refused[function] = Refuse("errorcoursecontextnotvalid", message)
    report = place.harvest()
    assert [note for note in report.notes if words in note]
    assert place.held()["post"] == 18
    assert "forum-post" not in place.held()


def test_answers_of_a_strange_shape_cost_one_part(place: Place, fake: FakeMoodle):
    """Such as those of a release that nobody has seen yet."""
    fake.answer("mod_glossary_get_glossaries_by_courses")["glossaries"] = ["what is this?"]
    fake._by_course = lambda function, _form, real=fake._by_course: (
        fake.answer(function) if "glossar" in function else real(function, _form)
    )
    report = place.harvest()
    assert [one.what for one in report.failed] == ["Glossary entries"]
    assert place.held()["wiki-page"] == 4


def test_an_opening_of_a_strange_shape_ends_the_harvest(place: Place, fake: FakeMoodle):
    """Everything follows from it: nothing is read, and nothing is lost."""
    place.harvest()
    before = place.state()
    fake._core_enrol_get_users_courses = lambda _form: [{"no": "number"}]
    with pytest.raises(SourceUnavailable) as caught:
        place.harvest()
    assert caught.value.code == "unknown-shape"
    assert place.state() == before


def test_without_batches_all_is_asked_one_by_one(place: Place, fake: FakeMoodle):
    """Offered and refused, or not offered at all."""
    fake.no_batches = True
    place.harvest()
    held = place.held()
    fake.absent.add("tool_mobile_call_external_functions")
    fake.forget()
    assert place.harvest().failed == []
    assert place.held() == held
    assert held["forum-post"] == 14
    assert "tool_mobile_call_external_functions" not in {function for _, _, function in fake.asked}


def test_what_a_site_does_not_offer_is_said(place: Place, fake: FakeMoodle):
    """The plan is made from the site's own list of functions."""
    fake.absent |= {"core_blog_get_entries", "mod_forum_get_discussion_posts"}
    report = place.harvest()
    assert {note.partition(":")[0] for note in report.notes} >= {"Blog entries", "Forum posts"}
    assert "post" not in place.held()
    assert "core_blog_get_entries" not in {function for _, _, function in fake.asked}


def test_every_recorded_refusal_is_understood(place: Place):
    """All that the real site was heard to say has a row, but for its own crashes and wrong questions."""
    wrong_questions = {"invalidparameter", "missingparam", "errorinvalidparam", ""}
    for one in recorded("errors"):
        said = refusal(_json(one.get("body")))
        if said and said.code not in wrong_questions and " " not in said.code and said.code != "filenotfound":
            assert fault_of(said).then is not Then.FAIL, said


def test_each_row_reads_well():
    """A whole sentence for a person, without Moodle's own word."""
    for code, fault in FAULTS.items():
        assert fault.means.endswith("."), code
        assert code not in fault.means
        assert plain(Refusal(code, "x"))


def _json(body: str | None) -> object:
    import json

    try:
        return json.loads(body or "")
    except ValueError:
        return None
