"""``new``, ``gaps``, ``cite`` and ``status`` as a person and a script meet them."""

import re
from pathlib import Path

import pytest

from archive.entry import Visibility
from bridge import building
from bridge.building import Desk
from bridge.portfolio import framework, generation
from bridge.session import Session
from bridge.workspace import Workspace
from tests.portfolio.owner import Owner

TEXT = "## Description\n\nI did it.\n\n## Evidence\n\n## Reflection\n\nI learned.\n"


def codes(answer, section=None):
    return {f["code"] for f in answer["findings"] if section is None or f["section"] == section}


# --- new ---


def test_new_begins_another_portfolio_with_all_headings_and_prompts(rowan):
    """A file for each section, each with its prompt; the first portfolio stays the one that commands mean."""
    made = rowan.asks("new", "fellowship", "--framework", "psf-2023", "--pathway", "fhea", "--title", "My FHEA")
    texts = {Path(path).stem: Path(path).read_text() for path in made["files"]}

    assert set(texts) == {s.id for s in framework.load("psf-2023").flat("fhea") if not s.gathers}
    assert "What do you know of how your learners learn?" in texts["K1"]
    assert generation.named(rowan.folder / "portfolio", "fellowship").title == "My FHEA"
    assert rowan.asks("status")["portfolio"]["framework"] == "cmalt"


def test_two_frameworks_from_one_archive(rowan):
    """An item is cited in both; each portfolio builds, and each shows its own headings."""
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "afhea")
    rowan.says("cite", "--generation", "fellowship", "k4", "Three ways to record a lecture", "--why", "Compared")
    rowan.writes("K4", "ready: true\nevidence: []\n", "I chose.", "fellowship")
    rowan.says("cite", "--generation", "fellowship", "k4", "Three ways to record a lecture", "--why", "Compared")
    session = Session(Workspace(rowan.folder))

    psf = building.build(Desk(session, "fellowship").begin(), Visibility.PUBLIC)[1].release.document
    cmalt = building.build(Desk(session).begin(), Visibility.PUBLIC)[1].release.document

    assert "Appropriate use of digital" in psf
    assert "Three ways to record a lecture" in psf
    assert "Appropriate use of digital" not in cmalt
    assert "Three ways to record a lecture" in cmalt


def test_a_second_portfolio_ignores_tags_for_sections_of_the_first(rowan):
    """``portfolio.tags`` with CMALT's ids is no mistake for the PSF; an id that nobody has still is one."""
    rowan.configures("  suggest:", "  tags: {1b: [moodle]}\n  suggest:")
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "afhea")

    assert rowan.says("gaps", "--generation", "fellowship")[0] == 0
    rowan.configures("1b: [moodle]", "9z: [moodle]")
    assert "9z" in rowan.says("gaps", "--generation", "fellowship")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["../out"], "is no name for a portfolio's folder"),
        (["Big Name"], "is no name for a portfolio's folder"),
        (["other", "--framework", "psf-2024"], "Did you mean psf-2023?"),
        (["other", "--framework", "psf-2023"], "has several pathways"),
        (["other", "--framework", "psf-2023", "--pathway", "fhae"], "Did you mean fhea?"),
        (["original"], "already holds a generation"),
    ],
)
def test_new_says_what_is_wrong_and_writes_nothing(rowan, words, said):
    """Exit code 2, and the folder is as it was."""
    before = sorted((rowan.folder / "portfolio").rglob("*"))

    code, _, err = rowan.says("new", *words)

    assert (code, said in " ".join(err.split())) == (2, True)
    assert sorted((rowan.folder / "portfolio").rglob("*")) == before
    assert not (rowan.folder / "out").exists()


def test_new_takes_a_framework_of_the_owners_own(rowan, monkeypatch):
    """A file in the folder is named from the workspace on, so that the folder can be moved."""
    text = "schema: framework/1\nid: mine\ntitle: Mine\nbody: Me\nedition: '1'\nlanguage: en\nchecked_on: 2026-01-01\n"
    (rowan.folder / "mine.yaml").write_text(
        f"{text}source: me\nsources: {{}}\nsections:\n  - {{id: one, title: One}}\n"
    )
    monkeypatch.chdir(rowan.folder)

    assert rowan.says("new", "own", "--framework", "mine.yaml")[0] == 0
    assert generation.named(rowan.folder / "portfolio", "own").framework == "mine.yaml"
    monkeypatch.chdir("/")
    assert "One" in rowan.says("gaps", "--generation", "own")[1]


def test_the_first_portfolio_may_begin_with_new(tmp_path):
    """In a folder of only config.yaml the first one is no separate one."""
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/config.yaml").write_text("owner: Jane\n")
    jane = Owner(tmp_path / "ws")

    assert jane.asks("new", "first", "--pathway", "senior")["separate"] is False
    assert jane.asks("new", "second")["separate"] is True
    assert generation.current(tmp_path / "ws/portfolio").name == "first"


# --- gaps ---


def test_gaps_of_a_second_portfolio_give_commands_for_it(rowan):
    """What is to be run names the portfolio; the crosswalk offers what the first one cites by hand."""
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "afhea")

    answer = rowan.asks("gaps", "--generation", "fellowship")
    offered = [f for f in answer["findings"] if f["code"] == "crosswalk"]

    assert {"K1", "A1"} <= {f["section"] for f in offered}
    assert all("keepfolio cite --generation fellowship " in f["mend"] for f in offered)


def test_a_crosswalk_follows_what_is_cited_by_hand(rowan):
    """A citation in a file of the first portfolio proposes as a tag does."""
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "afhea")
    before = [f for f in rowan.asks("gaps", "--generation", "fellowship")["findings"] if f["section"] == "V1"]

    rowan.says("cite", "2b", "Who studies at night?", "--why", "Asked them")
    after = [f for f in rowan.asks("gaps", "--generation", "fellowship")["findings"] if f["section"] == "V1"]

    assert before == []
    assert "Who studies at night?" in after[0]["message"]


