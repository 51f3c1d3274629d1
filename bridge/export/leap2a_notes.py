"""What somebody who imports the file into Mahara should know, in words."""

from __future__ import annotations

from collections.abc import Iterator

A_SITES_LIMIT = 50_000_000  # bytes; what many servers take as an upload, if nobody changed it


def notes(version: str, size: int, kinds: set[str], *, portfolio: bool, of_part: bool) -> tuple[str, ...]:
    """
    Return where to click, and what Mahara changes.

    Args:
        version: Of the Mahara that will read it.

        size: Of the file, in bytes.

        kinds: What entries became.

        portfolio: Whether the portfolio is in it; ``of_part``: whether less than everything was asked for.
    """
    return (
        f"Written for Mahara {version}. In Mahara: main menu, Manage, Import.",
        "Import it once: a second time, Mahara makes new copies of pages, collections and files, and there is no undo.",
        "All of it is private there until you share it.",
        *_changes(kinds, portfolio=portfolio),
        *_about_the_file(size, portfolio=portfolio, of_part=of_part),
    )


def _changes(kinds: set[str], *, portfolio: bool) -> Iterator[str]:
    yield "Mahara puts all files into one folder named after the day; your own folders lie in it."
    if portfolio or kinds & {"page", "blocks"}:
        yield "Mahara drops the dates of pages: they are of the day of the import."
    if kinds & {"plan", "task"}:
        yield "Mahara calls plans and tasks changed on the day of the import; a task without a day gets one."
    if "blocks" in kinds:
        yield "Who may see a page is not in any export: share it again."
    if kinds & {"about", "profile", "section", "text"}:
        yield (
            "Before it imports, Mahara asks item by item: of your profile and résumé it replaces or adds to what the "
            "account has already."
        )


def _about_the_file(size: int, *, portfolio: bool, of_part: bool) -> Iterator[str]:
    if size > A_SITES_LIMIT:
        yield f"It has {size // 1_000_000} MB, and many sites take less: ask, or export by --source or --tag."
    if of_part:
        yield "The portfolio is in an export of everything only."
    elif not portfolio:
        yield "There is no portfolio yet, so it holds none. Run: keepfolio build"
