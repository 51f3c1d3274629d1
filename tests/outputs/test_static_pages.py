"""Need 127 on a static target: ``portfolio.layout: pages`` publishes a page for each area, from the same release."""

import pytest

from bridge import publishing
from tests.outputs import samples

PAGES = """\
owner: Jane Example
timezone: Europe/London
portfolio: {layout: pages}
targets:
  preview: {type: static, path: site, edition: public}
"""


@pytest.fixture
def jane(tmp_path):
    folder = samples.whole(tmp_path / "jane")[0]
    (folder.root / "config.yaml").write_text(PAGES)
    return folder


def names(folder):
    return {path.name for path in (folder.root / "site").glob("*.html")}


def test_each_area_has_its_page(jane):
    """The contents lead to pages beside them, and their pictures to files/."""
    jane.publish()
    assert {"index.html", "context.html", "1.html", "3.html", "kept.html"} <= names(jane)
    assert 'href="1.html#kf-1a"' in jane.page
    assert 'src="files/kf-' in (jane.root / "site" / "1.html").read_text()


def test_what_a_person_is_told_is_the_first_page(jane):
    """Not the last one that was written; also when only one of the others changed."""
    session = jane.session()
    done = publishing.carry_out(publishing.prepare(session, "preview"), approved=True)
    assert done.url.endswith("/index.html")
    session.archive.close()
    jane.write("3a", "Quite other words.")
    session = jane.session()
    prepared = publishing.prepare(session, "preview")
    assert "3.html" in [step.what for step in prepared.plan.actions]
    assert publishing.carry_out(prepared, approved=True).url.endswith("/index.html")
    session.archive.close()


def test_publishing_twice_changes_nothing(jane):
    jane.publish()
    assert jane.plan().plan.actions == ()


def test_back_to_one_page_takes_the_others_away(jane):
    """One source, both layouts: the choice can be changed at any time."""
    jane.publish()
    (jane.root / "config.yaml").write_text(PAGES.replace("pages", "flat"))
    jane.publish()
    assert names(jane) == {"index.html"}
    assert 'href="#kf-1a"' in jane.page


def test_a_page_of_somebody_else_is_left_alone(jane):
    """A file of that name that we did not write is a conflict, as the first page would be."""
    (jane.root / "site").mkdir()
    (jane.root / "site" / "1.html").write_text("mine")
    plan = jane.plan().plan
    assert [step.what for step in plan.actions if step.do == "conflict"] == ["1.html"]
    assert (jane.root / "site" / "1.html").read_text() == "mine"
