"""What can be wrong with a ``config.yaml``, as (path, words for the owner): the other half of ``config.py``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from bridge.registry import LATER, known_types
from bridge.yamlfile import Marks, Problem, dotted
from bridge.yamlfile import Path as KeyPath

Mistake: TypeAlias = tuple[KeyPath, str]

SECRET_KEYS = frozenset(
    {"password", "passwd", "passphrase", "app_password", "application_password", "token", "access_token"}
    | {"secret", "api_key", "apikey", "credentials"}
)


def located(mistakes: Iterable[Mistake], name: str, marks: Marks) -> list[Problem]:
    """Return the mistakes with their places in the file."""
    return [
        Problem(name, *_place(marks, path), f"{dotted(path)}: {words}" if path else words) for path, words in mistakes
    ]


def _place(marks: Marks, path: KeyPath) -> tuple[int, int]:
    """The place of the path, or of the nearest thing above it that is written."""
    while path not in marks:
        path = path[:-1]
    return marks[path]


def secrets_in(value: Any, path: KeyPath = ()) -> Iterator[Mistake]:
    if isinstance(value, dict):
        for key, inner in value.items():
            here = (*path, key)
            if key.lower().replace("-", "_") in SECRET_KEYS:
                name = path[1] if path[:1] in {("sources",), ("targets",)} and len(path) > 1 else "messages"
                yield here, f"no secret stands in this file; take the line out and run: keepfolio login {name}"
            else:
                yield from secrets_in(inner, here)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from secrets_in(inner, (*path, n))


def broken_references(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """Mistakes between parts, looked for in the raw value so that they are told together with all others."""
    sources, targets = (part if isinstance(part, dict) else {} for part in (raw.get("sources"), raw.get("targets")))
    for name in targets:
        if name in sources:
            yield ("targets", name), f'there is a source called "{name}" already; names are used once'
    publish = raw["schedule"].get("publish") if isinstance(raw.get("schedule"), dict) else None
    wanted = publish.get("targets") if isinstance(publish, dict) else None
    for n, name in enumerate(wanted if isinstance(wanted, list) else []):
        if str(name) not in targets:
            there = f"there are: {', '.join(targets)}" if targets else "there are none"
            yield ("schedule", "publish", "targets", n), f'there is no target called "{name}"; {there}'


FORMS = {
    "page": "write small letters, digits and hyphens, such as cmalt-portfolio",
    "email": "write one address, such as jane@example.org",
    "language": "write a language as browsers do, such as en-GB",
    "from": "write it on one line, such as Jane <jane@example.org>",
    "user_agent": "write plain letters, digits and signs, such as keepfolio (jane@example.org)",
}
"""What text of a key looks like, by the key's name."""

_FOR_EVERYBODY = (
    "Nothing on a website can be kept to assessors, for its files answer everybody. "
    "Give them a bundle instead: keepfolio build --edition assessor --as zip"
)


def _form(path: KeyPath) -> str:
    return FORMS[str(path[-1])]


class Explainer:
    """Says a validator's findings in words for the owner."""

    def __init__(self, raw: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        self.raw = raw
        self.schema = schema

    def explain(self, error: Mapping[str, Any]) -> Mistake:
        path = self._path(error["loc"], missing=error["type"] == "missing")
        kind, context = error["type"], error.get("ctx", {})
        role: Literal["source", "target"] = "target" if path[:1] == ("targets",) else "source"
        types = ", ".join(sorted(known_types(role)))
        match kind:
            case "missing":
                return path, "is missing"
            case "extra_forbidden":
                return path, f"unknown key; {self._nearest(path)}"
            case "union_tag_not_found":
                return path, f"say with `type` what it is, one of: {types}"
            case "union_tag_invalid":
                tag = context["tag"]
                later = "is not yet in this version" if tag in LATER[role] else f"is not a type of {role}"
                return (*path, "type"), f'"{tag}" {later}; known types: {types}'
            case "literal_error" if (role, path[-1], context["expected"]) == ("target", "edition", "'public'"):
                return path, f'"{error["input"]}" is not possible here; choose {context["expected"]}. {_FOR_EVERYBODY}'
            case "literal_error":
                return path, f'"{error["input"]}" is not possible here; choose {context["expected"]}'
            case "value_error":
                return path, str(context["error"])
            case "string_pattern_mismatch":
                return path, f'"{error["input"]}" does not have the right form; {_form(path)}'
            case "string_type":
                return path, "should be a piece of text"
            case "tuple_type" | "list_type":
                return path, "should be a list"
            case "dict_type" | "model_type" | "model_attributes_type":
                return path, "should have keys of its own, indented below it"
            case "bool_parsing" | "bool_type":
                return path, "write true or false"
        return path, str(error["msg"]).replace("Input should be", "should be")

    def _path(self, location: tuple[str | int, ...], *, missing: bool) -> KeyPath:
        """Drop what the validator adds to a location: the chosen type of a source, and ``[key]``."""
        path: list[str | int] = []
        here: Any = self.raw
        for part in location[:-1]:
            if _has(here, part):
                here = here[part]
                path.append(part)
        if location and (missing or _has(here, location[-1])):
            path.append(location[-1])
        return tuple(path)

    def _nearest(self, path: KeyPath) -> str:
        keys = _keys_at(self.schema, path[:-1], self.raw)
        close = difflib.get_close_matches(str(path[-1]), keys, n=1, cutoff=0.6)
        return f'did you mean "{close[0]}"?' if close else f"known keys: {', '.join(keys)}"


def _has(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _keys_at(whole: Mapping[str, Any], path: KeyPath, raw: Any) -> list[str]:
    """Return the keys that the schema knows at a path of the raw value."""
    part: Mapping[str, Any] = whole
    for step in path:
        raw = raw[step]
        if isinstance(step, int):
            part = part["items"]
        else:
            part = part.get("properties", {}).get(step) or part["additionalProperties"]
        part = _resolve(whole, part, raw)
    return list(part.get("properties", {}))


def _resolve(whole: Mapping[str, Any], part: Mapping[str, Any], raw: Any) -> Mapping[str, Any]:
    for choice in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        chosen = _resolve(whole, choice, raw)
        constant = chosen.get("properties", {}).get("type", {}).get("const")
        if (constant is None or constant == raw.get("type")) and chosen.get("type") != "null":
            return chosen
    if "$ref" in part:
        inner: Mapping[str, Any] = whole["$defs"][part["$ref"].rpartition("/")[2]]
        return inner
    return part
