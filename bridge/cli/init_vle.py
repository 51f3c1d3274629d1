"""What ``init`` asks where the owner's site is a Moodle or a Blackboard: to log in, or to bring what it gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.cli.asking import asked, password_that_works
from bridge.cli.common import say
from bridge.cli.init_mahara import with_its_export

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.setup import Answers
    from connectors.http import Http
    from connectors.moodle.probe import Probe


def out_of_moodle(answers: Answers, site: Probe, user: str | None, *, no_login: bool) -> Answers:
    """
    Return the answers with the way that the owner chose; ``url`` is set already.

    Raises:
        UsageError: The export that was named is another system's.
    """
    from bridge import setup_words

    say(setup_words.what_moodle_is(site))
    by_file = replace(answers, url=site.root, export_type="moodle-export")
    if answers.export:
        return with_its_export(answers, by_file, "a Moodle")
    if not (site.web_services and site.mobile):
        say("It lets no program in: its web services are switched off. The way out is the file that it gives you.")
        return by_file
    if no_login:
        return by_file
    say(setup_words.WAYS_OUT_OF_MOODLE)
    name = user or asked(
        "Your user name there, if you have a password of this Moodle's own (empty: your browser logs in)"
    )
    return replace(answers, kind="moodle", user=name)


def token(answers: Answers, http: Callable[[str], Http]) -> str:
    """Return the token for a password that was typed and worked; ``""`` for later."""
    from bridge import setup_vle

    def works(typed: str) -> str:
        session = http(answers.url)
        try:
            found = setup_vle.token_for_password(answers.url, answers.user, typed, session)
        finally:
            session.close()
        say("It works: Moodle gave a token for it, and the password is not kept.")
        return found

    return password_that_works(answers.site_name, works, "Going on without a token. When you want one:")


def out_of_blackboard(answers: Answers, user: str | None, *, no_login: bool) -> Answers:
    """
    Return the answers with the way that the owner chose; ``url`` is set already.

    Raises:
        UsageError: The export that was named is another system's.
    """
    from bridge import setup_words

    say(f"{answers.url} is a Blackboard.")
    by_file = replace(answers, export_type="blackboard-export", user=user or "")
    if answers.export:
        return with_its_export(answers, by_file, "a Blackboard")
    say(setup_words.WAYS_OUT_OF_BLACKBOARD)
    name = "" if no_login else user or asked("Your user name there, to try the second way (empty: the first)")
    return replace(answers, kind="blackboard", user=name) if name else by_file
