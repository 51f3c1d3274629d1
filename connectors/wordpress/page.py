"""
The portfolio as a page on a WordPress, with its files in the media library.

``options``: ``url``, ``user``, ``page`` (its slug), ``parent`` (the slug of the page above it, if any), ``status``
(of a new page alone: what the owner sets on the site stays), ``prose`` (``files``: the page is ours; ``site``: only
what stands between our marks).

The page is found by its receipt's number, then by our mark, then by its slug; one at the slug without our mark is
somebody else's. Files are found by slug: each is uploaded once, whatever became of the record. The text that WordPress
gave back, not the one sent, is what a later look is compared with: the site rewrites what it stores.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from archive.entry import Digest, Json
from connectors.contract import (
    Action,
    Context,
    Finding,
    Receipt,
    Release,
    Remote,
    Resource,
    SourceRefused,
    SourceUnavailable,
    TargetChanged,
    TargetRefused,
    Upload,
)
from connectors.wanted import REFUSED, asked, with_addresses
from connectors.wordpress import marker
from connectors.wordpress.blocks import to_blocks, with_numbers
from connectors.wordpress.desk import Desk
from connectors.wordpress.media import Library

PAGE = "page"
OPEN = frozenset({"publish", "future"})  # what strangers read, now or by itself later
BIN = "trash"
FIELDS = {"_fields": "id,slug,link,status,parent,title,content,_links"}


def target(name: str, options: Mapping[str, Any], context: Context) -> WordPressPage:
    """Return the page as a target. Sends nothing yet."""
    desk = Desk(context.http, name, str(options["url"]), str(options["user"]), context.secret("password"))
    return WordPressPage(name, options, desk, Library(desk, context.spool))


def paste(release: Release) -> tuple[str, tuple[Upload, ...]]:
    """
    Return the block markup to paste into the editor, and the files to upload by hand.

    Each picture is an empty picture block with its alt text and caption: the editor asks for the file there.
    """
    text = re.sub(r' src="keepfolio:[^"]+"', "", to_blocks(release.fragment))
    text = re.sub(r'<a href="keepfolio:([^"]+)"[^>]*>(.*?)</a>', r"\2 (\1)", text, flags=re.DOTALL)
    return text, release.uploads


class WordPressPage:
    """One page and its files; see the module."""

    def __init__(self, name: str, options: Mapping[str, Any], desk: Desk, library: Library) -> None:
        self._name = name
        self._url = str(options["url"]).rstrip("/")
        self._path = "/".join(filter(None, (str(options.get(part) or "").strip("/") for part in ("parent", "page"))))
        self._slug = self._path.rpartition("/")[2]
        self._status = str(options.get("status") or "draft")
        self._site_prose = options.get("prose") == "site"
        self._desk = desk
        self._library = library

    # --- looking ------------------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Finding]:
        """Say what this account may do there, and what stands where the page shall be."""
        try:
            yield from self._check_account()
        except (TargetRefused, SourceRefused, SourceUnavailable) as error:
            yield Finding(error.code, "error", f"{self._name}: {error.message}", error.mend)

    def _check_account(self) -> Iterator[Finding]:
        yield Finding("login", "ok", f"{self._name}: {self._url} knows you as {self._desk.me.slug}.")
        if not self._desk.may("publish_pages"):
            yield Finding(
                "may-not-write",
                "error",
                f"{self._name}: this account may not create pages.",
                "Ask for the role of editor, or paste the page by hand: keepfolio build --paste",
            )
            return
        if not self._desk.may("upload_files"):
            yield Finding("may-not-upload", "warning", f"{self._name}: this account may not upload files.")
        yield from self._check_page()

    def _check_page(self) -> Iterator[Finding]:
        found = self._at_slug(self._parent())
        ours = [page for page in found if self._is_mine(page, None)]
        if found and not ours:
            yield Finding(
                "not-ours",
                "error",
                f"{self._name}: the page at /{self._path}/ was not written by keepfolio, and is never written to.",
                f"keepfolio adopt {found[0]['link']}   or choose another `page` in config.yaml",
            )
        for page in ours[:1]:
            seen = "strangers can read it" if page["status"] in OPEN else "only you can read it"
            yield Finding("page", "ok", f"{self._name}: the page is there ({page['status']}): {seen}.")
        if not found:
            yield Finding("page", "ok", f"{self._name}: the page is not there yet; it begins as {self._status}.")
        if not found and self._desk.list("media", {"slug": self._slug, "_fields": "id"}):
            yield Finding(
                "slug-taken",
                "warning",
                f"{self._name}: a file in the media library has the address /{self._slug}/, "
                f"so that the page would get /{self._slug}-2/.",
                "Rename that file's address in the media library, or choose another `page` in config.yaml.",
            )

    def shape(self, release: Release) -> tuple[Resource, ...]:
        """Return the page as blocks between our marks, and the files."""
        text = marker.wrap(to_blocks(release.fragment), release.portfolio, self._path)
        files = (
            Resource(u.name, "file", PAGE, sha256=u.sha256, media_type=u.media_type, title=u.title, alt=u.alt)
            for u in release.uploads
        )
        return (Resource(PAGE, "page", body=text, title=release.title), *files)

    def reach(self, resource: Resource, remote: Remote | None) -> str:
        """Return where strangers find it: every uploaded file, and a page that is not a draft."""
        if remote is not None:
            return remote.url
        if resource.kind == "file":
            return resource.name
        return f"{self._url}/{self._path}/" if self._status in OPEN else ""

    def observe(self, wanted: Iterable[Resource], agreed: Mapping[str, Receipt]) -> Mapping[str, Remote]:
        """Return the page, its files, and what else was agreed. Sends only GET and HEAD."""
        wanted = tuple(wanted)
        seen: dict[str, Remote] = {}
        page = next((r for r in wanted if r.kind == "page"), None)
        if page is not None or PAGE in agreed:
            item = self._find(page, agreed.get(PAGE))
            if item is not None:
                seen[PAGE] = self._remote(item, page, agreed.get(PAGE))
        files = {name: receipt for name, receipt in agreed.items() if receipt.kind == "file"}
        names = [r.name for r in wanted if r.kind == "file"]
        seen.update((remote.name, remote) for remote in self._library.observe(names, files))
        return seen

    def recognise(self, wanted: Iterable[Resource], observed: Mapping[str, Remote]) -> Mapping[str, Receipt]:
        """Return receipts for files of ours, and for the page if our mark says that nobody edited it."""
        return {
            r.name: Receipt(
                r.name,
                r.kind,
                remote.native_id,
                remote.url,
                asked(r) if r.kind == "file" else "",
                remote.body,
                remote.revision,
            )
            for r, remote in ((r, observed[r.name]) for r in wanted if r.name in observed)
            if r.kind == "file" or self._is_untouched(remote)
        }

    # --- writing ------------------------------------------------------------------------------------------------------

    def standing(self, agreed: Mapping[str, Receipt]) -> Mapping[str, Receipt]:
        """Return all of them: a site is never thrown away as a whole."""
        return agreed

    def execute(self, action: Action, agreed: Mapping[str, Receipt], read: Callable[[Digest], BinaryIO]) -> Receipt:
        """Do one action and read the result back."""
        what = action.what
        if what.kind == "page":
            return self._write_page(action, agreed)
        if action.do == "create":
            return self._library.create(what, read)
        there = self._library.still_there(what.name, agreed[what.name], action.base)
        if action.do == "withdraw":
            return self._library.withdraw(agreed[what.name])
        return self._library.update(what, there)

    def close(self) -> None:
        """The session is the caller's."""

    def _write_page(self, action: Action, agreed: Mapping[str, Receipt]) -> Receipt:
        receipt = agreed.get(PAGE)
        item = self._find(action.what if action.do != "withdraw" else None, receipt)
        if (self._body(item) if item else "") != action.base:
            raise TargetChanged(
                f"The page at {self._name} was edited just now.",
                unchanged="It was left as it is.",
                mend=f"keepfolio plan {self._name}",
            )
        if action.do == "withdraw":
            assert item is not None
            assert receipt is not None
            stored = self._desk.write(f"pages/{item['id']}", {"status": "draft"})
            return self._receipt(stored, receipt.sent, str(receipt.extra.get("asked_title", "")))
        text = self._text(action.what, agreed)
        if item is None:
            stored = self._desk.write("pages", self._new(action.what, text))
        else:
            changes = self._changes(item, action.what, text, receipt)
            stored = self._desk.write(f"pages/{item['id']}", changes) if changes else item
        return self._receipt(stored, asked(action.what), action.what.title)

    def _new(self, what: Resource, text: str) -> dict[str, Any]:
        return {
            "title": what.title,
            "content": text,
            "slug": self._slug,
            "status": self._status,
            "parent": self._parent(),
        }

    def _changes(self, item: Mapping[str, Any], what: Resource, text: str, receipt: Receipt | None) -> dict[str, Any]:
        """What to send for a page that is there: never its status, and its title only where nobody chose another."""
        raw = item["content"]["raw"]
        if self._site_prose and marker.is_torn(raw):
            raise TargetRefused(
                f"On the page at {self._name} the marks of keepfolio are broken or there twice.",
                code="marks-torn",
                unchanged="The page was left as it is.",
                mend="In the editor, leave one keepfolio:begin and one keepfolio:end after it, or remove them all.",
            )
        content = marker.put(raw, text) if self._site_prose else text
        changes: dict[str, Any] = {} if content == raw else {"content": content}
        left = receipt.extra if receipt else {}
        as_left = "title" in left and item["title"]["raw"] == left["title"]
        if as_left and what.title != left["asked_title"] and not self._site_prose:
            changes["title"] = what.title
        if item["status"] == BIN:
            changes["status"] = "draft"
        return changes

    def _text(self, what: Resource, agreed: Mapping[str, Receipt]) -> str:
        """The text with addresses in the place of names; a file that the site refused is named and not linked."""
        part = marker.find(what.body)
        assert part is not None
        text = part.text
        for name, receipt in agreed.items():
            if receipt.extra.get(REFUSED):
                text = _without(text, name)
        text = with_numbers(text, {name: receipt.native_id for name, receipt in agreed.items()})
        text = with_addresses(text, lambda name: agreed[name].url)
        return marker.wrap(text, part.portfolio, part.page)

    # --- finding ------------------------------------------------------------------------------------------------------

    def _find(self, page: Resource | None, receipt: Receipt | None) -> Mapping[str, Any] | None:
        """By number, by our mark, by slug; what lies in the bin is found by its number alone."""
        if not self._desk.may("edit_pages"):  # such an account is not even told which drafts there are
            raise self._desk.not_allowed("it may not edit pages.")
        if receipt is not None:
            found = self._desk.get(f"pages/{receipt.native_id}", FIELDS)
            if found is not None:
                return dict(found)
        part = marker.find(page.body) if page else None
        if part is None:
            return None
        marked = self._desk.list("pages", {"search": part.portfolio, "status": "any", "orderby": "id", **FIELDS})
        at_slug = self._at_slug(self._parent())
        mine = [item for item in (*at_slug, *marked) if self._is_mine(item, part)]
        return next(iter(mine or at_slug), None)

    def _at_slug(self, parent: int) -> list[Mapping[str, Any]]:
        found = self._desk.list(
            "pages", {"slug": self._slug, "status": "any", "orderby": "id", "order": "asc", **FIELDS}
        )
        return [item for item in found if item["parent"] == parent]

    def _parent(self) -> int:
        """The number of the page above ours; 0 for none."""
        parent = 0
        for slug in self._path.split("/")[:-1]:
            pages = self._desk.list("pages", {"slug": slug, "status": "any", "_fields": "id,parent"})
            below = [page["id"] for page in pages if page["parent"] == parent]
            if not below:
                raise TargetRefused(
                    f"There is no page {slug!r} on {self._url} to put the portfolio under.",
                    code="no-parent",
                    unchanged="Nothing was sent.",
                    mend=f"Create it there, or change `page` of the target {self._name} in config.yaml.",
                )
            parent = below[0]
        return parent

    def _is_mine(self, item: Mapping[str, Any], wanted: marker.Part | None) -> bool:
        """Our mark names this target's page; with ``prose: site`` an empty pair of marks is an invitation."""
        part = marker.find(item["content"]["raw"])
        if part is None:
            return False
        if self._site_prose and not part.portfolio:
            return True
        return part.page == self._path and (wanted is None or part.portfolio == wanted.portfolio)

    def _is_untouched(self, remote: Remote) -> bool:
        part = marker.find(remote.text)
        if part is None or not remote.ours:
            return False
        alone = part.start == 0 and part.end == len(remote.text.rstrip())
        empty = self._site_prose and not part.portfolio and not part.text
        return empty or (part.untouched and (alone or self._site_prose))

    def _remote(self, item: Mapping[str, Any], page: Resource | None, receipt: Receipt | None) -> Remote:
        by_receipt = receipt is not None and receipt.native_id == str(item["id"])
        wanted = marker.find(page.body) if page else None
        return Remote(
            PAGE,
            "page",
            str(item["id"]),
            item["link"] if item["status"] in OPEN else "",
            _revision(item),
            self._body(item),
            ours=by_receipt or self._is_mine(item, wanted),
            status=item["status"],
            text=item["content"]["raw"],
        )

    def _body(self, item: Mapping[str, Any]) -> Digest:
        """The digest of what is ours of a page: all of it, or our part."""
        raw = item["content"]["raw"]
        part = marker.find(raw) if self._site_prose else None
        return hashlib.sha256((raw if part is None else raw[part.start : part.end]).encode()).hexdigest()

    def _receipt(self, item: Mapping[str, Any], sent: Digest, title: str) -> Receipt:
        extra: Json = {"title": item["title"]["raw"], "asked_title": title, "status": item["status"]}
        return Receipt(PAGE, "page", str(item["id"]), item["link"], sent, self._body(item), _revision(item), extra)


def _without(text: str, name: str) -> str:
    """The text without the picture or link of one file, which is named all the same."""
    link = rf'<a href="keepfolio:{re.escape(name)}"[^>]*>(.*?)</a>'
    text = re.sub(link, r"\1 (this site takes no files of this type)", text, flags=re.DOTALL)
    picture = rf'<img src="keepfolio:{re.escape(name)}" alt="([^"]*)" />'
    return re.sub(picture, r"\1 (this site takes no pictures of this type)", text)


def _revision(item: Mapping[str, Any]) -> str:
    """The number of the page's newest revision; it moves with each real change and with nothing else."""
    previous = item.get("_links", {}).get("predecessor-version") or [{}]
    return str(previous[0].get("id", ""))
