"""What a run without anybody does of its own: what it tells, whom it asks again, and what it leaves to the owner."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bridge import doctor, publishing, runs, setup_login, unattended
from bridge.session import Session
from connectors.mahara import making
from tests.bridge.doors import Door, opened
from tests.mahara.fake import FakeMahara

DEMO = Path(__file__).parents[2] / "bridge" / "data" / "demo"
MAHARA = Path(__file__).parents[1] / "fixtures" / "mahara"
EXPORT = {"type": "wordpress-export", "path": "exports/blog.xml", "media": "exports/uploads"}


@pytest.fixture
def door(httpserver, monkeypatch) -> Door:
    """A site that refuses everybody; the password in the environment is a wrong one."""
    monkeypatch.setenv("KEEPFOLIO_BLOG_PASSWORD", "hunter2")
    monkeypatch.setenv("KEEPFOLIO_SITE_PASSWORD", "hunter2")
    return Door(httpserver)


@pytest.fixture
def folder(tmp_path) -> Path:
    """The sample's export, with a few words of an owner's."""
    shutil.copytree(DEMO / "portfolio", tmp_path / "w" / "portfolio")
    (tmp_path / "w" / "exports").mkdir()
    shutil.copy(DEMO / "blog.xml", tmp_path / "w" / "exports")
    shutil.copytree(DEMO / "uploads", tmp_path / "w" / "exports" / "uploads")
    return tmp_path / "w"


def configure(folder: Path, **config) -> Callable[[], Session]:
    known = {"owner": "Rowan Ashby", "timezone": "Europe/London", "messages": {"desktop": False}}
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump({**known, **config}))
    return lambda: opened(folder)


def blog(door: Door) -> dict:
    return {"type": "wordpress", "url": door.url, "user": "jane"}


def never() -> bool:
    return False


def test_a_refused_source_beside_a_good_one_is_no_success(folder, door):
    """The exit code says that some worked; the outcome is told all the same, with its mend, and is not tried again."""
    session = configure(folder, sources={"blog": blog(door), "export": EXPORT})

    outcome = unattended.harvest(session(), never)

    assert (outcome.code, outcome.good, outcome.passing) == (3, False, False)
    assert outcome.cause == "blog:refused"
    assert "blog: WordPress did not accept" in outcome.text
    assert "keepfolio login" in outcome.mend
    assert "hunter2" not in repr(outcome)


def test_the_refusal_stays_one_cause(folder, door):
    """On the days on which the parked source is not asked any more it is the same news, and no password is sent."""
    session = configure(folder, sources={"blog": blog(door)})

    outcomes = [unattended.harvest(session(), never) for _ in range(3)]

    assert [(o.cause, o.good) for o in outcomes] == [("blog:refused", False)] * 3
    assert door.logins == ["hunter2"]


def test_a_dry_run_parks_too(folder, door):
    """A password that a dry run saw refused is not sent by the harvest after it."""
    session = configure(folder, sources={"blog": blog(door)})

    for dry_run in (True, True, False):
        (report,) = runs.harvest_all(session(), ["blog"], progress=unattended.Silent, stop=never, dry_run=dry_run)
        assert report.error is not None

    assert report.error.code == "parked"
    assert door.logins == ["hunter2"]


def site(door: Door) -> dict:
    return {"type": "wordpress", "url": door.url, "user": "jane", "page": "cmalt"}


def publishing_to(folder: Path, targets: dict, unattended_: str = "all", **more) -> Callable[[], Session]:
    when = {"publish": {"daily": "04:00", "unattended": unattended_}}
    return configure(folder, targets=targets, schedule=when, **more)


def test_a_target_that_refuses_the_login_is_asked_once(folder, door):
    """The publish is not tried again, and no later run sends that password."""
    session = publishing_to(folder, {"site": site(door)})

    outcomes = [unattended.publish(session()) for _ in range(3)]

    assert [(o.good, o.passing, o.cause) for o in outcomes] == [(False, False, "site:refused")] * 3
    assert "keepfolio login site" in outcomes[-1].mend
    assert door.logins == ["hunter2"]


def test_a_login_lets_a_target_be_asked_again(folder, door):
    """`keepfolio login` stores the new password for the account, and its source and target are both asked again."""
    session = publishing_to(folder, {"site": site(door)}, sources={"blog": blog(door)})
    unattended.publish(session())
    unattended.harvest(session(), never)
    now = session()
    assert runs.parked(now, "site")
    assert runs.parked(now, "blog")

    setup_login.keep_password("blog", "password", "new", now.config, now.workspace)

    assert not runs.parked(session(), "site")
    assert not runs.parked(session(), "blog")


@pytest.mark.parametrize("name", ["blog", "site"])
def test_check_asks_once_and_settles_it(folder, door, monkeypatch, name):
    """A check that is refused keeps every run from sending that password; one that gets in lets them ask again."""
    session = publishing_to(folder, {"site": site(door)}, sources={"blog": blog(door)})
    session().archive.close()

    refused = doctor.examine(session(), (name,))
    assert runs.parked(session(), name)
    assert "parked" in [f.code for _, f in refused]
    again = unattended.harvest(session(), never) if name == "blog" else unattended.publish(session())
    assert again.cause == f"{name}:refused"
    assert door.logins == ["hunter2"]

    door.password = "right"
    monkeypatch.setenv(f"KEEPFOLIO_{name.upper()}_PASSWORD", "right")
    good = doctor.examine(session(), (name,))
    assert not [f.message for _, f in good if f.severity == "error"]
    assert "unparked" in [f.code for _, f in good]
    assert not runs.parked(session(), name)


def test_another_target_is_served_all_the_same(folder, door):
    """One target's error stops no other, and what waits at a third is told in the same message."""
    local = {"type": "static", "path": "local", "edition": "private"}
    session = publishing_to(folder, {"site": site(door), "preview": local}, sources={"export": EXPORT})
    unattended.harvest(session(), never)

    outcome = unattended.publish(session())

    assert (folder / "local" / "index.html").is_file()
    assert "published to preview" in outcome.text
    assert (outcome.code, outcome.good, outcome.cause) == (3, False, "site:refused")

    session = publishing_to(folder, {"site": site(door), "other": {**local, "path": "other"}}, "off")
    outcome = unattended.publish(session())

    assert (outcome.code, outcome.waiting) == (4, False)
    assert "The page for other has changed and waits for your word" in outcome.text
    assert "keepfolio login site" in outcome.mend
    assert "keepfolio publish other" in outcome.mend


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("change", "became"),
    [
        (lambda words: replaced(words / "1a.md", "Twice in three years", "Three times in two years"), "waiting"),
        (lambda words: replaced(words / "1a.md", "as the committee saw it", "as nobody saw it"), "waiting"),
        (lambda words: replaced(words / "generation.yaml", 'title: ""', 'title: "My year"'), "waiting"),
        (lambda words: replaced(words.parents[1] / "config.yaml", "tags: {}", "tags: {1a: [moodle]}"), "published"),
    ],
    ids=["words", "reason", "heading of the page", "public posts with a tag"],
)
def test_new_words_wait_where_only_tagged_posts_may_go(folder, change, became):
    """Under `tagged-public-posts` a tag brings public posts to the page, and no word of the owner's goes with them."""
    publishing_to(folder, {"preview": {"type": "static", "path": "local"}}, "all", sources={"export": EXPORT})
    config = folder / "config.yaml"
    config.write_text(f"{config.read_text()}\nportfolio:\n  tags: {{}}\n")
    unattended.harvest(opened(folder), never)
    assert unattended.publish(opened(folder)).text == "published to preview"
    replaced(config, "unattended: all", "unattended: tagged-public-posts")
    before = (folder / "local" / "index.html").read_bytes()

    change(folder / "portfolio" / "original")
    outcome = unattended.publish(opened(folder))

    assert outcome.waiting == (became == "waiting"), outcome
    assert ((folder / "local" / "index.html").read_bytes() == before) == (became == "waiting")
    assert outcome.good == (became == "published")


