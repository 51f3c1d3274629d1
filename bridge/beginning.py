"""Beginning a portfolio beside the first one: its folder with all headings and prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from archive.errors import NeedsOwner, UsageError
from bridge import owner
from bridge.portfolio import framework, generation, narrative
from bridge.session import Session


@dataclass(frozen=True)
class Begun:
    """A portfolio that was begun, and its section files."""

    generation: generation.Generation
    framework: framework.Framework
    files: tuple[Path, ...]


def another(
    session: Session, name: str, framework_name: str, pathway: str, title: str, since: date | None = None
) -> Begun:
    """
    Begin a portfolio; where there is none yet it becomes the first one, else one that is reached by its name.

    Args:
        session: The owner's folder and what is held.

        name: Of the folder in ``portfolio/``.

        framework_name: An id, or a YAML file (from the workspace on, or from here); ``""``: the configuration's.

        pathway: ``""``: the configuration's, where the framework has it.

        title: The page's heading, or ``""``.

        since: The first day whose CPD counts; None: today.

    Raises:
        UsageError: There is such a portfolio already, no such framework, or the pathway must be named.

        NeedsOwner: The owner's words are in the archive and not in the folder.
    """
    workspace, chosen = session.workspace, session.config.portfolio
    if lost := owner.lost(session.archive, workspace) if session.has_archive() else ():
        raise NeedsOwner(
            f"Your own words are missing from the folder: {', '.join(lost)}.",
            code="words-missing",
            unchanged="Nothing was written, and your archive still has them.",
            mend="Run: keepfolio restore",
        )
    named = workspace.named(_place(framework_name) or chosen.framework)
    with _of_this_command(framework_name, "--framework", framework.names()):
        loaded = framework.load(workspace.placed(named))
    way = pathway or (chosen.pathway if chosen.pathway in loaded.pathways else "")
    if loaded.pathways and not way:
        raise UsageError(
            f"{loaded.id} has several pathways.",
            code="no-pathway",
            unchanged="Nothing was written.",
            mend=f"Name one: --pathway {' or '.join(loaded.pathways)}",
        )
    with _of_this_command(pathway, "--pathway", loaded.pathways):
        loaded.flat(way)  # an unknown pathway is said before anything is written
    today = session.today
    way = way if loaded.pathways else ""
    made = generation.new(workspace.portfolio / name, named, way, started=since or today, title=title)
    first = all(one.separate for one in generation.every(workspace.portfolio))
    made = replace(made, separate=not first)
    generation.write(made)
    files = narrative.scaffold(made.folder, loaded, made.pathway)
    return Begun(made, loaded, files)


@contextmanager
def _of_this_command(said: str, option: str, known: Iterable[str]) -> Iterator[None]:
    """Let the mend of an unknown name speak of the option that said it: the configuration is that of the first one."""
    try:
        yield
    except UsageError as error:
        if said and error.code.startswith("unknown-"):
            error.mend = f"Name one there is: {option} {' or '.join(known)}" + (
                ", or a YAML file of your own" if option == "--framework" else ""
            )
            error.unchanged = "Nothing was written."
        raise


def _place(name: str) -> str:
    """Return a framework's name; one that is a file here becomes its full path, so that it means the same elsewhere."""
    path = Path(name).expanduser()
    return str(path.resolve()) if name and name not in framework.names() and path.is_file() else name
