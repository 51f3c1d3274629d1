"""``login`` for a VLE: a Moodle's password becomes a token, or the browser hands one over; a Blackboard's password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge.cli.asking import secret
from bridge.cli.common import interactive, say
from connectors.contract import SourceRefused

if TYPE_CHECKING:
    from bridge.setup_login import Account
    from connectors.http import Http

TRIES = 3
"""How often a person at a terminal may paste what the browser shows."""

ENDS = (
    "Moodle ends it 12 weeks after its first day, whether it is used or not; keepfolio reminds you from the tenth on."
)
"""What is to be known of a token."""


def moodle(name: str, account: Account, http: Http, *, browser: bool, given: bool, tried: bool) -> tuple[str, str]:
    """
    Return a Moodle's token, and whose it is.

    Args:
        browser: The browser hands it over, also where the configuration names a user.

        given: The owner has a token already and types it.

        tried: It is tried with one question before it is kept.
    """
    from bridge import setup_vle

    if given:
        text = secret("The token")
        return setup_vle.owner_of_token(account.url, text, http) if tried else (text, "")
    if not account.user or browser:
        text = _from_browser(account, http)
    else:
        if not tried:
            raise setup_vle.refuse_untried()
        say(f"{account.user} at {account.url}. The password is sent once and not kept: it gets a token.")
        try:
            text = setup_vle.token_for_password(account.url, account.user, secret("Password"), http)
        except SourceRefused as error:
            error.unchanged = "Nothing was stored."
            error.mend += f" By the browser: keepfolio login {name} --browser"
            raise
    return setup_vle.owner_of_token(account.url, text, http) if tried else (text, "")


def blackboard(account: Account, path: str, http: Http, *, tried: bool) -> tuple[str, str]:
    """Return a Blackboard's password, and what it opens."""
    from bridge import setup_vle

    value = secret(f"Password of {account.user}")
    return value, setup_vle.try_at_blackboard(account.url, account.user, path, value, http) if tried else ""


def _from_browser(account: Account, http: Http) -> str:
    """Show the way by the browser with this site's address, and take what it gives."""
    from bridge import setup_vle
    from connectors.moodle import handover

    site = setup_vle.moodle_at(account.url, http)
    question = setup_vle.ask_browser(site)
    say(f"Your browser can hand a token of {site.name or account.url} over, also where you log in on another page:")
    for number, step in enumerate(handover.STEPS, 1):
        say(f"  {number}. {step}")
    say(f"\nThe login page: {site.root}/login/index.php\nThe address to open right after it:\n  {question.address}\n")
    left = TRIES
    while True:
        left -= 1
        brought = secret("The link, the file of the saved page, or the cookie (MoodleSession=...)")
        try:
            return setup_vle.token_from_browser(brought, account.url, site, question, http)
        except UsageError as error:
            if not (interactive() and left):
                raise
            say(f"That did not work: {error.message} {error.mend}")
