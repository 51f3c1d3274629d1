"""
Which module makes which source or target, and what it gets from outside.

Modules are imported when they are asked for: a program that only lists does not load four connectors. Extensions add
types by the entry point group ``keepfolio.connectors``, under the name ``source.TYPE`` or ``target.TYPE``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from archive.errors import UsageError

if TYPE_CHECKING:
    from bridge.config import Config
    from bridge.workspace import Workspace
    from connectors.contract import Context, Source, Target
    from connectors.http import Http

Role: TypeAlias = Literal["source", "target"]

FACTORIES: dict[tuple[Role, str], str] = {
    ("source", "wordpress"): "connectors.wordpress.site:source",
    ("source", "wordpress-export"): "connectors.wordpress.wxr:source",
    ("source", "feed"): "connectors.feed:source",
    ("source", "mahara"): "connectors.mahara.site:source",
    ("source", "mahara-export"): "connectors.mahara.export:source",
    ("source", "moodle"): "connectors.moodle.site:source",
    ("source", "moodle-export"): "connectors.moodle.export:source",
    ("source", "blackboard"): "connectors.blackboard.site:source",
    ("source", "blackboard-export"): "connectors.blackboard.export:source",
    ("target", "wordpress"): "connectors.wordpress.page:target",
    ("target", "static"): "connectors.staticsite:target",
}

LATER: dict[Role, frozenset[str]] = {
    "source": frozenset({"folder", "mail", "word", "googlesites", "badges", "calendar"}),
    "target": frozenset({"mahara", "webdav", "s3"}),
}
"""Types that the design names and this version does not have: a person who asks for one is told so."""


def known_types(role: Role) -> frozenset[str]:
    """Return the built-in types."""
    return frozenset(kind for of, kind in FACTORIES if of == role)


def installed(role: Role, kind: str) -> EntryPoint | None:
    """Return the entry point of an extension's type, or None."""
    return next(iter(entry_points(group="keepfolio.connectors", name=f"{role}.{kind}")), None)


def source(config: Config, name: str, context: Context, *, full: bool = False) -> Source:
    """
    Return the source of that name in the configuration; close it when done. Sends nothing yet.

    ``full`` reaches it as the option of that name: compare everything, not only what the system says has changed. So
    does the owner's ``timezone``: downloaded packages have dates without one.
    """
    part = _part(config.sources, "source", name)
    options = {**part.model_dump(), "full": full, "timezone": config.timezone}
    made: Source = _factory("source", part.type)(name, options, context)
    return made


def target(config: Config, name: str, context: Context) -> Target:
    """Return the target of that name in the configuration; close it when done. Sends nothing yet."""
    part = _part(config.targets, "target", name)
    options = part.model_dump()
    options["layout"] = config.portfolio.layout
    if options.get("prose", "") is None:
        options["prose"] = config.portfolio.prose
    made: Target = _factory("target", part.type)(name, options, context)
    return made


def http_for(config: Config, *, attempts: int = 5, timeout: float = 60.0) -> Http:
    """
    Return the one session of a run, which knows the owner's own hosts and where plain http was allowed.

    ``attempts`` and ``timeout`` (seconds) as in ``Http``: whoever only looks waits less.
    """
    from connectors.http import Http
    from connectors.http_address import host_of

    urls = {
        str(url): bool(getattr(part, "insecure", False))
        for part in (*config.sources.values(), *config.targets.values())
        if (url := getattr(part, "url", ""))
    }
    return Http(
        user_agent=config.user_agent or "keepfolio",
        insecure=frozenset(host_of(url) for url, insecure in urls.items() if insecure),
        configured=frozenset(host_of(url) for url in urls),
        attempts=attempts,
        timeout=timeout,
    )


def context_for(
    config: Config, name: str, workspace: Workspace, http: Http, stop: Callable[[], bool] = lambda: False
) -> Context:
    """
    Return what a connector gets from outside. Each secret that it asks for is blotted out of logs from then on.

    Where the configuration names a user, ``secret("password")`` raises ``MissingSecretError`` instead of giving ``""``:
    without it a site would answer as to a stranger, and drafts would quietly be left out. With ``sso``, and at a Moodle
    without a user, it is the token that is asked for, and that raises.
    """
    from bridge.secrets import lookup, require
    from connectors.contract import Context

    part = config.sources.get(name) or config.targets.get(name)
    user, type_ = getattr(part, "user", ""), getattr(part, "type", "")
    by_token = getattr(part, "sso", False) or (type_ == "moodle" and not user)
    needed = "token" if by_token else "password" if user else ""

    def secret(what: str) -> str:
        found = require(name, what, config) if what == needed else lookup(name, what, config)
        if found is None:
            return ""
        http.redact(found.reveal())
        return found.reveal()

    spool = workspace.state / "spool" / name
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Context(http=http, secret=secret, spool=spool, now=lambda: datetime.now(UTC), stop=stop)


def _part(parts: dict[str, Any], role: Role, name: str) -> Any:
    if name not in parts:
        have = ", ".join(parts) or "none"
        raise UsageError(
            f"There is no {role} called {name} in config.yaml; it has: {have}.",
            code=f"unknown-{role}",
            mend=f"Name one of those, or add it under {role}s: in config.yaml.",
        )
    return parts[name]


def _factory(role: Role, kind: str) -> Callable[..., Any]:
    built_in = FACTORIES.get((role, kind))
    if built_in:
        module, _, attribute = built_in.partition(":")
        factory: Callable[..., Any] = getattr(import_module(module), attribute)
        return factory
    extension = installed(role, kind)
    if extension is None:
        raise UsageError(
            f'The extension that brings the {role} type "{kind}" is not installed any more.',
            code="unknown-type",
            mend="Install it again, or take that part out of config.yaml.",
        )
    loaded: Callable[..., Any] = extension.load()
    return loaded
