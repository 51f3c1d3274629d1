"""
``config.yaml`` as values: validated whole, every mistake at once, each with its line, its column and the nearest valid key.

The models are the schema: field descriptions are what the reference page and editors show. An empty key counts as not
written. Paths become absolute, relative to the folder of the file. No secret ever stands in the configuration.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from bridge.registry import LATER, installed, known_types
from bridge.yamlfile import ConfigError, Marks, Problem, dotted, load_yaml
from bridge.yamlfile import Path as KeyPath

__all__ = ["Config", "ConfigError", "Problem", "load", "schema"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECRET_KEYS = frozenset(
    {"password", "passwd", "passphrase", "app_password", "application_password", "token", "access_token"}
    | {"secret", "api_key", "apikey", "credentials"}
)

# --- small types ----------------------------------------------------------------------------------------------------


def _address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("this is not an address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("write the whole address, such as https://blog.example.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address here holds no user name or password; use `user`, then run keepfolio login")
    return text.strip()


def _local(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", Path())
    return base / path.expanduser()


def _day(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write a date as year-month-day, such as 2027-07-31")
    if isinstance(value, int):
        raise ValueError("write a whole date, such as 2027-07-31")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'"{text}" is not a time zone; write one such as Europe/London') from error
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, (str, int)) else value


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", text) or text == "messages":
        raise ValueError("a name has small letters, digits and hyphens (and `messages` is taken)")
    return text


def _clock(text: str) -> str:
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f'"{text}" is not a time of day; write one such as 03:30')
    return text


def _weekly(text: str) -> str:
    day, _, clock = text.partition(" ")
    if day not in WEEKDAYS:
        raise ValueError(f'"{text}" should be a day and a time, such as mon 03:30 (days: {", ".join(WEEKDAYS)})')
    _clock(clock)
    return text


def _monthly(text: str) -> str:
    day, _, clock = text.partition(" ")
    if day != "last" and not (re.fullmatch(r"[1-9]\d?", day) and int(day) <= 28):
        raise ValueError(f'"{text}" should be a day from 1 to 28, or last, and a time, such as 1 04:00')
    _clock(clock)
    return text


Address: TypeAlias = Annotated[str, AfterValidator(_address)]
LocalPath: TypeAlias = Annotated[Path, AfterValidator(_local)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Name: TypeAlias = Annotated[str, AfterValidator(_name)]
Edition: TypeAlias = Literal["private", "assessor", "public"]
Unattended: TypeAlias = Literal["off", "mend-links", "tagged-public-posts", "all"]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, populate_by_name=True, str_strip_whitespace=True
    )

    @model_validator(mode="before")
    @classmethod
    def _an_empty_key_is_not_written(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        keys = {field.alias or name for name, field in cls.model_fields.items()}
        return {k: v for k, v in value.items() if v is not None or k not in keys}


# --- sources --------------------------------------------------------------------------------------------------------


class _Source(_Model):
    closes: Day | None = Field(None, description="The day on which this account closes; nobody logs in after it.")


class WordPressSource(_Source):
    """A live WordPress."""

    type: Literal["wordpress"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field("", description="Your user name there. Without it, only what is public is kept.")
    author: str = Field("me", description="Whose posts: `me`, `all`, or a user name of that site.")
    user_agent: str = Field("", description="How keepfolio introduces itself, where a site asks for a special word.")
    insecure: bool = Field(False, description="Let the password travel over http. Only in a network you trust.")
    password_command: str = Field("", description="A command that prints the password, such as a password manager's.")


class WordPressExportSource(_Source):
    """The file of WordPress's Tools > Export."""

    type: Literal["wordpress-export"]
    path: LocalPath = Field(description="The export: an .xml file, or a folder of them.")
    media: LocalPath | None = Field(None, description="A folder with a copy of wp-content/uploads, if you have one.")


class FeedSource(_Source):
    """An RSS or Atom feed."""

    type: Literal["feed"]
    url: Address = Field(description="The address of the feed.")
    user_agent: str = Field("", description="How keepfolio introduces itself, where a site asks for a special word.")


