"""The owner's small files: read strictly, every mistake with its line, and written in one step."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from archive.errors import UsageError
from bridge.yamlfile import ConfigError, Problem, dotted, load_yaml
from bridge.yamlfile import Path as Place

Model = TypeVar("Model", bound=BaseModel)


def _text(value: object) -> object:
    """``section: 1`` and ``title: 2024`` are text to the person who wrote them; nothing at all is the empty text."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]


class Mistakes(ValueError):
    """What a model finds wrong once all its parts are there: where in the file, and in which words."""

    def __init__(self, found: Sequence[tuple[Place, str]]) -> None:
        super().__init__("; ".join(words for _, words in found))
        self.found = tuple(found)


def parse(text: str, model: type[Model], name: str, *, first_line: int = 1) -> Model:
    """
    Return the validated model of a YAML mapping.

    Args:
        text: The YAML.

        model: What it must be.

        name: What the person calls the file.

        first_line: The line of the file in which ``text`` begins.

    Raises:
        ConfigError: It is not YAML, a key stands twice, or a value does not fit; each mistake is a line of the message.
    """
    value, marks = load_yaml(text, name, first_line=first_line)
    mend = f"Put this right in {name}, then run the command again."
    try:
        return model.model_validate({} if value is None else value)
    except ValidationError as error:
        problems = []
        for found in error.errors():
            place = tuple(found["loc"])
            cause = found.get("ctx", {}).get("error")
            said = (
                [((*place, *within), words) for within, words in cause.found]
                if isinstance(cause, Mistakes)
                else [(place, _words(model, place, found["type"], str(found["msg"])))]
            )
            for where, words in said:
                line, column = next(marks[where[:n]] for n in range(len(where), -1, -1) if where[:n] in marks)
                problems.append(Problem(name, line, column, words))
        raise ConfigError(problems, mend=mend) from error


def read_text(path: Path) -> str:
    """
    Return the text of a file that a person wrote, with unix line ends and without a byte order mark.

    Raises:
        UsageError: It is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8 text."
        raise UsageError(message, code="not-utf-8", mend=f"Save {path} as UTF-8 in your editor.") from error


def save(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner only: a crash leaves the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def put(path: Path, text: str, model: type[BaseModel]) -> None:
    """
    ``save`` what reads as ``model``: what is said in a command may make a file that no later command can read.

    Raises:
        UsageError: It would be such a file; the one that is there was not changed.
    """
    try:
        parse(text, model, path.name)
    except ConfigError as error:
        raise unreadable(path, error) from error
    save(path, text)


def unreadable(path: Path, error: ConfigError) -> UsageError:
    """Return the refusal of a text for an owner's file, in the words in which its reader would refuse it."""
    return UsageError(
        "That cannot be written down: " + "; ".join(problem.message for problem in error.problems) + ".",
        code="not-readable",
        unchanged=f"{path.name} is as it was.",
        mend="Say it in other words.",
    )


def quoted(text: str) -> str:
    """Return ``text`` as one double-quoted YAML value on one line (JSON's strings are YAML's)."""
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Signs that YAML reads as the end of a line, or not at all."""


def comment(text: str) -> str:
    """Return ``text`` on one line, so that it can stand behind a ``#``; YAML takes no control characters even there."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _words(model: type[BaseModel], place: Place, kind: str, message: str) -> str:
    name = dotted(place)
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _keys(model, place[:-1]), n=1)
        return f"{name}: there is no such key here" + (f"; did you mean {near[0]}?" if near else "")
    message = _PLAIN.get(kind, message).removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}" if name else message


_PLAIN = {
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_from_float": "write a whole number, such as 3",
    "int_parsing": "write a whole number, such as 3",
    "int_type": "write a whole number, such as 3",
    "missing": "field required",
    "string_too_short": "it is empty",
    "string_pattern_mismatch": "use letters, digits, hyphens, dots or colons, and begin with a letter or a digit",
    "string_type": "write words, in quotation marks",
    "tuple_type": "write a list, such as [one, another]",
}
"""Pydantic's mistakes in the words of somebody who writes a file; the one pattern there is, is that of ids."""


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """Return the keys that are known at ``place``, as far as the types tell."""
    here = model
    for part in place:
        if isinstance(part, int):
            continue
        field = here.model_fields.get(part)
        inner = [a for a in _types(field.annotation if field else None) if hasattr(a, "model_fields")]
        if not inner:
            return []
        here = inner[0]
    return [field.alias or name for name, field in here.model_fields.items()]


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _types(inner)
