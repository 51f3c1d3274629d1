"""One person's session on a Mahara: its cookie, its key, and the watch that every answer still belongs to it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from connectors.contract import FileGone, SourceRefused, SourceUnavailable
from connectors.http import UPLOAD, Http, Params, SecretHeaders
from connectors.http_address import may_carry_secret
from connectors.http_answer import Answer, Opened
from connectors.http_errors import unavailable
from connectors.mahara.handover import Handover
from connectors.mahara.probe import Page, Site, page

_REDIRECTS = 5
_SHORTEST_ID = 16  # letters; a cookie such as lastinstitution=mahara is no secret, and hiding it would mangle words
_WAITS, _LONGEST_WAIT = (5.0, 20.0), 60  # seconds, after the site said that it is too busy
MOVED = frozenset({301, 302, 303, 307, 308})
_NOTHING_SENT = "Nothing in your archive was changed."
_LOCKED = re.compile(r"maximum login attempts|locked", re.IGNORECASE)
_CLOSED = re.compile(r"suspended|expired|inactive|deleted", re.IGNORECASE)


class Session:
    """
    A login, used once. Safe to use from several threads after it.

    Mahara gives the cookie anew with each answer, ends the session of whoever comes with another User-Agent, and
    answers a stranger with a login page and 200: so each page must say ``'loggedin': 1``.

    Args:
        http: The polite session.

        site: What was found out of the site.

        wait: Waits for so many seconds, or until the owner asks to stop.
    """

    def __init__(self, http: Http, site: Site, wait: Callable[[float], object] = time.sleep) -> None:
        self.site = site
        self._http = http
        self._wait = wait
        self._headers: dict[str, str] = {}
        self._cookies: dict[str, str] = {}
        self._sesskey = ""
        self._lock = threading.Lock()
        self.user = ""

    def __repr__(self) -> str:
        return f"Session({self.site.origin})"

    @property
    def sesskey(self) -> str:
        """What every form and every script must carry: a wrong one ends the session."""
        return self._sesskey

    # --- in -----------------------------------------------------------------------------------------------------------

    def log_in(self, user: str, password: str) -> None:
        """
        Send the password, once: five wrong ones lock the account.

        The form is not read, because it stands in a script; its names have been the same in all versions.

        Raises:
            SourceRefused: It was not accepted; do not send it again.

            SourceUnavailable: The answer is none of a Mahara; the administrator has closed the site (``site-closed``),
                whatever the password; or nothing was sent: the password may not travel there (``insecure``), or the
                site takes none (``sso-only``).
        """
        where = self.site.origin
        if not self.site.password_works:
            raise SourceUnavailable(
                "This Mahara has no passwords of its own: its login is that of your institution, in a browser.",
                code="sso-only",
                unchanged="Your password was not sent.",
                mend="Write `sso: true` below this source in config.yaml, then run keepfolio login for it.",
            )
        if not may_carry_secret(where, self._http.insecure):
            raise unavailable(
                f"{where} is plain http: a password sent there can be read by others, so it was not sent.",
                code="insecure",
                mend="Write https:// in config.yaml; or, if you know why, set `insecure: true` there.",
            )
        self._http.redact(password)
        form = {
            "login_username": user,
            "login_password": password,
            "submit": "Login",
            "sesskey": "",
            "pieform_login": "",
        }
        answer = self._send("", form, UPLOAD)
        if answer.status in MOVED:
            self._target(answer.url, answer.headers)
            return
        seen = page(answer)
        if not answer.ok or seen.logged_in is None:
            raise self._nonsense(answer, seen)
        if seen.closed:
            raise _site_closed(seen)
        if not seen.logged_in:
            raise _not_let_in(user, seen)

    def take_over(self, handover: Handover) -> Page:
        """
        Go on with a browser's session; asks for one page that changes nothing.

        Raises:
            SourceRefused: The session does not hold (any more).
        """
        self._headers = {"User-Agent": handover.user_agent}
        self._note(handover.cookies)
        try:
            return self.page("export/index.php")
        except SourceUnavailable as error:
            if error.code != "session-lost":
                raise
            raise SourceRefused(
                "The session that you handed over does not let in any more: it ended, or the User-Agent is not "
                "exactly that of the browser.",
                code="session-refused",
                unchanged=_NOTHING_SENT,
                mend="Log in again in the browser, and run keepfolio login for this source.",
            ) from error

    # --- asking -------------------------------------------------------------------------------------------------------

    def page(self, path: str, params: Params | None = None) -> Page:
        """
        Return a page that was shown to this person.

        Raises:
            SourceUnavailable: The session is lost (``session-lost``), the site is closed (``site-closed``) or does not
                show this page (``not-shown``), or the answer is no page of Mahara (``not-mahara``).
        """
        return self._landed(self.get(path, params))

    def arrived(self, answer: Answer) -> Page:
        """Follow the redirect that an answer is, and return the page that it leads to; raises as ``page`` does."""
        return self._landed(self.get(self._target(answer.url, answer.headers)))

    def seen(self, answer: Answer) -> Page:
        """Return an answer as a page of this session; raises as ``page`` does."""
        found = page(answer)
        if found.closed:
            raise _site_closed(found)
        if found.logged_in is False:
            raise lost()
        if answer.status in {403, 404} and found.logged_in:
            raise unavailable(
                f"{answer.url} is not shown to this account: “{' '.join(found.refusals)}”",
                code="not-shown",
                mend="Open it in a browser; if it is not shown there either, ask the site's administrator.",
            )
        if not answer.ok or found.logged_in is None:
            raise self._nonsense(answer, found)
        if found.sesskey:
            self._http.redact(found.sesskey)
            self._sesskey = found.sesskey
        self.user = found.user or self.user
        return found

    def get(self, path: str, params: Params | None = None) -> Answer:
        """Return an answer of any status; a redirect is not followed."""
        return self._noted(
            self._http.get(self._at(path), params, headers=self._headers, auth=self._proof(), follow=False)
        )

    def head(self, path: str) -> Answer:
        """Return what stands above an answer."""
        return self._noted(self._http.head(self._at(path), headers=self._headers, auth=self._proof()))

    def post(self, path: str, form: Mapping[str, str], *, timeout: float = UPLOAD) -> Answer:
        """Send a form with the session's key, once; a redirect is not followed."""
        return self._send(path, {**form, "sesskey": self._sesskey}, timeout)

    def stream(self, path: str, headers: Mapping[str, str]) -> Opened:
        """
        Begin to read a file; the answer may also be a page that says no.

        Raises:
            FileGone: The site leads somewhere else instead.

            SourceUnavailable: The session is lost.
        """
        answer = self._http.stream(
            self._at(path), headers={**headers, **self._headers}, auth=self._proof(), follow=False
        )
        self._note(answer.cookies)
        if answer.status in MOVED:
            answer.body.close()
            self.page(self._target(answer.url, answer.headers))
            raise FileGone(f"{answer.url} is not given out.")
        if answer.status == 200 and not answer.is_file and _is_login_page(answer):
            answer.body.close()
            raise lost()
        return answer

    # --- how ----------------------------------------------------------------------------------------------------------

    def _at(self, path: str) -> str:
        return self.site.origin + path

    def _send(self, path: str, form: Mapping[str, str], timeout: float) -> Answer:
        """Send once; again only where it was turned away unread, because the site was too busy (429)."""
        for wait in (*_WAITS, None):
            answer = self._noted(
                self._http.post(self._at(path), data=form, headers=self._headers, auth=self._proof(), timeout=timeout)
            )
            if answer.status != 429 or wait is None:
                break
            asked = answer.headers.get("Retry-After", "")
            self._wait(min(int(asked), _LONGEST_WAIT) if asked.isdecimal() else wait)
        return answer

    def _landed(self, answer: Answer) -> Page:
        for _ in range(_REDIRECTS):
            if answer.status not in MOVED:
                break
            answer = self.get(self._target(answer.url, answer.headers))
        return self.seen(answer)

    def _target(self, url: str, headers: Mapping[str, str]) -> str:
        return self.site.inside(urljoin(url, headers.get("Location", "")))

    def _proof(self) -> SecretHeaders | None:
        with self._lock:
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return SecretHeaders({"Cookie": cookies}) if cookies else None

    def _noted(self, answer: Answer) -> Answer:
        self._note(answer.cookies)
        return answer

    def _note(self, cookies: Mapping[str, str]) -> None:
        """Keep the cookies that an answer gives anew; no session's number is ever shown."""
        for value in cookies.values():
            if len(value) >= _SHORTEST_ID:
                self._http.redact(value)
        with self._lock:
            self._cookies.update(cookies)

    def _nonsense(self, answer: Answer, seen: Page) -> SourceUnavailable:
        what = f" called “{seen.heading}”" if seen.heading else ""
        return unavailable(
            f"{self.site.origin} gave something{what} ({answer.status}) where a page of Mahara was asked for.",
            code="not-mahara",
            mend="Open the site in a browser: it may be down for repairs, or a security check may stand in the way.",
        )


