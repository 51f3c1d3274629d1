"""Deselects what a connector cannot do: a skipped test would look like something left undone."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(ability): only for sources that have this ability")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def possible(item: pytest.Item) -> bool:
        abilities = getattr(getattr(item, "cls", None), "abilities", frozenset())
        return all(mark.args[0] in abilities for mark in item.iter_markers("needs"))

    kept = [item for item in items if possible(item)]
    config.hook.pytest_deselected(items=[item for item in items if not possible(item)])
    items[:] = kept