class PluginPart(BaseModel):
    """A source or target of an installed extension, which checks its own keys."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str


def _tag_of(role: Literal["source", "target"]) -> Discriminator:
    def tag(value: Any) -> str | None:
        kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
        if kind is None:
            return None
        return "extension" if kind not in known_types(role) and installed(role, str(kind)) else str(kind)

    return Discriminator(tag)


SourceConfig: TypeAlias = Annotated[
    Annotated[WordPressSource, Tag("wordpress")]
    | Annotated[WordPressExportSource, Tag("wordpress-export")]
    | Annotated[FeedSource, Tag("feed")]
    | Annotated[PluginPart, Tag("extension")],
    _tag_of("source"),
]

# --- targets --------------------------------------------------------------------------------------------------------


class StaticTarget(_Model):
    """A folder that any web server can serve."""

    type: Literal["static"]
    path: LocalPath = Field(description="The folder; it is made when it is not there.")
    edition: Edition = Field("public", description="Which edition goes there: private, assessor or public.")


class WordPressTarget(_Model):
    """A page on a WordPress."""

    type: Literal["wordpress"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field(description="Your user name there.")
    page: str = Field(
        "cmalt-portfolio", pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", description="The last part of the page's address."
    )
    parent: str = Field("", description="The last part of the address of the page above it, if any.")
    status: Literal["draft", "publish"] = Field("draft", description="What a new page is. Later the site decides.")
    # files of drafts, private and password-protected pages answer strangers (measured), so nothing else may go up
    edition: Literal["public"] = Field("public", description="Only the public edition goes to a website.")
    prose: Literal["files", "site"] | None = Field(None, description="As `portfolio.prose`, for this page alone.")
    user_agent: str = Field("", description="How keepfolio introduces itself, where a site asks for a special word.")
    insecure: bool = Field(False, description="Let the password travel over http. Only in a network you trust.")
    password_command: str = Field("", description="A command that prints the password, such as a password manager's.")


TargetConfig: TypeAlias = Annotated[
    Annotated[StaticTarget, Tag("static")]
    | Annotated[WordPressTarget, Tag("wordpress")]
    | Annotated[PluginPart, Tag("extension")],
    _tag_of("target"),
]

# --- the rest -------------------------------------------------------------------------------------------------------


class Role(_Model):
    """A post that the owner held: context on the page and in the CPD record."""

    title: str
    place: str = ""
    start: Day = Field(alias="from")
    end: Day | None = Field(None, alias="to", description="Empty while you hold it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end and self.end < self.start:
            raise ValueError("`to` is before `from`")
        return self


class PortfolioConfig(_Model):
    framework: str = Field(
        "cmalt", description="cmalt, cmalt-review, psf-2023, or the path of a YAML file of your own."
    )
    pathway: str = Field("cmalt", description="The framework's pathway: associate, cmalt or senior.")
    tags: dict[str, Words] = Field({}, description="Tags of yours that cite an entry for a section.")
    suggest: dict[str, Words] = Field({}, description="Tags of yours that only suggest an entry for a section.")
    prose: Literal["files", "site"] = Field("files", description="Where you write: in files here, or on the site.")


class When(_Model):
    """One of the three; times are in the owner's time zone."""

    daily: Annotated[str, AfterValidator(_clock)] | None = Field(None, description='"03:30"')
    weekly: Annotated[str, AfterValidator(_weekly)] | None = Field(None, description='"mon 03:30"')
    monthly: Annotated[str, AfterValidator(_monthly)] | None = Field(None, description='"1 04:00" or "last 04:00"')

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(rhythm is not None for rhythm in (self.daily, self.weekly, self.monthly)) != 1:
            raise ValueError("say one of daily, weekly or monthly")
        return self


class PublishWhen(When):
    targets: Words = Field((), description="Which targets; empty means all of them.")
    unattended: Unattended = Field("off", description="What may go live without you.")


class Schedule(_Model):
    harvest: When | None = None
    publish: PublishWhen | None = None
    verify: When | None = None


class Smtp(_Model):
    """The mail server that takes keepfolio's messages; its password: ``keepfolio login messages``."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(None, description="587 for starttls, 465 for ssl.")
    user: str = ""
    security: Literal["starttls", "ssl", "none"] = "starttls"
    sender: str = Field("", alias="from", description="The address that messages come from; else your own.")


class Messages(_Model):
    email: str = Field("", pattern=r"^$|^[^@\s,;<>]+@[^@\s,;<>]+$", description="Where messages go.")
    smtp: Smtp | None = None
    ping: Address | None = Field(None, description="Asked after each good run; with /fail after a bad one.")
    desktop: bool = Field(True, description="Show a notice on the desktop.")
    password_command: str = Field("", description="A command that prints the mail password.")

    @model_validator(mode="after")
    def _mail_needs_a_server(self) -> Self:
        if self.smtp and not self.email:
            raise ValueError("`smtp` is there, but no `email` to write to")
        return self


class Config(_Model):
    """All of ``config.yaml``. ``{}`` is a good one."""

    owner: str = ""
    language: str = Field("en-GB", pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="For schedule, dates and CPD windows.")
    roles: tuple[Role, ...] = ()
    sources: dict[Name, SourceConfig] = {}
    portfolio: PortfolioConfig = PortfolioConfig()
    targets: dict[Name, TargetConfig] = {}
    schedule: Schedule = Schedule()
    messages: Messages = Messages()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


# --- loading --------------------------------------------------------------------------------------------------------


def load(path: Path) -> Config:
    """
    Return the configuration in the file.

    Raises:
        ConfigError: All mistakes of the file, in its order.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(path.name, 1, 1, "the file is not in UTF-8; save it again as UTF-8")]) from error
    except OSError as error:
        raise ConfigError([Problem(path.name, 1, 1, f"cannot be read: {error.strerror}")]) from error
    return parse(text, path.name, path.resolve().parent)


