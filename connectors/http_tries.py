"""Whether the same is asked again, and how long after: urllib3's ``Retry`` as the rule, without its own loop."""

from __future__ import annotations

import requests
import urllib3
from urllib3.util.retry import Retry

from connectors.contract import SourceUnavailable
from connectors.http_errors import passes

RETRY_AFTER_CAP = 300.0  # seconds
_PASSING = frozenset({429, 502, 503, 504})
_LONGEST = 30.0  # seconds


def policy(attempts: int, backoff: float) -> Retry:
    """Return the rule for a new request: passing failures of what only reads; two tries more where nobody listens."""
    return Retry(
        total=attempts - 1,
        connect=min(2, attempts - 1),
        backoff_factor=backoff,
        backoff_jitter=backoff / 2,
        backoff_max=_LONGEST,
        status_forcelist=_PASSING,
        allowed_methods={"GET", "HEAD", "PROPFIND"},
    )


def after_answer(rule: Retry, method: str, reply: requests.Response) -> Retry | None:
    """Return the rule for a further try, or None when this answer is to be taken as it is."""
    if not rule.is_retry(method, reply.status_code):
        return None
    try:
        return rule.increment(method, reply.url, response=reply.raw)
    except urllib3.exceptions.MaxRetryError:
        return None


def after_error(rule: Retry, method: str, said: SourceUnavailable) -> Retry | None:
    """Return the rule for a further try after a broken exchange, or None."""
    if method == "POST" or not passes(said):
        return None
    refused = said.code == "refused-connection"
    cause = (
        urllib3.exceptions.ConnectTimeoutError(said.code) if refused else urllib3.exceptions.ProtocolError(said.code)
    )
    try:
        return rule.increment(method, error=cause)
    except urllib3.exceptions.HTTPError:
        return None


def wait_for(rule: Retry, reply: requests.Response) -> float:
    """Return the seconds to wait: what the server asked for, capped, or our own back-off."""
    asked = rule.get_retry_after(reply.raw)
    return min(asked, RETRY_AFTER_CAP) if asked else rule.get_backoff_time()
