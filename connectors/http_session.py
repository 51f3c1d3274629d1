"""The session of requests below ours: nothing of the environment gets in unasked, nothing is remembered."""

from __future__ import annotations

import os
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


def new_session(user_agent: str, connections: int) -> requests.Session:
    """Return a session without cookies, ``.netrc`` or retries of its own; a company's certificates are honoured."""
    session = requests.Session()
    session.trust_env = False  # a .netrc would replace our Authorization header
    session.headers.update({"User-Agent": user_agent, "Accept": "*/*"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=Retry(0, read=False, redirect=False))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