def test_what_waits_is_settled_by_publishing_by_hand(folder):
    """What waits is no failure, and once its owner published it the next run finds nothing to do and is content."""
    session = publishing_to(folder, {"preview": {"type": "static", "path": "local", "edition": "private"}}, "off")
    waiting = unattended.publish(session())
    assert (waiting.code, waiting.waiting, waiting.mend) == (4, True, "Run: keepfolio publish preview")

    by_hand = session()
    publishing.carry_out(publishing.prepare(by_hand, "preview"), approved=True, waived=True)

    settled = unattended.publish(session())
    assert (settled.code, settled.good, settled.text) == (0, True, "nothing to publish")


def test_a_closed_account_is_mentioned_and_no_failure(folder, door):
    """A source past its day is left out with a word, every night, and the others are harvested."""
    session = configure(folder, sources={"blog": {**blog(door), "closes": "2020-07-31"}, "export": EXPORT})

    outcome = unattended.harvest(session(), never)

    assert (outcome.code, outcome.good) == (0, True)
    assert "blog is not asked: its account closed on 31.07.2020" in outcome.text
    assert door.server.log == []
    assert next(session().archive.entries(source="export"), None)


def test_a_mahara_is_asked_once_a_week(folder, monkeypatch):
    """Every harvest lets the site make a whole export: a schedule asks for it weekly, its owner whenever she likes."""
    mahara = FakeMahara(MAHARA / "sam-all-2210.zip")
    monkeypatch.setenv("KEEPFOLIO_MAHARA_PASSWORD", mahara.password)
    try:
        source = {"type": "mahara", "url": mahara.url, "user": mahara.user}
        session = configure(folder, sources={"mahara": source, "export": EXPORT})
        made = []
        for days in (0, 1, 6, 7):
            monkeypatch.setattr(unattended, "now", lambda days=days: datetime.now(UTC) + timedelta(days=days))
            assert unattended.harvest(session(), never).code == 0
            made.append(mahara.made())
        runs.harvest_all(session(), ["mahara"], progress=unattended.Silent, stop=never)
    finally:
        mahara.close()

    assert made == [1, 1, 1, 2]
    assert mahara.made() == 3


