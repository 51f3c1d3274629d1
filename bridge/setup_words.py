"""The texts that setting up writes and says: a commented ``config.yaml``, and what a site is in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.setup import Answers
    from connectors.mahara.probe import Site
    from connectors.moodle.probe import Probe as Moodle
    from connectors.wordpress.probe import Probe


def config_text(answers: Answers) -> str:
    """Return the ``config.yaml`` of a new workspace, with a word on each part."""
    target = "site" if answers.writable else "preview"
    return "\n".join(
        [
            "# The configuration of your portfolio. The manual explains every key (reference, configuration).",
            "# No password stands here: keepfolio login NAME",
            "",
            f"owner: {_quoted(answers.owner)}    # as it stands on the page",
            f"language: {_quoted(answers.language)}",
            f"timezone: {_quoted(answers.timezone)}    # for the schedule, and for dates on the page",
            "",
            *_sources(answers),
            "",
            "portfolio:",
            f"  framework: {'cmalt-review' if answers.renewal else 'cmalt'}",
            f"  pathway: {_quoted(answers.pathway)}    # associate, cmalt or senior",
            "  # Tags of yours that make a post evidence for a section; the framework's own (cmalt-1a) always do.",
            "  # See which tags you have with: keepfolio map",
            "  tags: {}    # such as {1a: [learning-design], 2b: [teaching, assessment]}",
            "  # Tags that only suggest a post; `keepfolio gaps` shows them.",
            "  suggest: {}",
            "  prose: files    # you write in portfolio/; or `site`: around what keepfolio puts on the page",
            "",
            *_targets(answers),
            "",
            "# For `keepfolio run`, and for the timer that `keepfolio schedule install` sets up.",
            "schedule:",
            '  harvest: {daily: "03:30"}',
            '  verify: {weekly: "sun 05:00"}',
            "  # Nothing goes live without you (unattended: off); you get a preview and a message.",
            f'  publish: {{monthly: "1 04:00", targets: [{target}], unattended: off}}',
            "",
            "# When a run failed or needs you. Without an address, a notice on the desktop.",
            "messages:",
            "  desktop: true",
            "  #email: you@example.org",
            "  #smtp: {host: smtp.example.org, user: you@example.org}    # then: keepfolio login messages",
            "",
        ]
    )


def _sources(answers: Answers) -> list[str]:
    lines = ["# Where your evidence comes from.", "sources:"]
    closes = [f"    closes: {answers.closes.isoformat()}    # nobody logs in after this day"] if answers.closes else []
    if answers.kind == "wordpress":
        lines += ["  blog:", "    type: wordpress", f"    url: {_quoted(answers.url)}"]
        if answers.user:
            lines += [
                f"    user: {_quoted(answers.user)}",
                "    author: me    # or `all`, on a blog with several people",
            ]
        else:
            lines.append("    #user: your-name-there    # then: keepfolio login blog. Without it, only what is public")
        lines += closes
    elif answers.kind == "feed":
        lines += ["  blog:", "    type: feed", f"    url: {_quoted(answers.url)}", *closes]
    elif answers.kind == "mahara":
        lines += ["  mahara:", "    type: mahara", f"    url: {_quoted(answers.url)}"]
        lines += (
            ["    sso: true    # you log in through your institution's page: keepfolio login mahara"]
            if answers.sso
            else [f"    user: {_quoted(answers.user)}"]
        )
        lines += closes
    elif answers.kind in ("moodle", "blackboard"):
        lines += [f"  {answers.site_name}:", f"    type: {answers.kind}", f"    url: {_quoted(answers.url)}"]
        lines += (
            [f"    user: {_quoted(answers.user)}    # then: keepfolio login {answers.site_name}"]
            if answers.user
            else [f"    # Your browser hands keepfolio a token over: keepfolio login {answers.site_name}"]
        )
        lines += closes
    if answers.export_name:
        lines += [f"  {answers.export_name}:", *_export(answers)]
        lines += closes if not answers.kind else []
    return lines


def _export(answers: Answers) -> list[str]:
    lines = [f"    type: {answers.export_type}", f"    path: {_quoted(_posix(answers.export or Path()))}"]
    if answers.export_type == "wordpress-export":
        return [*lines, "    #media: exports/uploads    # a folder with a copy of wp-content/uploads, if you have one"]
    lines[-1] += "    # a folder: put a later export beside the first: only what changed is new"
    if answers.url and not answers.kind:
        lines.append(f"    url: {_quoted(answers.url)}    # so that `keepfolio check` names the pages to click on")
    if answers.export_type == "blackboard-export":
        lines.append(f"    {'' if answers.user else '#'}user: {_quoted(answers.user or 'your-user-name-there')}")
    return lines


def _targets(answers: Answers) -> list[str]:
    lines = ["# Where the portfolio goes.", "targets:", "  preview:", "    type: static", "    path: build/site"]
    if answers.writable:
        lines += [
            "  site:",
            "    type: wordpress",
            f"    url: {_quoted(answers.url)}",
            f"    user: {_quoted(answers.user)}",
            "    page: cmalt-portfolio    # the last part of the page's address",
            "    status: draft    # of the new page; later the site decides",
        ]
    return lines


def _quoted(text: str) -> str:
    """JSON's quotes are YAML's, too, and hold whatever a person types."""
    return json.dumps(text, ensure_ascii=False)


def _posix(path: Path) -> str:
    return path.as_posix()


WAYS_OUT_OF_MOODLE = """\
Two ways lead out of a Moodle, and together they give the most:
  1. keepfolio logs in and takes what your account shows, again and again until it closes.
  2. You ask the site for your data (Profile > Data requests > Export all of my personal data), and keepfolio reads the
     zip: it also holds hidden courses and ended enrolments. Approval may take days, so ask now."""

WAYS_OUT_OF_BLACKBOARD = """\
Two ways lead out of a Blackboard:
  1. You download packages (of your Content Collection, of each portfolio), and keepfolio reads the zips. The surest.
  2. keepfolio reads your Content Collection by WebDAV, where the institution lets you: try it with keepfolio check."""

WAYS_OUT_OF_MAHARA = """\
Two ways lead out of a Mahara:
  1. You take its export, and keepfolio reads the file. The surest way, and enough for most who leave:
     main menu > Manage > Export > All my data > Generate export, then save the file.
  2. keepfolio logs in and takes the export itself, again and again until the account closes."""


def what_mahara_is(found: Site, url: str) -> str:
    """Return what Mahara was found, in words."""
    called = f" called “{found.name}”" if found.name else ""
    version = f" (version {found.version})" if found.version else ""
    return f"{url} is a Mahara{called}{version}."


def what_moodle_is(found: Moodle) -> str:
    """Return what Moodle was found, in words."""
    return f"{found.root} is a Moodle{f' called “{found.name}”' if found.name else ''}."


def what_it_is(found: Probe, url: str) -> str:
    """Return what was found at an address, and how it is going to be read, in words."""
    called = f" called “{found.name}”" if found.name else ""
    match found.kind:
        case "rest":
            return f"{url} is a WordPress{called}. With a login everything of yours is reached, drafts included."
        case "xmlrpc":
            return (
                f"{url} is a WordPress{called} whose usual door (REST) is closed; the older one (XML-RPC) is open. "
                "With a login posts, pages, files and comments are reached."
            )
        case "feed":
            return f"At {url}{called} only a feed is open: public posts are reached, as many as it gives."
        case "wordpress.com":
            return (
                f"{url} is hosted by WordPress.com{called}, which does not let keepfolio log in. "
                "Public posts are reached; for the rest, bring the export."
            )
    return f"At {url} there is no WordPress, Mahara, Moodle or Blackboard, and no feed that keepfolio can read."
