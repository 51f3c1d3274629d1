"""Connectors are found by role and type, and get what they need from outside."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge import registry
from bridge.config import parse
from bridge.secrets import MissingSecretError
from bridge.workspace import Workspace
from connectors.http_redact import SECRETS


def test_importing_the_registry_loads_no_connector():
    """A command that asks for no connector pays for none."""
    heavy = "('connectors', 'requests', 'pydantic')"
    code = f"import sys, bridge.registry; print([m for m in sys.modules if m.startswith({heavy})])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_name_that_is_not_there():
    """An unknown name is told with those that are there."""
    config = parse("sources: {a: {type: feed, url: 'https://a.example'}}", "config.yaml", Path("/w"))

    with pytest.raises(UsageError, match="it has: a"):
        registry.source(config, "b", None)


def test_an_extension_makes_its_source(monkeypatch):
    """The factory of an extension gets name, options and context."""
    point = EntryPoint("source.diary", "tests.bridge.test_registry:made_by_extension", "keepfolio.connectors")
    monkeypatch.setattr(registry, "entry_points", lambda group, name: [point] if name == point.name else [])
    config = parse("sources: {d: {type: diary, colour: red}}", "config.yaml", Path("/w"))

    name, options, context = registry.source(config, "d", "context", full=True)

    assert (name, context) == ("d", "context")
    assert options == {"type": "diary", "colour": "red", "closes": None, "full": True, "timezone": "UTC"}


def made_by_extension(name, options, context):
    return name, options, context


def test_a_secret_is_blotted_out_once_it_was_asked_for(tmp_path, monkeypatch):
    """From the moment a connector has a secret, no log or error shows it."""
    monkeypatch.setenv("KEEPFOLIO_A_PASSWORD", "hunter2-of-registry")
    config = parse("sources: {a: {type: wordpress, url: 'https://a.example', user: j}}", "config.yaml", tmp_path)
    http = registry.http_for(config)

    context = registry.context_for(config, "a", Workspace(tmp_path), http)

    assert context.secret("password") == "hunter2-of-registry"
    assert context.secret("token") == ""
    assert "hunter2" not in SECRETS.clean("no hunter2-of-registry here")
    assert context.spool.is_dir()
    assert context.now().tzinfo
    http.close()


def test_a_named_user_without_a_password_is_an_error(tmp_path):
    """Without its password a site would answer as to a stranger; a source without a user asks for none."""
    text = """
sources:
  a: {type: wordpress, url: "https://a.example", user: j}
  b: {type: wordpress, url: "https://b.example"}
"""
    config = parse(text, "config.yaml", tmp_path)
    http = registry.http_for(config)

    with pytest.raises(MissingSecretError):
        registry.context_for(config, "a", Workspace(tmp_path), http).secret("password")

    assert registry.context_for(config, "b", Workspace(tmp_path), http).secret("password") == ""
    http.close()


def test_single_sign_on_needs_a_token_and_no_password(tmp_path, monkeypatch):
    """A source with `sso` asks for the browser's login; without it the mend names the command, and nothing else."""
    text = 'sources: {m: {type: mahara, url: "https://m.example", sso: true}}'
    config = parse(text, "config.yaml", tmp_path)
    http = registry.http_for(config)
    context = registry.context_for(config, "m", Workspace(tmp_path), http)

    with pytest.raises(MissingSecretError) as raised:
        context.secret("token")

    assert raised.value.mend == "Run: keepfolio login m"
    assert context.secret("password") == ""
    monkeypatch.setenv("KEEPFOLIO_M_TOKEN", "token-of-registry")
    assert context.secret("token") == "token-of-registry"
    http.close()


def test_a_source_without_an_address_configures_no_host(tmp_path):
    """An export may have an address for its clicks or none; none makes no host out of nothing."""
    text = """
sources:
  a: {type: mahara-export, path: x}
  b: {type: mahara-export, path: y, url: "https://m.example"}
"""
    http = registry.http_for(parse(text, "config.yaml", tmp_path))

    assert http.owns("https://m.example/view")
    assert not http.owns("/view")
    http.close()


def test_plain_http_is_allowed_per_host(tmp_path):
    """`insecure` of one site lets no other site's password travel unprotected."""
    text = """
sources:
  a: {type: wordpress, url: "http://a.example:8080/blog", user: j, insecure: true}
  b: {type: wordpress, url: "http://b.example", user: j}
"""

    http = registry.http_for(parse(text, "config.yaml", tmp_path))

    assert http.insecure == frozenset({"a.example:8080"})
    http.close()