def test_what_a_mahara_has_queued_is_fetched_the_same_night(folder, monkeypatch):
    """An export that the site makes later is taken by the next run, and not asked for a second time."""
    mahara = FakeMahara(MAHARA / "sam-all-2210.zip")
    mahara.queue = True
    monkeypatch.setenv("KEEPFOLIO_MAHARA_PASSWORD", mahara.password)
    monkeypatch.setattr(making, "INBOX_LOOKS", 1)
    try:
        session = configure(folder, sources={"mahara": {"type": "mahara", "url": mahara.url, "user": mahara.user}})
        first = unattended.harvest(session(), never)
        mahara.work_off()
        second = unattended.harvest(session(), never)
    finally:
        mahara.close()

    assert (first.good, first.passing, first.later, first.code) == (False, True, True, 0)
    assert first.cause == "mahara:export-queued"
    assert "mahara: Mahara has queued the export; it will be fetched at the next run" in first.text
    assert (second.code, mahara.made()) == (0, 1)
    assert next(session().archive.entries(source="mahara"), None)


@pytest.mark.damages
def test_damage_is_told_without_a_title(folder):
    """Paths in the archive hold the titles of posts, so a message says only how many, and what shows them."""
    session = configure(folder, sources={"export": EXPORT})
    unattended.harvest(session(), never)
    page = min((folder / "archive").rglob("*.html"))
    page.chmod(0o600)
    page.write_text("damaged")

    outcome = unattended.verify(session())

    assert (outcome.code, outcome.mend) == (5, "Run: keepfolio verify")
    assert outcome.text == "Damaged or missing in the archive: 1 thing."
