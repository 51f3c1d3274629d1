"""
The one schema of a framework file (``schema: framework/1``).

A framework is data: its sections, parts, prompts and rules. Whatever was read in a stored document is ``verified``, and
``source`` names it by the letters of ``sources``; what is only recalled stays marked so, and is shown so.
"""

from bridge.portfolio.schema.assessment import (
    Assessors,
    Cycle,
    FileRules,
    FormField,
    Grading,
    Late,
    Mark,
    Principle,
    PrinciplesRef,
    Registration,
    Resubmission,
    Submission,
    Years,
)
from bridge.portfolio.schema.facts import Fact, Id, PerPathway, Strict, Value, Words
from bridge.portfolio.schema.file import Crosswalk, FrameworkFile, Moved, PathwaySpec, Size, published
from bridge.portfolio.schema.rules import Least, MinOf, Quota, Requirement, Rule, Window
from bridge.portfolio.schema.sections import Column, Composition, Exactly, PartSpec, SectionSpec, TableSpec, every

__all__ = [
    "Assessors",
    "Column",
    "Composition",
    "Crosswalk",
    "Cycle",
    "Exactly",
    "Fact",
    "FileRules",
    "FormField",
    "FrameworkFile",
    "Grading",
    "Id",
    "Late",
    "Least",
    "Mark",
    "MinOf",
    "Moved",
    "PartSpec",
    "PathwaySpec",
    "PerPathway",
    "Principle",
    "PrinciplesRef",
    "Quota",
    "Registration",
    "Requirement",
    "Resubmission",
    "Rule",
    "SectionSpec",
    "Size",
    "Strict",
    "Submission",
    "TableSpec",
    "Value",
    "Window",
    "Words",
    "Years",
    "every",
    "published",
]
