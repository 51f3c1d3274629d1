"""Deselects what a connector cannot do: a skipped test would look like something left undone."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def possible(item: pytest.Item) -> bool:
        needed = getattr(getattr(item, "function", None), "needs", "")
        return not needed or needed in getattr(getattr(item, "cls", None), "abilities", frozenset())

    kept = [item for item in items if possible(item)]
    config.hook.pytest_deselected(items=[item for item in items if not possible(item)])
    items[:] = kept
