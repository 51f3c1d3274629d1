"""The plan is data: what each case of life leads to."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from bridge.publish.plan import BINNED, Plan, Step, Why, make_plan, make_withdrawal
from connectors.contract import Receipt, Remote, Resource
from connectors.wanted import asked
from tests.publish.samples import release

THEIRS, OURS = "d" * 64, "e" * 64
PICTURE = Resource("kf-00000001-a.png", "file", "page", sha256="1" * 64)
PAGE = Resource("page", "page", body=f'<img src="keepfolio:{PICTURE.name}">', title="T")
WANTED = (PAGE, PICTURE)
RELEASE = release()


def receipt(resource: Resource, sent: str = "") -> Receipt:
    return Receipt(resource.name, resource.kind, "7", f"https://b.org/{resource.name}", sent or asked(resource), OURS)


def remote(resource: Resource, body: str = OURS, *, ours: bool = True, status: str = "publish") -> Remote:
    address = f"https://b.org/{resource.name}" if status == "publish" else ""
    return Remote(resource.name, resource.kind, "7", address, "", body, ours, status)


def reach(resource: Resource, remote: Remote | None) -> str:
    """As on a WordPress whose new pages are drafts."""
    if remote is not None:
        return remote.url
    return resource.name if resource.kind == "file" else ""


def plan(remotes=(), receipts=(), wanted=WANTED, **options) -> Plan:
    observed = {r.name: r for r in remotes}
    agreed = {r.name: r for r in receipts}
    return make_plan("site", RELEASE, wanted, observed, agreed, reach=reach, **options)


def done(made: Plan) -> list[tuple[str, str]]:
    return [(step.do, step.what) for step in made.actions]


ALL = (receipt(PAGE), receipt(PICTURE))
THERE = (remote(PAGE), remote(PICTURE))


def test_nothing_there():
    """Files first, so that the page never shows what is not there."""
    assert done(plan()) == [("create", PICTURE.name), ("create", "page")]


def test_as_it_shall_be():
    assert done(plan(THERE, ALL)) == []


def test_the_portfolio_moved_on():
    """Ours, not edited, different: updated from what is there."""
    made = plan(THERE, (receipt(PAGE, sent="f" * 64), receipt(PICTURE)))
    assert made.actions == (Step("update", "page", "page", Why.CHANGED, OURS),)


@pytest.mark.parametrize(("keep", "expected"), [("", ["conflict"]), ("ours", ["update"]), ("theirs", [])])
def test_a_person_edited_the_page(keep, expected):
    """Only the owner's answer decides; the base of an overwriting is what the person wrote."""
    made = plan((remote(PAGE, THEIRS), remote(PICTURE)), ALL, keep=keep)
    assert [step.do for step in made.actions] == expected
    assert all(step.base == THEIRS for step in made.actions)
    assert made.theirs == (("page",) if keep == "theirs" else ())


def test_words_that_were_kept_once_are_never_overwritten_unasked():
    """Keeping theirs settles it until the portfolio changes; then the owner is asked again, also for a withdrawal."""
    kept = replace(receipt(PAGE), extra={"theirs": True})
    assert done(plan(THERE, (kept, receipt(PICTURE)))) == []
    changed = (replace(kept, sent="f" * 64), receipt(PICTURE))
    assert [step.why for step in plan(THERE, changed).conflicts] == [Why.EDITED]
    assert plan(THERE, changed, keep="theirs").theirs == ("page",)
    assert done(plan(THERE, changed, keep="ours")) == [("update", "page")]
    assert make_withdrawal("site", {r.name: r for r in THERE}, {"page": kept}).conflicts


@pytest.mark.parametrize("keep", ["", "ours", "theirs"])
def test_somebody_elses_page(keep):
    """No answer makes it ours."""
    made = plan((remote(PAGE, THEIRS, ours=False),), (), keep=keep)
    assert ("conflict", "page") in done(made)
    assert made.conflicts[0].why is Why.NOT_OURS
    assert made.theirs == ()


@pytest.mark.parametrize(
    ("there", "again"), [((remote(PICTURE),), "create"), ((remote(PAGE, status=BINNED), remote(PICTURE)), "update")]
)
def test_the_owner_took_the_page_away(there, again):
    """Deleted or binned: not made again unasked."""
    assert plan(there, ALL).conflicts[0].why is Why.DELETED
    assert done(plan(there, ALL, keep="ours")) == [(again, "page")]
    assert done(plan(there, ALL, keep="theirs")) == []


def test_a_file_that_the_owner_deleted_is_not_uploaded_again_unasked():
    """It may have been deleted for a reason."""
    assert [s.what for s in plan((remote(PAGE),), ALL).conflicts] == [PICTURE.name]


def test_a_page_without_record_that_was_edited():
    """Our mark, no receipt, other words: as for any edit, the owner decides."""
    assert plan((remote(PAGE, THEIRS),), ()).conflicts[0].why is Why.EDITED