def lost() -> SourceUnavailable:
    """Return the error for a session that ended under us; nobody logs in a second time in one run."""
    return unavailable(
        "The site does not know this session any more: it ended before the harvest was done.",
        code="session-lost",
        mend="Run the command again. If it happens each time, do not log in there with a browser meanwhile.",
    )


def _is_login_page(answer: Opened) -> bool:
    return re.search(rb"'loggedin'\s*:\s*0", answer.body.read(20_000)) is not None


def _site_closed(seen: Page) -> SourceUnavailable:
    """Return the error for a site that lets in nobody: it then says of a right password, too, that it is wrong."""
    return unavailable(
        f"The administrator has closed this Mahara for now. It said: “{seen.closed}”",
        code="site-closed",
        mend="Run the command again when the site is open. The password is not in question.",
    )


def _not_let_in(user: str, seen: Page) -> SourceRefused:
    said = " / ".join(seen.alerts)
    quoted = f" It said: “{said}”" if said else ""
    if _LOCKED.search(said):
        return SourceRefused(
            f"Mahara has locked the account of {user} for now, after too many wrong passwords.{quoted}",
            code="locked",
            unchanged=_NOTHING_SENT,
            mend="Wait ten minutes; if the password was right, run keepfolio check, otherwise keepfolio login.",
        )
    if _CLOSED.search(said):
        return SourceRefused(
            f"Mahara does not let {user} in.{quoted}",
            code="account-closed",
            unchanged=_NOTHING_SENT,
            mend="Ask the site's administrator to open the account again; an export file made there can be harvested "
            "without it.",
        )
    return SourceRefused(
        f"Mahara did not accept the name and password of {user}.{quoted}",
        code="wrong-password",
        unchanged=_NOTHING_SENT,
        mend="Look at `user` in config.yaml, try the login in a browser, then run keepfolio login. If you log in there "
        "through your institution's own page, write `sso: true` in config.yaml instead. It is not tried again by "
        "itself: five wrong passwords lock the account.",
    )
