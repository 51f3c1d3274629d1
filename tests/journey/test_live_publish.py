"""The page on a real WordPress: created as a draft, updated in place, never over a person's words, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.journey.owner import Owner
from tests.servers import site as servers
from tests.servers.site import Site

pytestmark = [pytest.mark.server, pytest.mark.slow]

WAIVED = [word for code in ("missing", "unready", "placeholder") for word in ("--waive", code)]
WORDS = "I compared two ways to record lectures and chose the one that captioned them."


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    running = servers.start()
    try:
        running.seed(10, 8)
        yield running
    finally:
        servers.remove(running)


@pytest.fixture
def portfolio(site: Site, blogger: Callable[..., Owner], request: pytest.FixtureRequest) -> Owner:
    """An owner with one ready section; the page's slug is the test's name."""
    slug = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60].rstrip("-")
    return begun(blogger(site), site, slug)


def begun(owner: Owner, site: Site, slug: str) -> Owner:
    """Harvest the site, and write one section for a page there."""
    owner.configure(
        owner="Jane Example",
        timezone="Europe/London",
        sources={"blog": {"type": "wordpress", "url": site.url, "user": "admin", "author": "all"}},
        targets={"site": {"type": "wordpress", "url": site.url, "user": "admin", "page": slug}},
        portfolio={"framework": "cmalt", "pathway": "cmalt"},
    )
    owner.secrets["KEEPFOLIO_SITE_PASSWORD"] = site.password("admin")
    owner.harvest()
    owner.ask("build")  # writes the section files that are missing
    ready_section(owner, "1a", WORDS)
    return owner


@pytest.fixture
def untouched_site() -> Iterator[Site]:
    """A site to which nothing was ever published."""
    running = servers.start()
    try:
        running.seed(3, 8)
        yield running
    finally:
        servers.remove(running)


def ready_section(owner: Owner, section: str, words: str) -> None:
    for path in (owner.folder / "portfolio").rglob(f"{section}.md"):
        head = path.read_text().split("## ")[0].replace("ready: false", "ready: true")
        path.write_text(
            f"{head}## Description\n\n{words}\n\n## Reflection\n\nI learned to ask first. Next time I ask earlier.\n"
        )


def slug_of(owner: Owner) -> str:
    import yaml

    return yaml.safe_load((owner.folder / "config.yaml").read_text())["targets"]["site"]["page"]


def pages(site: Site, owner: Owner) -> list[dict]:
    answer = requests.get(
        f"{site.url}/wp-json/wp/v2/pages",
        params={"slug": slug_of(owner), "status": "any", "context": "edit"},
        auth=("admin", site.password("admin")),
        timeout=30,
    )
    return answer.json()


def writing_requests(site: Site) -> list[str]:
    return [line for line in site.access_log.read_text().splitlines() if '"GET ' not in line and '"HEAD ' not in line]


def test_publishing_twice_changes_nothing_and_plan_only_reads(site: Site, portfolio: Owner) -> None:
    """The first publish makes one draft; the second plan is empty; plan and dry run send only GET and HEAD."""
    before = len(writing_requests(site))
    plan = portfolio.ask("plan", "site")
    portfolio.ask("publish", "site", "--dry-run")
    assert len(writing_requests(site)) == before
    assert plan["format"] == "keepfolio-plan/1"
    assert {"create"} == {action["do"] for action in plan["actions"]}

    published = portfolio.ask("publish", "site", "--yes")
    again = portfolio.ask("plan", "site")

    assert published["url"]
    assert again["actions"] == []
    found = pages(site, portfolio)
    assert [page["status"] for page in found] == ["draft"]
    assert WORDS in found[0]["content"]["raw"]


def test_a_person_s_edit_is_never_overwritten_silently(site: Site, portfolio: Owner) -> None:
    """Edited on the site: code 4; `--keep theirs` leaves it and saves their words; `--keep ours` puts ours."""
    portfolio.ask("publish", "site", "--yes")
    number = pages(site, portfolio)[0]["id"]
    site.php(
        f"wp_update_post(['ID' => {number}, 'post_content' => wp_slash(get_post({number})->post_content.'<p>By hand.</p>')]);"
    )
    ready_section(portfolio, "1a", WORDS + " Twice.")

    refused = portfolio.ask("publish", "site", "--yes", code=4)
    assert "By hand." in pages(site, portfolio)[0]["content"]["raw"]
    assert refused["error"]["mend"]

    portfolio.ask("publish", "site", "--yes", "--keep", "theirs")
    assert "By hand." in pages(site, portfolio)[0]["content"]["raw"]
    assert any("By hand." in p.read_text() for p in Path(portfolio.folder, "portfolio").rglob("*theirs*"))

    site.php(
        f"wp_update_post(['ID' => {number}, 'post_content' => wp_slash(get_post({number})->post_content.'<p>Again by hand.</p>')]);"
    )
    portfolio.ask("publish", "site", "--yes", "--keep", "ours")
    raw = pages(site, portfolio)[0]["content"]["raw"]
    assert "by hand" not in raw.lower()
    assert "Twice." in raw


def test_five_publishes_leave_one_page_and_one_copy_of_each_file(site: Site, portfolio: Owner) -> None:
    """Publishing again and again makes nothing twice."""
    private_file(portfolio)
    for number in range(5):
        ready_section(portfolio, "1a", f"Words of publish {number}.")
        portfolio.ask("publish", "site", "--yes", *WAIVED)

    assert len(pages(site, portfolio)) == 1
    uploads = [
        row[0] for row in site.sql("select post_name from wp_posts where post_type='attachment' and guid like '%kf-%'")
    ]
    assert len(uploads) == len(set(uploads))
    assert not any(name.endswith("-2") for name in uploads)


def uploaded(site: Site) -> list[str]:
    """The addresses of all that keepfolio uploaded."""
    return [row[0] for row in site.sql("select guid from wp_posts where post_type='attachment' and guid like '%/kf-%'")]


def listed(answer: str) -> list[dict]:
    """The pages of a REST list; nothing for any other answer."""
    import json

    value = json.loads(answer) if answer.startswith("[") else []
    return [item for item in value if isinstance(item, dict)]


def private_file(owner: Owner) -> dict:
    """Cite a PDF from the media library; its file has to travel with the page."""
    pdf = next(e for e in owner.entries("--kind", "media") if e["title"] == "lesson-plan")
    owner.ask("cite", "1a", pdf["id"], "--why", "The plan that I wrote")
    owner.ask("mark", pdf["id"], "public")
    return pdf


def test_a_live_page_stays_live_and_a_draft_stays_a_draft(site: Site, portfolio: Owner) -> None:
    """`status` applies at creation only: what the owner set on the site stays."""
    portfolio.ask("publish", "site", "--yes")
    number = pages(site, portfolio)[0]["id"]
    site.php(f"wp_update_post(['ID' => {number}, 'post_status' => 'publish']);")
    ready_section(portfolio, "1a", "Other words for the live page.")
    portfolio.run("publish", "site", "--yes", *WAIVED)

    assert pages(site, portfolio)[0]["status"] == "publish"


def test_after_withdraw_no_address_answers(site: Site, portfolio: Owner) -> None:
    """Withdrawing takes the page down and deletes the files that only it used."""
    private_file(portfolio)
    published = portfolio.ask("publish", "site", "--yes", *WAIVED)
    uploads = uploaded(site)

    portfolio.ask("withdraw", "site", "--yes")

    for address in [published["url"], *uploads]:
        assert requests.get(address, timeout=30).status_code in (404, 410), address


def test_a_page_made_by_hand_is_never_written(site: Site, portfolio: Owner) -> None:
    """A page without our marker at the configured slug is a conflict that no answer overrides."""
    site.php(
        f"wp_insert_post(['post_type' => 'page', 'post_status' => 'publish', 'post_name' => '{slug_of(portfolio)}', 'post_title' => 'Mine', 'post_content' => 'By my own hand']);"
    )

    for keep in ("", "ours", "theirs"):
        answer = portfolio.run("publish", "site", "--yes", "--json", *(("--keep", keep) if keep else ()))
        assert answer.code == 4, answer.out

    assert [page["content"]["raw"] for page in pages(site, portfolio)] == ["By my own hand"]


def test_rollback_brings_the_earlier_words_back(site: Site, portfolio: Owner) -> None:
    """The release before is published again, from our own record."""
    portfolio.ask("publish", "site", "--yes")
    ready_section(portfolio, "1a", "Words that I regret.")
    portfolio.ask("publish", "site", "--yes")

    portfolio.ask("rollback", "site", "--yes")

    raw = pages(site, portfolio)[0]["content"]["raw"]
    assert WORDS in raw
    assert "regret" not in raw


def test_a_stale_plan_is_refused(site: Site, portfolio: Owner, tmp_path: Path) -> None:
    """A plan made before something changed is not carried out."""
    portfolio.ask("plan", "site", "-o", str(tmp_path / "plan.json"))
    ready_section(portfolio, "1a", "Changed after the plan.")

    answer = portfolio.ask("publish", "site", "--plan", str(tmp_path / "plan.json"), "--yes", code=4)

    assert answer["error"]["code"] == "stale-plan"
    assert pages(site, portfolio) == []


def test_a_stranger_sees_nothing_before_it_is_opened(untouched_site: Site, blogger: Callable[..., Owner]) -> None:
    """REST lists, feed, sitemap, search and addresses show a stranger nothing of a draft portfolio."""
    site = untouched_site
    portfolio = begun(blogger(site), site, "draft-of-mine")
    private_file(portfolio)
    ready_section(portfolio, "1a", "A stranger shall not read of the zymurgy.")
    uploads = portfolio.ask("plan", "site")["becomes_public"]
    before = set(uploaded(site))
    portfolio.ask("publish", "site", "--preview")
    number = pages(site, portfolio)[0]["id"]
    stranger = requests.Session()

    for address in (
        "/wp-json/wp/v2/pages?per_page=100",
        "/wp-json/wp/v2/media?per_page=100",
        f"/wp-json/wp/v2/pages/{number}",
        "/feed/",
        "/wp-sitemap.xml",
        "/wp-sitemap-posts-page-1.xml",
        "/?s=lectures",
        f"/?page_id={number}",
        f"/{slug_of(portfolio)}/",
    ):
        shown = stranger.get(site.url + address, timeout=30).text
        assert "zymurgy" not in shown, address
        assert number not in [page["id"] for page in listed(shown)], address
    assert uploads
    assert set(uploaded(site)) == before


def test_everything_comes_back_from_the_archive_alone(site: Site, portfolio: Owner, tmp_path: Path) -> None:
    """The folder is deleted but for archive/: words, choices, configuration and the page's record come back."""
    import shutil

    portfolio.ask("publish", "site", "--yes")
    words = {p.relative_to(portfolio.folder): p.read_bytes() for p in (portfolio.folder / "portfolio").rglob("*.md")}
    config = (portfolio.folder / "config.yaml").read_bytes()
    again = Owner(tmp_path / "again", tmp_path / "again-state", portfolio.secrets)
    again.folder.mkdir()
    again.state.mkdir()
    shutil.copytree(portfolio.folder / "archive", again.folder / "archive")

    again.ask("restore", "--workspace", str(again.folder))

    assert (again.folder / "config.yaml").read_bytes() == config
    assert {p.relative_to(again.folder): p.read_bytes() for p in (again.folder / "portfolio").rglob("*.md")} == words
    assert again.ask("plan", "site")["actions"] == []
