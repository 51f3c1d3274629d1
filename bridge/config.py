"""
``config.yaml`` as values: validated whole, every mistake told at once, with its place and the nearest valid key.

The models are the schema: field descriptions are what the reference page and editors show. An empty key counts as not
written. Paths become absolute, relative to the folder of the file. No secret ever stands in the configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import Field, Tag, ValidationError, model_validator

from bridge.config_mistakes import Explainer, broken_references, located, secrets_in
from bridge.config_sources import Model, PluginPart, SourceConfig, tag_of
from bridge.config_types import (
    Address,
    AddressOrNone,
    Clock,
    Day,
    Edition,
    Email,
    FrameworkName,
    Insecure,
    LocalPath,
    Monthly,
    Name,
    PasswordCommand,
    Unattended,
    Weekly,
    Words,
    Zone,
)
from bridge.yamlfile import ConfigError, Problem, load_yaml

__all__ = ["Config", "ConfigError", "Problem", "load", "schema"]

# --- targets --------------------------------------------------------------------------------------------------------


_SHOWN = Field(
    default="",
    description="Which portfolio is shown there, by its folder's name (default: the one you are working on).",
)


class StaticTarget(Model):
    """A folder that any web server can serve."""

    type: Literal["static"]
    path: LocalPath = Field(description="The folder; it is made when it is not there.")
    url: AddressOrNone = Field(
        default="",
        description="Where a web server shows the folder to strangers, if one does; only the public edition is for it.",
    )
    edition: Edition = Field(default="public", description="Which edition goes there: private, assessor or public.")
    generation: str = _SHOWN


class WordPressTarget(Model):
    """A page on a WordPress."""

    type: Literal["wordpress"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field(description="Your user name there.")
    page: str = Field(
        default="cmalt-portfolio",
        pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        description="The last part of the page's address.",
    )
    parent: str = Field(default="", description="The last part of the address of the page above it, if any.")
    status: Literal["draft", "publish"] = Field(
        default="draft", description="What a new page is. Later the site decides."
    )
    # files of drafts, private and password-protected pages answer strangers (measured), so nothing else may go up
    edition: Literal["public"] = Field(default="public", description="Only the public edition goes to a website.")
    generation: str = _SHOWN
    prose: Literal["files", "site"] | None = Field(
        default=None, description="As `portfolio.prose`, for this page alone."
    )
    insecure: Insecure = False
    password_command: PasswordCommand = ""


TargetConfig: TypeAlias = Annotated[
    Annotated[StaticTarget, Tag("static")]
    | Annotated[WordPressTarget, Tag("wordpress")]
    | Annotated[PluginPart, Tag("extension")],
    tag_of("target"),
]

# --- the rest -------------------------------------------------------------------------------------------------------


class Role(Model):
    """A post that the owner held: CPD entries get their place of work from it, and the statement its list of posts."""

    title: str
    place: str = ""
    start: Day = Field(alias="from")
    end: Day | None = Field(default=None, alias="to", description="Empty while you hold it.")
    visibility: Edition = Field(
        default="private",
        description="Who may see it in your contextual statement: private, assessor or public.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end and self.end < self.start:
            raise ValueError("`to` is before `from`")
        return self


class Milestone(Model):
    """A day that the owner set for herself."""

    on: Day
    what: str


class Pictures(Model):
    """How small the public copies of pictures are. The originals stay in the archive."""

    longest_side: Annotated[int, Field(ge=320, le=4000)] = Field(default=1600, description="Of a picture, in pixels.")
    certificates: Annotated[int, Field(ge=240, le=4000)] = Field(
        default=900, description="Of a certificate: too small to print another from."
    )
    watermark: str = Field(default="", description="Words across the public copies of certificates; empty: none.")


class PortfolioConfig(Model):
    framework: FrameworkName = Field(
        default="cmalt", description="cmalt, cmalt-review, psf-2023, or the path of a YAML file of your own."
    )
    pathway: str = Field(default="cmalt", description="The framework's pathway: associate, cmalt or senior.")
    tags: dict[str, Words] = Field(default={}, description="Tags of yours that cite an entry for a section.")
    suggest: dict[str, Words] = Field(default={}, description="Tags of yours that only suggest an entry for a section.")
    prose: Literal["files", "site"] = Field(
        default="files", description="Where you write: in files here, or on the site."
    )
    order: Words = Field(default=(), description="Your own order of sections, by id; those not named follow in theirs.")
    layout: Literal["flat", "pages"] = Field(
        default="flat", description="One long page with a contents menu, or a page for each area."
    )
    licence: str = Field(default="", description="What others may do with the public page, such as CC BY 4.0.")
    cpd_tags: Words = Field(default=("cpd",), description="Tags of yours that make a post an entry of the CPD record.")
    words_without_figure: Annotated[int, Field(ge=100)] = Field(
        default=800, description="A section with more words than this and no picture is pointed out."
    )
    registered: Day | None = Field(default=None, description="When you registered for the scheme.")
    membership: Day | None = Field(default=None, description="When your membership is to be renewed next.")
    milestones: tuple[Milestone, ...] = Field(default=(), description="Days that you set for yourself.")
    pictures: Pictures = Pictures()


class When(Model):
    """One of the three; times are in the owner's time zone."""

    daily: Clock | None = Field(default=None, description='"03:30"')
    weekly: Weekly | None = Field(default=None, description='"mon 03:30"')
    monthly: Monthly | None = Field(default=None, description='"1 04:00" or "last 04:00"')

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(rhythm is not None for rhythm in (self.daily, self.weekly, self.monthly)) != 1:
            raise ValueError("say one of daily, weekly or monthly")
        return self


