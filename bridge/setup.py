"""What ``keepfolio init`` writes, without asking: a workspace. Nothing is written before all is known."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge.place import place_warnings as place_warnings  # noqa: PLC0414 - `check` asks for it here, too
from bridge.setup_export import no_export
from bridge.setup_words import config_text
from bridge.workspace import Workspace

if TYPE_CHECKING:
    from bridge.config import Config

BLOG = "blog"
MAHARA = "mahara"
VLE = "vle"
"""The names of a first source, by what it is."""

_NAMES = {"mahara": MAHARA, "moodle": VLE, "blackboard": VLE}


@dataclass(frozen=True, kw_only=True)
class Answers:
    """
    What the owner said, and what was found out.

    Attributes:
        url: The site's front page; ``""`` when there is only an export.

        kind: How the site is read: ``wordpress``, ``feed``, ``mahara``, ``moodle`` or ``blackboard``; ``""`` when it is
            not asked.

        sso: The owner logs in there through a page of the institution (Mahara; a Moodle without a ``user`` is one).

        writable: A portfolio page can be put there with the user's login.

        export: An export file or a folder of them.

        export_type: The type of source that it is. Any but ``wordpress-export`` without an ``export`` means a folder in
            the workspace where one is going to be put.

        closes: The day on which the account closes.
    """

    owner: str = ""
    url: str = ""
    kind: str = ""
    user: str = ""
    sso: bool = False
    writable: bool = False
    export: Path | None = None
    export_type: str = "wordpress-export"
    renewal: bool = False
    pathway: str = "cmalt"
    closes: date | None = None
    language: str = "en-GB"
    timezone: str = "Europe/London"

    @property
    def site_name(self) -> str:
        """The name of the source that is the site."""
        return _NAMES.get(self.kind, BLOG)

    @property
    def is_put_beside(self) -> bool:
        """Whether later exports are put beside the first, in a folder of their own."""
        return self.export_type != "wordpress-export"

    @property
    def export_name(self) -> str:
        """The name of the source that is the export; ``""`` where there is none."""
        if self.is_put_beside:
            name = _NAMES[self.export_type.removesuffix("-export")]
            return name if self.site_name != name else f"{name}-taken"
        if self.export is None:
            return ""
        return "export" if self.kind in ("wordpress", "feed") else BLOG


@dataclass(frozen=True)
class Written:
    """What was made: the workspace, every new file in it, and files copied into it from elsewhere."""

    workspace: Workspace
    files: tuple[Path, ...]
    copied: tuple[Path, ...]


def refuse_existing(folder: Path) -> None:
    """
    Make sure that there is no workspace yet.

    Raises:
        UsageError: There is one, or the rest of one.
    """
    quoted = shlex.quote(str(folder))
    if (folder / "config.yaml").exists():
        raise UsageError(
            f"{folder} is a portfolio's folder already.",
            code="workspace-exists",
            unchanged="It is as it was.",
            mend=f"keepfolio status --workspace {quoted}   shows it; for a new one, name another folder.",
        )
    if (folder / "archive").exists() or (folder / "portfolio").exists():
        raise UsageError(
            f"{folder} has no config.yaml, but it holds an archive or a portfolio.",
            code="workspace-exists",
            unchanged="It is as it was.",
            mend=f"If its config.yaml was lost: keepfolio restore --workspace {quoted}   Else name another folder.",
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder.", code="workspace-exists", mend="Name another folder.")


def configuration(answers: Answers, folder: Path) -> Config:
    """Return the configuration that ``write`` writes into the folder; nothing is written."""
    from bridge.config import parse

    return parse(config_text(_within(answers)), "config.yaml", folder)


def write(answers: Answers, folder: Path, *, today: date) -> Written:
    """
    Write the workspace: configuration, section files, folders; readable by their owner alone.

    An export file is copied in, so that the folder is whole; a folder of exports stays where it is.

    Raises:
        UsageError: There is a workspace already, or the export is not there.
    """
    from bridge.portfolio import framework, generation, narrative

    refuse_existing(folder)
    if answers.export and not answers.export.expanduser().exists():
        raise no_export(answers.export)
    settings = configuration(answers, folder).portfolio  # a mistake in it shows before anything is written
    workspace = Workspace(folder)
    for place in (folder, workspace.portfolio):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    copied = _copy_in(answers, folder)
    made = generation.new(
        workspace.portfolio / ("review-1" if answers.renewal else "original"),
        settings.framework,
        settings.pathway,
        started=today,
    )
    files = [generation.write(made), *narrative.scaffold(made.folder, framework.load(made.framework), made.pathway)]
    # the configuration comes last: a folder with one is a whole workspace
    _write_private(workspace.config, config_text(_within(answers)))
    return Written(workspace, (workspace.config, *files), copied)


EXPORTS = Path("exports")


def folder_of_exports(answers: Answers) -> Path:
    """Return where exports lie in the workspace; later ones are put beside the first."""
    return EXPORTS / _NAMES[answers.export_type.removesuffix("-export")] if answers.is_put_beside else EXPORTS


def _within(answers: Answers) -> Answers:
    """Return the answers with the export where the configuration will find it."""
    if answers.export is not None and answers.export.expanduser().is_dir():
        return replace(answers, export=answers.export.expanduser().resolve())
    if answers.is_put_beside:  # named as a folder in the configuration
        return replace(answers, export=folder_of_exports(answers))
    return replace(answers, export=EXPORTS / answers.export.name) if answers.export else answers


def _copy_in(answers: Answers, folder: Path) -> tuple[Path, ...]:
    inside = _within(answers).export
    if inside is None or inside.is_absolute():
        return ()
    home = folder / (inside if answers.is_put_beside else inside.parent)
    for place in (folder / EXPORTS, home):
        place.mkdir(exist_ok=True, mode=0o700)
    if answers.export is None:
        return ()
    copy = home / answers.export.name
    shutil.copyfile(answers.export.expanduser(), copy)
    copy.chmod(0o600)
    return (copy,)


def _write_private(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
        out.write(text)


def local_timezone() -> str:
    """Return this computer's time zone by name, or London's: the framework's country."""
    from zoneinfo import ZoneInfo

    place = Path("/etc/localtime")
    named = [
        os.environ.get("TZ", "").lstrip(":"),
        str(place.resolve()).partition("zoneinfo/")[2] if place.exists() else "",
    ]
    for name in named:
        try:
            if name:
                return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            continue
    return "Europe/London"
