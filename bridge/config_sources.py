"""The sources of ``config.yaml``: one model for each type, and how a part is told to be one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from bridge.config_types import Address, AddressOrNone, Day, Insecure, LocalPath, PasswordCommand
from bridge.registry import installed, known_types


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _an_empty_key_is_not_written(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        keys = {field.alias or name for name, field in cls.model_fields.items()}
        return {k: v for k, v in value.items() if v is not None or k not in keys}


class _Source(Model):
    closes: Day | None = Field(
        default=None, description="The day on which this account closes; nobody logs in after it."
    )


class WordPressSource(_Source):
    """A live WordPress."""

    type: Literal["wordpress"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field(default="", description="Your user name there. Without it, only what is public is kept.")
    author: Literal["me", "all"] = Field(
        default="me", description="Whose posts: `me`, or `all` that the account may see."
    )
    insecure: Insecure = False
    password_command: PasswordCommand = ""


class WordPressExportSource(_Source):
    """The file of WordPress's Tools > Export."""

    type: Literal["wordpress-export"]
    path: LocalPath = Field(description="The export: an .xml, .xml.gz or .zip file, or a folder of them.")
    media: LocalPath | None = Field(
        default=None, description="A folder with a copy of wp-content/uploads, if you have one."
    )
    fetch_media: bool | None = Field(
        default=None, description="Ask the site for files that are not there (default: if there is no `media`)."
    )
    author: str = Field(default="", description="Your login there, where several people write; empty: everybody.")


class MaharaSource(_Source):
    """A live Mahara: keepfolio logs in and has it make its export, as you could on its export page."""

    type: Literal["mahara"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field(default="", description="Your user name there. Not needed with `sso`.")
    sso: bool = Field(
        default=False,
        description="You log in through your institution's page: `keepfolio login` takes over your browser's login.",
    )
    insecure: Insecure = False
    password_command: PasswordCommand = ""

    @model_validator(mode="after")
    def _somebody_logs_in(self) -> Self:
        if not (self.user or self.sso):
            raise ValueError("write your user name there as `user`; or `sso: true` if you log in on another page")
        return self


class MaharaExportSource(_Source):
    """Exports that you took from a Mahara, all of them together."""

    type: Literal["mahara-export"]
    path: LocalPath = Field(
        description="The export: a .zip file, a leap2a.xml, or a folder of them. A later export can be put beside it."
    )
    url: AddressOrNone = Field(
        default="",
        description="The site's address: for the clicks that `keepfolio check` names, and to choose between sites.",
    )
    user: str = Field(
        default="",
        description="Whose exports, where those of several people lie there: a name, or the number in the file's name.",
    )


class MoodleSource(_Source):
    """A live Moodle, read with the token of its mobile app: `keepfolio login` gets one."""

    type: Literal["moodle"]
    url: Address = Field(description="The address of the site's front page.")
    user: str = Field(
        default="",
        description="Your user name there, if you have a password of that Moodle's own. Else your browser hands over.",
    )
    insecure: bool = Field(default=False, description="Let the token travel over http. Only in a network you trust.")
    password_command: str = Field(
        default="", description="A command that prints the password; then no token has to be kept or renewed by you."
    )

    @model_validator(mode="after")
    def _a_password_is_somebodys(self) -> Self:
        if self.password_command and not self.user:
            raise ValueError("`password_command` needs your user name there, as `user`")
        return self


class MoodleExportSource(_Source):
    """What you downloaded from a Moodle: your data on request, badges.zip, portfolio exports, a blog's feed."""

    type: Literal["moodle-export"]
    path: LocalPath = Field(description="A file, or a folder of them. A later one can be put beside the first.")
    url: AddressOrNone = Field(
        default="", description="The site's address: what you also harvest by `moodle` is one with it then."
    )
    user: str = Field(default="", description="Whose data, where those of several people lie there: a name.")


class BlackboardSource(_Source):
    """Your folder in a Blackboard's Content Collection, by WebDAV, where the institution lets you."""

    type: Literal["blackboard"]
    url: Address = Field(description="Any address of the Blackboard.")
    user: str = Field(min_length=1, description="Your user name there.")
    path: str = Field(default="", description="The folder in the Content Collection (default: `users/USER`).")
    insecure: Insecure = False
    password_command: PasswordCommand = ""


class BlackboardExportSource(_Source):
    """Packages that you downloaded from a Blackboard: of the Content Collection, of portfolios."""

    type: Literal["blackboard-export"]
    path: LocalPath = Field(description="A .zip file, a folder of them, or an unpacked one.")
    url: AddressOrNone = Field(
        default="", description="The address of the Blackboard: for the list that `keepfolio check` prints."
    )
    user: str = Field(
        default="", description="Your user name there: finds your own files in the archive of a whole course."
    )


class FeedSource(_Source):
    """An RSS or Atom feed."""

    type: Literal["feed"]
    url: Address = Field(description="The address of the feed.")


class PluginPart(BaseModel):
    """A source or target of an installed extension, which checks its own keys."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str
    closes: Day | None = None


def tag_of(role: Literal["source", "target"]) -> Discriminator:
    def tag(value: Any) -> str | None:
        kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
        if kind is None:
            return None
        word = str(kind)  # whatever stands there, also a list
        return "extension" if word not in known_types(role) and installed(role, word) else word

    return Discriminator(tag)


SourceConfig: TypeAlias = Annotated[
    Annotated[WordPressSource, Tag("wordpress")]
    | Annotated[WordPressExportSource, Tag("wordpress-export")]
    | Annotated[MaharaSource, Tag("mahara")]
    | Annotated[MaharaExportSource, Tag("mahara-export")]
    | Annotated[MoodleSource, Tag("moodle")]
    | Annotated[MoodleExportSource, Tag("moodle-export")]
    | Annotated[BlackboardSource, Tag("blackboard")]
    | Annotated[BlackboardExportSource, Tag("blackboard-export")]
    | Annotated[FeedSource, Tag("feed")]
    | Annotated[PluginPart, Tag("extension")],
    tag_of("source"),
]