class PublishWhen(When):
    targets: Words = Field(default=(), description="Which targets; empty means all of them.")
    unattended: Unattended = Field(default="off", description="What may go live without you.")


class Schedule(Model):
    harvest: When | None = None
    publish: PublishWhen | None = None
    verify: When | None = None


class Smtp(Model):
    """The mail server that takes keepfolio's messages; its password: ``keepfolio login messages``."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        default=None, description="587 for starttls, 465 for ssl."
    )
    user: str = ""
    security: Literal["starttls", "ssl", "none"] = "starttls"
    sender: str = Field(
        default="",
        alias="from",
        pattern=r"^[^\r\n]*$",
        description="The address that messages come from; else your own.",
    )


class Messages(Model):
    email: str = Field(default="", pattern=r"^$|^[^@\s,;<>]+@[^@\s,;<>]+$", description="Where messages go.")
    smtp: Smtp | None = None
    ping: Address | None = Field(default=None, description="Asked after each good run; with /fail after a bad one.")
    desktop: bool = Field(default=True, description="Show a notice on the desktop.")
    password_command: str = Field(default="", description="A command that prints the mail password.")

    @model_validator(mode="after")
    def _mail_needs_a_server(self) -> Self:
        if self.smtp and not self.email:
            raise ValueError("`smtp` is there, but no `email` to write to")
        return self


class Config(Model):
    """All of ``config.yaml``. ``{}`` is a good one."""

    owner: str = ""
    emails: tuple[Email, ...] = Field(
        default=(),
        description="All your e-mail addresses, former ones too: they tell whether a badge was given to you.",
    )
    language: str = Field(default="en-GB", pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
    timezone: Zone = Field(default="UTC", description="For schedule, dates and CPD windows.")
    user_agent: str = Field(
        default="",
        pattern=r"^[ -~]*$",
        description="How keepfolio introduces itself, if a website asks for a special word.",
    )
    roles: tuple[Role, ...] = Field(
        default=(),
        description="The posts you held: they tell where you worked when you did what your CPD record says, and those "
        "that you open stand below your contextual statement.",
    )
    sources: dict[Name, SourceConfig] = Field(default={})
    portfolio: PortfolioConfig = PortfolioConfig()
    targets: dict[Name, TargetConfig] = Field(default={})
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
    problems: list[Problem] = []
    raw, marks = load_yaml(text, name, problems=problems)
    raw = {} if raw is None else raw
    if not isinstance(raw, dict):
        raise ConfigError(
            [*problems, Problem(name, 1, 1, "the file should hold keys with values, such as `owner: Jane Example`")]
        )
    found = [*secrets_in(raw), *broken_references(raw)]
    config = None
    try:
        config = Config.model_validate(raw, context={"base": base})
    except ValidationError as error:
        said = {path for path, _ in found}
        explained = map(Explainer(raw, schema()).explain, error.errors())
        found += [mistake for mistake in explained if mistake[0] not in said]
    if config is None or found or problems:
        raise ConfigError([*problems, *located(found, name, marks)])
    return config


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``config.yaml``, for editors and the reference page."""
    return Config.model_json_schema(by_alias=True)
