"""Everything that the packages at one path hold together: each file and folder once, the newest package's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from connectors.blackboard import course, pages
from connectors.blackboard.advice import counted
from connectors.blackboard.pack import Member, Package, packages
from connectors.contract import Failed, Note


@dataclass(frozen=True)
class Node:
    """
    A file or folder.

    ``place`` is ``LABEL/path``, unique among all packages. ``tree`` is its path in the Content Collection
    (``users/jane/...``) where that is known, else ``""``. ``member`` is None for a folder.
    """

    place: str
    tree: str
    member: Member | None = None

    @property
    def kind(self) -> str:
        """``folder``, ``page`` or ``file``; a web page of the Content Collection is one of its files."""
        if self.member is None:
            return "folder"
        is_page = self.place.lower().endswith(pages.ENDINGS) and self.member.size <= pages.MAX_PAGE
        return "page" if is_page and not self.tree else "file"

    @property
    def above(self) -> str:
        """The place of the folder that it lies in, ``""`` at the top."""
        return self.place.rpartition("/")[0]


@dataclass
class Contents:
    """What the packages hold, and what is to be said of them. Close it."""

    nodes: dict[str, Node] = field(default_factory=dict)
    said: list[Note | Failed] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(node.kind for node in self.nodes.values())

    def close(self) -> None:
        for package in self.packages:
            package.close()


def read(path: Path, zone: tzinfo, user: str) -> Contents:
    """
    Return what the packages at a path hold; nothing of them is unpacked.

    Raises as ``pack.packages``.
    """
    contents = Contents()
    for found in packages(path, zone):
        if isinstance(found, Failed):
            contents.said.append(found)
        else:
            contents.packages.append(found)
    seen: dict[str, str] = {}
    for package in sorted(contents.packages, key=lambda package: (package.made, package.name)):
        contents.said += package.left_out
        otherwise = 0
        for node in _nodes(package, user, contents.said):
            same = node.tree or node.place
            older = contents.nodes.pop(seen.get(same, ""), None)
            otherwise += not node.tree and older is not None and _stamp(older) != _stamp(node)
            seen[same] = node.place
            contents.nodes[node.place] = node
        if otherwise:
            contents.said.append(Note(_downloaded_again(package, otherwise)))
    return contents


def _stamp(node: Node) -> str:
    return node.member.stamp if node.member else ""


def _downloaded_again(package: Package, otherwise: int) -> str:
    return (
        f"{package.name} is taken as {package.label} downloaded again: {counted(otherwise, 'file')} of an older package"
        " had other contents, and only the newer were read. If these are two things, give the zips different names."
    )


def _nodes(package: Package, user: str, said: list[Note | Failed]) -> Iterator[Node]:
    courses = course.roots(package.members)
    members = [member for member in package.members if not course.is_inside(member.path, courses)]
    folders = {folder for folder in package.folders if not course.is_inside(folder, courses)}
    if courses:
        own = list(course.own_files((m for m in package.members if course.is_inside(m.path, courses)), user))
        said.append(Note(_of_a_course(package, len(own), user)))
        members += own
        folders |= {folder for member in own for folder in _folders_of(member.path)}
    if not package.dated:
        said.append(Note(f"The dates in {package.name} are those of its packing: its files are kept without a date."))
    home = f"users/{user}/" if user else ""
    for member in [member for member in members if course.is_archive(member)]:
        said.append(Note(_left_alone(member)))
        members.remove(member)
    mine = [member for member in members if not home or not _is_anothers(member.path, home)]
    if others := len(members) - len(mine):
        said.append(Note(f"Left alone in {package.name}: {counted(others, 'file')} of other people's folders."))
    for folder in sorted(folders):
        # ``users`` and the home itself are no folders of hers
        if not home or not (home.lower().startswith(f"{folder}/".lower()) or _is_anothers(folder, home)):
            yield Node(f"{package.label}/{folder}", _tree(folder, home))
    for member in mine:
        yield Node(f"{package.label}/{member.path}", _tree(member.path, home), member)


def _is_anothers(path: str, home: str) -> bool:
    return path.lower().startswith("users/") and not path.lower().startswith(home.lower())


def _tree(path: str, home: str) -> str:
    """Return the path as WebDAV has it: a user name in other letters is the same user."""
    return home + path[len(home) :] if home and path.lower().startswith(home.lower()) else ""


def _folders_of(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _left_alone(archive: Member) -> str:
    return (
        f"{archive.path} is the archive of a whole course, with other people's work in it: it was left alone. To have "
        "your own files of it, put it into a folder with nothing but zips, or name it with path: in config.yaml."
    )


def _of_a_course(package: Package, taken: int, user: str) -> str:
    told = f"{package.name} is, or holds, the archive of a whole course. "
    if not user:
        return told + "Nothing of it was taken: write your Blackboard user name as user: to have your own files found."
    own = counted(taken, "file")
    return told + f"Taken from your own folder (users/{user}): {own}. People, grades and others' work were left alone."
