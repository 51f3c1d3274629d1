"""Where the addresses in harvested texts lead on this computer: to the page of an entry, or to a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive import naming
from archive.entry import Digest, Entry
from bridge.addresses import of_file

_DIGITS = 10


@dataclass
class Places:
    """
    Addresses by a short hash of them, for 20,000 of them fit into little memory.

    ``pages`` gives the page of an entry, ``files`` the digest of a file.
    """

    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, Digest] = field(default_factory=dict)
    held: dict[Digest, str] = field(default_factory=dict)
    """Every digest with the name that its source gave it."""

    def learn(self, page: str, entry: Entry) -> None:
        """Note the addresses of an entry and of its files; who came first keeps one. A copy's page is ``""``."""
        if entry.url and page:
            self.pages.setdefault(_mark(_page(entry.url)), page)
        for file in entry.files:
            if file.sha256:
                self.held.setdefault(file.sha256, file.name)
                if file.url:
                    self.files.setdefault(_mark(of_file(file.url)), file.sha256)

    def learn_id(self, entry_id: str, page: str) -> None:
        self.pages[_mark(entry_id)] = page

    def page(self, address: str, asked: set[str]) -> str:
        """Return the page that an address means, or ``""``; what was asked for is noted."""
        mark = _mark(_page(address))
        asked.add(mark)
        return self.pages.get(mark, "")

    def file(self, address: str, asked: set[str]) -> Digest:
        """Return the file that an address means, or ``""``: of a picture that WordPress shows smaller, the whole."""
        mark = _mark(of_file(address))
        asked.add(mark)
        return self.files.get(mark, "")

    def answers(self, asked: str) -> str:
        """Return all answers to what was once asked for, as one text to compare."""
        marks = asked.split()
        return naming.short_hash("\n".join(f"{self.pages.get(m, '')} {self.files.get(m, '')}" for m in marks), 16)


def _mark(address: str) -> str:
    return naming.short_hash(address, _DIGITS)


def _page(address: str) -> str:
    return address.partition("#")[0].rstrip("/")