def test_the_matrix_shows_sections_and_principles(rowan):
    """Rows by section with their pieces; every principle shows its evidence or "none"."""
    rowan.says("cite", "1c", "Going live", "--principle", "disseminate", "--why", "Shared")

    answer = rowan.asks("gaps", "--matrix")
    code, text, _ = rowan.says("gaps", "--matrix")
    row = next(row for row in answer["matrix"] if row["section"] == "1c")

    assert row["principles"]["disseminate"] == 1
    assert row["evidence"] >= 3
    shown = {one["id"]: len(one["evidence"]) for one in answer["principles"]}
    assert shown == {"interplay": 0, "current": 0, "empathy": 0, "disseminate": 1}
    assert code == 0
    assert re.search(r"disseminate effective practice\.\n  “Going live”, in 1c", text)
    assert text.count("\n  none\n") == 3


def test_an_unknown_principle_names_the_nearest(rowan):
    """Nothing is changed."""
    code, _, err = rowan.says("cite", "1c", "Going live", "--principle", "diseminate")

    assert (code, "Did you mean disseminate?" in err) == (2, True)


def test_posts_are_looked_at_too(rowan):
    """Long posts without a picture are listed, by the owner's own measure, and with pictures of the archive."""
    rowan.configures("  framework: cmalt", "  framework: cmalt\n  words_without_figure: 100")

    answer = rowan.asks("gaps", "--posts")

    assert codes(answer) == {"text-heavy"}
    assert all("and no picture" in f["message"] for f in answer["findings"])
    rowan.configures("words_without_figure: 100", "words_without_figure: 5000")
    assert "No post that you cite" in rowan.says("gaps", "--posts")[1]


def test_a_complete_portfolio_is_ready(rowan):
    """Each section written, with evidence and the owner's word: "Ready", 100 % and exit code 0; a hole has its name."""
    for section in framework.load("cmalt").flat("cmalt"):
        if not section.gathers:
            rowan.writes(section.id, "ready: true\n", TEXT if section.parts else "I mean to learn it. " * 60)
            if section.parts:
                rowan.says(
                    "cite", section.id, "Going live" if section.id < "3" else "Copyright on one page", "--why", "x"
                )

    status = rowan.asks("status")["portfolio"]
    wanted = [f for f in rowan.asks("gaps")["findings"] if f["severity"] == "error"]
    assert (status["percent"], status["ready"], wanted) == (100, True, [])
    assert "Ready: all is there." in rowan.says("status")[1]

    rowan.writes("2b", "ready: true\n", "## Description\n\nI did it.\n\n## Evidence\n\n## Reflection\n")
    answer = rowan.asks("gaps")
    assert answer["ready"] is False
    assert "part-missing" in codes(answer, "2b")
    assert rowan.asks("status")["portfolio"]["percent"] < 100


def test_status_says_how_far_each_section_is(rowan):
    """ "1a 67 %" when it is written, has evidence and does not say that it is ready."""
    rowan.writes("1a", "ready: false\n", TEXT)

    rows = {row["id"]: row for row in rowan.asks("status")["portfolio"]["sections"]}

    assert rows["1a"]["percent"] == 67
    assert re.search(r"^1a .* 67 % ", rowan.says("status")[1], re.MULTILINE)


def test_the_owners_order_and_titles_stand_everywhere(rowan):
    """Menu and headings of the page, and the report, follow the order and the names that the owner chose."""
    rowan.configures("  framework: cmalt", "  framework: cmalt\n  order: [specialist, nonsense]")

    page = building.build(Desk(Session(Workspace(rowan.folder))).begin(), Visibility.PRIVATE)[1].release.document
    answer = rowan.asks("gaps")

    assert page.index('id="kf-specialist-1"') < page.index('id="kf-context"')
    title = "Specialist Area 1: Accessible documents and diagrams"
    assert page.count(title) >= 2  # in the menu and in the heading
    assert codes(answer) >= {"order-unknown"}
    assert f"{title}" in rowan.says("gaps", "--matrix")[1]


def test_two_specialist_areas_have_the_owners_names(rowan):
    """Senior: both titles, in menu and heading."""
    rowan.says("new", "higher", "--framework", "cmalt", "--pathway", "senior")
    for number, title in ((1, "Accessibility"), (2, "Learning analytics")):
        rowan.writes(f"specialist-{number}", f"title: {title}\nready: true\n", TEXT, "higher")

    page = building.build(Desk(Session(Workspace(rowan.folder)), "higher"), Visibility.PUBLIC)[1].release.document

    assert page.count("Specialist Area 1: Accessibility") >= 2
    assert page.count("Specialist Area 2: Learning analytics") >= 2


def test_hours_that_a_framework_asks_for_are_among_the_gaps(rowan):
    """A quota is counted over the CPD record of the folder."""
    text = "schema: framework/1\nid: mine\ntitle: Mine\nbody: Me\nedition: '1'\nlanguage: en\nchecked_on: 2026-01-01\n"
    quota = "{id: cpd, title: CPD, unit: hours, at_least: 35, window: {years: 3, kind: rolling}}"
    (rowan.folder / "mine.yaml").write_text(
        f"{text}source: me\nsources: {{}}\nquotas:\n  - {quota}\nsections:\n  - {{id: one, title: One}}\n"
    )
    rowan.says("new", "own", "--framework", str(rowan.folder / "mine.yaml"))

    (finding,) = (f for f in rowan.asks("gaps", "--generation", "own")["findings"] if f["code"] == "quota")

    assert "CPD: 0 of 35 hours" in finding["message"]
