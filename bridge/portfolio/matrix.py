"""
A framework that a Mahara exported (``.matrix``, JSON): its standards become headings, their elements sections.

Format: the examples in Mahara's own source, ``htdocs/module/framework/matrices``. Descriptions become prompts, so that
they guide the owner and reach no page. What is not a heading there (statuses, institution) has no place here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from archive.errors import UsageError
from bridge.portfolio.schema import FrameworkFile
from bridge.render import sanitise

SUFFIX = ".matrix"


class _Standard(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)
    shortname: str
    name: str
    description: str = ""
    standardid: str


class _Element(_Standard):
    elementid: str = ""
    parentelementid: str = ""


class _Framework(BaseModel):
    name: str
    description: str = ""
    standards: list[_Standard]
    standardelements: list[_Element] = []


class _File(BaseModel):
    framework: _Framework


def read(path: Path, text: str) -> FrameworkFile:
    """
    Return the framework in a Mahara's file; ids are its short names, made fit for a file's name.

    Raises:
        UsageError: It is no such file, or two of its sections would have the same id.
    """
    try:
        found = _File.model_validate_json(text).framework
        return FrameworkFile.model_validate(_as_ours(found, path))
    except (ValidationError, json.JSONDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"msg": str(error), "loc": ()}
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path.name} is no framework of a Mahara: {f'{where}: ' if where else ''}{first['msg']}.",
            code="not-a-matrix",
            mend="Export it again from your Mahara (SmartEvidence), or write it as YAML.",
        ) from error


def _as_ours(found: _Framework, path: Path) -> dict[str, Any]:
    return {
        "schema": "framework/1",
        "id": _id(path.stem),
        "title": found.name,
        "body": "as in the file",
        "edition": path.name,
        "language": "en",
        "checked_on": datetime.fromtimestamp(path.stat().st_mtime, UTC).date(),
        "source": f"{path.name}, exported from a Mahara",
        "sources": {},
        "parts": [{"id": "evidence", "title": "Evidence"}, {"id": "reflection", "title": "Reflection"}],
        "sections": [_heading(standard, found.standardelements) for standard in found.standards],
    }


def _heading(standard: _Standard, elements: Iterable[_Element]) -> dict[str, Any]:
    below = [_section(one, one.elementid or one.shortname) for one in elements if one.standardid == standard.standardid]
    own = _section(standard, f"s{standard.standardid}")
    return {**own, "prompt": "", "note": own["prompt"], "children": below} if below else own


def _section(standard: _Standard, name: str) -> dict[str, Any]:
    return {"id": _id(name), "title": standard.name, "prompt": sanitise.text(standard.description), "assessed": True}


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-.") or "section"
