"""``renew``: the review of a portfolio, and its themes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from bridge.cli.common import printable, result, shared_options
from bridge.cli.portfolio import desk_of_today

if TYPE_CHECKING:
    from bridge.review_progress import Progress, SectionState
    from bridge.review_themes import ThemeMade
    from bridge.reviews import Begun

DAY = click.DateTime(["%Y-%m-%d"])


@shared_options
@click.group("renew", invoke_without_command=True)
@click.option("--name", default="", help="The review's name; its folder in portfolio/ (default: review-1, review-2).")
@click.option(
    "--since", type=DAY, metavar="DATE", help="The first day of its time (default: when the last was decided)."
)
@click.option("--until", type=DAY, metavar="DATE", help="The last day (default: today, or the end of a running cycle).")
@click.option("--pathway", default="", help="Which way through the framework, where it has several.")
@click.pass_context
def renew(ctx: click.Context, name: str, since: datetime | None, until: datetime | None, pathway: str) -> None:
    """
    Begin the review of your portfolio; after that, tell how far it is.

    What you have is sealed and stays on the page word for word. The time counts from your last portfolio, however
    long ago that was. Run it again whenever you like: it changes nothing then.
    """
    if ctx.invoked_subcommand:
        return
    from bridge import review_progress, reviews

    begun = reviews.renew(
        desk_of_today(), name, since.date() if since else None, until.date() if until else None, pathway
    )
    found = review_progress.progress(begun.desk)
    result(_value(begun, found), lambda: _words(begun, found))


@renew.command("theme")
@shared_options
@click.argument("title")
@click.option("--reason", default="", help="Why it is one of your priorities; it stands on the page.")
def theme(title: str, reason: str) -> None:
    """
    Make the file of one theme, with your own sentences from then beside what is empty.

    TITLE is yours, such as "Design methodology". CPD entries that name it belong to it; one may belong to several.
    """
    from bridge import review_themes

    made = review_themes.make_theme(desk_of_today(), title, reason)
    value = {
        "ok": True,
        "theme": made.theme.title,
        "file": str(made.theme.path),
        "new": made.anew,
        "from_then": list(made.from_then),
    }
    result(value, lambda: _theme_in_words(made))


def _theme_in_words(made: ThemeMade) -> str:
    from bridge import views

    lines = [f"{'Made' if made.anew else 'There already'}: {made.theme.file}"]
    if made.from_then:
        place = ", which stand there as comments" if made.anew else ""
        lines.append(f"  {views.counted(len(made.from_then), 'sentence')} of yours from then{place}:")
        lines += [f"    {printable(line)}" for line in made.from_then]
    else:
        lines.append("  Nothing of yours from then names this theme yet. Name it in your CPD record, or tag a post.")
    return "\n".join(lines)


def _value(begun: Begun, found: Progress) -> dict[str, object]:
    return {
        "ok": all(proof.same for proof in found.proofs),
        "review": found.name,
        "new": begun.anew,
        "continues": begun.earlier,
        "window": [day.isoformat() for day in found.window] if found.window else None,
        "words": found.words,
        "sections": [
            {
                "section": one.id,
                "title": one.title,
                "words": one.words,
                "state": one.state,
                "within": one.within,
                "missing": list(one.missing),
            }
            for one in found.sections
        ],
        "record": {"done": found.done, "unreflected": found.unreflected, "planned": found.planned},
        "unchanged": [proof.to_json() for proof in found.proofs],
        "changed_since": {called: list(files) for called, files in found.changed},
        "unreadable": list(found.unreadable),
    }


def _words(begun: Begun, found: Progress) -> str:
    from bridge import views

    review = begun.desk.generation
    if begun.anew:
        lines = [f"Begun: {found.name}, the review of {begun.earlier}. Its files are in {review.folder}."]
    else:
        lines = [f"{found.name}: {views.counted(found.words, 'word')} so far."]
    if found.window:
        first, last = found.window
        lines.append(f"  It covers {views.plain_date(first)} to {views.plain_date(last)}.")
    if not begun.earlier:
        lines.append("  It continues no portfolio yet. To put the old page below it: keepfolio adopt URL")
    lines += [f"  {printable(proof.said)}." for proof in found.proofs]
    lines += [
        f"  The files of {called} were changed since ({views.sentence(files)}); the page shows what was sealed."
        for called, files in found.changed
    ]
    lines += [f"  {printable(one)}." for one in found.unreadable]
    lines += ["", _of_the_record(found), "", *map(_section, found.sections)]
    return "\n".join(lines)


def _of_the_record(found: Progress) -> str:
    from bridge import views

    if not found.done and not found.planned:
        return "Your CPD record has nothing from this time yet: keepfolio cpd add"
    without = f", {found.unreflected} without a reflection" if found.unreflected else ""
    planned = f"; {found.planned} planned" if found.planned else ""
    return f"In your CPD record from this time: {views.counted(found.done, 'entry')}{without}{planned}."


def _section(one: SectionState) -> str:
    from bridge import views

    sign = {"empty": "-", "written": "·", "ready": "+"}[one.state]
    indent = "    " if one.within else "  "
    entries = f"{views.counted(one.entries, 'entry')} of your record" if one.entries else ""
    lacks = f"; lacks: {', '.join(one.missing)}" if one.missing else ""
    words = views.counted(one.words, "word") if one.words and one.state != "empty" else ""
    none = "nothing yet" if one.state == "empty" else "made of its themes"
    said = ", ".join(filter(None, (words, entries))) or none
    return f"{indent}{sign} {printable(one.title)}: {said}{', ready' if one.state == 'ready' else ''}{lacks}"
