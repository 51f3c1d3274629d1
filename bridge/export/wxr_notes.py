"""What somebody who imports an exported blog should know, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.export.wxr_uploads import Uploads
    from connectors.wordpress.wxr_write import Channel, Written
    from connectors.wordpress.wxr_write_plan import Plan


def notes(
    counted: Mapping[str, int],
    types: set[str],
    uploads: Uploads,
    channel: Channel,
    plan: Plan,
    written: Written,
) -> tuple[str, ...]:
    """Return what the importer needs, what it will change, and what is not in the file."""
    return (
        "In the new site: Tools > Import > WordPress; choose blog.xml, tick “Download and import file attachments”.",
        *_about_files(uploads),
        *_about_people(counted, channel),
        *_about_posts(counted, plan, written),
        *_to_prepare(types, channel),
    )


def _about_files(uploads: Uploads) -> Iterator[str]:
    if uploads.files and uploads.at:
        yield f"Until the import is done, the files of the folder uploads must be found below {uploads.at}."
    elif uploads.files:
        yield (
            "WordPress fetches the files from their old addresses: import while the old site is there. Later, put the "
            "folder uploads on a web server and export again with --media-at and its address."
        )
    if uploads.homeless and not uploads.at:
        yield (
            f"{_are(uploads.homeless, 'file')} under no address that WordPress can ask: put the folder uploads on a "
            "web server and export again with --media-at and its address."
        )
    if uploads.absent:
        yield f"{_are(uploads.absent, 'file')} not held: WordPress can only get them from the old site."
    if uploads.damaged:
        yield f"The bytes of {', '.join(uploads.damaged[:5])} are damaged here. Run: keepfolio verify"
    if uploads.files:
        yield "WordPress shows an uploaded file to everybody who has its address, also one that a private post shows."


def _about_people(counted: Mapping[str, int], channel: Channel) -> Iterator[str]:
    if channel.authors:
        yield (
            "WordPress asks who each author is on the new site. E-mail addresses are never held: those of authors and "
            "of people who commented are empty."
        )
    if counted["others"]:
        yield f"{_are(counted['others'], 'post or file', 'posts and files')} by others who wrote on the same blog."


def _about_posts(counted: Mapping[str, int], plan: Plan, written: Written) -> Iterator[str]:
    if counted["protected"]:
        yield (
            f"{_are(counted['protected'], 'post')} private instead of behind a password: passwords are never held. "
            "Give each a new one."
        )
    if counted["twins"]:
        yield (
            f"{_are(counted['twins'], 'item')} a second later by the local clock: WordPress's importer leaves out what "
            "has the time and title of another."
        )
    if counted["teaser"]:
        yield f"{_are(counted['teaser'], 'post')} only as a feed showed it, which may be the beginning alone."
    if counted["stranger"]:
        yield (
            f"{_are(counted['stranger'], 'item')} as a visitor sees it: harvest with a login for the texts as they "
            "were written."
        )
    if counted["elsewhere"]:
        yield (
            f"{_are(counted['elsewhere'], 'thing')} from another system than WordPress: posts and uploads now, private "
            "unless you marked them public."
        )
    if plan.sites > 1:
        yield (
            f"It is of {plan.sites} blogs: those beside {plan.site} have new numbers, and their galleries may have to "
            "be made again; files and comments that several of them hold are in it several times. To keep the blogs "
            "apart, export each with --source."
        )
    if written.repaired:
        yield f"{_are(written.repaired, 'item')} without some characters that this kind of file cannot hold."
    if counted["objects"]:
        yield (
            f"{_are(counted['objects'], 'item')} without some custom fields: what a plugin kept there may run programs."
        )


def _to_prepare(types: set[str], channel: Channel) -> Iterator[str]:
    if types:
        yield (
            "The new site must know these types before the import, by the plugins of the old one: "
            f"{', '.join(sorted(types))}."
        )
    ours = {term.taxonomy for term in channel.terms} - {"category", "post_tag"}
    if ours:
        yield (
            "The new site must know these ways of sorting before the import, by the plugins of the old one: "
            f"{', '.join(sorted(ours))}."
        )


def _are(count: int, one: str, many: str = "") -> str:
    return f"1 {one} is" if count == 1 else f"{count} {many or one + 's'} are"
