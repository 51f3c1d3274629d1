"""What must never be read again: secrets are named here once, and cut out of every log line and error text."""

from __future__ import annotations

import base64
import logging
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
_TOO_SHORT = 4  # replacing shorter texts would mangle every message and hide nothing


class Redactor(logging.Filter):
    """A set of secrets in all the spellings in which they travel; also a filter for loggers."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: frozenset[str] = frozenset()

    def add(self, secret: str, user: str = "") -> None:
        """Hide a secret; with ``user`` also the form that HTTP Basic gives the pair."""
        forms = {secret, secret.replace(" ", ""), quote(secret, safe=""), quote_plus(secret)}
        if user:
            forms |= {base64.b64encode(f"{user}:{form}".encode()).decode() for form in tuple(forms)}
        # a new set each time: other threads may be reading the old one
        self._hidden = self._hidden.union(form for form in forms if len(form) >= _TOO_SHORT)

    def clean(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        for secret in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a log record in place; nothing is dropped."""
        said = record.getMessage()
        cleaned = self.clean(said)
        if cleaned != said:
            record.msg, record.args = cleaned, ()
        return True


SECRETS = Redactor()
"""One for the process: a secret of one source must not show in another one's error either."""

for _name in ("urllib3.connectionpool", "urllib3.util.retry", "keepfolio.http"):
    logging.getLogger(_name).addFilter(SECRETS)
