"""Frameworks as values: the sections of a portfolio in page order, and the tags that name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from archive.errors import UsageError
from bridge.portfolio import matrix, ownerfile
from bridge.portfolio.schema import FrameworkFile, Principle, PrinciplesRef, Requirement, SectionSpec, Words, every
from bridge.portfolio.tagnames import TagNames, gathers

__all__ = ["Framework", "Part", "Principle", "Section", "load", "names"]


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

        kind: What is made for it beside the owner's text: ``cpd-record``, ``cpd-depth``, or ``""``.
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
    rules: tuple[Requirement, ...]
    min_examples: int
    verified: bool
    note: str
    kind: str = ""


class Framework:
    """
    A framework file, validated. ``spec`` is the whole of it; see ``schema.FrameworkFile``.

    Args:
        spec: The file.

        order: The owner's own order of sections, by id: at each level those that are named come first, in this order.

        folder: Where the file lies, if it is the owner's: another framework that it names may lie beside it.
    """

    def __init__(self, spec: FrameworkFile, order: Sequence[str] = (), folder: Path | None = None) -> None:
        self.spec = spec
        self.order = tuple(order)
        self._folder = folder

    def in_order(self, order: Sequence[str]) -> Framework:
        """Return the same framework with its sections in the owner's order; names that it does not know count not."""
        return Framework(self.spec, order, self._folder)

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

    @cached_property
    def principles(self) -> tuple[Principle, ...]:
        """The principles that a portfolio is judged by as a whole; of a renewal, those of the first award."""
        own = self.spec.principles
        return self._other(own.ref).principles if isinstance(own, PrinciplesRef) else own

    @property
    def principles_title(self) -> str:
        """Return the heading over the principles."""
        own = self.spec.principles
        return self._other(own.ref).principles_title if isinstance(own, PrinciplesRef) else self.spec.principles_title

    @cached_property
    def earlier(self) -> Framework | None:
        """The framework that this one goes on from, as a renewal does; None where there is none."""
        return self._other(self.spec.extends) if self.spec.extends else None

    def requirements(self, pathway: str) -> tuple[Requirement, ...]:
        """Return what the evidence must cover as a whole on a pathway."""
        found = self.spec.pathways.get(pathway)
        return found.requires if found else ()

    def now(self, section_id: str) -> str:
        """Return what a section is called today, whichever edition named it."""
        return self._moved.get(section_id, section_id)

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
        if self.now(section_id) in sections:
            return sections[self.now(section_id)]
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
        return self._tag_names.section(tag)

    def principle_for_tag(self, tag: str) -> str | None:
        """Return the id of the principle that a tag names (``cmalt-principle-current``); None for any other tag."""
        return self._tag_names.principle(tag)

    def looks_like_criterion(self, tag: str) -> bool:
        """Say whether a tag seems to name a section and names none: ``cmalt-1d``, ``cmlat-1a``."""
        return self._tag_names.looks_like_one(tag)

    @cached_property
    def _tag_names(self) -> TagNames:
        return TagNames(self.spec, (principle.id for principle in self.principles))

    @cached_property
    def _moved(self) -> dict[str, str]:
        return {move.old: move.new for move in self.spec.moved}

    def _other(self, name: str) -> Framework:
        beside = self._folder / name if self._folder else None
        return load(beside if beside is not None and beside.is_file() else name)

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
        for spec in sorted(specs, key=lambda spec: self._place(spec.id)):
            if spec.repeat is None:
                yield self._section(spec, pathway, level, group)
                yield from self._walk(spec.children, pathway, level + 1, spec.id)
                continue
            count = spec.repeat.count.get(pathway)
            if count == 0:
                continue
            yield self._section(spec, pathway, level, group)
            # Where the number was not read (null), one is offered and none is required.
            numbers = sorted(range(1, (count or 1) + 1), key=lambda n: self._place(f"{spec.id}-{n}"))
            yield from (self._repetition(spec, pathway, level + 1, n, required=count is not None) for n in numbers)

    def _place(self, section_id: str) -> int:
        """Return the owner's place of a section among its neighbours; those not named follow in their own order."""
        order = [self.now(name) for name in self.order]
        return order.index(section_id) if section_id in order else len(order)

    def _section(self, spec: SectionSpec, pathway: str, level: int, group: str) -> Section:
        holds_others = gathers(spec)
        required = spec.required if isinstance(spec.required, bool) else spec.required.get(pathway, True)
        return Section(
            id=spec.id,
            title=spec.title,
            level=level,
            group=group,
            gathers=holds_others,
            prompt="" if spec.repeat else spec.prompt,
            hints=() if spec.repeat else _hints(spec),
            areas=spec.areas,
            parts=() if holds_others else self._parts(spec),
            words=None if spec.repeat else spec.words,
            assessed=self._assessed(spec),
            required=required and self.spec.kind == "sections",  # dimensions are covered, by rules of their own
            owner_title=False if spec.repeat else spec.owner_title,
            rules=tuple(rule for rule in spec.rules if rule.pathway in ("", pathway)),
            min_examples=(spec.min_examples.count.get(pathway) or 0) if spec.min_examples else 0,
            verified=spec.verified is not False,
            note=spec.note or spec.required_note,
            kind=spec.kind,
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


@cache
def names() -> tuple[str, ...]:
    """Return the ids of the frameworks that come with keepfolio."""
    return tuple(
        sorted(Path(f.name).stem for f in files("bridge.data.frameworks").iterdir() if f.name.endswith(".yaml"))
    )


def load(id_or_path: str | Path) -> Framework:
    """
    Return a framework that comes with keepfolio, by its id, or one of the owner's own, by its file.

    The file is YAML, or what a Mahara exported (``.matrix``).

    Raises:
        ConfigError: The file has mistakes; all of them are in the message, each with its line.

        UsageError: There is none of that name, or it names another framework that is not there.
    """
    wanted = str(id_or_path)
    if wanted in names():
        return _shipped(wanted)
    path = Path(id_or_path).expanduser()
    if not path.is_file():
        raise _unknown(wanted, path)
    text = ownerfile.read_text(path)
    mahara = path.suffix == matrix.SUFFIX
    spec = matrix.read(path, text) if mahara else ownerfile.parse(text, FrameworkFile, path.name)
    own = Framework(spec, folder=path.resolve().parent)
    if own.id in names():
        raise UsageError(
            f"{path.name} calls itself {own.id}, as a framework that comes with keepfolio does.",
            code="framework-name",
            mend=f"Give it an id of its own, such as id: my-{own.id}",
        )
    _check_references(own, path)
    return own


@cache
def _shipped(name: str) -> Framework:
    """Return a framework that comes with keepfolio; a page of a review asks six times for two of them."""
    text = files("bridge.data.frameworks").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Framework(ownerfile.parse(text, FrameworkFile, f"{name}.yaml"))


def _unknown(wanted: str, path: Path) -> UsageError:
    if path.suffix in (".yaml", ".yml", matrix.SUFFIX):
        what = "is a folder" if path.is_dir() else "is not there"
        return UsageError(
            f"The framework file {path} {what}.",
            code="unknown-framework",
            mend="Mend its path under portfolio.framework in config.yaml, or in generation.yaml.",
        )
    near = get_close_matches(wanted, names(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return UsageError(
        f"There is no framework {wanted!r}.{hint}",
        code="unknown-framework",
        mend=f"Set portfolio.framework in config.yaml to {', '.join(names())}, or a YAML file of your own.",
    )


def _check_references(own: Framework, path: Path) -> None:
    """Tell at once of a framework that a file names and that is not there, and not when a page is built."""
    try:
        _ = own.principles, own.earlier
    except UsageError as error:
        raise UsageError(
            f"{path.name} names a framework that cannot be read: {error.message}",
            code=error.code,
            mend=f"Mend `extends` or `principles: {{ref}}` in {path.name}.",
        ) from error


def _hints(spec: SectionSpec) -> tuple[str, ...]:
    say = (f"say: {'; '.join(spec.statements)}",) if spec.statements else ()
    columns = (f"a table may help: {'; '.join(c.title for c in spec.table.columns)}",) if spec.table else ()
    rule = (spec.rule,) if spec.rule else ()
    return (*spec.hints, *say, *columns, *rule)