def parse(text: str, name: str, base: Path) -> Config:
    """Return the configuration in a text; ``base`` is the folder that relative paths start from. Raises as ``load``."""
    raw, marks = load_yaml(text, name)
    raw = {} if raw is None else raw
    if not isinstance(raw, dict):
        raise ConfigError([Problem(name, 1, 1, "the file should hold keys with values, such as `owner: Jane Example`")])
    found = [*_secrets_in(raw), *_broken_references(raw)]
    config = None
    try:
        config = Config.model_validate(raw, context={"base": base})
    except ValidationError as error:
        said = {path for path, _ in found}
        found += [pair for pair in map(_Words(raw).explain, error.errors()) if pair[0] not in said]
    if config is None or found:
        raise ConfigError(
            Problem(name, *_place(marks, path), f"{dotted(path)}: {words}" if path else words) for path, words in found
        )
    return config


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``config.yaml``, for editors and the reference page."""
    return Config.model_json_schema(by_alias=True)


def _place(marks: Marks, path: KeyPath) -> tuple[int, int]:
    """The place of the path, or of the nearest thing above it that is written."""
    while path not in marks:
        path = path[:-1]
    return marks[path]


def _secrets_in(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            here = (*path, key)
            if key.lower().replace("-", "_") in SECRET_KEYS:
                name = path[1] if path[:1] in {("sources",), ("targets",)} and len(path) > 1 else "messages"
                yield here, f"no secret stands in this file; take the line out and run: keepfolio login {name}"
            else:
                yield from _secrets_in(inner, here)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _secrets_in(inner, (*path, n))


def _broken_references(raw: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Mistakes between parts, looked for in the raw value so that they are told together with all others."""
    sources, targets = (part if isinstance(part, dict) else {} for part in (raw.get("sources"), raw.get("targets")))
    for name in targets:
        if name in sources:
            yield ("targets", name), f'there is a source called "{name}" already; names are used once'
    publish = raw["schedule"].get("publish") if isinstance(raw.get("schedule"), dict) else None
    wanted = _listed(publish.get("targets")) if isinstance(publish, dict) else None
    for n, name in enumerate(wanted if isinstance(wanted, list) else []):
        if str(name) not in targets:
            there = f"there are: {', '.join(targets)}" if targets else "there are none"
            yield ("schedule", "publish", "targets", n), f'there is no target called "{name}"; {there}'


class _Words:
    """Says a validator's findings in words for the owner."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    def explain(self, error: Mapping[str, Any]) -> tuple[KeyPath, str]:
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
            case "literal_error":
                return path, f'"{error["input"]}" is not possible here; choose {context["expected"]}'
            case "value_error":
                return path, str(context["error"])
            case "string_pattern_mismatch":
                return path, f'"{error["input"]}" does not have the right form'
            case "string_type":
                return path, "should be a piece of text"
            case "tuple_type" | "list_type":
                return path, "should be a list"
            case "dict_type" | "model_type" | "model_attributes_type":
                return path, "should have keys of its own, indented below it"
            case "bool_parsing" | "bool_type":
                return path, "should be true or false"
        return path, str(error["msg"]).replace("Input should be", "should be")

    def _path(self, location: tuple[str | int, ...], *, missing: bool) -> KeyPath:
        """Drop what the validator adds to a location: the chosen type of a source, and ``[key]``."""
        path: list[str | int] = []
        here: Any = self.raw
        for n, part in enumerate(location):
            if isinstance(here, dict) and part in here:
                here = here[part]
            elif isinstance(here, list) and isinstance(part, int) and part < len(here):
                here = here[part]
            elif not (missing and n == len(location) - 1) and not (isinstance(part, int) and n == len(location) - 1):
                continue
            path.append(part)
        return tuple(path)

    def _nearest(self, path: KeyPath) -> str:
        keys = _keys_at(schema(), path[:-1], self.raw)
        close = difflib.get_close_matches(str(path[-1]), keys, n=1, cutoff=0.6)
        return f'did you mean "{close[0]}"?' if close else f"known keys: {', '.join(keys)}"


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
