"""
Asking a Moodle through its web services.

Every question is a POST: so the token stands in no address and in no server's log. They only read, so they are asked
again after a passing failure, which ``Http.post`` itself never does. Raw mode always: the other one cuts videos out
of texts and spoils names.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.errors import KeepfolioError
from connectors.contract import SourceUnavailable
from connectors.http import Answer, Http, SecretHeaders
from connectors.http_errors import passes, unavailable
from connectors.moodle import faults
from connectors.moodle.faults import Refusal, Then

BATCH = 25
PAUSES = (0.5, 2.0, 8.0)  # seconds before a question is asked once more
RETRY_AFTER_CAP = 60.0  # seconds; a site that asks for longer is closed, and is not waited for
PATIENCE = 120.0  # seconds without a byte, after which an answer is given up
BATCH_FUNCTION = "tool_mobile_call_external_functions"
INFO = "core_webservice_get_site_info"

GUARDED = SecretHeaders({})
"""No header, and yet the request is treated as one with a secret: the token in its body never goes by plain http."""

_PASSING = frozenset({429, 502, 503, 504})
_TOO_MUCH = frozenset({500, 504})  # PHP ran out of memory or time
_HEAVY = frozenset({"too-large", "time-out", "server-error"})
_CLOSED = 503
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Call:
    """One question: a function of the web service and its arguments (texts, numbers, and lists and maps of them)."""

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Api:
    """
    The web service of one site, with one token.

    Args:
        root: The site's address as the owner wrote it, without a slash at its end: what is asked lies below it.

        dead: Makes the error for a token that opens nothing any more.
    """

    def __init__(
        self,
        http: Http,
        root: str,
        token: str,
        *,
        dead: Callable[[], KeepfolioError] = faults.dead_token,
    ) -> None:
        self.http = http
        self.root = root
        self._token = token
        self._dead = dead
        self.functions: frozenset[str] = frozenset()
        self._denied: set[str] = set()  # offered, and refused to this token

    def info(self) -> dict[str, Any]:
        """
        Return who the token belongs to and what it may ask; without the secrets that stand in that answer.

        Raises:
            SourceRefused: The token is dead, or the account closed.

            SourceUnavailable: The site answers no programs, or not now, or something that is no Moodle.
        """
        found = self._ask(Call(INFO))
        if isinstance(found, Refusal):
            raise self._dead() if found.code == "accessexception" else self._broken(found)
        if not isinstance(found, dict) or not isinstance(found.get("userid"), int):
            raise self._broken(Refusal("", "no user", INFO))
        self.http.redact(str(found.pop("userprivateaccesskey", "")))
        self.functions = frozenset(str(one.get("name")) for one in found.pop("functions", None) or ())
        return found

    def can(self, *functions: str) -> bool:
        """Tell whether the site offers all of these to the token; known after ``info``."""
        return self.functions.issuperset(functions) and self._denied.isdisjoint(functions)

    def call(self, function: str, **arguments: Any) -> Any:
        """Return the answer of one function, or its ``Refusal``. Raises as ``info``."""
        return self._judged(self._ask(Call(function, arguments)))

    def many(self, calls: Sequence[Call]) -> list[Any]:
        """
        Return the answers in their order, each data or a ``Refusal``; asked in batches where the site has them.

        A batch ends at the first of its questions that is refused; the rest is sent again. Raises as ``info``.
        """
        replies: list[Any] = []
        size = BATCH
        while len(replies) < len(calls):
            waiting = calls[len(replies) : len(replies) + size]
            if waiting[0].function in self._denied:
                replies.append(Refusal("accessexception", function=waiting[0].function))
                continue
            if len(waiting) == 1 or not self.can(BATCH_FUNCTION):
                replies.append(self._judged(self._ask(waiting[0])))
                continue
            try:
                replies += self._batch(waiting)
            except SourceUnavailable as error:
                if error.code not in _HEAVY:
                    raise
                size = len(waiting) // 2  # too much for this server in one answer
        return replies

    def post(self, path: str, form: Mapping[str, str], params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Send a question that only reads, again after passing failures; ``path`` lies below the site's address."""
        for pause in (*PAUSES, None):
            try:
                answer = self.http.post(f"{self.root}{path}", params, auth=GUARDED, data=form, **more)
            except SourceUnavailable as error:
                if pause is None or error.code == "time-out" or not passes(error):
                    raise
                time.sleep(pause)
                continue
            insist_here(self.root, answer)
            insist_open(answer)
            if answer.status not in _PASSING or pause is None:
                return answer
            time.sleep(_asked_for(answer, pause))
        raise AssertionError("the last turn returns or raises")

    def with_token(self, form: Mapping[str, str] | None = None, name: str = "token") -> dict[str, str]:
        """Return a form with the token in it. Never log it."""
        return {name: self._token, **(form or {})}

    # --- how --------------------------------------------------------------------------------------------------------

    def _ask(self, call: Call) -> Any:
        """Return data or a refusal; a locked session is asked again."""
        found: Any = None
        for pause in (*PAUSES, None):
            found = self._once(call)
            if not isinstance(found, Refusal) or faults.fault_of(found).then is not Then.AGAIN or pause is None:
                break
            time.sleep(pause)
        return found

    def _once(self, call: Call) -> Any:
        answer = self.post(
            "/webservice/rest/server.php",
            self.with_token({"moodlewssettingraw": "1", **dict(flat(call.arguments))}, "wstoken"),
            {"moodlewsrestformat": "json", "wsfunction": call.function},
            timeout=PATIENCE,
        )
        if answer.status == 403 and not answer.body.strip():
            raise faults.services_off()
        if answer.status in _TOO_MUCH:
            raise unavailable(answer.not_json().message, code="server-error", mend="Try again later.")
        value = answer.json()
        return faults.refusal(value, call.function) or value

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        asked = [
            {"function": one.function, "arguments": json.dumps(dict(one.arguments)), "settingraw": 1} for one in calls
        ]
        found = self._ask(Call(BATCH_FUNCTION, {"requests": asked}))
        if isinstance(found, Refusal):
            self._judged(found)  # raises for what ends everything
            self._denied.add(BATCH_FUNCTION)
            return []
        responses = found.get("responses") if isinstance(found, dict) else None
        if not isinstance(responses, list) or not responses or len(responses) > len(calls):
            raise self._broken(Refusal("", "an incomplete batch", BATCH_FUNCTION))
        return list(self._unpacked(responses, calls))

    def _unpacked(self, responses: list[Any], calls: Sequence[Call]) -> Iterator[Any]:
        for response, call in zip(responses, calls, strict=False):
            if not response.get("error"):
                yield self._data(response, call)
                continue
            said = faults.as_refusal(response.get("exception"), call.function)
            yield self._judged(self._ask(call) if faults.fault_of(said).then is Then.AGAIN else said)

    def _data(self, response: Any, call: Call) -> Any:
        try:
            return json.loads(str(response.get("data")))
        except ValueError:
            raise self._broken(Refusal("", "half an answer", call.function)) from None

    def _judged(self, found: Any) -> Any:
        """Return data and what concerns one thing only; raise what ends the harvest."""
        if not isinstance(found, Refusal):
            return found
        fault = faults.fault_of(found)
        if fault.then in {Then.LOGIN, Then.STOP}:
            raise self._dead() if found.code == "invalidtoken" else faults.error_of(fault)
        if fault.then is Then.ASK and found.function != INFO:
            self.info()  # raises where the token is dead
            self._denied.add(found.function)
        return found

    def _broken(self, said: Refusal) -> KeepfolioError:
        fault = faults.fault_of(said)
        if fault.then in {Then.LOGIN, Then.STOP}:
            return self._dead() if said.code == "invalidtoken" else faults.error_of(fault)
        return unavailable(
            f"{self.root} answered {said.function} with what cannot be used: {said.message or said.code}.",
            code=said.code or "not-json",
            mend="Open the site in a browser; if it works there, try again later.",
        )