def test_a_file_that_nothing_shows_any_more():
    """Taken down last, after the page stopped showing it."""
    page = replace(PAGE, body="no picture")
    made = plan(THERE, ALL, (page,))
    assert done(made) == [("update", "page"), ("withdraw", PICTURE.name)]


def test_a_file_that_another_target_shows():
    made = plan(THERE, ALL, (replace(PAGE, body=""),), shared={receipt(PICTURE).url})
    assert done(made) == [("update", "page")]


def test_an_equal_page_whose_picture_is_uploaded_anew():
    """The picture gets another address, which the text must name."""
    made = plan((remote(PAGE),), (receipt(PAGE),))
    assert made.actions[1] == Step("update", "page", "page", Why.MOVED, OURS)


def test_only_what_strangers_cannot_reach_yet_becomes_public():
    """A new draft does not, its files do; what answers already is not named again."""
    assert plan().becomes_public == (PICTURE.name,)
    assert plan(THERE, (receipt(PAGE, sent="f" * 64), receipt(PICTURE))).becomes_public == ()


def test_a_live_page_is_said_to_be_live():
    assert plan(THERE, ALL).live
    assert not plan((remote(PAGE, status="draft"), remote(PICTURE)), ALL).live
    assert not plan().live


def test_the_gates_apply_where_strangers_see_something_new():
    """A draft whose files answer strangers counts; a draft of words alone does not."""
    assert plan().opens
    assert plan(THERE, ALL).opens
    assert not plan((remote(PAGE, status="draft"), remote(PICTURE)), ALL).opens


def test_another_look_is_another_digest():
    """The plan carries what it was made from."""
    assert plan(THERE, ALL).observed == plan(THERE[::-1], ALL).observed
    for other in (remote(PAGE, THEIRS), remote(PAGE, status="draft"), remote(PAGE, ours=False)):
        assert plan((other, remote(PICTURE)), ALL).observed != plan(THERE, ALL).observed


def test_a_withdrawal_takes_the_page_first():
    made = make_withdrawal("site", {r.name: r for r in THERE}, {r.name: r for r in ALL})
    assert done(made) == [("withdraw", "page"), ("withdraw", PICTURE.name)]
    assert made.becomes_public == ()


def test_a_withdrawal_leaves_what_nobody_sees():
    """A draft is no address; what is gone already is no action."""
    assert done(make_withdrawal("site", {"page": remote(PAGE, status="draft")}, {r.name: r for r in ALL})) == []


def test_a_withdrawal_of_an_edited_page_needs_an_answer():
    observed = {"page": remote(PAGE, THEIRS)}
    assert make_withdrawal("site", observed, {r.name: r for r in ALL}).conflicts
    made = make_withdrawal("site", observed, {r.name: r for r in ALL}, keep="ours")
    assert done(made) == [("withdraw", "page")]


STEPS = st.builds(
    Step,
    st.sampled_from(["create", "update", "withdraw", "conflict"]),
    st.text(max_size=20),
    st.sampled_from(["page", "file"]),
    st.sampled_from(list(Why)),
    st.text(max_size=8),
)
PLANS = st.builds(
    Plan,
    st.text(max_size=9),
    st.text(max_size=9),
    st.text(max_size=9),
    st.lists(st.text(max_size=9)).map(tuple),
    st.booleans(),
    st.lists(st.text(max_size=9)).map(tuple),
    st.lists(STEPS).map(tuple),
)


@given(PLANS)
def test_a_plan_from_a_file_is_the_plan(made):
    """Round trip through the file of ``plan -o``."""
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"format": "keepfolio-plan/2"},
        {"format": "keepfolio-plan/1"},
        {**Plan("a", "b", "c").to_json(), "actions": [{"do": "create"}]},
        {**Plan("a", "b", "c").to_json(), "actions": ["x"]},
    ],
)
def test_a_file_that_is_no_plan_is_refused(value):
    with pytest.raises(UsageError) as stop:
        Plan.from_json(value)
    assert stop.value.code == "not-a-plan"


REMOTES = st.one_of(
    st.none(),
    st.builds(
        remote,
        st.just(PAGE),
        st.sampled_from([OURS, THEIRS]),
        ours=st.booleans(),
        status=st.sampled_from(["publish", "draft", BINNED]),
    ),
)
RECEIPTS = st.one_of(st.none(), st.builds(receipt, st.just(PAGE), st.sampled_from(["", "f" * 64])))


@given(REMOTES, RECEIPTS, st.sampled_from(["", "theirs", "ours"]))
def test_nobodys_words_are_overwritten_unasked(there, agreed, keep):
    """In every state of the world: an update without an answer starts from exactly what keepfolio left, and is ours."""
    made = plan([there] if there else [], [agreed] if agreed else [], (replace(PAGE, body="x"),), keep=keep)
    for step in made.actions:
        if step.do in {"update", "withdraw"}:
            assert there is not None
            assert there.ours
            assert step.base == there.body
            assert keep == "ours" or (agreed is not None and agreed.returned == there.body and there.status != BINNED)
        if step.do == "create":
            assert there is None
            assert agreed is None or keep == "ours"
