"""Frameworks as values: the sections of a portfolio in page order, and the tags that name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from archive.errors import UsageError
from bridge.portfolio import ownerfile
from bridge.portfolio.schema import FrameworkFile, Rule, SectionSpec, Words, every


@dataclass(frozen=True)
class Part:
    """One thing that a section is read for: description, evidence, reflection."""

    id: str
    title: str
    required: bool


@dataclass(frozen=True)
class Section:
    """
    One heading of the page, as a pathway asks for it.

    Attributes:
        level: 2 for a heading of the page, 3 for one inside it.

        group: The id of the section around it, or ``""``.

        gathers: True for a heading that only holds others: evidence and narrative belong to its children.

        parts: What it is read for; empty where it is one text.

        assessed: None where nobody knows.

        owner_title: The owner names it (specialist areas).

        verified: False where the heading was not read in a document: shown so.
    """

    id: str
    title: str
    level: int
    group: str
    gathers: bool
    prompt: str
    hints: tuple[str, ...]
    areas: tuple[str, ...]
    parts: tuple[Part, ...]
    words: Words | None
    assessed: bool | None
    required: bool
    owner_title: bool
    rules: tuple[Rule, ...]
    min_examples: int
    verified: bool
    note: str


class Framework:
    """A framework file, validated. ``spec`` is the whole of it; see ``schema.FrameworkFile``."""

    def __init__(self, spec: FrameworkFile) -> None:
        self.spec = spec

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def language(self) -> str:
        return self.spec.language

    @property
    def pathways(self) -> tuple[str, ...]:
        """Return the ids of the pathways; empty where the framework has only one way."""
        return tuple(self.spec.pathways)

    def pathway_title(self, pathway: str) -> str:
        """Return what the pathway is called ("Senior CMALT"), or the framework's own title where it has none."""
        found = self.spec.pathways.get(pathway)
        return found.title if found else self.spec.title

    def flat(self, pathway: str) -> tuple[Section, ...]:
        """
        Return the sections of a pathway in page order.

        Raises:
            UsageError: The framework has no such pathway.
        """
        self._check_pathway(pathway)
        return tuple(self._walk(self.spec.sections, pathway, level=2, group=""))

    def section(self, pathway: str, section_id: str) -> Section:
        """
        Return one section of a pathway.

        Raises:
            UsageError: There is none of that id; the message names the nearest.
        """
        sections = {section.id: section for section in self.flat(pathway)}
        if section_id in sections:
            return sections[section_id]
        near = self.nearest(pathway, section_id)
        hint = f" Did you mean {near}?" if near else ""
        raise UsageError(
            f"{self.id} has no section {section_id!r} on the pathway {pathway}.{hint}",
            code="unknown-section",
            mend=f"Its sections are: {', '.join(s.id for s in sections.values() if not s.gathers)}",
        )

    def nearest(self, pathway: str, section_id: str) -> str:
        """Return the id of the section that was probably meant, or ``""``."""
        return next(iter(get_close_matches(section_id, [s.id for s in self.flat(pathway)], n=1, cutoff=0.5)), "")

    def section_for_tag(self, tag: str) -> str | None:
        """
        Return the section that a tag names: ``cmalt-1a``, ``cmalt_1a``, ``CMALT 1a``; None for any other tag.

        A heading with one child stands for the child (``cmalt-4`` is 4a). A heading with several, or a repeated one
        (``specialist``), comes back itself: which child is meant depends on the pathway.
        """
        for rest in self._rests(tag):
            if rest in self._names:
                return self._names[rest]
            stem, _, number = rest.rpartition("-")
            if number.isdigit() and int(number) > 0 and self._names.get(stem) in self._repeated:
                return f"{self._names[stem]}-{int(number)}"
        return None

    def looks_like_criterion(self, tag: str) -> bool:
        """Say whether a tag seems to name a section and names none: ``cmalt-1d``, ``cmlat-1a``."""
        if self.section_for_tag(tag) is not None:
            return False
        rests = list(self._rests(tag))
        if any(re.fullmatch(r"[a-z]?\d{1,2}[a-z]?", rest) or _near(rest, self._names) for rest in rests):
            return True
        head, _, rest = _plain(tag).partition("-")
        return not rests and rest in self._names and _near(head, self._prefixes)

    def _rests(self, tag: str) -> Iterator[str]:
        """Yield what remains of a tag behind each of the framework's prefixes; nothing when it has none of them."""
        plain = _plain(tag)
        for prefix in self._prefixes:
            rest = plain.removeprefix(prefix)
            if rest not in (plain, "") and (rest[0] == "-" or rest[0].isdigit()):
                yield rest.lstrip("-")

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(sorted((_plain(prefix) for prefix in self.spec.tag_prefixes), key=len, reverse=True))

    @cached_property
    def _repeated(self) -> frozenset[str]:
        return frozenset(s.id for s in every(self.spec.sections) if s.repeat)

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {}
        for section in every(self.spec.sections):
            target = section.children[0].id if len(section.children) == 1 and _gathers(section) else section.id
            for name in (section.id, *section.aliases):
                names[_plain(name)] = target
        return names

    def _check_pathway(self, pathway: str) -> None:
        if self.spec.pathways and pathway not in self.spec.pathways:
            near = get_close_matches(pathway, self.spec.pathways, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(
                f"{self.id} has no pathway {pathway!r}.{hint}",
                code="unknown-pathway",
                mend=f"Set portfolio.pathway in config.yaml to one of: {', '.join(self.spec.pathways)}",
            )

    def _walk(self, specs: tuple[SectionSpec, ...], pathway: str, level: int, group: str) -> Iterator[Section]:
        for spec in specs:
            if spec.repeat is None:
                yield self._section(spec, pathway, level, group)
                yield from self._walk(spec.children, pathway, level + 1, spec.id)
                continue
            count = spec.repeat.count.get(pathway)
            if count == 0:
                continue
            yield self._section(spec, pathway, level, group)
            # Where the number was not read (null), one is offered and none is required.
            for n in range(1, (count or 1) + 1):
                yield self._repetition(spec, pathway, level + 1, n, required=count is not None)

    def _section(self, spec: SectionSpec, pathway: str, level: int, group: str) -> Section:
        gathers = _gathers(spec)
        return Section(
            id=spec.id,
            title=spec.title,
            level=level,
            group=group,
            gathers=gathers,
            prompt="" if spec.repeat else spec.prompt,
            hints=() if spec.repeat else _hints(spec),
            areas=spec.areas,
            parts=() if gathers else self._parts(spec),
            words=None if spec.repeat else spec.words,
            assessed=self._assessed(spec),
            required=spec.required if isinstance(spec.required, bool) else spec.required.get(pathway, True),
            owner_title=False if spec.repeat else spec.owner_title,
            rules=tuple(rule for rule in spec.rules if rule.pathway == pathway),
            min_examples=(spec.min_examples.count.get(pathway) or 0) if spec.min_examples else 0,
            verified=spec.verified is not False,
            note=spec.note or spec.required_note,
        )

    def _repetition(self, spec: SectionSpec, pathway: str, level: int, n: int, *, required: bool) -> Section:
        single = spec.model_copy(
            update={"id": f"{spec.id}-{n}", "title": spec.item_title.format(n=n), "repeat": None, "required": required}
        )
        return self._section(single, pathway, level, spec.id)

    def _assessed(self, spec: SectionSpec) -> bool | None:
        if spec.assessed is not None:
            return spec.assessed
        around = (parent for parent in every(self.spec.sections) if spec in parent.children)
        return next((parent.assessed for parent in around), None)

    def _parts(self, spec: SectionSpec) -> tuple[Part, ...]:
        wanted = spec.parts
        if wanted is None:
            wanted = tuple(part.id for part in self.spec.parts) if self._assessed(spec) else ()
        return tuple(Part(p.id, p.title, p.required) for p in self.spec.parts if p.id in wanted)


def names() -> tuple[str, ...]:
    """Return the ids of the frameworks that come with keepfolio."""
    return tuple(
        sorted(Path(f.name).stem for f in files("bridge.data.frameworks").iterdir() if f.name.endswith(".yaml"))
    )


def load(id_or_path: str | Path) -> Framework:
    """
    Return a framework that comes with keepfolio, by its id, or one of the owner's own, by its file.

    Raises:
        UsageError: There is none of that name, or the file has mistakes; all of them are in the message.
    """
    wanted = str(id_or_path)
    if wanted in names():
        text = files("bridge.data.frameworks").joinpath(f"{wanted}.yaml").read_text(encoding="utf-8")
        return Framework(ownerfile.parse(text, FrameworkFile, f"{wanted}.yaml"))
    path = Path(id_or_path).expanduser()
    if not path.is_file():
        near = get_close_matches(wanted, names(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(
            f"There is no framework {wanted!r}.{hint}",
            code="unknown-framework",
            mend=f"Set portfolio.framework in config.yaml to {', '.join(names())}, or a YAML file of your own.",
        )
    return Framework(ownerfile.parse(ownerfile.read_text(path), FrameworkFile, path.name))


def _hints(spec: SectionSpec) -> tuple[str, ...]:
    say = (f"say: {'; '.join(spec.statements)}",) if spec.statements else ()
    columns = (f"a table may help: {'; '.join(c.title for c in spec.table.columns)}",) if spec.table else ()
    rule = (spec.rule,) if spec.rule else ()
    return (*spec.hints, *say, *columns, *rule)


def _gathers(spec: SectionSpec) -> bool:
    """Say whether a heading only holds others: one with a prompt of its own is written in, too."""
    return bool(spec.repeat or (spec.children and not spec.prompt))


def _plain(tag: str) -> str:
    """Return a tag as it is compared: ``CMALT 1a``, ``#cmalt_1a`` and ``cmalt: 1A`` are ``cmalt-1a``."""
    return re.sub(r"[^a-z0-9]+", "-", tag.casefold()).strip("-")


def _near(word: str, names: dict[str, str] | tuple[str, ...]) -> bool:
    """Say whether a word is one slip away from a name of more than three letters."""
    return any(len(name) > 3 and SequenceMatcher(None, word, name).ratio() >= 0.8 for name in names)
