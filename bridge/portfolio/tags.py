"""
The owner's own tags, connected with sections: ``portfolio/tags.yaml``, written by ``keepfolio map``.

    suggest:
      3a: [accessibility, gdpr]
    cite:
      1b: [moodle]

It stands beside ``portfolio.tags`` and ``portfolio.suggest`` of the configuration; both count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bridge.portfolio import ownerfile
from bridge.portfolio.ownerfile import Text

FILE_NAME = "tags.yaml"
_HEAD = """\
# Your own tags and the sections that they speak for. Written by `keepfolio map`; you may edit it.
# suggest: entries with these tags are offered for the section. cite: they stand on the page.
"""


@dataclass(frozen=True)
class Tags:
    """Tags by section: those that cite, and those that only suggest."""

    cite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suggest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_tag(self, tag: str, section: str, *, cites: bool) -> Tags:
        """Return the tags with one more connection; a tag that was only suggesting and now cites is moved."""
        cite, suggest = dict(self.cite), dict(self.suggest)
        if cites:
            suggest[section] = tuple(t for t in suggest.get(section, ()) if t != tag)
        chosen = cite if cites else suggest
        chosen[section] = tuple(dict.fromkeys((*chosen.get(section, ()), tag)))
        return Tags(cite, {s: tags for s, tags in suggest.items() if tags})

    def joined(self, cite: Mapping[str, tuple[str, ...]], suggest: Mapping[str, tuple[str, ...]]) -> Tags:
        """Return these tags and those of the configuration."""
        return Tags(_joined(self.cite, cite), _joined(self.suggest, suggest))

    def without(self, tag: str, section: str) -> Tags:
        """Return the tags without a connection, whatever it did and however the tag is written."""

        def rest(chosen: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            left = {
                s: tuple(t for t in tags if s != section or t.casefold() != tag.casefold())
                for s, tags in chosen.items()
            }
            return {s: tags for s, tags in left.items() if tags}

        return Tags(rest(self.cite), rest(self.suggest))

    def citing(self, tag: str) -> tuple[str, ...]:
        """Return the sections that cite what carries a tag."""
        return _sections(self.cite, tag)

    def suggesting(self, tag: str) -> tuple[str, ...]:
        """Return the sections that are offered what carries a tag."""
        return _sections(self.suggest, tag)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cite: dict[str, list[Text]] = {}
    suggest: dict[str, list[Text]] = {}


def read(path: Path) -> Tags:
    """
    Return the owner's connections; none when there is no file.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    if not path.is_file():
        return Tags()
    found = ownerfile.parse(ownerfile.read_text(path), _File, path.name)
    return Tags({s: tuple(t) for s, t in found.cite.items()}, {s: tuple(t) for s, t in found.suggest.items()})


def write(path: Path, tags: Tags) -> None:
    """Write the connections; what was there is replaced."""
    lines = [_HEAD.rstrip("\n")]
    for name, chosen in (("cite", tags.cite), ("suggest", tags.suggest)):
        lines.append(f"{name}:" if chosen else f"{name}: {{}}")
        for section, words in sorted(chosen.items()):
            lines.append(f"  {ownerfile.quoted(section)}: [{', '.join(ownerfile.quoted(w) for w in words)}]")
    ownerfile.put(path, "\n".join(lines) + "\n", _File)


def _sections(chosen: Mapping[str, tuple[str, ...]], tag: str) -> tuple[str, ...]:
    return tuple(section for section, tags in chosen.items() if tag.casefold() in map(str.casefold, tags))


def _joined(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {s: tuple(dict.fromkeys((*one.get(s, ()), *other.get(s, ())))) for s in dict.fromkeys((*one, *other))}