def flat(arguments: Mapping[str, Any] | Sequence[Any], under: str = "") -> Iterator[tuple[str, str]]:
    """Yield arguments as PHP reads them from a form: ``filters[0][name]=userid``."""
    pairs = arguments.items() if isinstance(arguments, Mapping) else enumerate(arguments)
    for name, value in pairs:
        here = f"{under}[{name}]" if under else str(name)
        if isinstance(value, (Mapping, list, tuple)):
            yield from flat(value, here)
        else:
            yield here, str(int(value) if isinstance(value, bool) else value)


def _asked_for(answer: Answer, usual: float) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), RETRY_AFTER_CAP) if asked.isdigit() else usual


def insist_open(answer: Answer) -> None:
    """Raise where a site is closed for minutes: so Moodle answers everything in maintenance begun at its server."""
    if answer.status == _CLOSED and _asked_for(answer, 0.0) >= RETRY_AFTER_CAP:
        raise faults.error_of(faults.FAULTS["sitemaintenance"])


def insist_here(root: str, answer: Answer) -> None:
    """Raise where a site sends a POST on to another address: nothing that is the owner's goes along."""
    if answer.status in _MOVED:
        target = answer.headers.get("Location", "").partition("?")[0] or "another address"
        raise unavailable(
            f"{root} sends programs on to {target}; a token does not go along.",
            code="moved",
            mend="Open the site in a browser, and write the address that it has there into config.yaml.",
        )
